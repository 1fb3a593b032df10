package sampleweb

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// retryAfter is the wait that rate-limited hosts ask for.
const retryAfter = time.Second

// misbehave answers for hosts that never come to their pages; false means go on.
func (w *Web) misbehave(out *recorder, r *http.Request, c *company, target string) bool {
	robots := target == "/robots.txt"
	astray := map[Behaviour]func(){
		BehaviourMoved:      func() { http.Redirect(out, r, c.moved, http.StatusMovedPermanently) },
		BehaviourLoop:       func() { http.Redirect(out, r, nextInLoop(target), http.StatusFound) },
		BehaviourParkedAds:  func() { servePage(out, parkingPage(c)) },
		BehaviourParkedSale: func() { servePage(out, parkingPage(c)) },
	}[c.Behaviour]
	switch {
	case astray != nil && robots:
		http.Error(out, "404 page not found", http.StatusNotFound)
	case astray != nil:
		astray()
	case c.Behaviour == BehaviourSlow:
		return !w.dawdle(r, c)
	case c.Behaviour == BehaviourRateLimited && !robots && !w.cfg.NoDelays && w.log.refuse(hostOnly(r.Host), time.Now(), retryAfter):
		out.Header().Set("Retry-After", "1")
		http.Error(out, "too many requests", http.StatusTooManyRequests)
	default:
		return false
	}
	return true
}

func nextInLoop(target string) string {
	if strings.HasPrefix(target, "/start") {
		return "/welcome"
	}
	return "/start"
}

// servePage sends a page that no template of the web's own sites makes.
func servePage(out http.ResponseWriter, page string) {
	out.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = out.Write([]byte(page)) // the client may have gone
}

// dawdle waits 300–900 ms; false means the client went away first.
func (w *Web) dawdle(r *http.Request, c *company) bool {
	if w.cfg.NoDelays {
		return true
	}
	wait := newRNG(w.cfg.Seed, "slow", c.AccountID, r.URL.Path).between(300, 900)
	timer := time.NewTimer(time.Duration(wait) * time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// parkingPage looks like what domain traders show.
func parkingPage(c *company) string {
	if c.Behaviour == BehaviourParkedSale {
		return fmt.Sprintf(`<!doctype html><html><head><title>%[1]s is for sale</title><meta name="robots" content="noindex"></head><body><div class="lander"><h1>%[1]s</h1><p>This domain is for sale!</p><p>Buy now for <b>USD 2,995</b> or make an offer. Safe and secure domain transfer.</p><form action="/offer"><input name="amount"><button>Make an offer</button></form><p>Domain parking and sales by Example Domain Brokers.</p></div></body></html>`, c.domain)
	}
	return fmt.Sprintf(`<!doctype html><html data-adblockkey="MFwwDQYJKoZIhvcNAQ=="><head><title>%[1]s</title><script src="/js/parking.2.108.0.js"></script></head><body onload="render()"><h2>Related searches</h2><ul><li><a href="/?q=office+software">Office software</a></li><li><a href="/?q=cloud+hosting">Cloud hosting</a></li><li><a href="/?q=crm">CRM</a></li><li><a href="/?q=insurance">Car insurance</a></li></ul><p class="sale">The domain %[1]s may be for sale by its owner. Click here to inquire.</p><footer>This page is provided courtesy of the registrar. Sponsored listings are generated automatically.</footer></body></html>`, c.domain)
}

// writeTrapLinks puts the way into a trap on every page of a company that has one.
func writeTrapLinks(b interface{ WriteString(string) (int, error) }, c *company) {
	if link := map[Behaviour]string{
		BehaviourTrapCalendar: "<p><a href=\"/calendar/2026/11/\">Calendar</a></p>\n",
		BehaviourTrapSession:  "<p><a href=\"/catalogue?sid=0000000000000001\">Catalogue</a></p>\n",
		BehaviourTrapPath:     "<p><a href=\"/archive/\">Archive</a></p>\n",
	}[c.Behaviour]; link != "" {
		_, _ = b.WriteString(link) // a buffer never fails
	}
}

// serveTrap answers the endless parts of a site: every page links to pages nobody has seen.
func (w *Web) serveTrap(out *recorder, c *company, path string) bool {
	var links []string
	switch {
	case c.Behaviour == BehaviourTrapCalendar && strings.HasPrefix(path, "/calendar/"):
		month, err := time.Parse("/calendar/2006/01/", path)
		if err != nil {
			return false
		}
		links = append(links, month.AddDate(0, 1, 0).Format("/calendar/2006/01/"), month.AddDate(0, -1, 0).Format("/calendar/2006/01/"), month.AddDate(1, 0, 0).Format("/calendar/2006/01/"))
	case c.Behaviour == BehaviourTrapSession && path == "/catalogue":
		r := newRNG(w.cfg.Seed, "session", fmt.Sprint(time.Now().UnixNano()))
		for range 5 {
			links = append(links, "/catalogue?sid="+r.text("0123456789abcdef", 16))
		}
	case c.Behaviour == BehaviourTrapPath && strings.HasPrefix(path, "/archive/"):
		links = append(links, "more/", "archive/", "older/more/")
	default:
		return false
	}
	page := "<!doctype html><html><head><title>" + escape(c.Name) + "</title></head><body><h1>Overview</h1><ul>"
	for _, link := range links {
		page += "<li><a href=\"" + escape(link) + "\">Next</a></li>"
	}
	servePage(out, page+"</ul><p>Nothing is entered here.</p></body></html>")
	return true
}
