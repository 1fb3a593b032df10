package strict_test

import (
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"telltale/internal/intent/strict"
)

type file struct {
	Name string   `yaml:"name"`
	List []string `yaml:"list"`
}

func TestFilesAreReadStrictly(t *testing.T) {
	for _, c := range []struct{ name, text, says string }{
		{"YAML", "name: a\nlist: [b]", ""},
		{"JSON", `{"name":"a","list":["b"]}`, ""},
		{"an unknown key", "name: a\nlost: b", "lost"},
		{"a doubled key", "name: a\nname: b", "name"},
		{"a file that is too long", "name: " + strings.Repeat("a", 200), "over 100 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var f file
			err := strict.Decode(strings.NewReader(c.text), 100, &f)
			if c.says == "" && (err != nil || f.Name != "a" || f.List[0] != "b") || c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
				t.Errorf("got %+v, %v", f, err)
			}
		})
	}
	gone := errors.New("gone")
	if err := strict.Decode(iotest.ErrReader(gone), 100, &file{}); !errors.Is(err, gone) {
		t.Errorf("a reader that fails: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add("name: a\nlist: [b]")
	f.Fuzz(func(_ *testing.T, text string) {
		_ = strict.Decode(strings.NewReader(text), 1<<16, &file{}) // must return
	})
}
