package sampleweb

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"html"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// plain is the text of a page as a reader sees it, without the tables of huge pages.
func plain(body []byte) string {
	raw, _, _ := strings.Cut(string(body), "<td>000000</td>")
	var b strings.Builder
	for raw != "" {
		text, rest, _ := strings.Cut(raw, "<")
		b.WriteString(text)
		b.WriteByte(' ')
		for _, element := range []string{"script", "style"} {
			if strings.HasPrefix(rest, element) {
				_, rest, _ = strings.Cut(rest, "</"+element)
			}
		}
		_, raw, _ = strings.Cut(rest, ">")
	}
	text := strings.ReplaceAll(html.UnescapeString(b.String()), "\u00a0", " ")
	return strings.Join(strings.Fields(text), " ")
}

// fetch asks the handler itself, without a network.
func fetch(t *testing.T, w *Web, url string) *httptest.ResponseRecorder {
	t.Helper()
	out := httptest.NewRecorder()
	func() {
		defer func() {
			if r := recover(); r != nil && r != http.ErrAbortHandler { //nolint:errorlint // a recovered value, not an error chain
				panic(r)
			}
		}()
		w.ServeHTTP(out, httptest.NewRequestWithContext(t.Context(), http.MethodGet, url, nil))
	}()
	return out
}

func TestEveryTruthIsServedAtItsAddressInItsWords(t *testing.T) {
	for _, eval := range []bool{false, true} {
		w := New(Config{Companies: 200, Eval: eval, NoDelays: true})
		for _, month := range []string{"2026-05", "2026-10"} {
			w.SetNow(MonthEnd(month))
			checked := 0
			for _, c := range w.TruthAt(w.Now()).Companies {
				for _, p := range c.Pages {
					if len(p.Topics)+len(p.Events) == 0 && p.Negative == "" {
						continue
					}
					res := fetch(t, w, p.URL)
					if res.Code != http.StatusOK {
						t.Errorf("%s at %s: %d", p.URL, month, res.Code)
						continue
					}
					checkSentences(t, c, p, plain(res.Body.Bytes()))
					checked++
				}
			}
			if checked < 300 {
				t.Errorf("eval %v, %s: only %d pages checked", eval, month, checked)
			}
		}
	}
}

func checkSentences(t *testing.T, c CompanyTruth, p PageTruth, text string) {
	t.Helper()
	var sentences []string
	for _, x := range p.Topics {
		sentences = append(sentences, x.Sentence)
		if (x.Sign == -1) != (x.Topic == "competitor_adopted") || !slices.Contains(Products(), x.Product) {
			t.Errorf("%s: topic %+v", p.URL, x)
		}
	}
	for _, x := range p.Events {
		sentences = append(sentences, x.Sentence)
	}
	if len(sentences) > 0 && p.Negative != "" {
		t.Errorf("%s is a hard negative and has statements", p.URL)
	}
	for _, s := range sentences {
		if strings.ContainsAny(s, "{}") {
			t.Errorf("%s: unfilled slot in %q", p.URL, s)
		}
		if c.Behaviour == BehaviourWindows1252 {
			s = string(toWindows1252([]byte(s)))
		}
		if !strings.Contains(text, s) {
			t.Errorf("%s does not say %q", p.URL, s)
		}
	}
}

