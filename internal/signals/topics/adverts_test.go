package topics

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/goccy/go-yaml"

	"telltale/internal/document"
	"telltale/internal/pages"
	"telltale/internal/signals"
)

// ad is a labelled job advert: a page of structured data, of text, or of both, and the hiring topics expected of it, each as
// "product: evidence" or "product: evidence @ day".
type ad struct {
	Name   string         `yaml:"name"`
	Domain string         `yaml:"domain"`
	Kind   string         `yaml:"kind"`
	JSON   map[string]any `yaml:"json"`
	List   []any          `yaml:"list"`
	Body   string         `yaml:"body"`
	Want   []string       `yaml:"want"`
}

func (a *ad) page(t *testing.T) *document.Document {
	t.Helper()
	body := a.Body
	for _, v := range append([]any{a.JSON}, a.List...) {
		m, _ := v.(map[string]any)
		if len(m) == 0 {
			continue
		}
		m["@type"] = "JobPosting"
		raw, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		body = `<script type="application/ld+json">` + string(raw) + `</script>` + body
	}
	domain := a.Domain
	if domain == "" {
		domain = "harwick-foods.example"
	}
	d, err := document.Parse(&pages.Page{Domain: domain, URL: "https://www." + domain + "/jobs/1", Status: 200, Body: []byte("<!doctype html><html>" + body),
		FetchedAt: time.Date(2026, 5, 1, 9, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	if d.Kind = pages.KindJob; a.Kind != "" {
		d.Kind = pages.Kind(a.Kind)
	}
	return d
}

func TestLabelledAdvertsTellRoleSkillAndDay(t *testing.T) {
	raw, err := os.ReadFile("testdata/adverts/adverts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var ads []ad
	if err := yaml.UnmarshalWithOptions(raw, &ads, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	m := matcher(t)
	positive := 0
	for i := range ads {
		a := &ads[i]
		t.Run(a.Name, func(t *testing.T) {
			var got []string
			for _, h := range m.Match(a.page(t)) {
				line := h.Product + ": " + h.Evidence
				if !h.ObservedAt.IsZero() {
					line += " @ " + h.ObservedAt.Format(time.DateOnly)
				}
				if h.Topic != "hiring" {
					line = h.Topic + " " + line
				}
				got = append(got, line)
			}
			if g, w := strings.Join(got, "\n"), strings.Join(a.Want, "\n"); g != w {
				t.Errorf("got\n%s\nwant\n%s", g, w)
			}
		})
		positive += min(1, len(a.Want))
	}
	if positive < 15 || len(ads)-positive < 15 {
		t.Errorf("%d adverts that ask for somebody, %d that do not: want 15 of each", positive, len(ads)-positive)
	}
}

func TestEvidenceOfAnAdvertStaysWithinItsBound(t *testing.T) {
	m := matcher(t)
	a := ad{JSON: map[string]any{
		"title":       "Ingeniörer och arkitekter " + strings.Repeat("för vår växande verksamhet i Malmö ", 9),
		"description": "<p>" + strings.Repeat("mycket erfarenhet och lång vana ", 12) + "av Azure " + strings.Repeat("och allt som hör därtill ", 12),
	}}
	hits := m.Match(a.page(t))
	if len(hits) != 1 {
		t.Fatalf("hits %+v", hits)
	}
	if e := hits[0].Evidence; utf8.RuneCountInString(e) > signals.MaxEvidence || !utf8.ValidString(e) || !strings.HasPrefix(e, "Ingeniörer och arkitekter") || !strings.Contains(e, " … ") || !strings.Contains(e, "Azure") {
		t.Errorf("evidence of %d runes: %q", utf8.RuneCountInString(e), e)
	}
}

func TestAnAdvertOfAHundredIsDatedByItsOwnDay(t *testing.T) {
	var list []any
	for i := range 150 {
		list = append(list, map[string]any{"title": fmt.Sprintf("Driver %d", i), "datePosted": "2026-01-02"})
	}
	list[40] = map[string]any{"title": "Azure engineer", "datePosted": "2026-03-04"}
	list[60] = map[string]any{"title": "Azure engineer", "datePosted": "2026-04-05"}
	hits := matcher(t).Match((&ad{Kind: "careers", List: list}).page(t))
	if len(hits) != 1 || hits[0].ObservedAt.Format(time.DateOnly) != "2026-04-05" {
		t.Errorf("hits %+v", hits)
	}
}

func FuzzAnAdvertOfAnyTextIsRead(f *testing.F) {
	f.Add(`{"@type":"JobPosting","title":"Azure","description":"<p>Azure"}`, "<h1>x</h1>")
	f.Add(`[{"@type":"JobPosting","title":"\ud800","validThrough":"99999"}]`, "Benefits:")
	m := matcher(f)
	f.Fuzz(func(t *testing.T, data, text string) {
		d, err := document.Parse(&pages.Page{Domain: "a.example", URL: "https://a.example/jobs/1", Body: []byte(`<html><script type="application/ld+json">` + data + "</script>" + text)})
		if err != nil {
			t.Fatal(err)
		}
		d.Kind = pages.KindJob
		for _, h := range m.Match(d) {
			if utf8.RuneCountInString(h.Evidence) > signals.MaxEvidence || h.Offset < 0 || h.Offset > len(d.Body) {
				t.Errorf("hit %+v", h)
			}
		}
	})
}
