package report

import (
	"bytes"
	_ "embed" // the page is data
	"fmt"
	"html/template"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"

	"telltale/internal/fit"
	"telltale/internal/intent/matrix"
)

//go:embed page.html
var pageText string

// page is what the template shows: every number and word is ready, so that the template only lays out.
type page struct {
	Title, Month   string
	Facts          []fact
	Clusters       []clusterView
	Best           gridView
	Products       []gridView
	Segments       []segmentView
	Accounts       []accountView
	Unknown, Total string
	UnknownShare   string
	Ratings        [4]string
	RunLine        string
}

type fact struct{ Name, Value, Note string }

type clusterView struct{ Name, Class, Count, Share, Says string }

type gridView struct {
	Name, Unknown string
	Rows          []gridRow
}

type gridRow struct {
	Fit   string
	Cells []cellView
}

// cellView is one cell: Heat is 0–100, how full it is against the fullest.
type cellView struct {
	Code, Cluster, Class, Count, Share string
	Heat                               int
	Empty                              bool
}

type segmentView struct {
	Name, Count string
	Parts       []partView
}

// partView is one cluster's part of a bar, in per cent of the longest bar.
type partView struct {
	Class, Cluster, Count string
	Width                 string
}

type accountView struct {
	Place                                          int
	Name, Domain, DomainLink, Product, Cell, Class string
	Fit, FitRating, Intent, IntentRating           string
	Segment, Motion, Revenue, Basis, Where         string
	Expires, Interval                              string
	Drivers                                        []driverView
	Signals                                        []signalView
}

type driverView struct {
	Words, Points string
	Against       bool
}

type signalView struct{ Words, Date, Source, URL, Link, Span string }

// WriteHTML writes the report as one page that needs nothing else: no script, no font, no picture, no network. Text from the web is
// escaped; only http and https addresses become links.
func (rep Report) WriteHTML(w io.Writer) error {
	t, err := template.New("page").Parse(pageText)
	if err != nil {
		return fmt.Errorf("write report page: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, rep.view()); err != nil {
		return fmt.Errorf("write report page: %w", err)
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write report page: %w", err)
	}
	return nil
}

// WriteHTMLFile writes the page to a file under a temporary name and renames it when it is whole.
func (rep Report) WriteHTMLFile(path string) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name()) // the error that matters is returned
		}
	}()
	if err := rep.WriteHTML(f); err != nil {
		_ = f.Close() // likewise
		return fmt.Errorf("write %s: %w", path, err)
	}
	for _, step := range []func() error{f.Sync, func() error { return f.Chmod(0o644) }, f.Close, func() error { return os.Rename(f.Name(), path) }} {
		if err := step(); err != nil {
			return fmt.Errorf("write %s: %w", path, err)
		}
	}
	return nil
}

func (rep Report) view() page {
	run := rep.Run
	month := run.Month.Start().Format("January 2006")
	p := page{
		Title: "Propensity, " + month, Month: month, Total: thousands(run.Accounts), Ratings: ratingNames(),
		Unknown: thousands(rep.Best.Unknown), UnknownShare: percent(rep.Best.Unknown, run.Accounts),
		RunLine: "Run " + run.ID + " · intent weights " + run.IntentModel + " · matrix " + run.Matrix,
		Facts:   rep.facts(),
		Best:    rep.grid(rep.Best, "Each account once, by its best product"),
	}
	for i, c := range clusterNames() {
		n := rep.best(i)
		p.Clusters = append(p.Clusters, clusterView{Name: c, Class: class(c), Count: thousands(n), Share: percent(n, run.Accounts), Says: says(c)})
	}
	for _, g := range rep.Products {
		p.Products = append(p.Products, rep.grid(g, g.Product))
	}
	p.Segments = rep.segmentViews()
	for n, a := range rep.ActNow {
		p.Accounts = append(p.Accounts, accountOf(n+1, a))
	}
	return p
}

func (rep Report) facts() []fact {
	run := rep.Run
	freshest := "none"
	if !run.Freshest.IsZero() {
		freshest = run.Freshest.UTC().Format("2 January 2006")
	}
	return []fact{
		{"Accounts", thousands(run.Accounts), "scored for " + fmt.Sprint(len(rep.Products)) + " products"},
		{"Signals used", thousands(run.Signals), "the freshest of " + freshest},
		{"Coverage", percent(run.Covered, run.Accounts), thousands(run.Covered) + " accounts of which a page was read"},
		{"As of", run.AsOf.UTC().Format("2 Jan 2006, 15:04"), "UTC; known by " + run.KnownBy.UTC().Format("2 Jan 2006, 15:04")},
	}
}

func ratingNames() (out [4]string) {
	for i, r := range fit.Ratings() {
		out[i] = string(r)
	}
	return out
}

func class(cluster string) string { return strings.ToLower(strings.ReplaceAll(cluster, " ", "-")) }

func says(cluster string) string {
	switch cluster {
	case matrix.ActNow:
		return "sales-ready: call"
	case matrix.Evaluate:
		return "fits, little intent yet: marketing-ready"
	case matrix.Nurture:
		return "intends, fits less: keep warm"
	case matrix.Educate:
		return "educate and monitor"
	}
	return "no evidence or no fit: not judged"
}

func (rep Report) grid(g Grid, name string) gridView {
	v := gridView{Name: name, Unknown: thousands(g.Unknown)}
	most, total := g.Most(), g.Total()
	for r, f := range fit.Ratings() {
		row := gridRow{Fit: string(f)}
		for c, i := range fit.Ratings() {
			n := g.Counts[r][c]
			code, cluster := rep.Matrix.For(g.Product).Place(f, i)
			cell := cellView{Code: code, Cluster: cluster, Class: class(cluster), Count: thousands(n), Share: percent(n, total), Empty: n == 0}
			if most > 0 && n > 0 {
				// By the square root, so that a small cell beside a large one still shows.
				cell.Heat = 14 + int(math.Round(78*math.Sqrt(float64(n)/float64(most))))
			}
			row.Cells = append(row.Cells, cell)
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}

func (rep Report) segmentViews() []segmentView {
	var most int64 = 1
	for _, s := range rep.Segments {
		most = max(most, s.Accounts)
	}
	var out []segmentView
	for _, s := range rep.Segments {
		v := segmentView{Name: s.Name, Count: thousands(s.Accounts)}
		for i, c := range clusterNames() {
			if n := s.Clusters[i]; n > 0 {
				v.Parts = append(v.Parts, partView{Class: class(c), Cluster: c, Count: thousands(n), Width: fmt.Sprintf("%.2f", 100*float64(n)/float64(most))})
			}
		}
		out = append(out, v)
	}
	return out
}
