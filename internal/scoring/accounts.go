package scoring

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"telltale/internal/intent"
	"telltale/internal/intent/evidence"
)

// account is one of a span, by its number in the run.
type account struct {
	number uint32
	evidence.Account
}

// members reads the accounts of a span in order of their numbers, without signals.
func (r *run) members(ctx context.Context, s *span) (accounts []account, err error) {
	err = r.read(ctx, "members", scope{}, s.parameters(), func(into func(dest ...any) error) error {
		var number, age uint32
		var product uint8
		var firstRead time.Time
		if err := into(&number, &firstRead, &product, &age); err != nil {
			return err
		}
		if len(accounts) == 0 || accounts[len(accounts)-1].number != number {
			a := account{number: number}
			if firstRead.Unix() > 0 {
				a.FirstRead = firstRead
			}
			accounts = append(accounts, a)
		}
		if product > 0 {
			a := &accounts[len(accounts)-1]
			a.Bought = append(a.Bought, evidence.Purchase{Product: int(product) - 1, Days: int64(age) - 1})
		}
		return nil
	})
	return accounts, err
}

// eachAccount reads the signals of a span and hands over its accounts that have any, one after the other; what is handed over holds until take returns.
func (r *run) eachAccount(ctx context.Context, s *span, accounts []account, take func(*account) error) error {
	ended := intent.Day(r.sum.AsOf)
	var signals []evidence.Signal
	current := uint32(0)
	next := 0
	hand := func() error {
		if len(signals) == 0 {
			return nil
		}
		for next < len(accounts) && accounts[next].number != current {
			next++
		}
		if next == len(accounts) {
			return fmt.Errorf("signals of account %d came out of order, or are of none of the span's", current)
		}
		a := accounts[next]
		a.Signals = signals
		signals = signals[:0]
		return take(&a)
	}
	err := r.read(ctx, "evidence", s.reads, s.parameters(), func(into func(dest ...any) error) error {
		var number uint32
		var subject uint16
		var id uuid.UUID
		signal := evidence.Signal{}
		if err := into(&number, &subject, &id, &signal.Value, &signal.Observed, &signal.Family); err != nil {
			return err
		}
		if number != current {
			if err := hand(); err != nil {
				return err
			}
			current = number
		}
		signal.Subject, signal.ID, signal.Age = int(subject)-1, id, ended-intent.Day(time.UnixMilli(signal.Observed))
		signals = append(signals, signal)
		return nil
	})
	if err != nil {
		return err
	}
	return hand()
}
