package scoring

import (
	"fmt"

	"telltale/internal/fit"
	"telltale/internal/intent/matrix"
)

// placing adds what turns scores into ratings, cells and clusters: the matrix's, and, of products that have their own, theirs. A pair of ratings
// is named "fit|intent", of such a product "product|fit|intent".
func placing(args map[string]any, m *matrix.Matrix) {
	var pairs, cells, clusters []string
	var highs, mediums, lows []float64
	add := func(prefix string, m matrix.Matrix) {
		for _, f := range fit.Ratings() {
			for _, i := range fit.Ratings() {
				cell, cluster := m.Place(f, i)
				pairs, cells, clusters = append(pairs, prefix+string(f)+"|"+string(i)), append(cells, cell), append(clusters, cluster)
			}
		}
	}
	add("", *m)
	own := m.Own()
	for _, product := range own {
		p := m.For(product)
		add(product+"|", p)
		highs, mediums, lows = append(highs, p.Bands.High), append(mediums, p.Bands.Medium), append(lows, p.Bands.Low)
	}
	args["high"], args["medium"], args["low"] = fmt.Sprint(m.Bands.High), fmt.Sprint(m.Bands.Medium), fmt.Sprint(m.Bands.Low)
	args["pairs"], args["cells"], args["clusters"] = packed(pairs), packed(cells), packed(clusters)
	args["own"], args["own_products"] = fmt.Sprint(len(own) > 0), packed(own)
	args["own_high"], args["own_medium"], args["own_low"] = packed(highs), packed(mediums), packed(lows)
}
