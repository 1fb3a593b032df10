package oracle

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// handle logs one request and answers it.
func (w *Web) handle(out http.ResponseWriter, in *http.Request) {
	r := &Request{Crawler: crawlerOf(in.UserAgent()), Host: hostOf(in.Host), Path: in.URL.RequestURI(), Start: w.Log.Now()}
	if a, ok := in.Context().Value(connKey{}).(*arrival); ok && in.ProtoMajor == 1 {
		r.Start = time.Duration(a.at.Load())
	}
	if local, ok := in.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr); ok {
		addr, _ := netip.AddrFromSlice(local.IP)
		r.Addr = addr.Unmap()
	}
	w.Log.begin(r.Crawler)
	defer w.Log.end(r)
	w.answer(out, in, r)
}

// crawlerOf reads the process's name out of the contact in its User-Agent, "… (+https://oracle.test/c1.2)".
func crawlerOf(agent string) string {
	_, rest, _ := strings.Cut(agent, "(+")
	name := strings.TrimSuffix(rest[strings.LastIndexByte(rest, '/')+1:], ")")
	if name == "" {
		return "?"
	}
	return name
}

func hostOf(hostPort string) string {
	if host, _, err := net.SplitHostPort(hostPort); err == nil {
		hostPort = host
	}
	return strings.ToLower(hostPort)
}

// answer gives what the truth says of an address.
func (w *Web) answer(out http.ResponseWriter, in *http.Request, r *Request) {
	h, ok := w.Truth.Hosts[r.Host]
	if !ok {
		w.finish(out, in, r, http.StatusNotFound, "")
		return
	}
	if !pause(in, h.Latency) {
		w.gone(r)
		return
	}
	if r.Path == robotsPath { // the same over either scheme
		w.robots(out, in, r, h)
		return
	}
	p := h.page(r.Path)
	switch {
	case p == nil || h.Secure != (in.TLS != nil):
		w.finish(out, in, r, http.StatusNotFound, "")
	case w.refuses(h, p):
		w.refuse(out, in, r, p.Status, p.RetryAfter, p.Dated)
	case !pause(in, p.Slow):
		w.gone(r)
	case p.Location != "":
		out.Header().Set("Location", p.Location)
		w.finish(out, in, r, http.StatusFound, "")
	default:
		out.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.finish(out, in, r, http.StatusOK, document(h, p))
	}
}

// finish notes the end of a request and then writes the answer: whoever reads the last byte does so after End.
// A client that was gone by then ended its request itself.
func (w *Web) finish(out http.ResponseWriter, in *http.Request, r *Request, status int, body string) {
	out.Header().Set("Content-Length", strconv.Itoa(len(body)))
	r.Status, r.End = status, w.Log.Now()
	if gave(in) {
		r.Status, r.Until = 0, 0 // it never heard
		w.gone(r)
	}
	out.WriteHeader(status)
	_, _ = out.Write([]byte(body)) // a client that is gone has had its request
}

// gone notes the end of a request whose client went away. The server hears of that late, as a busy machine takes its time to
// close a connection; but the client had given up no later than its patience after the request was seen to begin.
func (w *Web) gone(r *Request) {
	r.End, r.Cut, r.Stall = min(w.Log.Now(), r.Start+w.Truth.Patience), true, w.stalls.worst()
}

// refuse answers 429 or 503, and notes from when on the host may be asked again.
func (w *Web) refuse(out http.ResponseWriter, in *http.Request, r *Request, status int, after time.Duration, dated bool) {
	if after > 0 {
		now := time.Now()
		at := now.Add(after)
		out.Header().Set("Retry-After", strconv.Itoa(int(after/time.Second)))
		if dated {
			at = at.Truncate(time.Second).UTC() // a date has whole seconds
			out.Header().Set("Retry-After", at.Format(http.TimeFormat))
		}
		r.Until = w.Log.Now() + at.Sub(now)
	}
	w.finish(out, in, r, status, "")
}

// refuses reports whether a page still refuses, and counts it.
func (w *Web) refuses(h *Host, p *Page) bool {
	if p.Busy == 0 {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	key := h.Name + p.Path
	if w.busy[key] >= p.Busy {
		return false
	}
	w.busy[key]++
	return true
}

// pause waits, and reports false where the client went away meanwhile.
func pause(in *http.Request, d time.Duration) bool {
	if d == 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-in.Context().Done():
		return false
	}
}

// robots answers for a host's robots.txt.
func (w *Web) robots(out http.ResponseWriter, in *http.Request, r *Request, h *Host) {
	switch h.Robots.Kind {
	case RobotsFile:
		out.Header().Set("Content-Type", "text/plain")
		w.finish(out, in, r, http.StatusOK, robotsText(&h.Robots))
	case RobotsMoved:
		target := w.Truth.Hosts[h.Robots.Target]
		out.Header().Set("Location", target.Scheme()+"://"+target.Name+robotsPath)
		w.finish(out, in, r, http.StatusMovedPermanently, "")
	case RobotsNone:
		w.finish(out, in, r, http.StatusNotFound, "")
	case RobotsBroken:
		w.finish(out, in, r, http.StatusInternalServerError, "")
	case RobotsBusy:
		w.refuse(out, in, r, http.StatusTooManyRequests, 5*time.Second, false)
	case RobotsSilent:
		<-in.Context().Done()
		w.gone(r)
	case RobotsCut:
		r.End = w.Log.Now()
		panic(http.ErrAbortHandler) // net/http's way to end a connection without an answer
	}
}

// robotsText writes rules as a file that has a group for others too.
func robotsText(r *Robots) string {
	var b strings.Builder
	b.WriteString("User-agent: otherbot\nDisallow: /\n\nUser-agent: TelltaleBot\n")
	if r.Delay > 0 {
		fmt.Fprintf(&b, "Crawl-delay: %g\n", r.Delay.Seconds())
	}
	for _, p := range r.Disallow {
		fmt.Fprintf(&b, "Disallow: %s\n", p)
	}
	for _, p := range r.Allow {
		fmt.Fprintf(&b, "Allow: %s\n", p)
	}
	return b.String()
}

// document writes a page; the home page links to all others.
func document(h *Host, p *Page) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<!doctype html><html lang=en><title>%s of %s</title><h1>%s</h1>", p.Path, h.Name, h.Name)
	for range 12 {
		fmt.Fprintf(&b, "<p>%s writes about %s: harbours, timber and the price of rope in the north of the country.</p>", h.Name, p.Path)
	}
	if p.Path == "/" {
		for i := range h.Pages[1:] {
			fmt.Fprintf(&b, `<p><a href="%s">%s</a></p>`, h.Pages[i+1].Path, h.Pages[i+1].Path)
		}
	}
	b.WriteString("</html>")
	return b.String()
}
