// Package captured serves a directory of captured pages under their own host names on loopback, so that
// real pages can be run through the whole pipeline without a network.
//
// The directory holds a manifest.tsv with a header that names the columns file and url, and the files.
// Each host's front page is a bare list of links to its captured pages, and its sitemap lists them;
// everything else is 404. The pages themselves are served byte for byte, as text/html without a charset.
package captured

import (
	"encoding/csv"
	"errors"
	"fmt"
	"html"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// maxManifest bounds the manifest, maxPage one captured page, in bytes.
const (
	maxManifest = 64 << 20
	maxPage     = 64 << 20
)

// Web is a set of captured pages. It is fixed once loaded.
type Web struct {
	dir   string
	hosts map[string]*host
	names []string
}

type host struct {
	addr  netip.Addr
	pages map[string]string
}

// Load reads the manifest of a directory. Errors name the file and the line.
func Load(dir string) (*Web, error) {
	path := filepath.Join(dir, "manifest.tsv")
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("captured pages: %w", err)
	}
	if info.Size() > maxManifest {
		return nil, fmt.Errorf("captured pages: %s has %d bytes; %d is the limit", path, info.Size(), maxManifest)
	}
	in, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("captured pages: %w", err)
	}
	reader := csv.NewReader(in)
	reader.Comma, reader.LazyQuotes = '\t', true
	rows, err := reader.ReadAll()
	if err = errors.Join(err, in.Close()); err != nil {
		return nil, fmt.Errorf("captured pages: %s: %w", path, err)
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("captured pages: %s is empty", path)
	}
	file, address := slices.Index(rows[0], "file"), slices.Index(rows[0], "url")
	if file < 0 || address < 0 {
		return nil, fmt.Errorf("captured pages: %s: the header names no columns file and url", path)
	}
	w := &Web{dir: dir, hosts: map[string]*host{}}
	for i, row := range rows[1:] {
		if err := w.add(row[file], row[address]); err != nil {
			return nil, fmt.Errorf("captured pages: %s:%d: %w", path, i+2, err)
		}
	}
	return w, nil
}

func (w *Web) add(file, address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return fmt.Errorf("address: %w", err)
	}
	name := strings.ToLower(u.Hostname())
	if name == "" || u.Port() != "" || filepath.Base(file) != file || !filepath.IsLocal(file) || file == "." {
		return fmt.Errorf("file %q, address %q: want a name in this directory and an address without a port", file, address)
	}
	h := w.hosts[name]
	if h == nil {
		n := len(w.names) + 1
		h = &host{addr: netip.AddrFrom4([4]byte{127, 77, byte(n >> 8), byte(n)}), pages: map[string]string{}}
		w.hosts[name] = h
		w.names = append(w.names, name)
	}
	target := u.EscapedPath()
	if u.RawQuery != "" {
		target += "?" + u.RawQuery
	}
	h.pages[target] = file
	return nil
}

// Domains are the registrable domains of the captured pages, in the order of the manifest.
func (w *Web) Domains() []string {
	var out []string
	for _, name := range w.names {
		domain, err := publicsuffix.EffectiveTLDPlusOne(name)
		if err != nil {
			domain = name
		}
		if !slices.Contains(out, domain) {
			out = append(out, domain)
		}
	}
	return out
}

// Pages counts the captured pages.
func (w *Web) Pages() int {
	n := 0
	for _, h := range w.hosts {
		n += len(h.pages)
	}
	return n
}

// lookup finds a host; a registrable domain without captured pages of its own stands for its hosts, a public suffix for none.
func (w *Web) lookup(name string) (h *host, list []string) {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	_, err := publicsuffix.EffectiveTLDPlusOne(name)
	for _, other := range w.names {
		if other == name || (err == nil && strings.HasSuffix(other, "."+name)) {
			list = append(list, other)
		}
	}
	if len(list) == 0 {
		return nil, nil
	}
	if h = w.hosts[name]; h == nil {
		h = &host{addr: w.hosts[list[0]].addr}
	}
	return h, list
}

// read returns the body of an address.
func (w *Web) read(h *host, hosts []string, target string) (body []byte, kind string, err error) {
	if file, ok := h.pages[target]; ok {
		info, err := os.Stat(filepath.Join(w.dir, file))
		if err != nil || info.Size() > maxPage {
			return nil, "", fmt.Errorf("captured page %s: missing, or over %d bytes", file, maxPage)
		}
		body, err := os.ReadFile(filepath.Join(w.dir, file))
		return body, "text/html", err
	}
	switch target {
	case "/":
		return w.list(hosts, "<!doctype html><title>Captured pages</title><ul>\n", "<li><a href=\"%s\">%[1]s</a></li>\n", "</ul>\n"), "text/html; charset=utf-8", nil
	case "/sitemap.xml":
		return w.list(hosts, `<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">`, "<url><loc>%s</loc></url>\n", "</urlset>\n"), "application/xml", nil
	}
	return nil, "", os.ErrNotExist
}

func (w *Web) list(hosts []string, head, row, tail string) []byte {
	var b strings.Builder
	b.WriteString(head)
	for _, name := range hosts {
		var targets []string
		for target := range w.hosts[name].pages {
			targets = append(targets, target)
		}
		slices.Sort(targets)
		for _, target := range targets {
			fmt.Fprintf(&b, row, html.EscapeString("https://"+name+target))
		}
	}
	b.WriteString(tail)
	return []byte(b.String())
}

// ErrAbsent marks an address that was not captured.
var ErrAbsent = errors.New("not captured")

// Body returns the captured page of an address as it stands in the manifest, scheme aside. Errors wrap ErrAbsent where there is none.
func (w *Web) Body(address string) ([]byte, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("captured page %q: %w", address, err)
	}
	h := w.hosts[strings.ToLower(u.Hostname())]
	target := u.EscapedPath()
	if u.RawQuery != "" {
		target += "?" + u.RawQuery
	}
	if h == nil || h.pages[target] == "" {
		return nil, fmt.Errorf("captured page %q: %w", address, ErrAbsent)
	}
	body, _, err := w.read(h, nil, target)
	return body, err
}
