// Package fitting trains fit models from what the store knows and scores accounts by them, quarterly. The store is read by the
// statements in sql/; what is learned and how it is judged is the look-alike's affair (fit/lookalike). Nothing is written before a
// training or a scoring is whole in memory.
package fitting

import (
	"bytes"
	"context"
	"embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"text/template"
	"time"

	"telltale/internal/fit"
	"telltale/internal/fit/lookalike"
)

// The coarse errors; those of training data are the look-alike's.
var (
	// ErrNoModel reports a product without a champion, or a version that is not stored.
	ErrNoModel = errors.New("no fit model")
	// ErrNoAccounts reports that there is nothing to score.
	ErrNoAccounts = errors.New("no accounts are known")
	// ErrRequest reports a request that cannot be met, such as an unknown kind of labels.
	ErrRequest = errors.New("fit request")
)

// DB is the store as fit needs it. Parameters are bound to {name:Type} in the statement, as text.
type DB interface {
	// Each calls scan for every row of a result, with a function that fills the row's columns.
	Each(ctx context.Context, query string, args map[string]any, scan func(into func(dest ...any) error) error) error
}

// Registry keeps models and who is champion.
type Registry interface {
	// RegisterModel stores a model once; a version that is there stays as it is.
	RegisterModel(ctx context.Context, product, version, content, metrics string, at time.Time) error
	// Promote makes a model the champion of its product, from a time on.
	Promote(ctx context.Context, product, version, why string, at time.Time) error
}

// Deps are what a Fitter works with.
type Deps struct {
	DB       DB
	Registry Registry
	// Publish stores the fit scores that fill writes, those that are new or differ, known since a time, and returns how many: readers see all of them
	// or none.
	Publish func(ctx context.Context, known time.Time, fill func(write func([]fit.Score) error) error) (int, error)
	Log     *slog.Logger
	// Now is the product's clock; it defaults to time.Now.
	Now func() time.Time
}

// Fitter trains and scores. Its methods are safe for concurrent use.
type Fitter struct {
	deps Deps
	sql  *template.Template
}

//go:embed sql/*.sql
var sqlFiles embed.FS

// New checks that everything is there; nothing is read or written before Train or Score.
func New(deps Deps) (*Fitter, error) {
	if deps.DB == nil || deps.Registry == nil || deps.Publish == nil {
		return nil, errors.New("fit: a store is required")
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	if deps.Now == nil {
		deps.Now = time.Now
	}
	all, err := template.New("sql").Option("missingkey=error").ParseFS(sqlFiles, "sql/*.sql")
	if err != nil {
		return nil, fmt.Errorf("fit: parse statements: %w", err)
	}
	return &Fitter{deps: deps, sql: all}, nil
}

// question is what the statements are asked with.
type question struct {
	product string
	// until is the first day that counts no more, knownBy up to when knowledge counts.
	until, knownBy time.Time
	// examples says which rows: customers, opportunities or everyone.
	examples string
	// keep is how many of a million unlabelled accounts are read.
	keep int64
	// technologies are the names that have a feature.
	technologies  []string
	shard, shards int64
}

func (q *question) args() map[string]any {
	return map[string]any{
		"product": plain(q.product), "until": q.until.Format(time.DateOnly), "known_by": stamp(q.knownBy), "keep": fmt.Sprint(q.keep),
		"owned_days": fmt.Sprint(ownedDays), "technologies": packed(q.technologies), "most": fmt.Sprint(mostTechnologies),
		"shard": fmt.Sprint(q.shard), "shards": fmt.Sprint(max(q.shards, 1)), "version": "",
	}
}

// scope narrows a statement: which rows are asked for, and whether their technologies are.
type scope struct {
	Examples     string
	Technologies bool
}

// each runs a statement; the templates are fixed and tested, values travel as parameters.
func (f *Fitter) each(ctx context.Context, name string, q *question, scan func(into func(dest ...any) error) error, more ...string) error {
	var b bytes.Buffer
	if err := f.sql.ExecuteTemplate(&b, name+".sql", scope{q.examples, len(q.technologies) > 0}); err != nil {
		return fmt.Errorf("statement %s: %w", name, err)
	}
	args := q.args()
	for i := 0; i+1 < len(more); i += 2 {
		args[more[i]] = more[i+1]
	}
	if err := f.deps.DB.Each(ctx, strings.TrimSpace(b.String()), args, scan); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// question starts one as of a day; zero means today.
func (f *Fitter) question(product string, asOf, knownBy time.Time) (*question, error) {
	now := f.deps.Now().UTC().Truncate(time.Millisecond)
	if asOf.IsZero() {
		asOf = now
	}
	if knownBy.IsZero() {
		knownBy = now
	}
	if product == "" {
		return nil, fmt.Errorf("%w: no product is given", ErrRequest)
	}
	if asOf.After(now) {
		return nil, fmt.Errorf("%w: %s lies in the future", ErrRequest, asOf.Format(time.DateOnly))
	}
	day := time.Date(asOf.Year(), asOf.Month(), asOf.Day(), 0, 0, 0, 0, time.UTC)
	return &question{product: product, until: day.AddDate(0, 0, 1), knownBy: knownBy.UTC(), keep: million}, nil
}

// asOf is the last day that counts.
func (q *question) asOf() time.Time { return q.until.AddDate(0, 0, -1) }

// model reads a stored model: the champion, where no version is named. It is nil where there is none.
func (f *Fitter) model(ctx context.Context, q *question, version string) (*lookalike.Model, error) {
	var found *lookalike.Model
	err := f.each(ctx, "champion", q, func(into func(dest ...any) error) error {
		var name, content string
		if err := into(&name, &content); err != nil {
			return err
		}
		m, err := lookalike.Read(strings.NewReader(content))
		found = m
		return err
	}, "version", version)
	return found, err
}

// packed writes a value as JSON in base64: parameters are read with escapes that differ by protocol, and base64 has none.
func packed(v []string) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic("fit: " + err.Error()) // strings only
	}
	return base64.StdEncoding.EncodeToString(text)
}

func plain(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// stamp writes a time as the store reads it.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.000") }
