package sampleweb

import (
	"embed"
	"fmt"
	"path"
	"strings"
)

//go:embed prose
var proseFiles embed.FS

// prose holds sentence pools by section key ("topic|product", "press|evaluation", …).
type prose map[string][]string

// loadProse reads every text file of the embedded directories, in order; a section met twice is extended.
// The files are part of the program, so an unreadable one is a bug and panics.
func loadProse(dirs ...string) prose {
	p := prose{}
	for _, dir := range dirs {
		entries, err := proseFiles.ReadDir(dir)
		if err != nil {
			panic(fmt.Sprintf("sampleweb: embedded prose: %v", err))
		}
		for _, e := range entries {
			raw, err := proseFiles.ReadFile(path.Join(dir, e.Name()))
			if err != nil {
				panic(fmt.Sprintf("sampleweb: embedded prose: %v", err))
			}
			p.parse(string(raw), strings.TrimSuffix(e.Name(), ".txt"))
		}
	}
	return p
}

// parse reads "@ a | b" section heads and one entry a line; "#" starts a comment. Section keys carry
// the file's stem, with what follows an underscore taken off, so that pools of one purpose meet.
func (p prose) parse(text, stem string) {
	if i := strings.IndexByte(stem, '_'); i > 0 && stem != "filler_de" && stem != "negatives_de" {
		stem = stem[:i]
	}
	key := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "@ "):
			parts := strings.Split(line[2:], "|")
			for i := range parts {
				parts[i] = strings.TrimSpace(parts[i])
			}
			key = stem + ":" + strings.Join(parts, "|")
		default:
			p[key] = append(p[key], line)
		}
	}
}

// pool returns a section's entries; a missing section is a bug in the embedded files and panics.
func (p prose) pool(stem string, key ...string) []string {
	k := stem + ":" + strings.Join(key, "|")
	list := p[k]
	if len(list) == 0 {
		panic("sampleweb: no prose for " + k)
	}
	return list
}

// keys returns the sections of a stem, sorted, without the stem.
func (p prose) keys(stem string) []string {
	var out []string
	for k := range p {
		if rest, ok := strings.CutPrefix(k, stem+":"); ok {
			out = append(out, rest)
		}
	}
	sortStrings(out)
	return out
}

// titled splits "title ## passage".
func titled(entry string) (title, passage string) {
	title, passage, _ = strings.Cut(entry, " ## ")
	return title, passage
}
