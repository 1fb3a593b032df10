package sampleweb

import (
	"crypto/sha256"
	"encoding/hex"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// recorder remembers the status for the request log.
type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// ServeHTTP answers for every host of the web; the Host header says which.
func (w *Web) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	start := time.Now()
	host := hostOnly(r.Host)
	c := w.byHost[host]
	rec := &recorder{ResponseWriter: out, status: http.StatusOK}
	entry := Request{Start: start, Scheme: schemeOf(r), Host: host, Method: r.Method, Target: r.URL.RequestURI(), UserAgent: r.UserAgent()}
	if c != nil {
		entry.Address = c.Address
		entry.Disallowed = c.robots.forbids(entry.Target)
		entry.Early = w.log.early(host, start)
	}
	defer func() {
		entry.End, entry.Status = time.Now(), rec.status
		w.log.add(entry)
		w.cfg.Logger.Debug("sample web", "host", host, "target", entry.Target, "status", rec.status)
	}()
	switch {
	case c == nil:
		http.Error(rec, "no such host", http.StatusNotFound)
	case !dialled(r, c):
		http.Error(rec, "this host has another address", http.StatusMisdirectedRequest)
	default:
		w.serveCompany(rec, r, c, host)
	}
}

// dialled reports whether the connection was made to the company's own address.
func dialled(r *http.Request, c *company) bool {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return true
	}
	ap, err := netip.ParseAddrPort(local.String())
	return err == nil && ap.Addr().Unmap() == c.addr
}

func hostOnly(hostport string) string {
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		hostport = h
	}
	return strings.ToLower(strings.TrimSuffix(hostport, "."))
}

func schemeOf(r *http.Request) string {
	if r.TLS != nil {
		return "https"
	}
	return "http"
}

// serveCompany plays the company's behaviour, then its redirects, then its pages.
func (w *Web) serveCompany(out *recorder, r *http.Request, c *company, host string) {
	target := r.URL.RequestURI()
	now := w.Now()
	for _, line := range c.traces("header", now) {
		name, value, _ := strings.Cut(line, ": ")
		if out.Header().Get(name) == "" {
			out.Header().Set(name, value)
		}
	}
	if w.misbehave(out, r, c, target) {
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.Error(out, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	canonical := host == c.style.host || host == c.style.blogHost
	if (c.style.https && r.TLS == nil) || !canonical {
		to := c.style.host
		if canonical {
			to = host
		}
		http.Redirect(out, r, c.origin(to)+target, http.StatusMovedPermanently)
		return
	}
	if target == "/robots.txt" {
		w.serveRobots(out, c)
		return
	}
	if w.serveTrap(out, c, r.URL.Path) {
		return
	}
	w.serveContent(out, r, c, host, target, now)
}

func (w *Web) serveRobots(out *recorder, c *company) {
	out.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if c.robots.status == http.StatusNotFound {
		http.Error(out, "404 page not found", http.StatusNotFound)
		return
	}
	out.WriteHeader(c.robots.status)
	_, _ = out.Write([]byte(c.robots.text)) // the client may have gone
}

func (w *Web) serveContent(out *recorder, r *http.Request, c *company, host, target string, now time.Time) {
	p, gone := c.lookup(host, target, now)
	if p == nil {
		status, text := http.StatusNotFound, "Page not found"
		if gone && c.index%2 == 0 {
			status, text = http.StatusGone, "This page has been removed"
		}
		out.Header().Set("Content-Type", "text/html; charset=utf-8")
		out.WriteHeader(status)
		_, _ = out.Write([]byte("<!doctype html><title>" + text + "</title><h1>" + text + "</h1><p><a href=\"" + c.Home + "\">Home</a></p>"))
		return
	}
	for _, cookie := range c.traces("cookie", now) {
		out.Header().Add("Set-Cookie", cookie)
	}
	body := w.render(c, p, now)
	body = c.encodePage(out.Header(), p, body)
	if p.damaged {
		sendDamaged(out, p, body)
		return
	}
	if c.style.validators && validated(out.Header(), r, body, c.modified(p, now)) {
		out.WriteHeader(http.StatusNotModified)
		return
	}
	if c.style.gzip && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") && !strings.HasSuffix(p.path, ".gz") {
		body = w.servers.gzip(body)
		out.Header().Set("Content-Encoding", "gzip")
		out.Header().Set("Vary", "Accept-Encoding")
	}
	out.Header().Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method != http.MethodHead {
		_, _ = out.Write(body) // the client may have gone
	}
}

// encodePage sets the content type and, for windows-1252 sites, changes the encoding of pages.
func (c *company) encodePage(h http.Header, p *page, body []byte) []byte {
	switch {
	case p.kind == "sitemap" && strings.HasSuffix(p.path, ".gz"):
		h.Set("Content-Type", "application/x-gzip")
	case p.kind == "sitemap":
		h.Set("Content-Type", "application/xml")
	case p.kind == "feed":
		h.Set("Content-Type", [...]string{"", "application/rss+xml; charset=UTF-8", "text/xml", "application/atom+xml", "application/feed+json", "application/xml", "application/atom+xml; charset=utf-8"}[c.style.feed])
	case c.Behaviour == BehaviourWindows1252:
		h.Set("Content-Type", [...]string{"text/html; charset=windows-1252", "text/html"}[c.index%2])
		return toWindows1252(body)
	default:
		h.Set("Content-Type", [...]string{"text/html; charset=utf-8", "text/html; charset=UTF-8", "text/html"}[c.index%3])
	}
	return body
}

// validated sets the validators and reports whether the client has this very body (RFC 9110 §13).
func validated(h http.Header, r *http.Request, body []byte, modified time.Time) bool {
	sum := sha256.Sum256(body)
	etag := `"` + hex.EncodeToString(sum[:10]) + `"`
	h.Set("ETag", etag)
	h.Set("Last-Modified", modified.UTC().Format(http.TimeFormat))
	if match := r.Header.Get("If-None-Match"); match != "" {
		return match == "*" || strings.Contains(match, etag)
	}
	since, err := http.ParseTime(r.Header.Get("If-Modified-Since"))
	return err == nil && !modified.Truncate(time.Second).After(since)
}

// sendDamaged sends gzip that is none, or fewer bytes than it announced.
func sendDamaged(out *recorder, p *page, body []byte) {
	if p.number%4 == 1 {
		out.Header().Set("Content-Encoding", "gzip")
		_, _ = out.Write(append([]byte{0x1f, 0x8b, 0x08, 0x00}, body[:min(400, len(body))]...))
		return
	}
	out.Header().Set("Content-Length", strconv.Itoa(2*len(body)))
	_, _ = out.Write(body[:len(body)/2])
	panic(http.ErrAbortHandler) // net/http's way to cut a response short
}
