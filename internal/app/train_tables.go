package app

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/goccy/go-yaml"
	"github.com/jedib0t/go-pretty/v6/table"

	"telltale/internal/signals/events"
	"telltale/internal/signals/learned"
	"telltale/internal/signals/learned/train"
)

// maxClassMap bounds the file of --map, in bytes.
const maxClassMap = 64 << 10

// readClassMap reads which classes of another set hold which events of ours, in the file's order.
func readClassMap(path string) ([]class, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	b, err := io.ReadAll(io.LimitReader(f, maxClassMap+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxClassMap {
		return nil, fmt.Errorf("larger than %d bytes", maxClassMap)
	}
	var rows yaml.MapSlice
	if err := guarded(func() error { return yaml.Unmarshal(b, &rows) }); err != nil {
		return nil, err
	}
	var out []class
	for _, row := range rows {
		c := class{name: fmt.Sprint(row.Key)}
		list, _ := row.Value.([]any)
		for _, x := range list {
			c.events = append(c.events, fmt.Sprint(x))
		}
		if len(c.events) == 0 {
			return nil, fmt.Errorf("class %q: want a list of events", c.name)
		}
		for _, e := range c.events {
			if !slices.Contains(events.Names(), e) {
				return nil, fmt.Errorf("class %q: no event is called %q", c.name, e)
			}
		}
		out = append(out, c)
	}
	if len(out) == 0 {
		return nil, errors.New("holds no class")
	}
	return out, nil
}

// measure cross-validates and prints precision, recall and F1 by class. Of another set it also judges the model compiled
// in, which never saw it.
func (c *TrainEvents) measure(out io.Writer, lexicon *events.Lexicon, examples []train.Example, classes []class, o train.Options) error {
	r, err := train.Cross(examples, classNames(classes), o)
	if errors.Is(err, train.ErrData) {
		return inputf("--data %s: %w", c.Data, err)
	}
	if err != nil {
		return err
	}
	var shipped [][]bool
	if c.Map != "" {
		if shipped, err = askShipped(lexicon, examples, classes); err != nil {
			return err
		}
	}
	fmt.Fprintf(out, "%d sentences, %d folds; no document, group or near-duplicate is on both sides\n", len(examples), o.Folds)
	fmt.Fprintln(out, eventTable(r, shipped))
	if slices.ContainsFunc(examples, func(e train.Example) bool { return e.Modality != "" }) {
		fmt.Fprintln(out, modalityTable(examples, r))
	}
	fmt.Fprintln(out, "in brackets: 95 % intervals, Wilson's for shares, of 400 draws of whole groups for F1")
	return nil
}

// askShipped is, by class and example, what the product says with the model that is compiled in.
func askShipped(lexicon *events.Lexicon, examples []train.Example, classes []class) ([][]bool, error) {
	model, err := learned.Default()
	if err != nil {
		return nil, err
	}
	m, err := events.NewWithOpinion(lexicon, model)
	if err != nil {
		return nil, err
	}
	out := make([][]bool, len(classes))
	for k := range out {
		out[k] = make([]bool, len(examples))
	}
	for i := range examples {
		for k, confidence := range claims(m.Text(examples[i].Text, examples[i].Lang), classes) {
			out[k][i] = confidence > 0
		}
	}
	return out, nil
}

func eventTable(r train.Result, shipped [][]bool) string {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.AppendHeader(table.Row{"class", "examples", "by", "precision", "recall", "F1"})
	who := []string{"rules", "learned", "combined"}
	if shipped != nil {
		who = append(who, "rules with the shipped model")
	}
	macro := make([]float64, len(who))
	for k := range r.Events {
		e := &r.Events[k]
		claims := [][]bool{e.Rules, e.Learned, e.Combined}
		if shipped != nil {
			claims = append(claims, shipped[k])
		}
		for j, claimed := range claims {
			tally := tallyOf(claimed, e.Truth)
			t.AppendRow(scoreRow(e.Class, who[j], tally, train.F1Interval(r.Groups, claimed, e.Truth)))
			macro[j] += tally.F1() / float64(len(r.Events))
		}
		t.AppendSeparator()
	}
	for j := range who {
		t.AppendRow(table.Row{"macro-F1", "", who[j], "", "", rate(macro[j])})
	}
	return t.Render()
}

func modalityTable(examples []train.Example, r train.Result) string {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.AppendHeader(table.Row{"modality", "examples", "by", "precision", "recall", "F1"})
	for _, m := range train.Modalities() {
		var groups []int
		var claimed, truth []bool
		for i := range examples {
			if examples[i].Modality != "" {
				groups = append(groups, r.Groups[i])
				claimed, truth = append(claimed, r.Modality[i] == m), append(truth, examples[i].Modality == m)
			}
		}
		t.AppendRow(scoreRow(m, "learned", tallyOf(claimed, truth), train.F1Interval(groups, claimed, truth)))
	}
	return t.Render()
}

func tallyOf(claimed, truth []bool) train.Tally {
	var t train.Tally
	for i := range truth {
		t.Add(claimed[i], truth[i])
	}
	return t
}

func scoreRow(class, by string, t train.Tally, f1 train.Interval) table.Row {
	with := func(x float64, i train.Interval) string { return fmt.Sprintf("%.2f [%.2f–%.2f]", x, i.Low, i.High) }
	return table.Row{
		class, t.Right + t.Missed, by, with(t.Precision(), train.Wilson(t.Right, t.Right+t.Wrong)),
		with(t.Recall(), train.Wilson(t.Right, t.Right+t.Missed)), with(t.F1(), f1),
	}
}
