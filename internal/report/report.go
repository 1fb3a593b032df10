// Package report says what a month came to: the matrix with its counts, customers by segment, the best accounts
// with the signals behind them, and the facts of the run; for a terminal and as one self-contained page.
package report

import (
	"context"
	"errors"
	"time"

	"telltale/internal/fit"
	"telltale/internal/intent"
	"telltale/internal/intent/matrix"
	"telltale/internal/intent/segments"
)

// ErrNotScored reports a month without a published run.
var ErrNotScored = errors.New("no published scores")

// DB is the store as reports need it. Parameters are bound to {name:Type} in the statement, as text.
type DB interface {
	// Each calls scan for every row of a result, with a function that fills the row's columns.
	Each(ctx context.Context, query string, args map[string]any, scan func(into func(dest ...any) error) error) error
}

// BestAccounts is how many Act Now accounts a report shows, and SignalsEach how many signals behind each at most.
const (
	BestAccounts = 10
	SignalsEach  = 6
)

// Report is what a month came to.
type Report struct {
	Run    Run
	Matrix matrix.Matrix
	// Best counts each account once, by its best product: the first cell in the order A1 … D4, then the higher sum of scores.
	Best Grid
	// Products counts accounts for each product.
	Products []Grid
	Segments []Segment
	// ActNow are the best accounts of the cluster Act Now, each with its best product.
	ActNow []Account
}

// Run holds the facts of the scoring run.
type Run struct {
	ID                               string
	Month                            intent.Month
	AsOf, KnownBy, Started, Finished time.Time
	IntentModel, Matrix              string
	Accounts, Signals, Rows          int64
	// Covered counts accounts of which a page was read, Evident those with evidence for a product.
	Covered, Evident int64
	// Freshest is the latest observation that counted; zero where nothing did.
	Freshest time.Time
}

// Grid counts accounts by fit (rows) and intent (columns), each from High to Very Low.
type Grid struct {
	// Product is empty where the grid counts each account once.
	Product string
	Counts  [4][4]int64
	// Unknown counts accounts without a cell: no evidence yet, or no fit score.
	Unknown int64
}

// Total counts the accounts that have a cell.
func (g Grid) Total() (n int64) {
	for _, row := range g.Counts {
		for _, c := range row {
			n += c
		}
	}
	return n
}

// Most is the largest count of a cell.
func (g Grid) Most() (n int64) {
	for _, row := range g.Counts {
		for _, c := range row {
			n = max(n, c)
		}
	}
	return n
}

// Cluster counts the accounts of a cluster under a matrix.
func (g Grid) Cluster(m matrix.Matrix, cluster string) (n int64) {
	if cluster == matrix.Unknown {
		return g.Unknown
	}
	for r, f := range fit.Ratings() {
		for c, i := range fit.Ratings() {
			if _, name := m.Place(f, i); name == cluster {
				n += g.Counts[r][c]
			}
		}
	}
	return n
}

// best counts the accounts whose best product stands in the cluster at a place of clusterNames, by that product's own matrix.
func (rep Report) best(cluster int) (n int64) {
	for _, s := range rep.Segments {
		n += s.Clusters[cluster]
	}
	return n
}

func (g *Grid) add(f, i string, n int64) {
	for r, rating := range fit.Ratings() {
		for c, other := range fit.Ratings() {
			if string(rating) == f && string(other) == i {
				g.Counts[r][c] += n
				return
			}
		}
	}
	g.Unknown += n
}

// Segment counts the accounts of a segment by the cluster of their best product.
type Segment struct {
	Name     string
	Accounts int64
	// Clusters are Act Now, Evaluate, Nurture, Educate, Unknown.
	Clusters [5]int64
}

// Account is one of the best, with the signals behind its best product.
type Account struct {
	intent.Propensity
	Signals []Signal
}

// Signal is one signal behind a score, with the driver it is part of.
type Signal struct {
	AccountID, Product string
	// Driver is kind and name; DriverPoints the whole driver's points, in thousandths of a logit.
	Driver       string
	DriverPoints int64
	intent.Evidence
}

// clusterNames are the clusters in order, Unknown last.
func clusterNames() [5]string {
	c := matrix.Clusters()
	return [5]string{c[0], c[1], c[2], c[3], matrix.Unknown}
}

// orderSegments puts segments in their rules' order; names the rules do not know come last.
func orderSegments(found map[string]*Segment) []Segment {
	var out []Segment
	for _, name := range segments.Default().Names() {
		if s, ok := found[name]; ok {
			out = append(out, *s)
			delete(found, name)
		}
	}
	for _, name := range sortedKeys(found) {
		out = append(out, *found[name])
	}
	return out
}

// Facts are the run's facts as pairs of name and value, for a sheet or a list.
func (rep Report) Facts() [][2]string {
	run := rep.Run
	return [][2]string{
		{"Month", run.Month.String()}, {"Run", run.ID}, {"As of", moment(run.AsOf)}, {"Known by", moment(run.KnownBy)},
		{"Finished", moment(run.Finished)}, {"Intent weights", run.IntentModel}, {"Matrix", run.Matrix},
		{"Accounts", thousands(run.Accounts)}, {"Accounts of which a page was read", thousands(run.Covered)},
		{"Accounts with evidence", thousands(run.Evident)}, {"Signals used", thousands(run.Signals)}, {"Rows", thousands(run.Rows)},
	}
}
