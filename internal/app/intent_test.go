package app_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"telltale/internal/intent"
	"telltale/internal/scoring/learning"
	"telltale/internal/store"
)

// spoken fills a store with accounts that say, in each month from December to May, that something hurts or that they evaluate, each at a toss. Of those that
// hurt nearly half win a deal in the middle of the next month, of the others a twelfth.
func spoken(t *testing.T, dir string) {
	t.Helper()
	st, err := store.New(store.Config{DataDir: filepath.Join(dir, "store")})
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	}()
	if err := st.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	const months = `(SELECT number % 500 AS n, toDate('2025-12-01') + INTERVAL intDiv(number, 500) MONTH AS month, cityHash64(n, month) % 2 = 0 AS hurts, cityHash64(n, month, 'e') % 2 = 0 AS looks,
		cityHash64(n, month, 'w') % 100 < if(hurts, 45, 8) AS won FROM numbers(3000))`
	for _, s := range []string{
		"INSERT INTO account_rows (account_id, known_from, name, industry, employees) SELECT concat('A', toString(number)), '2025-11-01 00:00:00', concat('A', toString(number)), 'Retail', 50 FROM numbers(500)",
		"INSERT INTO account_domains SELECT concat('A', toString(number)), concat('a', toString(number), '.example'), '1970-01-01 00:00:00', '2199-01-01 00:00:00', '2025-11-01 00:00:00', 0 FROM numbers(500)",
		"INSERT INTO fit_score_rows SELECT concat('A', toString(number)), 'Azure', '2025-01-01', '2025-11-01 00:00:00', 'imported', true, number % 100, NULL FROM numbers(500)",
		`INSERT INTO signal_rows (domain, kind, name, product, signal_id, strength, confidence, sign, observed_at, detected_at, last_seen, source, url, evidence)
			SELECT concat('a', toString(n), '.example'), 'topic', topic, 'Azure', generateUUIDv4(), 1, 1, 1, month + 20 AS day, day, day, 'blog', concat('https://a', toString(n), '.example/', toString(month)), concat(topic, ' in ', toString(month))
			FROM (SELECT n, month, arrayJoin(arrayFilter(x -> x != '', [if(hurts, 'pain', ''), if(looks, 'evaluation', '')])) AS topic FROM ` + months + `)`,
		`INSERT INTO opportunity_rows (account_id, product, created, ordinal, known_from, closed, outcome, amount, acted_on)
			SELECT concat('A', toString(n)), 'Azure', month + INTERVAL 1 MONTH + 14 AS day, 0, '2026-07-01 00:00:00', day, if(won, 'won', 'lost'), NULL, NULL FROM ` + months,
	} {
		if err := st.Exec(t.Context(), s, nil); err != nil {
			t.Fatalf("%.80s: %v", s, err)
		}
	}
}

