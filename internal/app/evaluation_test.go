package app

import (
	"math"
	"slices"
	"strings"
	"testing"

	"telltale/internal/sampleweb"
)

// handTruth is one company of two domains with a page of each sort.
func handTruth() sampleweb.Truth {
	topic := func(name, product string) sampleweb.TopicTruth {
		return sampleweb.TopicTruth{Topic: name, Product: product, Sign: 1}
	}
	return sampleweb.Truth{Companies: []sampleweb.CompanyTruth{
		{
			Company:      sampleweb.Company{Domains: []string{"a.example", "a.test"}},
			Technologies: []sampleweb.TechnologyTruth{{Name: "nginx"}, {Name: "WordPress"}}, Tolerated: []string{"PHP"},
			Pages: []sampleweb.PageTruth{
				{URL: "https://www.a.example/blog/", Listing: true, Topics: []sampleweb.TopicTruth{topic("migration", "Azure"), topic("evaluation", "Azure")}},
				{
					URL: "https://www.a.example/blog/1", Topics: []sampleweb.TopicTruth{topic("migration", "Azure")}, Events: []sampleweb.EventTruth{{Event: "award"}},
					ToleratedTopics: []string{"renewal"}, ToleratedProducts: []string{"Security"}, ToleratedEvents: []string{"partnership"},
				},
				{URL: "https://www.a.example/vendors", Negative: "a list of vendors"},
				{URL: "https://www.a.example/about"},
			},
		},
		{Company: sampleweb.Company{Domains: []string{"b.example"}}, Technologies: []sampleweb.TechnologyTruth{{Name: "nginx"}}},
		{},
	}}
}

// all are the claims of handTruth, each found once.
func all() []found {
	return []found{
		{"a.example", "technology", "nginx", "", "https://a.example/"}, {"a.example", "technology", "WordPress", "", "https://a.example/"},
		{"b.example", "technology", "nginx", "", "https://b.example/"},
		{"a.example", "topic", "migration", "Azure", "https://www.a.example/blog/1"}, {"a.example", "event", "award", "", "https://www.a.example/blog/1"},
	}
}

