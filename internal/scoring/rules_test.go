package scoring_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"telltale/internal/domains"
	"telltale/internal/fit"
	"telltale/internal/intent"
	"telltale/internal/intent/matrix"
	"telltale/internal/intent/segments"
	"telltale/internal/scoring"
)

// crowd brings in accounts with fit and signals drawn from a seed; a third of the accounts own two domains.
func crowd(t testing.TB, b bridge, accounts int) {
	t.Helper()
	rng := rand.New(rand.NewPCG(7, 11))
	var ids, owned, fits, sigs []string
	n := 0
	for i := range accounts {
		id := fmt.Sprintf("acc-%03d", i)
		employees, azure := "NULL", "NULL"
		if rng.IntN(5) > 0 {
			employees = strconv.Itoa(rng.IntN(600))
		}
		if rng.IntN(3) == 0 {
			azure = strconv.Itoa(rng.IntN(20_001))
		}
		ids = append(ids, fmt.Sprintf("('%s','2026-01-01 00:00:00','%s','%s',%s,%s)", id, id, []string{"Retail", "Media", ""}[i%3], employees, azure))
		for d := range 1 + rng.IntN(3)/2 {
			domain := fmt.Sprintf("%s-%d.example", id, d)
			owned = append(owned, fmt.Sprintf("('%s','%s','%s','%s','2026-01-01 00:00:00',%d)", id, domain, epoch, ever, d))
			for range rng.IntN(6) {
				n++
				at := june.End().Add(-time.Duration(rng.IntN(200*24)) * time.Hour).Format("2006-01-02 15:04:05.000")
				kind, name, product := "topic", []string{"migration", "evaluation", "competitor_adopted", "end_of_support"}[rng.IntN(4)], []string{"Azure", "Microsoft 365"}[rng.IntN(2)]
				switch rng.IntN(4) {
				case 0:
					kind, name, product = "event", "funding", ""
				case 1:
					kind, name, product = "technology", "Google Workspace", ""
				}
				sign := 1
				if name == "competitor_adopted" {
					sign = -1
				}
				sigs = append(sigs, fmt.Sprintf("('%s','%s','%s','%s','00000000-0000-8000-8000-%012d',%.2f,%.2f,%d,'%s','%s','%s','%s','https://%s/%d','span %d')",
					domain, kind, name, product, n, rng.Float64(), rng.Float64(), sign, at, at, at, []string{"blog", "feed", "press", "careers", "dns"}[rng.IntN(5)], domain, n, rng.IntN(400)))
			}
		}
		for _, p := range []string{"Azure", "Microsoft 365"} {
			if rng.IntN(4) > 0 {
				fits = append(fits, fmt.Sprintf("('%s','%s','1970-01-01','2026-01-01 00:00:00','imported',true,%.1f,NULL)", id, p, rng.Float64()*100))
			}
		}
	}
	b.Do(t, "INSERT INTO account_rows (account_id, known_from, name, industry, employees, azure_potential_usd) VALUES "+strings.Join(ids, ","),
		"INSERT INTO account_domains VALUES "+strings.Join(owned, ","), "INSERT INTO fit_score_rows VALUES "+strings.Join(fits, ","),
		"INSERT INTO signal_rows (domain, kind, name, product, signal_id, strength, confidence, sign, observed_at, detected_at, last_seen, source, url, evidence) VALUES "+strings.Join(sigs, ","))
}

const everything = "SELECT * EXCEPT (run_id) FROM propensity ORDER BY account_id, product"

