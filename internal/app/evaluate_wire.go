package app

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/jedib0t/go-pretty/v6/table"

	"telltale/internal/sampleweb"
	"telltale/internal/signals"
	"telltale/internal/store"
)

// attributed is what the store says of one item of the wire.
type attributed struct {
	Verdict signals.Verdict
	Account string
}

// wireTally counts the items of one family: Right and Wrong were attributed to the right or to another account, Held stand in quarantine,
// Missed tell of an account and are nobody's, Left are nobody's rightly.
type wireTally struct {
	Items, Right, Wrong, Held, Missed, Left int
}

func (t *wireTally) add(o wireTally) {
	t.Items, t.Right, t.Wrong, t.Held, t.Missed, t.Left = t.Items+o.Items, t.Right+o.Right, t.Wrong+o.Wrong, t.Held+o.Held, t.Missed+o.Missed, t.Left+o.Left
}

// judgeWire compares what was decided with whom the items tell of, by family; unread are items that no decision speaks of.
func judgeWire(truth []sampleweb.WireTruth, decided map[string]attributed) (families map[string]wireTally, mistakes []string, unread int) {
	families = map[string]wireTally{}
	for _, it := range truth {
		got, ok := decided[placeOf(it.URL)]
		if !ok {
			unread++
			continue
		}
		one := wireTally{Items: 1}
		switch {
		case got.Verdict == signals.Attributed && got.Account == it.AccountID:
			one.Right++
		case got.Verdict == signals.Attributed:
			one.Wrong++
			mistakes = append(mistakes, fmt.Sprintf("wrong: attribution %s %q is %s, not %s: %s", it.Family, it.Title, got.Account, cmp.Or(it.AccountID, "nobody's"), it.URL))
		case got.Verdict == signals.Quarantined:
			one.Held++
		case it.AccountID != "":
			one.Missed++
			mistakes = append(mistakes, fmt.Sprintf("missed: attribution %s %q of %s: %s", it.Family, it.Title, it.AccountID, it.URL))
		default:
			one.Left++
		}
		sum := families[it.Family]
		sum.add(one)
		families[it.Family] = sum
	}
	return families, mistakes, unread
}

// printAttribution says how the store's attributions agree with whom the wire's items tell of.
func printAttribution(ctx context.Context, out io.Writer, st *store.Store, truth sampleweb.Truth, limit int) error {
	decided := map[string]attributed{}
	err := st.Each(ctx, "SELECT url, verdict, account_id FROM attributions", nil, func(into func(dest ...any) error) error {
		var url, verdict, account string
		if err := into(&url, &verdict, &account); err != nil {
			return err
		}
		decided[placeOf(url)] = attributed{signals.Verdict(verdict), account}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the attributions: %w", err)
	}
	families, mistakes, unread := judgeWire(truth.Wire, decided)
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.AppendHeader(table.Row{"wire items that", "items", "right", "wrong", "quarantined", "missed", "nobody's"})
	row := func(name string, x wireTally) table.Row {
		return table.Row{name, x.Items, x.Right, x.Wrong, x.Held, x.Missed, x.Left}
	}
	var all wireTally
	for _, name := range slices.Sorted(maps.Keys(families)) {
		all.add(families[name])
		t.AppendRow(row(name, families[name]))
	}
	t.AppendSeparator()
	t.AppendRow(row("all", all))
	fmt.Fprintln(out, t.Render())
	precision, low := wilson(all.Right, all.Right+all.Wrong)
	recall, _ := wilson(all.Right, all.Right+all.Missed+all.wronglyHeld(truth.Wire, decided))
	fmt.Fprintf(out, "attribution: precision %s (≥ %s with 95 %%), recall %s, quarantine rate %s; %d items were not read\n",
		rate(precision), rate(low), rate(recall), rate(float64(all.Held)/float64(max(1, all.Items))), unread)
	for _, m := range mistakes[:min(len(mistakes), limit)] {
		fmt.Fprintln(out, m)
	}
	return nil
}

// wronglyHeld counts items in quarantine that tell of an account.
func (t *wireTally) wronglyHeld(truth []sampleweb.WireTruth, decided map[string]attributed) (n int) {
	for _, it := range truth {
		if it.AccountID != "" && decided[placeOf(it.URL)].Verdict == signals.Quarantined {
			n++
		}
	}
	return n
}
