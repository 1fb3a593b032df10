// Package registry lists the models, promotes challengers by a rule and rolls champions back. Nothing of the past is rewritten: every decision is a row
// with its reason.
package registry

import (
	"context"
	"embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"telltale/internal/fit/lookalike"
)

// Rule is the rule by which a challenger is promoted by hand, as it is printed.
const Rule = "A challenger is promoted where, on the rows that it and the champion of today were compared on and neither had seen, its log loss is lower and its lift at 10 % no lower; --force promotes it all the same."

// familyIntent names the models of intent.
const familyIntent = "intent"

// The coarse errors of the registry; messages name the model.
var (
	// ErrNoModel reports a version that is not stored, or that there is no champion to go back to.
	ErrNoModel = errors.New("no such model")
	// ErrRefused reports a challenger that the rule does not let pass.
	ErrRefused = errors.New("not promoted")
)

// DB is the store as the registry reads it. Parameters are bound to {name:Type} in the statement, as text.
type DB interface {
	// Each calls scan for every row of a result, with a function that fills the row's columns.
	Each(ctx context.Context, query string, args map[string]any, scan func(into func(dest ...any) error) error) error
}

// Decider keeps decisions on models.
type Decider interface {
	// Decide makes a model champion, challenger or retired from a time on.
	Decide(ctx context.Context, family, product, version, state, why string, at time.Time) error
}

// Registry lists and decides. Its methods are safe for concurrent use.
type Registry struct {
	db      DB
	decider Decider
	now     func() time.Time
}

// New makes a registry over a store; now is the product's clock.
func New(db DB, decider Decider, now func() time.Time) *Registry { return &Registry{db, decider, now} }

//go:embed sql/*.sql
var sqlFiles embed.FS

// Model is one registered model.
type Model struct {
	// Kind is fit, intent, matrix, segments or calendar; Product is empty for all.
	Kind    string    `json:"kind"`
	Product string    `json:"product,omitempty"`
	Version string    `json:"version"`
	Created time.Time `json:"created_at"`
	// State is champion, challenger or retired, Why the reason of the last decision.
	State string `json:"state"`
	Why   string `json:"why,omitempty"`
	// Decided is when that was; zero where nothing was decided on it.
	Decided time.Time `json:"decided_at,omitzero"`
	// Measured is what its training found; nil for weights and matrices that were set by hand.
	Measured *Measured `json:"measured,omitempty"`
}

// Measured is what a training kept with its model.
type Measured struct {
	Labels    string            `json:"labels"`
	Algorithm string            `json:"kind"`
	AsOf      string            `json:"as_of"`
	Rows      int               `json:"rows"`
	Positives int               `json:"positives"`
	Tested    lookalike.Judged  `json:"tested"`
	Verdict   lookalike.Verdict `json:"verdict"`
}

