package document

import (
	"regexp"
	"strings"

	"telltale/internal/document/jsonld"
)

var jsonDate = regexp.MustCompile(`"date(?:Published|Posted)"\s*:\s*"([^"]{4,40})"`)

// fromJSONLD takes the date of publication that the structured data gives. Most pages give one; the data is read as such only
// where there are several.
func fromJSONLD(d *Document) (stamp, bool) {
	var first stamp
	for i := range d.JSONLD {
		for _, m := range jsonDate.FindAllStringSubmatch(d.JSONLD[i].Text, maxTimes) {
			st, ok := parseDate(m[1])
			switch {
			case !ok || !believable(d, st):
			case first.precision == 0:
				first = st
			case !sameDay(first, st):
				return d.mainDate()
			}
		}
	}
	return first, first.precision > 0
}

func sameDay(a, b stamp) bool {
	ay, am, ad := a.at.Date()
	by, bm, bd := b.at.Date()
	return ay == by && am == bm && ad == bd
}

// others are the members of structured data under which stands what is not the page itself.
var others = map[string]bool{"comment": true, "review": true, "reviews": true, "itemListElement": true, "hasPart": true, "mentions": true, "citation": true, //nolint:gochecknoglobals // a table
	"isRelatedTo": true, "relatedLink": true, "video": true, "image": true, "associatedMedia": true, "suggestedAnswer": true, "acceptedAnswer": true,
	"blogPost": true, "blogPosts": true, "liveBlogUpdate": true, "subjectOf": true, "hasVariant": true, "isBasedOn": true, "significantLink": true}

// mainDate is the date of the page itself among several: that of what names the page's address as its own, of an article, of
// whatever else stands outermost. Three or more different ones are a listing, which has none.
func (d *Document) mainDate() (stamp, bool) {
	const tiers = 3
	var found [tiers][]stamp
	for i := range d.JSONLD {
		jsonld.Walk(jsonld.Parse(d.JSONLD[i].Text), func(n *jsonld.Node, _ int, under string) bool {
			if others[under] {
				return false
			}
			value := n.Text("datePublished")
			if value == "" {
				value = n.Text("datePosted")
			}
			if st, ok := parseDate(value); ok && believable(d, st) {
				t := d.tier(n)
				found[t] = addDay(found[t], st)
			}
			return true
		})
	}
	for _, days := range found {
		if n := len(days); n > 0 {
			return days[0], n < 3
		}
	}
	return stamp{}, false
}

func addDay(days []stamp, st stamp) []stamp {
	for _, have := range days {
		if sameDay(have, st) {
			return days
		}
	}
	return append(days, st)
}

// tier ranks a node: 0 names this page as its own address, 1 is an article or advert, 2 is anything else.
func (d *Document) tier(n *jsonld.Node) int {
	written := strings.Contains(strings.Join(n.Types, " "), "Article") || n.Is("BlogPosting", "JobPosting", "Report", "Review", "DiscussionForumPosting", "PressRelease")
	if !written {
		return 2
	}
	for _, key := range [...]string{"mainEntityOfPage", "url", "@id"} {
		if at := strings.TrimSuffix(n.Text(key), "/"); at != "" && (at == strings.TrimSuffix(d.Canonical, "/") || at == strings.TrimSuffix(d.FinalURL, "/")) {
			return 0
		}
	}
	return 1
}
