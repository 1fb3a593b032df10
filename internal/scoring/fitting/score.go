package fitting

import (
	"context"
	"fmt"
	"slices"
	"time"

	"telltale/internal/fit"
	"telltale/internal/fit/features"
	"telltale/internal/fit/lookalike"
)

const (
	// shardAccounts is how many accounts the store joins at a time.
	shardAccounts = 400_000
	// chunkRows is how many rows are encoded, and written, at a time.
	chunkRows = 20_000
)

// ScoreRequest says what to score.
type ScoreRequest struct {
	Product string
	// AsOf is the last day that counts and the first that the scores hold; zero means today. KnownBy bounds what was known; zero means now.
	AsOf, KnownBy time.Time
	// Version names a model; empty means the champion.
	Version string
}

// ScoreReport is what a scoring came to.
type ScoreReport struct {
	Product   string `json:"product"`
	Version   string `json:"version"`
	ValidFrom string `json:"valid_from"`
	Accounts  int    `json:"accounts"`
	// Written are rows that are new or differ; Imported are accounts whose imported score wins over the computed one.
	Written  int   `json:"written"`
	Imported int64 `json:"imported"`
	// Bands count the accounts by default band, and Mean is the mean probability.
	Bands map[fit.Rating]int `json:"bands"`
	Mean  float64            `json:"mean_probability"`
	Took  time.Duration      `json:"took_ns"`
}

// scored is one account's score before it is ranked.
type scored struct {
	account string
	points  int64
}

// Score scores every account for a product by its champion. The score is the mid-rank of the account's points among all accounts, 0–100,
// so that ties share it; the calibrated probability stands beside it. Errors wrap ErrNoModel, ErrNoAccounts or ErrRequest.
func (f *Fitter) Score(ctx context.Context, req ScoreRequest) (*ScoreReport, error) {
	began := time.Now()
	q, err := f.question(req.Product, req.AsOf, req.KnownBy)
	if err != nil {
		return nil, err
	}
	rep, err := f.score(ctx, &req, q)
	if err != nil {
		return nil, fmt.Errorf("fit score %q: %w", req.Product, err)
	}
	rep.Took = time.Since(began)
	f.deps.Log.Info("fit scored", "product", req.Product, "version", rep.Version, "accounts", rep.Accounts, "written", rep.Written, "took", rep.Took)
	return rep, nil
}

func (f *Fitter) score(ctx context.Context, req *ScoreRequest, q *question) (*ScoreReport, error) {
	m, err := f.model(ctx, q, req.Version)
	if err != nil {
		return nil, err
	}
	if m == nil {
		if req.Version != "" {
			return nil, fmt.Errorf("%w: version %q is not stored", ErrNoModel, req.Version)
		}
		return nil, fmt.Errorf("%w: train one first (fit train)", ErrNoModel)
	}
	all, err := f.everyone(ctx, q, m)
	if err != nil {
		return nil, err
	}
	rep := &ScoreReport{Product: req.Product, Version: m.Version, ValidFrom: q.asOf().Format(time.DateOnly), Accounts: len(all), Bands: map[fit.Rating]int{}}
	if err := f.write(ctx, q, m, all, rep); err != nil {
		return nil, err
	}
	err = f.each(ctx, "imported", q, func(into func(dest ...any) error) error { return into(&rep.Imported) })
	return rep, err
}

// everyone scores all accounts, shard by shard, in a fixed order.
func (f *Fitter) everyone(ctx context.Context, q *question, m *lookalike.Model) ([]scored, error) {
	var accounts int64
	if err := f.each(ctx, "accounts_known", q, func(into func(dest ...any) error) error { return into(&accounts) }); err != nil {
		return nil, err
	}
	if accounts == 0 {
		return nil, fmt.Errorf("%w by %s: import accounts first", ErrNoAccounts, stamp(q.knownBy))
	}
	technologies, products := asked(m)
	q.examples, q.technologies, q.shards = "everyone", technologies, (accounts+shardAccounts-1)/shardAccounts
	all := make([]scored, 0, accounts)
	for q.shard = 0; q.shard < q.shards; q.shard++ {
		c := chunk{model: m, out: &all}
		c.begin()
		var r row
		err := f.each(ctx, "rows", q, func(into func(dest ...any) error) error {
			if err := r.read(into); err != nil {
				return err
			}
			r.fill(c.table, technologies, products)
			c.add(r.account)
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("shard %d of %d: %w", q.shard+1, q.shards, err)
		}
		c.flush()
	}
	return all, nil
}

// chunk collects rows until there are enough to encode.
type chunk struct {
	model    *lookalike.Model
	table    *features.Builder
	accounts []string
	out      *[]scored
}

func (c *chunk) begin() { c.table, c.accounts = features.NewBuilder(), c.accounts[:0] }

func (c *chunk) add(account string) {
	if c.accounts = append(c.accounts, account); len(c.accounts) >= chunkRows {
		c.flush()
		c.begin()
	}
}

func (c *chunk) flush() {
	x := c.model.Encode(c.table.Table())
	for i, p := range c.model.Points(&x) {
		*c.out = append(*c.out, scored{c.accounts[i], p})
	}
}

// write ranks the accounts and stores their scores.
func (f *Fitter) write(ctx context.Context, q *question, m *lookalike.Model, all []scored, rep *ScoreReport) error {
	points := make([]int64, len(all))
	for i, s := range all {
		points[i] = s.points
	}
	ranks := midRanks(points)
	bands := fit.DefaultBands()
	known := f.deps.Now().UTC().Truncate(time.Millisecond)
	n, err := f.deps.Publish(ctx, known, func(write func([]fit.Score) error) error {
		for at := 0; at < len(all); at += chunkRows {
			rows := make([]fit.Score, 0, chunkRows)
			for i := at; i < min(at+chunkRows, len(all)); i++ {
				s := fit.Score{AccountID: all[i].account, Product: q.product, Value: float64(ranks[i]), Probability: m.Probability(all[i].points),
					Model: m.Version, ValidFrom: q.asOf()}
				rep.Bands[bands.Rate(s.Value)]++
				rep.Mean += s.Probability / float64(len(all))
				rows = append(rows, s)
			}
			if err := write(rows); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write scores: %w", err)
	}
	rep.Written = n
	return nil
}

// midRanks gives each score its mid-rank among all, 0–100; ties share one.
func midRanks(points []int64) []float32 {
	sorted := slices.Clone(points)
	slices.Sort(sorted)
	of := map[int64]float32{}
	for i := 0; i < len(sorted); {
		end := i
		for end < len(sorted) && sorted[end] == sorted[i] {
			end++
		}
		of[sorted[i]] = float32(100 * float64(i+end) / (2 * float64(len(sorted))))
		i = end
	}
	out := make([]float32, len(points))
	for i, p := range points {
		out[i] = of[p]
	}
	return out
}
