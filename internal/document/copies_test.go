package document

import (
	"flag"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"telltale/internal/pages"
	"telltale/internal/signals"
)

var corpus = flag.String("corpus", "", "directory of captured pages, for TestHowFarCopiesAndOthersAre")

// edits are what syndication does to a text: each takes words in paragraphs and gives those of a copy.
var edits = []struct {
	name string
	edit func(r *rand.Rand, paragraphs [][]string) [][]string
}{
	{"a dateline", func(_ *rand.Rand, p [][]string) [][]string {
		return join([][]string{words("LONDON , 14 March 2026 Business Wire")}, p)
	}},
	{"a wire's head and foot, 30 words", func(_ *rand.Rand, p [][]string) [][]string {
		return join([][]string{words("LONDON 14 March 2026 GLOBE NEWSWIRE")}, p, [][]string{words("View the source version of this release on the wire at the address below Press contact Corporate Communications telephone and electronic mail on request Photos are available")})
	}},
	{"the last paragraph cut", func(_ *rand.Rand, p [][]string) [][]string { return p[:max(1, len(p)-1)] }},
	{"one word in 50 of house style", replaceWords(50)},
	{"one word in 20 written otherwise", replaceWords(20)},
	{"a sidebar of 60 words", func(r *rand.Rand, p [][]string) [][]string {
		side := make([]string, 60)
		for i := range side {
			side[i] = fmt.Sprintf("sidebar%d", r.IntN(4000))
		}
		return join(p, [][]string{side})
	}},
	{"the first half only", func(_ *rand.Rand, p [][]string) [][]string { return p[:(len(p)+1)/2] }},
}

func words(s string) []string { return strings.Fields(s) }

func join(lists ...[][]string) (all [][]string) {
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

func replaceWords(one int) func(*rand.Rand, [][]string) [][]string {
	return func(r *rand.Rand, p [][]string) [][]string {
		out := make([][]string, len(p))
		for i, list := range p {
			for _, w := range list {
				if r.IntN(one) == 0 {
					w = fmt.Sprintf("other%d", r.IntN(4000))
				}
				out[i] = append(out[i], w)
			}
		}
		return out
	}
}

func docOf(paragraphs [][]string) *Document {
	d := &Document{}
	for _, p := range paragraphs {
		d.Blocks = append(d.Blocks, Block{Text: strings.Join(p, " ")})
	}
	return d
}

// captured are the paragraphs of the corpus's pages of 150 words or more.
func captured(t *testing.T) (texts [][][]string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(*corpus, "*.html"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no pages in %s: %v", *corpus, err)
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := Parse(&pages.Page{URL: "https://a.example/", Status: 200, Body: body})
		if err != nil {
			t.Fatal(err)
		}
		var paragraphs [][]string
		n := 0
		for i := range doc.Blocks {
			if b := &doc.Blocks[i]; b.Role != RoleChrome && b.Role != RoleTitle {
				paragraphs = append(paragraphs, strings.Fields(b.Text))
				n += len(paragraphs[len(paragraphs)-1])
			}
		}
		if n >= 150 {
			texts = append(texts, paragraphs)
		}
	}
	return texts
}

// TestHowFarCopiesAndOthersAre is the measurement behind signals.CopyDistance: how many bits apart copies are, by what syndication did to them,
// and texts that are none, by their length. It runs where -corpus names captured pages.
func TestHowFarCopiesAndOthersAre(t *testing.T) {
	if *corpus == "" {
		t.Skip("no -corpus")
	}
	texts := captured(t)
	r := rand.New(rand.NewPCG(1, 2))
	t.Logf("%d pages of 150 words or more; share of copies within k bits:", len(texts))
	for _, e := range edits {
		near := [65]int{}
		for _, p := range texts {
			near[bits.OnesCount64(SimHash(docOf(p))^SimHash(docOf(e.edit(r, p))))]++
		}
		t.Logf("%-34s %s", e.name, within(near, len(texts)))
	}
	for _, n := range []int{10, 20, 30, 50, 100, 200, 400} {
		otherDocs(t, texts, n)
	}
}

func within(near [65]int, of int) string {
	var b strings.Builder
	sum := 0
	for k := range 13 {
		sum += near[k]
		if k == 0 || k >= 3 {
			fmt.Fprintf(&b, " %d:%.3f", k, float64(sum)/float64(max(of, 1)))
		}
	}
	return b.String()
}

// otherDocs compares pieces of n words from different pages.
func otherDocs(t *testing.T, texts [][][]string, n int) {
	t.Helper()
	var hashes []uint64
	var of []int
	for i, p := range texts {
		var all []string
		for _, list := range p {
			all = append(all, list...)
		}
		for at := 0; at+n <= len(all) && at < 20*n; at += n {
			hashes, of = append(hashes, SimHash(docOf([][]string{all[at : at+n]}))), append(of, i)
		}
	}
	near := [65]int{}
	pairs := 0
	for i, a := range hashes {
		for j, b := range hashes[:i] {
			if of[i] != of[j] {
				near[bits.OnesCount64(a^b)]++
				pairs++
			}
		}
	}
	sum := 0
	var line strings.Builder
	for k := range 17 {
		if sum += near[k]; k >= 3 {
			fmt.Fprintf(&line, " %d:%d", k, sum)
		}
	}
	t.Logf("others of %3d words: %d pieces, %d pairs of different pages; pairs within k bits:%s", n, len(hashes), pairs, line.String())
}

func TestTextsOfTheSameWordsHaveOneKey(t *testing.T) {
	page := func(body string) Fingerprint { return FingerprintOf(parse(t, body)) }
	first := page("<title>A</title><nav>Menu</nav><article><h1>We move</h1><p>We are moving all our pumps to Azure, at last.</p></article>")
	again := page("<title>Another site</title><article>\n<h1>WE  MOVE</h1>\n<div><p>We are moving all our <b>pumps</b> to Azure &ndash; at last!</p></div></article><footer>Legal</footer>")
	if first != again || first.Key == 0 || first.Words != 12 || first.SimHash == 0 {
		t.Errorf("%+v, %+v", first, again)
	}
	if other := page("<article><h1>We move</h1><p>We are moving all our pumps to Oracle, at last.</p></article>"); other.Key == first.Key {
		t.Error("another word, and the same key")
	}
	if empty := page("<title>Only a title</title>"); empty.Key != 0 || empty.Words != 0 {
		t.Errorf("no words: %+v", empty)
	}
}

func TestACopyWithAWiresDatelineIsNear(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var text [][]string
	for range 8 {
		var p []string
		for range 50 {
			p = append(p, fmt.Sprintf("word%d", r.IntN(900)))
		}
		text = append(text, p)
	}
	first := SimHash(docOf(text))
	if copied := SimHash(docOf(edits[0].edit(r, text))); !signals.Near(first, copied) {
		t.Errorf("%d bits apart", bits.OnesCount64(first^copied))
	}
	if signals.Near(first, SimHash(docOf(replaceWords(2)(r, text)))) {
		t.Error("a text with every second word another is near")
	}
}
