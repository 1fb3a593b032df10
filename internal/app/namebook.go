package app

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"telltale/internal/document"
	"telltale/internal/domains"
	"telltale/internal/signals"
	"telltale/internal/signals/attribution"
	"telltale/internal/store"
)

// refreshNames is how often a worker looks whether accounts, domains or corrections have changed.
const refreshNames = 10 * time.Minute

// nameBook matches watch-list pages to the accounts of the store. It is read at the start and again when it has changed; whoever
// matches meanwhile goes on with the book before.
type nameBook struct {
	store   *store.Store
	log     *slog.Logger
	current atomic.Pointer[attribution.Matcher]
	state   string
	every   time.Duration
}

func newNameBook(st *store.Store, log *slog.Logger) *nameBook {
	return &nameBook{store: st, log: log, every: refreshNames}
}

// match implements extract's Attribute; before the first refresh a page speaks of nobody.
func (b *nameBook) match(doc *document.Document) attribution.Result {
	m := b.current.Load()
	if m == nil {
		return attribution.Result{Verdict: signals.Nobody, Origin: signals.ByMatcher}
	}
	return m.Match(doc)
}

// refresh reads the accounts where they differ from those at hand.
func (b *nameBook) refresh(ctx context.Context) error {
	state, err := b.store.NamesState(ctx)
	if err != nil {
		return fmt.Errorf("read the accounts' names: %w", err)
	}
	if b.current.Load() != nil && state == b.state {
		return nil
	}
	began := time.Now()
	builder := attribution.NewBuilder()
	if err := b.store.EachName(ctx, func(a *domains.Account) error { return builder.Add(a) }); err != nil {
		return fmt.Errorf("read the accounts' names: %w", err)
	}
	if err := b.store.EachCorrection(ctx, func(target, account string) error { builder.Correct(target, account); return nil }); err != nil {
		return fmt.Errorf("read the corrections: %w", err)
	}
	m := builder.Build()
	b.current.Store(m)
	b.state = state
	accounts, unnamed, bytes := m.Size()
	b.log.Info("names read", "accounts", accounts, "without_a_name_to_match", unnamed, "bytes", bytes, "took", time.Since(began).Round(time.Millisecond))
	return nil
}

// during runs do, and refreshes until it returns. A refresh that fails is tried again at the next turn.
func (b *nameBook) during(ctx context.Context, do func(context.Context) error) error {
	group, ctx := errgroup.WithContext(ctx)
	ctx, stop := context.WithCancel(ctx)
	group.Go(func() error {
		defer stop()
		return do(ctx)
	})
	group.Go(func() error {
		tick := time.NewTicker(b.every)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-tick.C:
				if err := b.refresh(ctx); err != nil && ctx.Err() == nil {
					b.log.Warn("the accounts' names are those of before", "error", err)
				}
			}
		}
	})
	return group.Wait()
}
