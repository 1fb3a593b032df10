package attribution

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"telltale/internal/document"
	"telltale/internal/domains"
	"telltale/internal/pages"
)

var corpus = flag.String("corpus", "", "directory of HTML pages to scan")

// syllables make roots that look like names: two to four of them.
var syllables = strings.Fields(`al an ar ba bel ber bo bran cal car col dan del dor el en er fal fen fir gal gar gran hal har hel in ka kel kor la lan lin lor ma mar mel min mor na nel
	nor ol or pen per ra ran rel ris ro sal san sel sol sta tan tel tor ul va vel ver vin wal wer wil xan yar zel zor sch st tr qu bu ju nu ru su tu ku lu`)

var trades = strings.Fields(`Hotels Tools Foods Logistics Software Systems Energy Bau Maschinenbau Consulting Engineering Pharma Textiles Motors Steel Media Design Security
	Analytics Solutions Technologies International Group Holding Bakery Dairy Transport Haustechnik Elektro Kunststoff Medical Clinics Partners Ventures Capital Insurance`)

var forms = strings.Split(`Ltd|Limited|GmbH|GmbH & Co. KG|AG|Inc.|LLC|Corp.|B.V.|N.V.|AB|AS|Oy|S.A.|SAS|SARL|S.p.A.|S.r.l.|PLC|KG|SE|Pty Ltd|`, "|")

// makeNames gives n names as registers have them: one to four words, some shared roots, a legal form in most.
func makeNames(n int) func(int) domains.Account {
	title := func(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
	return func(i int) domains.Account {
		r := rand.New(rand.NewPCG(7, uint64(i)))
		root := func() string {
			s := ""
			for range 2 + r.IntN(3) {
				s += syllables[r.IntN(len(syllables))]
			}
			return title(s)
		}
		name := root()
		switch r.IntN(6) {
		case 0:
			name += " & " + root()
		case 1:
			name += " " + root() + " " + trades[r.IntN(len(trades))]
		case 2, 3, 4:
			name += " " + trades[r.IntN(len(trades))]
		}
		slug := strings.ToLower(strings.ReplaceAll(name, " ", "-"))
		return domains.Account{ID: fmt.Sprintf("A-%07d", i%n), Name: strings.TrimSpace(name + " " + forms[r.IntN(len(forms))]), Domains: []string{fmt.Sprintf("%s-%d.example", slug, i)}, Country: "DE", Industry: "Manufacturing"}
	}
}

func million(tb testing.TB, n int) (*Matcher, func(int) domains.Account) {
	tb.Helper()
	name := makeNames(n)
	b := NewBuilder()
	for i := range n {
		a := name(i)
		if err := b.Add(&a); err != nil {
			tb.Fatal(err)
		}
	}
	return b.Build(), name
}

func TestEveryOfManyNamesIsFoundAndNoOther(t *testing.T) {
	const n = 20_000
	m, name := million(t, n)
	s := &scratch{}
	for i := 0; i < n; i += 7 {
		a := name(i)
		text := "it is said that " + a.Name + " will open"
		found := m.scan(s, text)
		ok := false
		for _, f := range found {
			for at := f.first + 1; at != 0; at = m.accounts[at-1].next {
				ok = ok || m.idOf(at-1) == a.ID
			}
		}
		if !ok {
			t.Errorf("%q is not found", a.Name)
		}
		if owner, ok := m.owner(a.Domains[0]); !ok || m.idOf(owner) != a.ID {
			t.Errorf("%s is not found", a.Domains[0])
		}
	}
	if found := m.scan(s, "Nothing Here Is A Name Of Anybody"); len(found) != 0 {
		t.Errorf("%+v", found)
	}
}

// BenchmarkMillion measures one million names: `go test ./internal/signals/attribution -run xxx -bench Million -corpus DIR`.
func BenchmarkMillion(b *testing.B) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	began := time.Now()
	const n = 1_000_000
	m, name := million(b, n)
	took := time.Since(began)
	began = time.Now()
	for i := range n {
		_ = name(i)
	}
	took -= time.Since(began)
	runtime.GC()
	runtime.ReadMemStats(&after)
	heap := float64(after.HeapAlloc - before.HeapAlloc)
	texts, bytes := texts(b)
	b.Run("scan", func(b *testing.B) {
		s := &scratch{}
		found := 0
		b.SetBytes(int64(bytes))
		for b.Loop() {
			for _, text := range texts {
				found += len(m.scan(s, text))
			}
		}
		b.ReportMetric(float64(found)/float64(b.N), "names/op")
		b.ReportMetric(heap/n, "heap-B/name")
		b.ReportMetric(took.Seconds(), "build-s")
	})
	runtime.KeepAlive(m)
	b.Run("match", func(b *testing.B) {
		docs := documents(b)
		for b.Loop() {
			for _, d := range docs {
				m.Match(d)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(docs)), "µs/page")
	})
}

func documents(b *testing.B) []*document.Document {
	b.Helper()
	files, _ := filepath.Glob(filepath.Join(*corpus, "*.html"))
	var docs []*document.Document
	for _, f := range files[:min(len(files), 300)] {
		raw, err := os.ReadFile(f)
		if err != nil {
			b.Fatal(err)
		}
		d, err := document.Parse(&pages.Page{Domain: "wire.example", URL: "https://wire.example/", FinalURL: "https://wire.example/", Status: 200, Body: raw[:min(len(raw), pages.MaxBody)]})
		if err == nil {
			docs = append(docs, d)
		}
	}
	if len(docs) == 0 {
		docs = append(docs, page(b, "Hartwell Hotels opens", strings.Repeat("<p>The hotel group Hartwell Hotels said on Tuesday that it will open a second site.</p>", 20)))
	}
	return docs
}

func texts(b *testing.B) (list []string, bytes int) {
	b.Helper()
	for _, d := range documents(b) {
		for i := range d.Blocks {
			list = append(list, d.Blocks[i].Text)
			bytes += len(d.Blocks[i].Text)
		}
	}
	return list, bytes
}