// each runs one of the fixed statements.
func (r *Registry) each(ctx context.Context, name, kind, product string, scan func(into func(dest ...any) error) error) error {
	text, err := sqlFiles.ReadFile("sql/" + name + ".sql")
	if err == nil {
		args := map[string]any{"kind": kind, "product": base64.StdEncoding.EncodeToString([]byte(product))}
		err = r.db.Each(ctx, strings.TrimSpace(string(text)), args, scan)
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	return nil
}

// Models lists the models of a kind and product; empty means all.
func (r *Registry) Models(ctx context.Context, kind, product string) (out []Model, err error) {
	err = r.each(ctx, "models", kind, product, func(into func(dest ...any) error) error {
		var m Model
		var metrics string
		if err := into(&m.Kind, &m.Product, &m.Version, &m.Created, &m.State, &m.Why, &metrics, &m.Decided); err != nil {
			return err
		}
		if m.Decided.Unix() == 0 {
			m.Decided = time.Time{}
		}
		if metrics != "" {
			m.Measured = &Measured{}
			if err := json.Unmarshal([]byte(metrics), m.Measured); err != nil {
				return fmt.Errorf("measures of model %s: %w", m.Version, err)
			}
		}
		out = append(out, m)
		return nil
	})
	return out, err
}

// champions lists who was made champion and not retired, latest first.
func (r *Registry) champions(ctx context.Context, kind, product string) (out []string, err error) {
	err = r.each(ctx, "champions", kind, product, func(into func(dest ...any) error) error {
		var version string
		err := into(&version)
		out = append(out, version)
		return err
	})
	return out, err
}

// Promote makes a challenger the champion where the rule lets it, or force does; it returns why. Errors wrap ErrNoModel or ErrRefused where the
// request is at fault; nothing is decided then.
func (r *Registry) Promote(ctx context.Context, kind, product, version string, force bool) (why string, err error) {
	what := fmt.Sprintf("promote the %s model %s of %q", kind, version, product)
	models, err := r.Models(ctx, kind, product)
	if err != nil {
		return "", fmt.Errorf("%s: %w", what, err)
	}
	var found *Model
	for i := range models {
		if models[i].Version == version {
			found = &models[i]
		}
	}
	if found == nil {
		return "", fmt.Errorf("%s: %w: see intent-scorer models", what, ErrNoModel)
	}
	held, err := r.champions(ctx, kind, product)
	if err != nil {
		return "", fmt.Errorf("%s: %w", what, err)
	}
	why, err = found.passes(held)
	switch {
	case err != nil && !force:
		return "", fmt.Errorf("%s: %w; --force promotes it all the same", what, err)
	case err != nil:
		why = "forced by hand, though " + strings.TrimPrefix(err.Error(), ErrRefused.Error()+": ")
	}
	if err := r.decider.Decide(ctx, kind, product, version, "champion", why, r.at()); err != nil {
		return "", fmt.Errorf("%s: %w", what, err)
	}
	return why, nil
}

// passes says why the rule lets a model pass, given the champions, latest first. Errors wrap ErrRefused.
func (m *Model) passes(held []string) (why string, err error) {
	refuse := func(format string, args ...any) (string, error) {
		return "", fmt.Errorf("%w: %s", ErrRefused, fmt.Sprintf(format, args...))
	}
	compared := m.Measured != nil && m.Measured.Verdict.Mine != nil && m.Measured.Verdict.Other != nil
	switch {
	case len(held) == 0 && (m.Kind != familyIntent || !compared):
		return "by hand: there was no champion", nil
	case len(held) == 0: // the weights set by hand are in use, and it was compared with them
		held = []string{""}
	case held[0] == m.Version:
		return refuse("it is the champion already")
	}
	switch {
	case !compared:
		return refuse("it was never compared with a champion on rows that neither had seen: train it again")
	case m.Measured.Verdict.Champion != held[0]:
		return refuse("it was compared with %s, and the champion is %s now: train it again", named(m.Measured.Verdict.Champion), named(held[0]))
	}
	mine, other := m.Measured.Verdict.Mine.Metrics, m.Measured.Verdict.Other.Metrics
	switch {
	case mine.LogLoss == 0 || other.LogLoss == 0:
		return refuse("its log loss was not measured when it was trained: train it again")
	case mine.LogLoss >= other.LogLoss:
		return refuse("its log loss of %.4f on %d rows is not below the champion's %.4f", mine.LogLoss, mine.Cases, other.LogLoss)
	case mine.Lift < other.Lift:
		return refuse("its lift at 10 %% of %.2f on %d rows is below the champion's %.2f", mine.Lift, mine.Cases, other.Lift)
	}
	return fmt.Sprintf("by hand: log loss %.4f against %.4f, lift at 10 %% %.2f against %.2f, on %d rows", mine.LogLoss, other.LogLoss, mine.Lift, other.Lift, mine.Cases), nil
}

// named tells weights set by hand, which are in use where there is no champion.
func named(version string) string {
	if version == "" {
		return "none"
	}
	return version
}

// Rollback retires the champion and makes the one before it champion again; it returns both. Before the first champion of intent the weights set by hand
// were in use: they are gone back to, and to is empty. Errors wrap ErrNoModel where there is none to go back to.
func (r *Registry) Rollback(ctx context.Context, kind, product, why string) (from, to string, err error) {
	what := fmt.Sprintf("roll back the %s model of %q", kind, product)
	held, err := r.champions(ctx, kind, product)
	switch {
	case err != nil:
		return "", "", fmt.Errorf("%s: %w", what, err)
	case len(held) == 0:
		return "", "", fmt.Errorf("%s: %w: there is no champion", what, ErrNoModel)
	case len(held) == 1 && kind != familyIntent:
		return "", "", fmt.Errorf("%s: %w: %s is the only champion that there was", what, ErrNoModel, held[0])
	}
	reason := "rolled back from " + held[0]
	if why != "" {
		reason += ": " + why
	}
	if len(held) == 1 {
		held = append(held, "")
	} else if err := r.decider.Decide(ctx, kind, product, held[1], "champion", reason, r.at()); err != nil { // first: there is never none between the two
		return "", "", fmt.Errorf("%s: %w", what, err)
	}
	if err := r.decider.Decide(ctx, kind, product, held[0], "retired", reason, r.at()); err != nil {
		return "", "", fmt.Errorf("%s: %w", what, err)
	}
	return held[0], held[1], nil
}

func (r *Registry) at() time.Time { return r.now().UTC().Truncate(time.Millisecond) }
