package document_test

import (
	"slices"
	"strings"
	"testing"

	"telltale/internal/document"
	"telltale/internal/pages"
)

func TestHeadlinesOfOtherPagesAndTheirLinesAreTeasers(t *testing.T) {
	const own = "https://acme.example/news/lease"
	for name, c := range map[string]struct {
		body string
		want []string
	}{
		"a list of articles, with dates and first lines": {
			`<h1>News</h1><ul><li><a href="/news/a">We move to a new plant</a> 16 August 2026<p>The plant is large.</p></li>
<li><a href="/news/b">A new chief executive</a> <span>1 May</span></li></ul>`,
			[]string{"We move to a new plant 16 August 2026", "The plant is large.", "A new chief executive 1 May"},
		},
		"cards that are links as a whole": {
			`<a href="/news/a"><h3>We move to a new plant</h3><p>It is large, and bright.</p></a><a href="/news/b"><h3>A new chief executive</h3></a>`,
			[]string{"We move to a new plant", "It is large, and bright.", "A new chief executive"},
		},
		"an article with related news beneath": {
			`<article><h1><a href="/news/lease">Lease extended</a></h1><p>We stay.</p></article><h2>More news</h2>
<h3><a href="/news/a">We move to a new plant</a></h3><h3><a href="/news/b">A new chief executive</a></h3>`,
			[]string{"We move to a new plant", "A new chief executive"},
		},
		"one link among the paragraphs": {
			`<h1>Lease extended</h1><p><a href="/plan.pdf">Read the plan of the site</a></p><p>We stay for ten years.</p>`,
			[]string{"Read the plan of the site"},
		},
		"a sentence that holds a link": {
			`<h1>Lease extended</h1><p>We <a href="/plant">moved to the new plant</a> in 2025 with all our machines and people.</p>`, nil,
		},
		"another article linked amid an article": {
			`<h1>Lease extended</h1><p><a href="/news/a">Read also: we moved to a new plant</a></p>` + strings.Repeat("<p>"+strings.Repeat("We stay for ten years. ", 10)+"</p>", 5) +
				`<p><a href="/news/b">Read also: a new chief executive</a></p>` + strings.Repeat("<p>"+strings.Repeat("The hall is large. ", 12)+"</p>", 5),
			[]string{"Read also: we moved to a new plant", "Read also: a new chief executive"},
		},
		"cards, and an article after the last of them": {
			`<div><div><h3><a href="/news/a">We move to a new plant</a></h3><p>It is large.</p></div><div><h3><a href="/news/b">A new chief executive</a></h3><p>She starts in May.</p></div></div>` +
				`<div>` + strings.Repeat("<p>"+strings.Repeat("We stay for ten years. ", 10)+"</p>", 5) + `</div>`,
			[]string{"We move to a new plant", "It is large.", "A new chief executive", "She starts in May."},
		},
		"links within the page": {`<p><a href="#top">Back to the top of it</a></p><p><a href="#a">Another chapter of this</a></p><p>Text.</p>`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := document.Parse(&pages.Page{URL: own, Status: 200, Body: []byte("<!doctype html><body><main>" + c.body + "</main>")})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, b := range d.Blocks {
				if b.Teaser {
					got = append(got, b.Text)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %s, want %s", strings.Join(got, " / "), strings.Join(c.want, " / "))
			}
		})
	}
}

func TestWhatReadersWriteIsNotThePagesOwn(t *testing.T) {
	body := `<!doctype html><body class="comments-open"><div class="content comments-open"><p>We build pumps.</p></div>
<section id="comments"><h2>3 comments</h2><ol class="commentlist"><li><p>We are moving to the cloud.</p></li></ol></section><div class="wp-commentary"><p>Our view.</p></div>`
	d, err := document.Parse(&pages.Page{URL: "https://acme.example/blog/a", Status: 200, Body: []byte(body)})
	if err != nil {
		t.Fatal(err)
	}
	for kind, want := range map[pages.Kind]string{pages.KindBlog: "We build pumps./Our view.", pages.KindForum: "We build pumps./3 comments/We are moving to the cloud./Our view."} {
		d.Kind = kind
		var own []string
		for i := range d.Blocks {
			if d.Own(&d.Blocks[i]) {
				own = append(own, d.Blocks[i].Text)
			}
		}
		if got := strings.Join(own, "/"); got != want {
			t.Errorf("on a page of kind %s: %s, want %s", kind, got, want)
		}
	}
}
