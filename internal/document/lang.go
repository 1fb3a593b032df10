package document

import (
	"strings"

	"github.com/abadojack/whatlanggo"
)

// Bounds on language detection, in bytes of text: below the first it would guess, above the second it is sure.
const (
	minDetect = 200
	maxDetect = 2_000
)

// languages are those the stop words tell apart, in the order of their index.
var languages = [...]string{"en", "de", "fr", "es", "nl", "sv", "it", "pt", "da", "pl", "no"} //nolint:gochecknoglobals // a table

// stopLists holds the stop words by language index.
var stopLists = [len(languages)]string{ //nolint:gochecknoglobals // a table
	"the and of with that this from are was have has our your you which will been their we's about",
	"der und das nicht mit sich auf ein eine einen wir sie ist auch werden für dem oder wird unsere zum zur bei",
	"les des dans pour est une vous nous avec sur pas qui aux sont votre cette leur nos où être",
	"los las del para una por más como nuestra nuestro sus esta pero también está años desde y",
	"het een van voor niet zijn ook wij naar wordt deze onze hebben aan bij maar meer uit jouw",
	"och att det som är på av till inte den vi har ett vår från eller kan dig våra",
	"il di che della per non con sono gli anche dei nel alla più nostra questo",
	"não uma os dos com em nossa você mais ao pela seu são nossos",
	"og er af til ikke vores jeg blev være hvor efter også hvis været bliver blevet nogle meget mellem noget gør uden hvad mere sådan",
	"nie się na jest że oraz dla jak przez są czy naszych od",
	"og det som på er til av ikke jeg har etter blir gjennom mellom nå mye seg noen også både uten ble hvordan vært blitt noe gjør hva mer slik",
}

// stopWords maps each stop word that belongs to one language only to that language's index.
var stopWords = func() map[string]int { //nolint:gochecknoglobals // a table
	m := map[string]int{}
	for i, list := range stopLists {
		for w := range strings.FieldsSeq(list) {
			if _, taken := m[w]; taken {
				m[w] = -1
				continue
			}
			m[w] = i
		}
	}
	return m
}()

// language returns the page's language as a lower-case primary subtag (BCP 47): what the page
// declares, unless its stop words plainly say otherwise; "" where neither tells.
func language(d *Document) string {
	declared := primarySubtag(d.Language)
	for _, name := range [...]string{"content-language", "og:locale", "dc.language"} {
		if declared == "" {
			declared = primarySubtag(d.Meta(name))
		}
	}
	if declared == "" {
		declared = primarySubtag(d.Header.Get("Content-Language"))
	}
	text := sample(d)
	best, hits, second := countStopWords(text, declared)
	switch {
	case declared == "" && hits >= 4 && hits >= 2*second:
		return best
	case declared == "":
		return guess(text)
	case hits >= 12 && best != declared && second*4 <= hits:
		return best
	case isLatin(declared) && mostlyOther(text):
		if found := guess(text); found != "" {
			return found
		}
	}
	return declared
}

// isLatin reports a language that the stop words know; all of them are written in Latin letters.
func isLatin(language string) bool {
	for _, l := range languages {
		if l == language {
			return true
		}
	}
	return false
}

// mostlyOther reports a text of which most bytes are none of ASCII's: it is written in another script.
func mostlyOther(text string) bool {
	n := 0
	for i := range len(text) {
		if text[i] >= 0x80 {
			n++
		}
	}
	return n*2 > len(text)
}

// Detect returns the language of plain text as a primary subtag, or "" where it is too short to tell.
func Detect(text string) string {
	text = clip(text, maxDetect)
	best, hits, second := countStopWords(text, "")
	if hits >= 1 && hits >= 2*second {
		return best
	}
	return guess(text)
}

// guess asks the trigram detector, for text that is long enough.
func guess(text string) string {
	if len(text) < minDetect {
		return ""
	}
	info := whatlanggo.Detect(text)
	if !info.IsReliable() {
		return ""
	}
	return current(info.Lang.Iso6391())
}

// sample returns the first maxDetect bytes of text that is no chrome.
func sample(d *Document) string {
	var b strings.Builder
	for i := range d.Blocks {
		if d.Blocks[i].Role == RoleChrome {
			continue
		}
		b.WriteString(clip(d.Blocks[i].Text, maxDetect-b.Len()))
		b.WriteByte(' ')
		if b.Len() >= maxDetect-4 {
			break
		}
	}
	return b.String()
}

// countStopWords returns the language with the most stop words, their number, and the next best number;
// with a declared language, second is the number of its own.
func countStopWords(text, declared string) (best string, hits, second int) {
	var counts [len(languages)]int
	for w := range strings.FieldsFuncSeq(text, notWordRune) {
		if len(w) > 10 {
			continue
		}
		if i, ok := stopWords[strings.ToLower(w)]; ok && i >= 0 {
			counts[i]++
		}
	}
	at := 0
	for i, n := range counts {
		if n > counts[at] {
			at = i
		}
	}
	for i, n := range counts {
		if i != at && (declared == "" || languages[i] == declared) {
			second = max(second, n)
		}
	}
	return languages[at], counts[at], second
}

func notWordRune(r rune) bool {
	return r < 0x80 && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '\''
}

// primarySubtag returns the language of a tag such as de-AT or en_US; "" where it is none.
func primarySubtag(tag string) string {
	tag = strings.TrimSpace(tag)
	if i := strings.IndexAny(tag, "-_,;"); i >= 0 {
		tag = tag[:i]
	}
	if len(tag) < 2 || len(tag) > 3 {
		return ""
	}
	for i := range len(tag) {
		if c := tag[i] | 0x20; c < 'a' || c > 'z' {
			return ""
		}
	}
	return current(strings.ToLower(tag))
}

// current returns the code by which a language goes today, Norwegian's two written forms as one.
func current(code string) string {
	switch code {
	case "nb", "nn":
		return "no"
	case "iw":
		return "he"
	case "in":
		return "id"
	case "ji":
		return "yi"
	}
	return code
}