func TestEvaluationCountsRightWrongAndMissedClaims(t *testing.T) {
	const right = 5
	at := func(kind, name, product, url string) found { return found{"a.example", kind, name, product, url} }
	for _, c := range []struct {
		name                 string
		more                 []found
		less                 int
		right, wrong, missed int
		mistake              claim
		negatives            int
	}{
		{"all that is true", nil, 0, right, 0, 0, claim{}, 0},
		{"nothing", nil, right, 0, 0, right, claim{}, 0},
		{"all but the last", nil, 1, right - 1, 0, 1, claim{"event", "a.example/blog/1", "award", ""}, 0},
		{"a technology twice, on another domain of the company", []found{{"a.test", "technology", "nginx", "", "https://a.test/"}}, 0, right, 0, 0, claim{}, 0},
		{"a topic twice, without www and over http", []found{at("topic", "migration", "Azure", "http://a.example/blog/1/")}, 0, right, 0, 0, claim{}, 0},
		{"a technology that is not there", []found{at("technology", "Drupal", "", "https://a.example/")}, 0, right, 1, 0, claim{"technology", "a.example", "Drupal", ""}, 0},
		{"a technology that another implies", []found{at("technology", "PHP", "", "https://a.example/")}, 0, right, 0, 0, claim{}, 0},
		{"the same on a company where nothing implies it", []found{{"b.example", "technology", "PHP", "", "https://b.example/"}}, 0, right, 1, 0, claim{"technology", "b.example", "PHP", ""}, 0},
		{"a topic of another product", []found{at("topic", "migration", "Surface", "https://a.example/blog/1")}, 0, right, 1, 0, claim{"topic", "a.example/blog/1", "migration", "Surface"}, 0},
		{"a topic on another page", []found{at("topic", "migration", "Azure", "https://a.example/about")}, 0, right, 1, 0, claim{"topic", "a.example/about", "migration", "Azure"}, 0},
		{"a tolerated topic of the page's product", []found{at("topic", "renewal", "Azure", "https://a.example/blog/1")}, 0, right, 0, 0, claim{}, 0},
		{"a tolerated topic of a tolerated product", []found{at("topic", "renewal", "Security", "https://a.example/blog/1")}, 0, right, 0, 0, claim{}, 0},
		{"a tolerated topic of any other", []found{at("topic", "renewal", "Surface", "https://a.example/blog/1")}, 0, right, 1, 0, claim{"topic", "a.example/blog/1", "renewal", "Surface"}, 0},
		{"a tolerated event", []found{at("event", "partnership", "", "https://a.example/blog/1")}, 0, right, 0, 0, claim{}, 0},
		{"what a listing repeats", []found{at("topic", "migration", "Azure", "https://a.example/blog/"), at("event", "award", "", "https://a.example/blog/"), at("event", "partnership", "", "https://a.example/blog/")}, 0, right, 0, 0, claim{}, 0},
		{"what a listing makes up", []found{at("event", "layoff", "", "https://a.example/blog/")}, 0, right, 1, 0, claim{"event", "a.example/blog", "layoff", ""}, 0},
		{"a claim on a hard negative", []found{at("topic", "migration", "Azure", "https://a.example/vendors")}, 0, right, 1, 0, claim{"topic", "a.example/vendors", "migration", "Azure"}, 1},
		{"the same wrong claim thrice", []found{at("event", "layoff", "", "https://a.example/about"), at("event", "layoff", "", "https://www.a.example/about"), at("event", "layoff", "", "http://a.example/about/")}, 0, right, 1, 0, claim{"event", "a.example/about", "layoff", ""}, 0},
		{"a domain that nobody owns", []found{{"c.example", "technology", "nginx", "", "https://c.example/"}}, 0, right, 1, 0, claim{"technology", "c.example", "nginx", ""}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			list := slices.Concat(all()[:right-c.less], c.more)
			ev := evaluate(handTruth(), list)
			var got tally
			for _, k := range ev.Kinds {
				got.Right, got.Wrong, got.Missed = got.Right+k.Right, got.Wrong+k.Wrong, got.Missed+k.Missed
			}
			if got.Right != c.right || got.Wrong != c.wrong || got.Missed != c.missed || len(ev.Wrong) != c.wrong || len(ev.Missed) != c.missed {
				t.Errorf("%d right, %d wrong, %d missed; want %d, %d, %d", got.Right, got.Wrong, got.Missed, c.right, c.wrong, c.missed)
			}
			mistakes := slices.Concat(ev.Wrong, ev.Missed)
			if c.mistake != (claim{}) && (len(mistakes) != 1 || mistakes[0] != c.mistake) {
				t.Errorf("the mistakes are %+v, want %+v", mistakes, c.mistake)
			}
			if ev.Negatives["a list of vendors"] != c.negatives || ev.Pages["a list of vendors"] != 1 {
				t.Errorf("hard negatives: %v on %v", ev.Negatives, ev.Pages)
			}
		})
	}
}