func TestTechnologiesShowWhereTheTruthSaysAndOnlyThen(t *testing.T) {
	w := New(Config{Companies: 200, NoDelays: true})
	counts := map[string]int{}
	for _, month := range []string{"2026-05", "2026-10"} {
		w.SetNow(MonthEnd(month))
		for _, c := range w.companies {
			if !c.Readable || c.Behaviour == BehaviourRateLimited {
				continue
			}
			home, careers := fetch(t, w, c.Home), ""
			if url := c.find("careers_index"); url != "" {
				careers = fetch(t, w, url).Body.String()
			}
			for _, x := range c.truth().Technologies {
				var got bool
				switch x.Where {
				case "home":
					got = strings.Contains(home.Body.String(), x.Evidence)
				case "careers":
					got = strings.Contains(careers, x.Evidence)
				case "http":
					got = inHeaders(home.Header(), x.Evidence)
				default:
					continue
				}
				if shows := visible(x.From, x.To, w.Now()); got != shows && (shows || x.Where != "http") {
					t.Errorf("%s at %s: %s (%s) shows: %v, want %v", c.Home, month, x.Name, x.Where, got, shows)
				}
				counts[x.Where]++
			}
		}
	}
	if counts["home"] < 300 || counts["http"] < 100 || counts["careers"] < 10 {
		t.Errorf("checked %v", counts)
	}
}

// inHeaders looks for a header line or a cookie; one of several lines of a trace may be overruled.
func inHeaders(h http.Header, evidence string) bool {
	name, value, isHeader := strings.Cut(evidence, ": ")
	if isHeader && h.Get(name) != "" {
		return h.Get(name) == value || len(h.Values(name)) > 0
	}
	return slices.Contains(h.Values("Set-Cookie"), evidence)
}

func TestWhatIsPublishedLaterDoesNotExistYet(t *testing.T) {
	w := New(Config{Companies: 60, NoDelays: true})
	at := MonthEnd("2026-06")
	w.SetNow(at)
	later, removed := 0, 0
	for _, c := range w.companies {
		if c.Behaviour != BehaviourNormal {
			continue
		}
		var listings strings.Builder
		for _, p := range c.pages {
			if p.listing() && !strings.HasSuffix(p.path, ".gz") {
				listings.WriteString(fetch(t, w, p.url).Body.String())
			}
		}
		text := html.UnescapeString(listings.String())
		for _, p := range c.pages {
			switch code := fetch(t, w, p.url).Code; {
			case p.from.After(at):
				later++
				if code != http.StatusNotFound || strings.Contains(text, `"`+p.url+`"`) || strings.Contains(text, ">"+p.url+"<") {
					t.Errorf("%s of %s is known on %s (%d)", p.url, p.from, at, code)
				}
			case !p.to.IsZero() && !p.to.After(at):
				removed++
				if code != http.StatusNotFound && code != http.StatusGone {
					t.Errorf("%s, removed %s, answers %d", p.url, p.to, code)
				}
			case code != http.StatusOK && !p.disallowed:
				t.Errorf("%s: %d", p.url, code)
			}
		}
	}
	if later < 50 || removed < 5 {
		t.Errorf("%d later, %d removed pages checked", later, removed)
	}
}

func TestListingsNameEveryVisiblePost(t *testing.T) {
	w := New(Config{Companies: 60, NoDelays: true})
	for _, c := range w.companies {
		if c.Behaviour != BehaviourNormal {
			continue
		}
		for index, kind := range map[string]string{"blog_index": "post", "press_index": "press", "careers_index": "job", "forum_index": "thread"} {
			url := c.find(index)
			if url == "" {
				continue
			}
			body := fetch(t, w, url).Body.String()
			for _, p := range c.visiblePages(w.Now(), kind) {
				if !strings.Contains(body, html.EscapeString(p.url)) {
					t.Errorf("%s does not link %s", url, p.url)
				}
			}
		}
	}
}

