package scoring

import (
	"context"
	"encoding/json"
	"fmt"

	"golang.org/x/sync/errgroup"
)

// A run parts domains into slices of about as many as a span has accounts, and accounts into larger ones.
const (
	maxDomainSlices  = 512
	maxAccountSlices = 255 // accounts.sql numbers 2^24 accounts a slice
	slicesOfShards   = 12
)

// plan says how a run parts what it does, by bounds in ascending order: a slice ends where the next begins.
type plan struct {
	// Domains and Accounts are bounds of slices, Ranges those of the ranges of domains within each partition of signals, which shards number.
	Domains  []string `json:"domains"`
	Accounts []string `json:"accounts"`
	Ranges   []string `json:"ranges"`
}

// plan parts what is known. A run that goes on where another died does so by its plan.
func (r *run) plan(ctx context.Context) error {
	p := &r.parts
	if len(r.heir.done) > 0 {
		*p = r.heir.plan
	} else if err := r.part(ctx, p); err != nil {
		return err
	}
	r.done.mu.Lock()
	defer r.done.mu.Unlock()
	r.done.bounds = packed(p)
	return nil
}

func (r *run) part(ctx context.Context, p *plan) error {
	var known int64
	if err := r.one(ctx, "known", nil, &known); err != nil {
		return err
	}
	n := 1 + known/r.cfg.ShardAbove
	var err error
	if p.Domains, err = r.bounds(ctx, "domain_bounds", min(n, maxDomainSlices), known); err != nil {
		return err
	}
	if p.Accounts, err = r.bounds(ctx, "account_bounds", min(1+known/r.cfg.SliceAbove, maxAccountSlices), known); err != nil {
		return err
	}
	p.Ranges = thin(p.Domains, min(1+known/(partitions*r.cfg.ShardAbove), maxRanges))
	return nil
}

// bounds part what a statement samples into slices.
func (r *run) bounds(ctx context.Context, statement string, slices, known int64) (bounds []string, err error) {
	if slices <= 1 {
		return []string{}, nil
	}
	every := max(1, min(32, known/(slices*64)))
	var text string
	if err := r.one(ctx, statement, []any{"slices", fmt.Sprint(slices), "every", fmt.Sprint(every)}, &text); err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(text), &bounds); err != nil {
		return nil, fmt.Errorf("%s: %w", statement, err)
	}
	return bounds, nil
}

// thin leaves so many bounds that they make n slices, or as many as they make.
func thin(bounds []string, n int64) []string {
	out := []string{}
	have := int64(len(bounds)) + 1
	n = min(n, have)
	for i := int64(1); i < n; i++ {
		out = append(out, bounds[have*i/n-1])
	}
	return out
}

// partsOf is how many parts a step has by the plan; 0 where it does not say.
func (p *plan) partsOf(step string) int {
	switch {
	case step == "owners":
		return len(p.owners()) + 1
	case step == "gone":
		return len(p.Domains) + 1
	case partOf(step) == "slice":
		return len(p.Accounts) + 1
	}
	return 0
}

// owners bound the slices of domains whose owners are looked up together.
func (p *plan) owners() []string { return thin(p.Domains, int64(len(p.Accounts))+1) }

// bounds are those of a step.
func (p *plan) bounds(step string) (column string, bounds []string) {
	switch step {
	case "owners":
		return "domain", p.owners()
	case "gone":
		return "domain", p.Domains
	}
	return "account_id", p.Accounts
}

// eachSlice does steps slice by slice, several at a time; a statement of one slice is on one thread.
func (r *run) eachSlice(ctx context.Context, steps ...string) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(r.cfg.Workers)
	for _, step := range steps {
		column, bounds := r.parts.bounds(step)
		for i := range len(bounds) + 1 {
			g.Go(func() error { return r.slice(ctx, step, column, bounds, i) })
		}
	}
	return g.Wait()
}

func (r *run) slice(ctx context.Context, step, column string, bounds []string, i int) error {
	condition, from, to := "true", "", ""
	if i > 0 {
		from, condition = bounds[i-1], condition+" AND "+column+" >= base64Decode({from_slice:String})"
	}
	if i < len(bounds) {
		to, condition = bounds[i], condition+" AND "+column+" < base64Decode({to_slice:String})"
	}
	sc := scope{Slice: condition, Prune: condition} // what went is found by Prune, as for an explanation
	if err := r.exec(ctx, step, sc, "slice", fmt.Sprint(i), "from_slice", plain(from), "to_slice", plain(to), "ranges", packed(r.parts.Ranges)); err != nil {
		return fmt.Errorf("slice %d of %d: %w", i+1, len(bounds)+1, err)
	}
	return nil
}
