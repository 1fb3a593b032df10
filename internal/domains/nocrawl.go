package domains

// ForbidsCrawling reports whether a registrable domain is that of a social network whose terms allow no crawling: links
// to it are facts, its pages are never fetched.
func ForbidsCrawling(domain string) bool {
	switch domain {
	case "linkedin.com", "licdn.com", "lnkd.in", "x.com", "twitter.com", "t.co", "facebook.com", "fb.com", "fb.me", "instagram.com", "threads.net":
		return true
	}
	return false
}
