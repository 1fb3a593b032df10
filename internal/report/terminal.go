package report

import (
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"telltale/internal/fit"
	"telltale/internal/intent"
	"telltale/internal/intent/matrix"
)

// Width is the widest line of the terminal's report, in columns.
const Width = 100

// TerminalSignals is how many signals the terminal's report shows behind each account.
const TerminalSignals = 3

// WriteTerminal writes the report for a terminal of 100 columns or more; color adds the clusters' colours.
func (rep Report) WriteTerminal(w io.Writer, color bool) error {
	var b strings.Builder
	run := rep.Run
	fmt.Fprintf(&b, "%s\n", clip(fmt.Sprintf("Propensity for %s: %s accounts, %d products, %s signals used", run.Month.Start().Format("January 2006"),
		thousands(run.Accounts), len(rep.Products), thousands(run.Signals)), Width))
	fmt.Fprintf(&b, "%s\n\n", clip(fmt.Sprintf("as of %s, known by %s; a page was read of %s accounts (%s)", moment(run.AsOf), moment(run.KnownBy),
		thousands(run.Covered), percent(run.Covered, run.Accounts)), Width))
	rep.terminalMatrix(&b, color)
	rep.terminalProducts(&b)
	rep.terminalSegments(&b)
	rep.terminalAccounts(&b)
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

func style() table.Style {
	s := table.StyleLight
	s.Format.Header = text.FormatDefault
	return s
}

func (rep Report) terminalMatrix(b *strings.Builder, color bool) {
	b.WriteString("Each account once, by its best product (the first cell in the order A1 … D4)\n")
	t := table.NewWriter()
	t.SetStyle(style())
	t.AppendHeader(table.Row{"fit ↓  intent →", fit.High, fit.Medium, fit.Low, fit.VeryLow})
	for r, f := range fit.Ratings() {
		row := table.Row{string(f)}
		for c, i := range fit.Ratings() {
			cell, cluster := rep.Matrix.Place(f, i)
			s := fmt.Sprintf("%s %7s", cell, thousands(rep.Best.Counts[r][c]))
			if color {
				s = clusterColor(cluster).Sprint(s)
			}
			row = append(row, s)
		}
		t.AppendRow(row)
	}
	b.WriteString(t.Render() + "\n")
	var parts []string
	for i, c := range clusterNames() {
		parts = append(parts, fmt.Sprintf("%s %s", c, thousands(rep.best(i))))
	}
	fmt.Fprintf(b, "%s\nUnknown: no evidence or no fit score for any product; not judged.\n\n", strings.Join(parts, " · "))
}

func clusterColor(cluster string) text.Colors {
	switch cluster {
	case matrix.ActNow:
		return text.Colors{text.FgGreen, text.Bold}
	case matrix.Evaluate:
		return text.Colors{text.FgCyan}
	case matrix.Nurture:
		return text.Colors{text.FgYellow}
	}
	return text.Colors{text.FgHiBlack}
}

func (rep Report) terminalProducts(b *strings.Builder) {
	b.WriteString("By product\n")
	t := table.NewWriter()
	t.SetStyle(style())
	header := table.Row{"product"}
	for _, c := range clusterNames() {
		header = append(header, c)
	}
	t.AppendHeader(header)
	for _, g := range rep.Products {
		row := table.Row{clip(g.Product, 30)}
		for _, c := range clusterNames() {
			row = append(row, thousands(g.Cluster(rep.Matrix.For(g.Product), c)))
		}
		t.AppendRow(row)
	}
	t.SetColumnConfigs(rightAligned(6))
	b.WriteString(t.Render() + "\n\n")
}

func (rep Report) terminalSegments(b *strings.Builder) {
	b.WriteString("Customers by segment (cluster of the best product)\n")
	t := table.NewWriter()
	t.SetStyle(style())
	header := table.Row{"segment", "accounts"}
	for _, c := range clusterNames() {
		header = append(header, c)
	}
	t.AppendHeader(header)
	for _, s := range rep.Segments {
		row := table.Row{clip(s.Name, 30), thousands(s.Accounts)}
		for _, n := range s.Clusters {
			row = append(row, thousands(n))
		}
		t.AppendRow(row)
	}
	t.SetColumnConfigs(rightAligned(7))
	b.WriteString(t.Render() + "\n\n")
}

// rightAligned aligns columns 2 to last.
func rightAligned(last int) []table.ColumnConfig {
	var out []table.ColumnConfig
	for n := 2; n <= last; n++ {
		out = append(out, table.ColumnConfig{Number: n, Align: text.AlignRight})
	}
	return out
}

func (rep Report) terminalAccounts(b *strings.Builder) {
	if len(rep.ActNow) == 0 {
		b.WriteString("No account is in Act Now this month.\n")
		return
	}
	fmt.Fprintf(b, "The best %d accounts of Act Now, and why\n", len(rep.ActNow))
	for n, a := range rep.ActNow {
		head := fmt.Sprintf("%2d. %s (%s) · %s · %s · fit %s, intent %s · %s", n+1, clip(a.AccountName, 32), clip(a.Domain, 28), a.Product, a.Cell,
			score(a.FitScore), score(a.IntentScore), strings.ReplaceAll(a.Motion, "_", " "))
		b.WriteString(clip(head, Width) + "\n")
		for i, s := range a.Signals {
			if i == TerminalSignals {
				break
			}
			b.WriteString(clip(fmt.Sprintf("      %s, %s, %s", intent.DriverWords(s.Driver), s.ObservedAt.UTC().Format(time.DateOnly), s.Source), Width) + "\n")
			b.WriteString(clip("        "+oneLine(s.URL), Width) + "\n")
			b.WriteString(clip("        “"+oneLine(s.Span), Width-1) + "”\n")
		}
	}
}

// oneLine makes foreign text safe for a terminal: no control characters, no line ends, no bidirectional overrides.
func oneLine(s string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case r < ' ' || r >= 0x7f && r < 0xa0:
			return ' '
		case r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x200e || r == 0x200f || r == 0xfeff:
			return -1
		}
		return r
	}, s)), " ")
}

// clip cuts a line to a width in columns, with an ellipsis where it was longer. Leading space stays.
func clip(s string, width int) string {
	lead := len(s) - len(strings.TrimLeft(s, " "))
	s = s[:lead] + oneLine(s[lead:])
	if text.StringWidthWithoutEscSequences(s) <= width {
		return s
	}
	return strings.TrimRight(text.Trim(s, width-1), " ") + "…"
}

func score(x *float64) string {
	if x == nil {
		return "–"
	}
	return fmt.Sprintf("%.0f", *x)
}

func percent(n, of int64) string {
	switch share := 100 * float64(n) / float64(of); {
	case of == 0:
		return "–"
	case n > 0 && share < 0.5:
		return "< 1 %"
	case n < of && share >= 99.5:
		return "> 99 %"
	}
	return fmt.Sprintf("%.0f %%", 100*float64(n)/float64(of))
}

func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// thousands writes 1234567 as 1,234,567.
func thousands(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// link gives a URL that may be followed: http or https with a host, and nothing else.
func link(raw string) (string, bool) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", false
	}
	return u.String(), true
}