func TestEvaluationWordsAreNotWorkingWords(t *testing.T) {
	work, eval := loadProse("prose/work"), loadProse("prose/eval")
	seen := map[string]string{}
	for key, list := range work {
		for _, line := range list {
			seen[strings.ToLower(line)] = key
		}
		if len(eval[key]) == 0 {
			t.Errorf("no evaluation words for %s", key)
		}
	}
	for key, list := range eval {
		for _, line := range list {
			if where, ok := seen[strings.ToLower(line)]; ok {
				t.Errorf("%q of %s is in %s too", line, key, where)
			}
		}
	}
	for _, topic := range topics() {
		for _, product := range Products() {
			if n := len(work.pool("topics", topic, product)); n < 4 {
				t.Errorf("%s of %s: %d working phrasings, want 4", topic, product, n)
			}
			if n := len(eval.pool("topics", topic, product)); n < 2 {
				t.Errorf("%s of %s: %d evaluation phrasings, want 2", topic, product, n)
			}
		}
	}
	if n := len(work.keys("negatives")); n < 12 {
		t.Errorf("%d families of hard negatives, want 12", n)
	}
}

func TestFillerNamesNoProductAndNoEvent(t *testing.T) {
	loud := regexp.MustCompile(`(?i)\b(microsoft|azure|dynamics|surface|defender|copilot|power (bi|apps|automate)|sharepoint|teams|google|aws|salesforce|acquir|invest|award|merger|partnership|layoff)`)
	for key, list := range loadProse("prose/shared") {
		if strings.HasPrefix(key, "filler") || strings.HasPrefix(key, "industries:en") {
			for _, line := range list {
				if m := loud.FindString(line); m != "" && !strings.Contains(key, "nothing") {
					t.Errorf("%s: %q names %q", key, line, m)
				}
			}
		}
	}
}

func TestInputsParseAndHideTheFuture(t *testing.T) {
	w := New(Config{Companies: 100})
	at := MonthEnd("2026-07")
	w.SetNow(at)
	dir := t.TempDir()
	if err := w.WriteInputs(dir); err != nil {
		t.Fatal(err)
	}
	rows := map[string][][]string{}
	for _, name := range []string{"accounts", "fit", "subscriptions", "transactions", "opportunities", "best_customers", "licences"} {
		file, err := os.Open(filepath.Join(dir, name+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		rows[name], err = csv.NewReader(file).ReadAll()
		_ = file.Close()
		if err != nil || len(rows[name]) < 10 {
			t.Errorf("%s.csv: %d rows, %v", name, len(rows[name]), err)
		}
	}
	if len(rows["accounts"]) != 101 || len(rows["fit"]) != 801 {
		t.Errorf("%d account rows and %d fit rows", len(rows["accounts"]), len(rows["fit"]))
	}
	for _, r := range rows["fit"][1:] {
		if x, err := strconv.ParseFloat(r[2], 64); err != nil || x < 0 || x > 100 {
			t.Errorf("fit row %v", r)
		}
	}
	outcomes := map[string]int{}
	for _, r := range rows["opportunities"][1:] {
		outcomes[r[4]]++
		closed, err := time.Parse(time.DateOnly, r[3])
		if err != nil || (r[4] == "open") != closed.After(at) && !closed.Equal(at.Truncate(24*time.Hour)) || r[2] > at.Format(time.DateOnly) {
			t.Errorf("opportunity row %v at %s", r, at)
		}
	}
	if outcomes["won"] == 0 || outcomes["lost"] == 0 || outcomes["open"] == 0 {
		t.Errorf("outcomes %v", outcomes)
	}
}

func TestTruthIsReadableByMachine(t *testing.T) {
	w := New(Config{Companies: 30})
	var b bytes.Buffer
	if err := WriteTruth(&b, w.TruthAt(MonthEnd("2026-08"))); err != nil {
		t.Fatal(err)
	}
	var back Truth
	if err := json.Unmarshal(b.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if len(back.Companies) != 30 || !back.At.Equal(MonthEnd("2026-08")) || len(back.Companies[0].Intent) != len(Products()) {
		t.Errorf("read back %d companies at %s", len(back.Companies), back.At)
	}
	if months := History(); len(months) != historyMonths || months[len(months)-1] != w.Months()[len(w.Months())-1] || !MonthEnd("nonsense").IsZero() {
		t.Errorf("months %v, %v", months, w.Months())
	}
}