func TestWeightsAreTrainedUsedExplainedAndRolledBack(t *testing.T) {
	if raced && os.Getenv("TELLTALE_NIGHTLY") == "" {
		t.Skip("half a year of scoring takes minutes under the race detector: make test runs this without it, make nightly with it")
	}
	dir := filepath.Join(t.TempDir(), "data")
	spoken(t, dir)
	base := []string{"--data-dir", dir, "--as-if", "2026-07-10T12:00:00Z"}
	call := func(args ...string) answer { return ask(t, "", "intent-scorer", append(args, base...)...) }
	told := call("train", "--product", "Azure", "--horizon", "30", "--from", "2025-12").fine(t)
	for _, want := range []string{"held out from 2026-05", "chosen", "before: the weights set by hand", "after: learned", "AUC", "log loss", "pain", "Model learned-2026-05-", "is the champion: better beyond doubt", "whole 95 % interval"} {
		if !strings.Contains(told.out, want) {
			t.Errorf("no %q in\n%s", want, told.out)
		}
	}
	base[3] = "2026-07-10T12:30:00Z" // each program's clock begins when it starts: what was decided is known by now
	var out learning.Outcome
	again := call("train", "--product", "Azure", "--horizon", "30", "--from", "2025-12", "--dry-run", "--json").fine(t)
	if err := json.Unmarshal([]byte(again.out), &out); err != nil || len(out.Reports) != 1 {
		t.Fatalf("%v: %s", err, again.out)
	}
	version := out.Reports[0].Version
	if out.Reports[0].Stored || out.Reports[0].Verdict.Champion != version || !strings.Contains(told.out, version) {
		t.Errorf("the same store gave %s, the champion is %s", version, out.Reports[0].Verdict.Champion)
	}
	base[3] = "2026-07-10T13:00:00Z"
	if told = call("models", "--kind", "intent", "--product", "Azure").fine(t); !strings.Contains(told.out, version) || !strings.Contains(told.out, "champion") {
		t.Errorf("models\n%s", told.out)
	}
	if told = call("run", "--month", "2026-06").fine(t); !strings.Contains(told.out, "weights "+intent.Default().Version+"-trained-") {
		t.Errorf("run told %s", told.out)
	}
	_, id, _ := strings.Cut(told.out, "weights ")
	id, _, _ = strings.Cut(id, ",")
	if told = call("explain", "--account", "A1", "--product", "Azure", "--month", "2026-06").fine(t); !strings.Contains(told.out, "%, calibrated") {
		t.Errorf("explain told\n%s", told.out)
	}
	call("models", "promote", "--kind", "intent", "--product", "Azure", "--model-version", version).refused(t, "intent-scorer", 2, "champion already")
	told = call("models", "rollback", "--kind", "intent", "--product", "Azure").fine(t)
	if !strings.Contains(told.out, "The weights set by hand hold for Azure again") || !strings.Contains(told.out, "intent-scorer run") {
		t.Errorf("rollback told %s", told.out)
	}
	base[3] = "2026-07-10T14:00:00Z"
	if told = call("run", "--month", "2026-06").fine(t); strings.Contains(told.out, "trained") {
		t.Errorf("rolled back, run told %s", told.out)
	}
	for _, replay := range [][]string{{"--known-by", "2026-07-10T12:45:00Z"}, {"--weights", id}} {
		if told = call(append([]string{"run", "--month", "2026-06"}, replay...)...).fine(t); !strings.Contains(told.out, "weights "+id+",") {
			t.Errorf("replay by %v told %s, want weights %s", replay, told.out, id)
		}
	}
	mine := file(t, "weights.yaml", "version: mine\nproducts: [Azure]\nweights:\n  - {kind: topic, name: pain, points: 700}\n")
	if told = call("run", "--month", "2026-06", "--weights", mine).fine(t); !strings.Contains(told.out, "weights mine-") {
		t.Errorf("run told %s", told.out)
	}
	call("run", "--month", "2026-06", "--weights", "none").refused(t, "intent-scorer", 2, "--weights none", "no such file")
	call("run", "--month", "2026-06", "--weights", file(t, "bad.yaml", "version: x\ncolour: red\n")).refused(t, "intent-scorer", 2, "bad.yaml", "colour")
}

func TestTrainingThatCannotBeIsRefusedInOneLine(t *testing.T) {
	base := []string{"--data-dir", filepath.Join(t.TempDir(), "data"), "--as-if", "2026-07-10T12:00:00Z"}
	call := func(args ...string) answer {
		return ask(t, "", "intent-scorer", append(append([]string{"train"}, args...), base...)...)
	}
	call().refused(t, "intent-scorer", 2, "train", "import accounts first")
	call("--product", "Teleportation").refused(t, "intent-scorer", 2, `"Teleportation"`, "unknown product")
	call("--horizon", "0").refused(t, "intent-scorer", 2, "--horizon 0")
	call("--from", "2026-13").refused(t, "intent-scorer", 2, "--from")
	call("--from", "2026-05", "--to", "2026-01").refused(t, "intent-scorer", 2, "--from 2026-05 lies after --to 2026-01")
}
