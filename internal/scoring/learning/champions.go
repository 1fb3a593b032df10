package learning

import (
	"context"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"telltale/internal/intent"
)

// ErrNoWeights reports an id that no run has used.
var ErrNoWeights = errors.New("no such weights")

// DB is the store as learning reads it. Parameters are bound to {name:Type} in the statement, as text.
type DB interface {
	// Exec runs a statement without a result.
	Exec(ctx context.Context, query string, args map[string]any) error
	// Each calls scan for every row of a result, with a function that fills the row's columns.
	Each(ctx context.Context, query string, args map[string]any, scan func(into func(dest ...any) error) error) error
}

//go:embed sql/*.sql
var sqlFiles embed.FS

// each runs one of the fixed statements.
func each(ctx context.Context, db DB, name string, args map[string]any, scan func(into func(dest ...any) error) error) error {
	text, err := sqlFiles.ReadFile("sql/" + name + ".sql")
	if err == nil {
		err = db.Each(ctx, strings.TrimSpace(string(text)), args, scan)
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	return nil
}

// Champions are the learned weights that were champions at a time, in order of products.
func Champions(ctx context.Context, db DB, at time.Time) (out []intent.Learned, err error) {
	args := map[string]any{"at": at.UTC().Format("2006-01-02 15:04:05.000")}
	err = each(ctx, db, "champions", args, func(into func(dest ...any) error) error {
		var product, content string
		if err := into(&product, &content); err != nil {
			return err
		}
		l, err := intent.ReadLearned(strings.NewReader(content))
		if err != nil {
			return fmt.Errorf("the champion of %q: %w", product, err)
		}
		out = append(out, l)
		return nil
	})
	return out, err
}

// Weights are the champions of a time laid over weights set by hand, and the last day of the outcomes that any of them has seen; zero where none has.
func Weights(ctx context.Context, db DB, byHand intent.Weights, at time.Time) (w intent.Weights, seenUntil time.Time, err error) {
	champions, err := Champions(ctx, db, at)
	if err != nil {
		return w, seenUntil, err
	}
	for i := range champions {
		seen, err := time.Parse(time.DateOnly, champions[i].SeenUntil)
		if err != nil {
			return w, seenUntil, fmt.Errorf("the champion of %q: %w", champions[i].Product, err)
		}
		if seen.After(seenUntil) {
			seenUntil = seen
		}
	}
	return byHand.With(champions), seenUntil, nil
}

// Stored reads whole weights that a run used, by the id that the run has. Errors wrap ErrNoWeights where there are none.
func Stored(ctx context.Context, db DB, id string) (w intent.Weights, err error) {
	found := false
	err = each(ctx, db, "weights", map[string]any{"id": base64.StdEncoding.EncodeToString([]byte(id))}, func(into func(dest ...any) error) error {
		var content string
		if err := into(&content); err != nil {
			return err
		}
		found = true
		w, err = intent.ReadWeights(strings.NewReader(content))
		return err
	})
	if err == nil && !found {
		err = fmt.Errorf("%w: no run has used %q", ErrNoWeights, id)
	}
	return w, err
}
