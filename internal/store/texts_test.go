package store

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"telltale/internal/signals"
)

// textAt is a text stated some hours after noon, and fetched a day later.
func textAt(domain, path string, key, sim uint64, hours int) signals.Text {
	at := noon.Add(time.Duration(hours) * time.Hour)
	return signals.Text{Domain: domain, URL: "https://" + domain + path, Key: key, SimHash: sim, Words: 300, StatedAt: at, KnownFrom: at.AddDate(0, 0, 1)}
}

// turned is a hash with some bits turned.
func turned(sim uint64, places ...int) uint64 {
	for _, p := range places {
		sim ^= 1 << p
	}
	return sim
}

// shownCopies is the view copies, a row a line.
func shownCopies(t *testing.T, s *Store) []string {
	t.Helper()
	return decisions(t, s, "SELECT concat(url, ' of ', original_url, if(same_words, ' same', concat(' ', toString(distance)))) FROM copies ORDER BY url")
}

const anyHash = 0x9e3779b97f4a7c15

func TestCopiesAreLinkedToTheTextPublishedFirst(t *testing.T) {
	s := migrated(t)
	write := func(rows ...signals.Text) { t.Helper(); must(t, s.WriteTexts(t.Context(), rows)) }
	write(textAt("wire.example", "/1", 11, anyHash, 3))                  // read first, published later
	write(textAt("acme.example", "/press/1", 12, turned(anyHash, 5), 1)) // the original
	write(textAt("acme.test", "/press/1", 12, turned(anyHash, 5), 2),    // the same words
		textAt("blog.example", "/repost", 13, turned(anyHash, 60, 61), 4), // near
		textAt("blog.example", "/repost", 14, turned(anyHash, 60), 5),     // the same address, revised
		textAt("other.example", "/", 15, ^uint64(anyHash), 0))             // another text
	want := []string{
		"https://acme.test/press/1 of https://acme.example/press/1 same",
		"https://blog.example/repost of https://acme.example/press/1 3",
		"https://wire.example/1 of https://acme.example/press/1 1",
	}
	for _, when := range []string{"before the merge", "after"} {
		if d := cmp.Diff(want, shownCopies(t, s)); d != "" {
			t.Errorf("%s: %s", when, d)
		}
		write(textAt("wire.example", "/1", 11, anyHash, 3)) // delivered again
		for _, table := range []string{"text_rows", "text_keys"} {
			must(t, s.Exec(t.Context(), "OPTIMIZE TABLE "+table+" FINAL", nil))
		}
	}
	if n := count(t, s, "texts"); n != 6 {
		t.Errorf("%d texts, want 6", n)
	}
}

func TestATextJoinsWhatIsWithinTheDistanceOfAGroupsFirstAndNothingBeyond(t *testing.T) {
	s := migrated(t)
	r := rand.New(rand.NewPCG(1, 2))
	var firsts, others []signals.Text
	for i := range 60 { // wherever the bits lie: the four bands and one turned bit find every one of them
		first := r.Uint64() | 1
		near := turned(first, r.Perm(64)[:signals.CopyDistance]...)
		far := turned(first, r.Perm(64)[:signals.CopyDistance+1]...)
		key, domain := uint64(10*(i+1)), fmt.Sprintf("d%d.example", i)
		firsts = append(firsts, textAt(domain, "/first", key, first, 0))
		others = append(others, textAt(domain, "/near", key+1, near, 1), textAt(domain, "/far", key+2, far, 2))
	}
	must(t, s.WriteTexts(t.Context(), firsts))
	must(t, s.WriteTexts(t.Context(), others))
	if n := count(t, s, fmt.Sprintf("copies WHERE url LIKE '%%/near' AND distance = %d", signals.CopyDistance)); n != 60 {
		t.Errorf("%d copies, want 60", n)
	}
	if n := count(t, s, "copies WHERE url NOT LIKE '%/near'"); n != 0 {
		t.Errorf("%d of them are too far", n)
	}
}

func TestShortTextsAreCopiesByTheirWordsOnly(t *testing.T) {
	s := migrated(t)
	must(t, s.WriteTexts(t.Context(), []signals.Text{textAt("a.example", "/1", 1, 0, 0), textAt("a.example", "/2", 2, 0, 1), textAt("a.example", "/3", 1, 0, 2)}))
	if d := cmp.Diff([]string{"https://a.example/3 of https://a.example/1 same"}, shownCopies(t, s)); d != "" {
		t.Error(d)
	}
}

func TestGroupsBegunAtOnceBecomeOne(t *testing.T) {
	a, b := textAt("a.example", "/", 1, anyHash, 0), textAt("b.example", "/", 2, turned(anyHash, 9), 1)
	s := migrated(t)
	for _, x := range []signals.Text{a, b} { // as two processes do that have not seen each other's
		fresh, begun := grouped([]signals.Text{x}, nil)
		if len(begun) != 1 {
			t.Fatalf("%+v begins no group", x)
		}
		must(t, s.insertBlock(t.Context(), "text_keys", len(fresh), textKeyColumns(fresh)))
		must(t, insertParted(t.Context(), s, "text_rows", []signals.Text{x}, func(*signals.Text) int { return 0 }, textColumns))
	}
	for _, x := range []signals.Text{b, a, b} { // whoever looks first, and whoever looks again
		stored, err := s.textGroups(t.Context(), []signals.Text{x}, lately)
		must(t, err)
		if moved := reconciled([]signals.Text{x}, stored); len(moved) > 0 {
			must(t, s.insertBlock(t.Context(), "text_keys", len(moved), textKeyColumns(moved)))
		}
	}
	if d := cmp.Diff([]string{"https://b.example/ of https://a.example/ 1"}, shownCopies(t, s)); d != "" {
		t.Error(d)
	}
	if n := count(t, s, "texts WHERE group_key = 1"); n != 2 {
		t.Errorf("%d texts in the group that was begun first, want 2", n)
	}
}

func TestATextThatIsIncompleteIsNotStored(t *testing.T) {
	reg := prometheus.NewRegistry()
	s := migrated(t, func(c *Config) { c.Registerer = reg })
	whole := textAt("a.example", "/", 7, anyHash, 0)
	for _, spoil := range []func(*signals.Text){
		func(x *signals.Text) { x.Key = 0 }, func(x *signals.Text) { x.URL = "" }, func(x *signals.Text) { x.Domain = "" },
		func(x *signals.Text) { x.StatedAt = time.Time{} }, func(x *signals.Text) { x.KnownFrom = time.Time{} },
	} {
		bad := whole
		spoil(&bad)
		if err := s.WriteTexts(t.Context(), []signals.Text{whole, bad}); err == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
	if n := count(t, s, "text_rows") + count(t, s, "text_keys"); n != 0 {
		t.Errorf("%d rows were stored", n)
	}
	must(t, s.WriteTexts(t.Context(), nil))
	must(t, s.WriteTexts(t.Context(), []signals.Text{whole, textAt("b.example", "/", 8, turned(anyHash, 1), 0)}))
	for group, want := range map[string]float64{"first": 1, "copy": 1} {
		if got := testutil.ToFloat64(s.metrics.textsTotal.WithLabelValues(group)); got != want {
			t.Errorf("%v texts counted as %s, want %v", got, group, want)
		}
	}
}