func TestEvaluationGivesRatesByClassAndKind(t *testing.T) {
	list := slices.Concat(all()[:3], []found{{"b.example", "technology", "Drupal", "", "https://b.example/"}, {"b.example", "technology", "WordPress", "", "https://b.example/"}})
	ev := evaluate(handTruth(), list)
	want := []struct {
		kind, name           string
		right, wrong, missed int
		precision, recall    float64
	}{
		{"event", "award", 0, 0, 1, math.NaN(), 0},
		{"technology", "Drupal", 0, 1, 0, 0, math.NaN()},
		{"technology", "WordPress", 1, 1, 0, 0.5, 1},
		{"technology", "nginx", 2, 0, 0, 1, 1},
		{"topic", "migration", 0, 0, 1, math.NaN(), 0},
	}
	if len(ev.Classes) != len(want) || len(ev.Kinds) != 3 {
		t.Fatalf("%d classes and %d kinds: %+v", len(ev.Classes), len(ev.Kinds), ev.Classes)
	}
	for i, w := range want {
		c := ev.Classes[i]
		if c.Kind != w.kind || c.Name != w.name || c.Right != w.right || c.Wrong != w.wrong || c.Missed != w.missed || !same(c.Precision, w.precision) || !same(c.Recall, w.recall) {
			t.Errorf("class %d is %+v, want %+v", i, c, w)
		}
	}
	if k := ev.Kinds[1]; k.Kind != "technology" || !same(k.Precision, 0.6) || !same(k.Recall, 1) || !same(k.F1, 0.75) {
		t.Errorf("technologies together: %+v", k)
	}
	var out strings.Builder
	ev.print(&out, 1)
	for _, text := range []string{"0.600", "0.750", "a list of vendors", "wrong: technology Drupal  b.example", "missed: event award  a.example/blog/1"} {
		if !strings.Contains(out.String(), text) {
			t.Errorf("the tables do not say %q:\n%s", text, out.String())
		}
	}
	if strings.Contains(out.String(), "wrong: technology WordPress") || strings.Contains(out.String(), "│ nginx") {
		t.Errorf("it lists more than one mistake each, or a technology without any:\n%s", out.String())
	}
}

func same(a, b float64) bool { return math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) < 1e-9 }

// The lower ends are those of Newcombe 1998 (Statistics in Medicine 17, table I, method 3), to the four decimals given.
func TestWilsonAgreesWithPublishedIntervals(t *testing.T) {
	for _, c := range []struct {
		k, n int
		low  float64
	}{{81, 263, 0.2553}, {15, 148, 0.0624}, {0, 20, 0}, {1, 29, 0.0061}} {
		p, low := wilson(c.k, c.n)
		if math.Abs(low-c.low) > 0.00005 || !same(p, float64(c.k)/float64(c.n)) {
			t.Errorf("%d of %d: %.6f from %.6f, want %.4f", c.k, c.n, p, low, c.low)
		}
	}
	if p, low := wilson(0, 0); !math.IsNaN(p) || !math.IsNaN(low) {
		t.Errorf("nothing of nothing: %v from %v", p, low)
	}
}

func TestTheSampleWebsOwnTruthIsRight(t *testing.T) {
	web := sampleweb.New(sampleweb.Config{Companies: sampleweb.MinCompanies})
	truth := web.TruthAt(sampleweb.MonthEnd("2026-10"))
	var list []found
	for _, c := range truth.Companies {
		for _, tech := range c.Technologies {
			list = append(list, found{c.Domains[len(c.Domains)-1], "technology", tech.Name, "", "https://" + c.Domains[0] + "/"})
		}
		for _, p := range c.Pages {
			if p.Disallowed && len(p.Topics)+len(p.Events) > 0 {
				t.Errorf("%s is forbidden to robots, and something is to be found there", p.URL)
			}
			for _, topic := range p.Topics {
				list = append(list, found{c.Domains[0], "topic", topic.Topic, topic.Product, p.URL})
			}
			for _, event := range p.Events {
				list = append(list, found{c.Domains[0], "event", event.Event, "", p.URL})
			}
		}
	}
	ev := evaluate(truth, list)
	if len(list) < 100 || len(ev.Wrong) != 0 || len(ev.Missed) != 0 || len(ev.Kinds) != 3 {
		t.Errorf("of %d claims of the truth itself %d are wrong, the first %v, and %d missed, the first %v", len(list), len(ev.Wrong), ev.Wrong[:min(1, len(ev.Wrong))], len(ev.Missed), ev.Missed[:min(1, len(ev.Missed))])
	}
}
