package scoring

import (
	"context"

	"telltale/internal/fit"
	"telltale/internal/intent"
	"telltale/internal/intent/matrix"
)

// placing writes down, product by product, what turns scores into ratings, cells and clusters, and logits into probabilities.
func (r *run) placing(ctx context.Context) error {
	products := r.cfg.Weights.Products()
	return r.step(ctx, "placing", nil, func() error {
		names, values := bandRows(r.sum.RunID, products, &r.cfg.Matrix, r.cfg.Weights.Calibration)
		if err := r.deps.DB.Insert(ctx, "run_bands", names, values); err != nil {
			return err
		}
		names, values = cellRows(r.sum.RunID, products, &r.cfg.Matrix)
		return r.deps.DB.Insert(ctx, "run_cells", names, values)
	})
}

// bandRows are the columns of run_bands; products stand in the order of their numbers.
func bandRows(run string, products []string, m *matrix.Matrix, calibration []intent.Calibration) (names []string, values []any) {
	var runs []string
	var numbers []uint8
	var highs, mediums, lows []float64
	slopes, offsets := make([]float64, len(products)), make([]float64, len(products))
	for i, product := range products {
		own := m.For(product)
		runs, numbers = append(runs, run), append(numbers, uint8(i+1))
		highs, mediums, lows = append(highs, own.Bands.High), append(mediums, own.Bands.Medium), append(lows, own.Bands.Low)
		for _, c := range calibration {
			if c.Product == product {
				slopes[i], offsets[i] = c.Slope, c.Offset
			}
		}
	}
	return []string{"run_id", "number", "product", "high", "medium", "low", "slope", "offset"}, []any{runs, numbers, products, highs, mediums, lows, slopes, offsets}
}

// cellRows are the columns of run_cells.
func cellRows(run string, products []string, m *matrix.Matrix) (names []string, values []any) {
	all := fit.Ratings()
	ratings := append(all[:], fit.Unknown)
	var runs, fits, intents, cells, clusters []string
	var places []uint16
	for i, product := range products {
		own := m.For(product)
		for f, of := range ratings {
			for k, by := range ratings {
				cell, cluster := own.Place(of, by)
				runs, places = append(runs, run), append(places, uint16((i+1)*len(ratings)*len(ratings)+f*len(ratings)+k))
				fits, intents = append(fits, string(of)), append(intents, string(by))
				cells, clusters = append(cells, cell), append(clusters, cluster)
			}
		}
	}
	return []string{"run_id", "place", "fit_rating", "intent_rating", "cell", "cluster"}, []any{runs, places, fits, intents, cells, clusters}
}
