package app_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The public benchmark of fit: calls of a bank that sold term deposits, in the order of their days (Moro, Cortez and Rita 2014, UCI
// bank-additional-full, CC BY 4.0). It is not part of this repository: TELLTALE_BANK_MARKETING names a directory with
// bank-additional-full.csv and splits/random.csv and splits/time.csv (row, split). Without, a small set of our own takes its place.
const bankEnv = "TELLTALE_BANK_MARKETING"

// bank is the benchmark as it is brought in: a header and rows, y last.
type bank struct {
	header []string
	rows   [][]string
	// splits give each row's part, by the name of the split.
	splits map[string][]string
}

// readCSV reads a whole file of a test.
func readCSV(t *testing.T, path string, comma rune) [][]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	r := csv.NewReader(f)
	r.Comma = comma
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return rows
}

func publicBank(t *testing.T, dir string) bank {
	t.Helper()
	all := readCSV(t, filepath.Join(dir, "bank-additional-full.csv"), ';')
	b := bank{header: all[0], rows: all[1:], splits: map[string][]string{}}
	for _, name := range []string{"random", "time"} {
		for _, r := range readCSV(t, filepath.Join(dir, "splits", name+".csv"), ',')[1:] {
			b.splits[name] = append(b.splits[name], r[1])
		}
		if len(b.splits[name]) != len(b.rows) {
			t.Fatalf("split %s has %d of %d rows", name, len(b.splits[name]), len(b.rows))
		}
	}
	return b
}

// ownBank draws calls in the same columns, fewer: pensioners and those who bought before buy more often, and more in some months.
func ownBank() bank {
	rng := rand.New(rand.NewPCG(41, 188))
	b := bank{header: []string{"age", "job", "month", "day_of_week", "duration", "poutcome", "euribor3m", "y"}, splits: map[string][]string{}}
	day := time.Date(2008, 5, 5, 0, 0, 0, 0, time.UTC)
	for i := range 3000 {
		if i%8 == 7 {
			if day = day.AddDate(0, 0, 1); day.Weekday() == time.Saturday {
				day = day.AddDate(0, 0, 2)
			}
		}
		job := []string{"admin.", "services", "retired", "unknown"}[rng.IntN(4)]
		before := []string{"nonexistent", "nonexistent", "failure", "success"}[rng.IntN(4)]
		rate := 5 - 4*float64(i)/3000 + rng.NormFloat64()*0.2
		odds, y := 6.0, "no"
		if job == "retired" {
			odds *= 2.5
		}
		if before == "success" {
			odds *= 4
		}
		if rng.Float64()*100 < odds*(1.5-rate/5) {
			y = "yes"
		}
		b.rows = append(b.rows, []string{fmt.Sprint(18 + rng.IntN(60)), job, strings.ToLower(day.Format("Jan")), strings.ToLower(day.Format("Mon")),
			fmt.Sprint(rng.IntN(900)), before, fmt.Sprintf("%.3f", rate), y})
		b.splits["random"] = append(b.splits["random"], []string{"train", "train", "train", "val", "test"}[rng.IntN(5)])
		b.splits["time"] = append(b.splits["time"], []string{"train", "train", "train", "val", "test"}[i/600])
	}
	return b
}

// at is the column of a name.
func (b *bank) at(name string) int {
	for i, h := range b.header {
		if h == name {
			return i
		}
	}
	return -1
}

// days works out the day of each call: the next day with the row's month and weekday, from the first Monday of May 2008 on. Applied to the
// public set it ends in November 2010, where the set does.
func (b *bank) days() []time.Time {
	month, weekday := b.at("month"), b.at("day_of_week")
	day := time.Date(2008, 5, 5, 0, 0, 0, 0, time.UTC)
	out := make([]time.Time, len(b.rows))
	for i, r := range b.rows {
		for strings.ToLower(day.Format("Jan")) != r[month] || strings.ToLower(day.Format("Mon")) != r[weekday] {
			day = day.AddDate(0, 0, 1)
		}
		out[i] = day
	}
	return out
}

func bankAccount(row int) string { return fmt.Sprintf("bank-%05d", row) }

// write converts the calls into the product's own files: an account a call with its columns as attributes, and an opportunity won or lost.
// The call's duration is left out: it is known only once the call is over, and tells how it went.
func (b *bank) write(t *testing.T, dir string) {
	t.Helper()
	y, skip := b.at("y"), b.at("duration")
	head := []string{"account_id", "name", "domain"}
	for i, h := range b.header {
		if i != y && i != skip {
			head = append(head, h)
		}
	}
	accounts, deals := [][]string{head}, [][]string{{"account_id", "product", "created", "closed", "outcome"}}
	days := b.days()
	for n, r := range b.rows {
		cells := []string{bankAccount(n), fmt.Sprint("Caller ", n), fmt.Sprintf("caller%d.example", n)}
		for i, c := range r {
			if i != y && i != skip {
				cells = append(cells, c)
			}
		}
		accounts = append(accounts, cells)
		day := days[n].Format(time.DateOnly)
		deals = append(deals, []string{bankAccount(n), bankProduct, day, day, map[string]string{"yes": "won", "no": "lost"}[r[y]]})
	}
	writeCSV(t, filepath.Join(dir, "accounts.csv"), accounts)
	writeCSV(t, filepath.Join(dir, "opportunities.csv"), deals)
	for name, parts := range b.splits {
		rows := [][]string{{"account_id", "split"}}
		for n, p := range parts {
			rows = append(rows, []string{bankAccount(n), p})
		}
		writeCSV(t, filepath.Join(dir, name+".csv"), rows)
	}
}

const bankProduct = "Term deposit"

