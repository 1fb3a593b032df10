package scoring

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"sync"
	"time"

	"telltale/internal/intent/evidence"
)

// DefaultKeepEvery is how often a run notes what it has done.
const DefaultKeepEvery = time.Second

// keptSteps are the steps whose rows another run may take over, each after those it builds on. The rest is quick, or the end itself.
func keptSteps() [13]string {
	return [...]string{"subjects", "products", "attributions", "owners", "accounts", "gone", "domains", "fit", "holdings", "purchases", "revenue", "evidence", "ranks"}
}

// partOf names the column of a step's rows, and the parameter of its statement, that say which part of the step they are; empty where it has none.
func partOf(step string) string {
	switch step {
	case "evidence":
		return "span"
	case "owners", "accounts", "gone", "domains", "fit", "holdings", "purchases":
		return "slice"
	}
	return ""
}

// about is the scope of a statement about a step.
func about(step string) scope { return scope{Step: step, Part: partOf(step)} }

// finished is a step that is done, or, of steps that are done by spans or slices, one of them.
type finished struct {
	step string
	span int64
}

// ledger is what a run has done and not noted yet.
type ledger struct {
	mu      sync.Mutex
	noted   time.Time
	waiting []finished
	bounds  string
}

// finishing says what a statement finishes; false where nobody could take its rows over.
func finishing(name string, more []any) (finished, bool) {
	steps := keptSteps()
	if !slices.Contains(steps[:], name) {
		return finished{}, false
	}
	f := finished{step: name}
	if part := partOf(name); part != "" {
		text, _ := pair(more, part)
		f.span, _ = strconv.ParseInt(text, 10, 64) // written by a span or slice
	}
	return f, true
}

// pair finds a parameter among pairs.
func pair(more []any, name string) (string, bool) {
	for i := 0; i+1 < len(more); i += 2 {
		if more[i] == name {
			return fmt.Sprint(more[i+1]), true
		}
	}
	return "", false
}

// note remembers a finished step and writes what has gathered, at most once in KeepEvery: what was done since is done again after a kill, and a
// short run writes nothing. A note that cannot be written costs no more than that.
func (r *run) note(ctx context.Context, f finished) {
	l := &r.done
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting = append(l.waiting, f)
	if time.Since(l.noted) < r.cfg.KeepEvery {
		return
	}
	spans := map[string][]int64{}
	for _, w := range l.waiting {
		spans[w.step] = append(spans[w.step], w.span)
	}
	l.waiting, l.noted = nil, time.Now()
	for _, step := range keptSteps() {
		if len(spans[step]) == 0 {
			continue
		}
		if err := r.exec(ctx, "keep", about(step), "asked", r.asked(), "bounds", l.bounds, "spans", packed(spans[step])); err != nil {
			r.deps.Log.Warn("a finished step could not be noted; it is done again if this run dies", "run", r.sum.RunID, "step", step, "error", err)
		}
	}
}

// asked is a hash of all that decides what the benches hold, the two times aside.
func (r *run) asked() string {
	h := sha256.New()
	for _, name := range []string{"month", "weights", "matrix", "products", "segment_names", "segment_employees", "segment_azure", "computed_first"} {
		fmt.Fprintln(h, name, r.args[name])
	}
	fmt.Fprintln(h, evidence.Revision, r.cfg.FiscalYearStart, r.cfg.ShardAbove, r.cfg.SliceAbove, r.cfg.Calendar.Version, r.cfg.Calendar.Releases)
	names, err := fs.Glob(sqlFiles, "sql/*.sql")
	if err != nil {
		panic("scoring: " + err.Error()) // the pattern is fixed
	}
	for _, name := range names {
		text, err := sqlFiles.ReadFile(name)
		if err != nil {
			panic("scoring: " + err.Error()) // embedded
		}
		h.Write(text)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
