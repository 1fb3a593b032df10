package technology

import (
	"strings"
	"unicode/utf8"

	"telltale/internal/signals"
)

// record adds a match to its technology: confidence adds up, the strongest pattern gives the evidence, the
// longest version wins. at are the indexes of the match and its groups in text; none where presence is all that is asked.
func (s *scratch) record(p *pattern, text []byte, at []int, evidence string, offset int) {
	f := s.found[p.tech]
	if f == nil {
		f = &match{via: -1}
		s.found[p.tech] = f
	}
	if p.version != "" {
		if v := resolveVersion(p.version, groupsOf(text, at)); len(v) > len(f.version) {
			f.version = v
		}
	}
	if f.best == nil || better(p, f.best) {
		f.best, f.evidence, f.offset, f.matched = p, evidence, offset, ""
		if len(at) > 1 {
			f.matched = clipEvidence(string(text[at[0]:at[1]]), 0)
		}
	}
	if s.counted[p.first] != s.page {
		s.counted[p.first] = s.page
		f.confidence = min(100, f.confidence+p.confidence)
	}
}

// better reports that a pattern is the stronger evidence: the surer, or of the field that comes first.
func better(p, than *pattern) bool {
	return p.confidence > than.confidence || p.confidence == than.confidence && p.field < than.field
}

// groupsOf returns the text of each group of a match; missing groups are empty.
func groupsOf(text []byte, at []int) []string {
	if len(at) == 0 {
		return []string{""}
	}
	groups := make([]string, 0, len(at)/2)
	for i := 0; i+1 < len(at); i += 2 {
		if at[i] < 0 || at[i+1]-at[i] > 8*maxVersion {
			groups = append(groups, "")
			continue
		}
		groups = append(groups, string(text[at[i]:at[i+1]]))
	}
	return groups
}

// spanOf quotes a match of n bytes at the start of a text, and the rest of its tag, statement or word.
func spanOf(text string, n int) string {
	end := len(text)
	if tail := text[n:]; n > 0 && text[n-1] != '>' && text[n-1] != ';' {
		if i := strings.IndexAny(tail, ">;\n"); i >= 0 {
			end = n + i + 1
		} else if i := strings.LastIndexAny(tail, " ,"); i >= 0 {
			end = n + i
		}
	} else {
		end = n
	}
	return clipEvidence(text[:end], 0)
}

// maxRead bounds what is looked at of a long text to quote some of it, in bytes.
const maxRead = 8 << 10

// clipEvidence returns the span of text around a match as one line of at most signals.MaxEvidence
// runes, cut at white space where it must be cut and there is any near.
func clipEvidence(text string, start int) string {
	if len(text) > maxRead {
		from := max(0, min(start, len(text))-maxRead/4)
		text, start = text[from:min(len(text), from+maxRead)], start-from
	}
	text = strings.ToValidUTF8(text, "\uFFFD")
	start = min(max(start, 0), len(text))
	if utf8.RuneCountInString(text) > signals.MaxEvidence {
		lo := max(0, start-40)
		if lo > 0 {
			if i := strings.IndexAny(text[lo:start], " \t\n>"); i >= 0 {
				lo += i + 1
			}
		}
		text = text[lo:]
	}
	text = strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(text) <= signals.MaxEvidence {
		return strings.TrimSpace(strings.ReplaceAll(text, "\x00", ""))
	}
	cut := 0
	for range signals.MaxEvidence {
		_, n := utf8.DecodeRuneInString(text[cut:])
		cut += n
	}
	text = text[:cut]
	if i := strings.LastIndexByte(text, ' '); i > len(text)*3/4 {
		text = text[:i]
	}
	return strings.ReplaceAll(text, "\x00", "")
}
