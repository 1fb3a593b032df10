package app

import (
	"testing"

	"telltale/internal/sampleweb"
)

func TestTheWireIsJudgedByWhomItsItemsTellOf(t *testing.T) {
	truth := []sampleweb.WireTruth{
		{URL: "https://w.example/1", Family: "legal", AccountID: "A"}, {URL: "https://w.example/2", Family: "legal", AccountID: "A"}, {URL: "https://w.example/3", Family: "legal", AccountID: "A"},
		{URL: "https://w.example/4", Family: "legal", AccountID: "A"}, {URL: "https://w.example/5", Family: "word"}, {URL: "https://w.example/6", Family: "word"},
		{URL: "https://w.example/7", Family: "word"}, {URL: "https://w.example/8", Family: "word"},
	}
	got, mistakes, unread := judgeWire(truth, map[string]attributed{
		"w.example/1": {"attributed", "A"}, "w.example/2": {"attributed", "B"}, "w.example/3": {"quarantined", ""}, "w.example/4": {"nobody", ""},
		"w.example/5": {"attributed", "A"}, "w.example/6": {"quarantined", ""}, "w.example/7": {"nobody", ""},
	})
	if got["legal"] != (wireTally{Items: 4, Right: 1, Wrong: 1, Held: 1, Missed: 1}) || got["word"] != (wireTally{Items: 3, Wrong: 1, Held: 1, Left: 1}) || len(mistakes) != 3 || unread != 1 {
		t.Errorf("%+v, %d unread, mistakes %q", got, unread, mistakes)
	}
}
