package scoring

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"
)

// Shards number the ranges of domains within each partition of signal_rows; accounts that lie in no single one have shards of their own from
// spreadFrom on (accounts.sql).
const (
	partitions = 16
	maxRanges  = 64
	spreadFrom = 60_000
)

// span is a run of neighbouring shards that are done together.
type span struct {
	number, first, last int64
	reads               scope
	// low and high bound its domains; empty means not.
	low, high string
}

// shardSize is how many accounts a shard has.
type shardSize struct{ shard, accounts int64 }

// spans joins neighbouring shards until a span has its accounts: one for a small run.
func (r *run) spans(ctx context.Context) ([]span, error) {
	text, err := r.sql.text("sizes", scope{})
	if err != nil {
		return nil, err
	}
	var sizes []shardSize
	err = r.deps.DB.Each(ctx, text, r.args, func(into func(dest ...any) error) error {
		var s shardSize
		err := into(&s.shard, &s.accounts)
		sizes = append(sizes, s)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("sizes: %w", err)
	}
	if r.sum.Accounts <= r.spanSize() {
		return []span{{last: math.MaxUint16, reads: r.reads.of("true", false)}}, nil
	}
	return r.joined(sizes, r.parts.Ranges), nil
}

// spanSize is how many accounts a span has at most: few large spans would leave workers idle in the end. It must not depend on how many workers there are, as
// what is usual of a product is taken from the first span.
func (r *run) spanSize() int64 {
	return max(1, r.cfg.ShardAbove/4, min(r.cfg.ShardAbove, r.sum.Accounts/8))
}

// joined makes spans of shards in their order: of one kind, and where partitions are parted into ranges, of one partition.
func (r *run) joined(sizes []shardSize, bounds []string) (out []span) {
	ranges := int64(len(bounds)) + 1
	size := r.spanSize()
	part := func(shard int64) int64 {
		switch {
		case shard >= spreadFrom:
			return -1
		case ranges > 1:
			return shard / ranges
		}
		return 0
	}
	var held int64
	for _, s := range sizes {
		if n := len(out); n > 0 && held+s.accounts <= size && part(out[n-1].last) == part(s.shard) {
			out[n-1].last, held = s.shard, held+s.accounts
			continue
		}
		out, held = append(out, span{number: int64(len(out)), first: s.shard, last: s.shard}), s.accounts
	}
	for i := range out {
		out[i].bound(r.reads, bounds)
	}
	return out
}

// bound says which signals a span reads: whole partitions, or a range of domains in one, or what its accounts own wherever it is.
func (s *span) bound(reads scope, bounds []string) {
	if s.first >= spreadFrom {
		s.reads = reads.of("true", true)
		return
	}
	ranges := int64(len(bounds)) + 1
	prune := within(s.first/ranges, s.last/ranges)
	if at := s.first % ranges; at > 0 {
		s.low, prune = bounds[at-1], prune+" AND domain >= base64Decode({from_domain:String})"
	}
	if at := s.last % ranges; at < ranges-1 {
		s.high, prune = bounds[at], prune+" AND domain < base64Decode({to_domain:String})"
	}
	s.reads = reads.of(prune, false)
}

// within is the condition that a domain lies in one of the partitions from first to last. Listed: of a range the engine prunes no partition but those
// below it, and would read the rest through and throw it away.
func within(first, last int64) string {
	numbers := make([]string, 0, partitions)
	for p := first; p <= last; p++ {
		numbers = append(numbers, strconv.FormatInt(p, 10))
	}
	return fmt.Sprintf("sipHash64(domain) %% %d IN (%s)", partitions, strings.Join(numbers, ", "))
}

// of is the scope with a condition on what is read.
func (s scope) of(prune string, narrow bool) scope {
	s.Prune, s.Narrow = prune, narrow
	return s
}

// parameters say to a statement which span it is about.
func (s *span) parameters() []any {
	return []any{"span", fmt.Sprint(s.number), "first", fmt.Sprint(s.first), "last", fmt.Sprint(s.last), "from_domain", plain(s.low), "to_domain", plain(s.high)}
}

// eachSpan does something for every span, several spans at a time: a statement of one span is too short for more than one thread.
func (r *run) eachSpan(ctx context.Context, spans []span, do func(context.Context, *span) error) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(r.cfg.Workers)
	for i := range spans {
		g.Go(func() error {
			if err := do(ctx, &spans[i]); err != nil {
				return fmt.Errorf("span %d of %d: %w", spans[i].number+1, len(spans), err)
			}
			return nil
		})
	}
	return g.Wait()
}
