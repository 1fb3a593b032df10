package imports_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"telltale/internal/imports"
)

// book keeps what a ledger was told.
type book []imports.Entry

func (b *book) note(_ context.Context, e imports.Entry) error {
	*b = append(*b, e)
	return nil
}

// says puts an entry in a line.
func says(e *imports.Entry) string {
	return fmt.Sprintf("%s %s %s, partial %v, read %d, written %d, rejected %d, ended %v, %s", e.Kind, e.File, e.State, e.Partial, e.Read, e.Written, e.Rejected, !e.FinishedAt.IsZero(), e.Error)
}

func fitRows(n int) string {
	var b strings.Builder
	b.WriteString("account_id,product,score\n")
	for i := range n {
		fmt.Fprintf(&b, "A%06d,Azure,%d\n", i, i%101)
	}
	return b.String()
}

var errDisk = errors.New("the disk is full")

// failing is a sink that takes so many calls and fails then.
func failing(calls int) imports.Sink[imports.FitScore] {
	return func(_ context.Context, rows []imports.FitScore, _ time.Time) (int, error) {
		if calls--; calls < 0 {
			return 0, errDisk
		}
		return len(rows), nil
	}
}

func TestTheLedgerSaysHowAnImportWent(t *testing.T) {
	fit := func(sink imports.Sink[imports.FitScore]) imports.Sinks { return imports.Sinks{Fit: sink} }
	const watch = "sources:\n  - {name: Wire, url: 'https://wire.example/rss', kind: press}\n"
	for _, c := range []struct {
		name, file, text string
		kind             imports.Kind
		sinks            imports.Sinks
		onError          imports.OnError
		want             []string
	}{
		{"a file", "fit.csv", fitRows(3), imports.Fit, fit(failing(1)), imports.Fail, []string{
			"fit fit.csv running, partial true, read 0, written 0, rejected 0, ended false, ",
			"fit fit.csv done, partial false, read 3, written 3, rejected 0, ended true, "}},
		{"a file of several batches", "fit.csv", fitRows(50_000), imports.Fit, fit(failing(3)), imports.Fail, []string{
			"fit fit.csv running, partial true, read 0, written 0, rejected 0, ended false, ",
			"fit fit.csv running, partial true, read 50000, written 20000, rejected 0, ended false, ",
			"fit fit.csv done, partial false, read 50000, written 50000, rejected 0, ended true, "}},
		{"a file with a bad row that is set aside", "fit.csv", fitRows(3) + "B,Azure,high\n", imports.Fit, fit(failing(1)), imports.Skip, []string{
			"fit fit.csv running, partial true, read 0, written 0, rejected 0, ended false, ",
			"fit fit.csv done, partial false, read 4, written 3, rejected 1, ended true, "}},
		{"a file with a bad row", "fit.csv", fitRows(3) + "B,Azure,high\n", imports.Fit, fit(failing(1)), imports.Fail, []string{
			"fit fit.csv running, partial true, read 0, written 0, rejected 0, ended false, ",
			`fit fit.csv failed, partial false, read 4, written 0, rejected 1, ended true, fit.csv:5: score: "high" is no number (such as 1234.5) (nothing was imported)`}},
		{"a store that fails in mid-file", "fit.csv", fitRows(50_000), imports.Fit, fit(failing(1)), imports.Fail, []string{
			"fit fit.csv running, partial true, read 0, written 0, rejected 0, ended false, ",
			"fit fit.csv running, partial true, read 50000, written 20000, rejected 0, ended false, ",
			"fit fit.csv failed, partial true, read 50000, written 20000, rejected 0, ended true, the disk is full"}},
		{"a store that fails at once: what it did of the batch nobody knows", "fit.csv", fitRows(3), imports.Fit, fit(failing(0)), imports.Fail, []string{
			"fit fit.csv running, partial true, read 0, written 0, rejected 0, ended false, ",
			"fit fit.csv failed, partial true, read 3, written 0, rejected 0, ended true, the disk is full"}},
		{"a watch list", "watch.yaml", watch, imports.Watch, (&shelf{}).sinks(), imports.Fail, []string{
			"watch watch.yaml running, partial true, read 0, written 0, rejected 0, ended false, ",
			"watch watch.yaml done, partial false, read 1, written 1, rejected 0, ended true, "}},
		{"a watch list that is stored by half", "watch.yaml", watch, imports.Watch, imports.Sinks{Watch: func(context.Context, []imports.WatchSource, time.Time) (int, error) { return 0, errDisk }}, imports.Fail, []string{
			"watch watch.yaml running, partial true, read 0, written 0, rejected 0, ended false, ",
			"watch watch.yaml failed, partial true, read 1, written 0, rejected 0, ended true, the disk is full"}},
		{"a watch list that is none", "watch.yaml", "sources: 1\n", imports.Watch, (&shelf{}).sinks(), imports.Fail, []string{
			"watch watch.yaml running, partial true, read 0, written 0, rejected 0, ended false, ",
			"watch watch.yaml failed, partial false, read 0, written 0, rejected 0, ended true, watch.yaml:1: sources: want a list of sources"}},
		{"a name with control characters", "fit\x1b[2J.csv", fitRows(3), imports.Fit, fit(failing(1)), imports.Fail, []string{
			"fit fit [2J.csv running, partial true, read 0, written 0, rejected 0, ended false, ",
			"fit fit [2J.csv done, partial false, read 3, written 3, rejected 0, ended true, "}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var told book
			_, _ = ledgered(t, c.sinks, told.note).Import(t.Context(), c.kind, file(t, c.file, c.text), imports.Options{OnError: c.onError})
			var got []string
			for i := range told {
				got = append(got, says(&told[i]))
				if e := &told[i]; e.ID == "" || e.ID != told[0].ID || !e.StartedAt.Equal(now) || time.Since(e.BeganAt) > time.Hour {
					t.Errorf("entry %d: %+v", i, e)
				}
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// ledgered is an importer that keeps a ledger.
func ledgered(t *testing.T, sinks imports.Sinks, ledger imports.Ledger) *imports.Importer {
	t.Helper()
	im, err := imports.New(imports.Deps{Sinks: sinks, Ledger: ledger, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	return im
}

func TestNoRowIsKnownBeforeTheLedgerIs(t *testing.T) {
	clock, noted := now, now
	tick := func() time.Time { clock = clock.Add(time.Millisecond); return clock }
	sinks := imports.Sinks{Fit: func(_ context.Context, rows []imports.FitScore, known time.Time) (int, error) {
		if !known.After(noted) {
			t.Errorf("rows are known from %s, the import was noted at %s", known, noted)
		}
		return len(rows), nil
	}}
	im, err := imports.New(imports.Deps{Sinks: sinks, Now: tick, Ledger: func(_ context.Context, e imports.Entry) error {
		if noted = tick(); !e.StartedAt.Before(noted) {
			t.Errorf("an import that began at %s was noted at %s", e.StartedAt, noted)
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := im.Import(t.Context(), imports.Fit, file(t, "fit.csv", fitRows(3)), imports.Options{}); err != nil {
		t.Error(err)
	}
	// What is said to be known earlier counts earlier.
	var told book
	early := now.AddDate(0, -6, 0)
	if _, err := ledgered(t, imports.Sinks{Fit: failing(1)}, told.note).Import(t.Context(), imports.Fit, file(t, "fit.csv", fitRows(3)), imports.Options{KnownFrom: early}); err != nil || !told[0].StartedAt.Equal(early) {
		t.Errorf("%+v, %v", told, err)
	}
}

func TestAnImportThatCannotBeNotedIsNone(t *testing.T) {
	for _, c := range []struct {
		name   string
		fails  string
		says   string
		stored int
	}{
		{"its beginning", "running", "fit.csv: the disk is full", 0},
		{"its end", "done", "fit.csv: all rows are stored, but that could not be noted; import it again: the disk is full", 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &shelf{}
			im := ledgered(t, s.sinks(), func(_ context.Context, e imports.Entry) error {
				if e.State == c.fails {
					return errDisk
				}
				return nil
			})
			_, err := im.Import(t.Context(), imports.Fit, file(t, "fit.csv", fitRows(3)), imports.Options{})
			if !errors.Is(err, errDisk) || errors.Is(err, imports.ErrInput) || !strings.HasSuffix(err.Error(), c.says) || len(s.fit) != c.stored {
				t.Errorf("%v, and %d rows are stored; want %s", err, len(s.fit), c.says)
			}
		})
	}
}

func TestAnImportThatIsStoppedInMidFileIsNotedAsFailed(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	var told book
	sink := func(_ context.Context, rows []imports.FitScore, _ time.Time) (int, error) {
		stop()
		return len(rows), nil
	}
	ledger := func(ctx context.Context, e imports.Entry) error { return errors.Join(ctx.Err(), told.note(ctx, e)) }
	_, err := ledgered(t, imports.Sinks{Fit: sink}, ledger).Import(ctx, imports.Fit, file(t, "fit.csv", fitRows(50_000)), imports.Options{})
	last := &told[len(told)-1]
	if !errors.Is(err, context.Canceled) || says(last) != "fit fit.csv failed, partial true, read 50000, written 20000, rejected 0, ended true, context canceled" {
		t.Errorf("%v; %s", err, says(last))
	}
}

func TestALongImportSaysNowAndThenHowFarItIs(t *testing.T) {
	path := file(t, "fit.csv", fitRows(120_000))
	synctest.Test(t, func(t *testing.T) {
		var told book
		sink := func(_ context.Context, rows []imports.FitScore, _ time.Time) (int, error) {
			<-time.After(3 * time.Second)
			return len(rows), nil
		}
		if _, err := ledgered(t, imports.Sinks{Fit: sink}, told.note).Import(t.Context(), imports.Fit, path, imports.Options{}); err != nil {
			t.Fatal(err)
		}
		var written []int
		for i := range told {
			written = append(written, told[i].Written)
		}
		if d := cmp.Diff([]int{0, 20_000, 60_000, 100_000, 120_000}, written); d != "" {
			t.Error(d)
		}
	})
}

func TestWhatAShellPassesInHasNoName(t *testing.T) {
	var told book
	_, err := ledgered(t, (&shelf{}).sinks(), told.note).Import(t.Context(), imports.Fit, "/dev/null", imports.Options{})
	if err == nil || told[0].File != "-" || told[1].Error != "-: the file is empty" {
		t.Errorf("%v, %+v", err, told)
	}
}