func writeCSV(t *testing.T, path string, rows [][]string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := csv.NewWriter(f).WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// figures are what fit train prints with --json, as far as the benchmark needs it.
type figures struct {
	Version string
	Tested  judged
	Walk    *struct{ Frozen, Rolling judged }
}

type judged struct {
	Metrics   struct{ AUC, AP, Lift_10, ECE float64 }
	Intervals struct {
		AUC, Lift_10 struct{ Low, High float64 }
	}
}

func (j judged) line(name string) string {
	m, i := j.Metrics, j.Intervals
	return fmt.Sprintf("| %s | %.3f (%.3f–%.3f) | %.3f | %.2f (%.2f–%.2f) | %.3f |", name, m.AUC, i.AUC.Low, i.AUC.High, m.AP, m.Lift_10, i.Lift_10.Low, i.Lift_10.High, m.ECE)
}

// TestTheBankBenchmarkThroughTheProductsOwnPath imports accounts and opportunities and trains both kinds of model on fixed splits, with the
// programs as they are shipped; the arithmetic of fit meets the race detector in its own packages, and here by night.
func TestTheBankBenchmarkThroughTheProductsOwnPath(t *testing.T) {
	// Our own set does not drift, so its refits look at all rows before; the public one does.
	b, least, refits, window := ownBank(), map[string]float64{"logistic": 0.65, "gbdt": 0.62, "lift": 1.8}, "8", "0"
	if dir := os.Getenv(bankEnv); dir != "" {
		b, least = publicBank(t, dir), map[string]float64{"logistic": 0.780, "gbdt": 0.790, "lift": 4.1}
		refits, window = "80", "2000"
	}
	dir := t.TempDir()
	b.write(t, dir)
	data := []string{"--data-dir", filepath.Join(dir, "data")}
	for _, kind := range []string{"accounts", "opportunities"} {
		askShipped(t, "telltale", append([]string{"import", kind, filepath.Join(dir, kind+".csv")}, data...)...).fine(t)
	}
	train := func(args ...string) (f figures) {
		t.Helper()
		args = append([]string{"fit", "train", "--json", "--product", bankProduct, "--labels", "opportunities"}, append(args, data...)...)
		if err := json.Unmarshal([]byte(askShipped(t, "intent-scorer", args...).fine(t).out), &f); err != nil {
			t.Fatal(err)
		}
		return f
	}
	t.Log("| split, model | AUC (95 %) | average precision | lift@10 % (95 %) | ECE |")
	for _, split := range []string{"random", "time"} {
		for _, model := range []string{"logistic", "gbdt"} {
			f := train("--dry-run", "--model", model, "--split", filepath.Join(dir, split+".csv"))
			t.Log(f.Tested.line(split + ", " + model))
			if split == "random" && f.Tested.Metrics.AUC < least[model] {
				t.Errorf("%s: AUC %.4f, want %.3f", model, f.Tested.Metrics.AUC, least[model])
			}
			if split == "random" && model == "logistic" && f.Tested.Metrics.Lift_10 < least["lift"] {
				t.Errorf("lift %.2f, want %.1f", f.Tested.Metrics.Lift_10, least["lift"])
			}
		}
	}
	w := train("--refits", refits, "--window", window).Walk
	t.Log(w.Frozen.line("last fifth, logistic, trained once"))
	t.Log(w.Rolling.line("last fifth, logistic, " + refits + " refits"))
	if w.Rolling.Metrics.AUC < w.Frozen.Metrics.AUC-0.05 {
		t.Errorf("refits rank worse (%.3f) than a model trained once (%.3f)", w.Rolling.Metrics.AUC, w.Frozen.Metrics.AUC)
	}

	told := askShipped(t, "intent-scorer", append([]string{"fit", "score", "--product", bankProduct}, data...)...).fine(t)
	if !strings.Contains(told.out, fmt.Sprintf("%d accounts scored", len(b.rows))) {
		t.Errorf("scoring says\n%s", told.out)
	}
}

func TestBadFitRequestsAreToldInOneLine(t *testing.T) {
	split := file(t, "split.csv", "account_id,split\nA,nowhere\n")
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"a model of another kind":  {[]string{"train", "--product", "Azure", "--model", "oracle"}, "oracle"},
		"a day that is none":       {[]string{"train", "--product", "Azure", "--as-of", "soon"}, `--as-of "soon"`},
		"a direction that is none": {[]string{"train", "--product", "Azure", "--model", "gbdt", "--monotone", "employees=3"}, "employees=3"},
		"a direction for logistic": {[]string{"train", "--product", "Azure", "--monotone", "employees=1"}, "only gbdt"},
		"a split that is damaged":  {[]string{"train", "--product", "Azure", "--split", split}, "line 2"},
		"a split that is absent":   {[]string{"train", "--product", "Azure", "--split", split + "x"}, "no such file"},
		"too many bins":            {[]string{"train", "--product", "Azure", "--bins", "999"}, "--bins 999"},
		"a time that is none":      {[]string{"score", "--product", "Azure", "--known-by", "noon"}, `--known-by "noon"`},
	} {
		t.Run(name, func(t *testing.T) {
			ask(t, "", "intent-scorer", append([]string{"fit"}, c.args...)...).refused(t, "intent-scorer", 2, c.says)
		})
	}
	data := []string{"--data-dir", filepath.Join(t.TempDir(), "data")}
	askApart(t, nil, "intent-scorer", append([]string{"fit", "train", "--product", "Azure"}, data...)...).refused(t, "intent-scorer", 2, "no accounts are known")
	askApart(t, nil, "intent-scorer", append([]string{"fit", "score", "--product", "Azure"}, data...)...).refused(t, "intent-scorer", 2, "no fit model")
}