// TestTheStoreComputesWhatTheRulesSay holds the SQL to the pure rules, row by row.
func TestTheStoreComputesWhatTheRulesSay(t *testing.T) {
	b := open(t)
	crowd(t, b, 150)
	if _, err := scorer(t, b).Run(t.Context(), june); err != nil {
		t.Fatal(err)
	}
	want := ruleLogits(t, b)
	got := map[string]int64{}
	for _, line := range b.Lines(t, "SELECT account_id, product, logit FROM intent_scores WHERE signals > 0") {
		f := strings.Split(line, "\t")
		l, err := strconv.ParseInt(f[2], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		got[f[0]+"|"+f[1]] = l
	}
	if d := cmp.Diff(want, got); d != "" || len(got) < 100 {
		t.Errorf("%d logits: %s", len(got), d)
	}
	checkRatings(t, b)
	t.Run("and in shards the rows are the same", func(t *testing.T) { shardsAgree(t, b) })
}

// shardsAgree runs the month again in small spans, with partitions parted into ranges.
func shardsAgree(t *testing.T, b bridge) {
	one, oneIntent := b.Lines(t, everything), b.Lines(t, readIntent)
	sharded := scorer(t, b, func(c *scoring.Config, _ *scoring.Deps) { c.ShardAbove, c.SliceAbove = 9, 20 })
	if _, err := sharded.Run(t.Context(), june); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(one, b.Lines(t, everything)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(oneIntent, b.Lines(t, readIntent)); d != "" {
		t.Error(d)
	}
	if n := b.Lines(t, "SELECT count(), uniqExact(signals), min(signals) > 100 FROM scoring_runs"); n[0] != "2\t1\t1" {
		t.Errorf("the two runs used different numbers of signals: %s", n[0])
	}
}

// ruleLogits works out every logit in Go from the signals themselves.
func ruleLogits(t *testing.T, b bridge) map[string]int64 {
	t.Helper()
	type driver struct{ account, product, kind, name string }
	raw, caps := map[driver]int64{}, map[driver]int64{}
	families := map[string]map[string]bool{}
	seen := map[string]bool{}
	rows := weights(t).Rows
	for _, line := range b.Lines(t, `SELECT account_id, product, kind, name, evidence, toFloat64(strength), toFloat64(confidence), sign, toUnixTimestamp64Milli(observed_at), source
		FROM signals WHERE account_id != '' ORDER BY observed_at, signal_id`) {
		f := strings.Split(line, "\t")
		text := f[4]
		if f[2] == "technology" {
			text = ""
		}
		key := strings.Join([]string{f[0], f[1], f[2], f[3], text}, "|")
		if seen[key] {
			continue
		}
		seen[key] = true
		num := func(i int) float64 {
			x, err := strconv.ParseFloat(f[i], 64)
			if err != nil {
				t.Fatal(err)
			}
			return x
		}
		for _, w := range rows {
			if w.Kind != f[2] || w.Name != f[3] || f[2] == "topic" && w.Product != f[1] {
				continue
			}
			points := w.SignalPoints(num(5), num(6), int8(num(7)), time.UnixMilli(int64(num(8))), june.End())
			if points == 0 {
				continue
			}
			d := driver{f[0], w.Product, w.Kind, w.Name}
			raw[d] += points
			caps[d] = w.CapPoints
			key := f[0] + "|" + w.Product
			if families[key] == nil {
				families[key] = map[string]bool{}
			}
			if points > 0 {
				families[key][intent.Family(f[9])] = true
			}
		}
	}
	out := map[string]int64{}
	for d, sum := range raw {
		out[d.account+"|"+d.product] += intent.Saturate(sum, caps[d])
	}
	for key := range out {
		out[key] += -2000 + min(150, 100*int64(max(len(families[key])-1, 0)))
	}
	return out
}

// checkRatings holds percentiles, ratings, cells and segments to the rules.
func checkRatings(t *testing.T, b bridge) {
	t.Helper()
	byProduct := map[string][][]string{}
	for _, line := range b.Lines(t, `SELECT i.product, i.logit, p.intent_score, p.intent_rating, ifNull(toString(p.fit_score), 'NaN'), p.fit_rating, p.cell, p.cluster, p.segment,
		ifNull(toInt64(a.employees), -1), ifNull(a.azure_potential_usd, -1) FROM intent_scores i JOIN propensity p ON p.account_id = i.account_id AND p.product = i.product
		JOIN accounts a ON a.account_id = i.account_id WHERE i.signals > 0`) {
		f := strings.Split(line, "\t")
		byProduct[f[0]] = append(byProduct[f[0]], f)
	}
	m, bands := matrix.Default(), fit.DefaultBands()
	for product, rows := range byProduct {
		var logits []int64
		for _, f := range rows {
			l, _ := strconv.ParseInt(f[1], 10, 64)
			logits = append(logits, l)
		}
		for i, score := range intent.Percentiles(logits) {
			f := rows[i]
			stored, _ := strconv.ParseFloat(f[2], 32)
			fitScore, _ := strconv.ParseFloat(f[4], 64)
			employees, _ := strconv.ParseInt(f[9], 10, 64)
			azure, _ := strconv.ParseFloat(f[10], 64)
			ir, fr := bands.Rate(float64(score)), bands.Rate(fitScore)
			cell, cluster := m.Place(fr, ir)
			segment := segments.Default().Of(domains.Account{Employees: employees, AzurePotentialUSD: azure})
			want := []string{string(ir), string(fr), cell, cluster, segment}
			if float32(stored) != score || !slices.Equal(want, []string{f[3], f[5], f[6], f[7], f[8]}) {
				t.Errorf("%s: %v; want score %v, %v", product, f, score, want)
			}
		}
	}
}
