package document_test

import (
	"net/http"
	"slices"
	"testing"

	"telltale/internal/document"
	"telltale/internal/pages"
)

// TestTagsAreListedWhereTheyStand leaves out what only looks like a tag: in scripts, comments and titles.
func TestTagsAreListedWhereTheyStand(t *testing.T) {
	body := `<!doctype html><title>a <b> c</title><!-- <i> --><script>"<u>"</script><p class="x>y">t<br/></P ><x-y>`
	d, err := document.Parse(&pages.Page{URL: "https://acme.example/", Header: http.Header{"Content-Type": {"text/html"}}, Body: []byte(body)})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, tag := range d.Tags {
		s := body[tag.Start:tag.End]
		if closing := s[1] == '/'; closing != tag.Closing {
			t.Errorf("%s: closing is %v", s, tag.Closing)
		}
		got = append(got, s+tag.Atom.String())
	}
	if want := []string{"<title>title", "</title>title", "<script>script", "</script>script", `<p class="x>y">p`, "<br/>br", "</P >p", "<x-y>"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
