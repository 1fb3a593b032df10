package lookalike

import (
	"cmp"
	"fmt"
	"slices"

	"telltale/internal/fit/features"
)

// LeakAUC is the AUC above which a single feature is taken for one that was written down after the outcome.
const LeakAUC = 0.9

// calm is how many rows of the average rate are mixed into each level's, so that a rare one says little.
const calm = 5

// leak refuses a feature that ranks the rows almost by itself: known outcomes of every other row rank the rest, and the other way about,
// so that many small levels are not taken for knowledge. Errors wrap ErrLeak and name the feature and its AUC.
func leak(x *features.Matrix, fs []features.Feature, won []uint8) error {
	for f := range fs {
		var all, hit [2][features.MaxLevels]float64
		for i, level := range x.Columns[f] {
			all[i&1][level]++
			hit[i&1][level] += float64(won[i])
		}
		auc := (ranked(&all[0], &hit[0], &all[1], &hit[1]) + ranked(&all[1], &hit[1], &all[0], &hit[0])) / 2
		if auc > LeakAUC {
			return fmt.Errorf("%w: %q alone has an AUC of %.3f (more than %.1f): it was likely written down after the outcome; leave it out with --without %q",
				ErrLeak, fs[f].Name, auc, LeakAUC, fs[f].Name)
		}
	}
	return nil
}

// ranked is the AUC of one half's levels ordered by the rates of the other; 0.5 where a half lacks a class.
func ranked(known, hit, all, won *[features.MaxLevels]float64) float64 {
	rows, hits, wins, total := 0.0, 0.0, 0.0, 0.0
	for l := range known {
		rows, hits, wins, total = rows+known[l], hits+hit[l], wins+won[l], total+all[l]
	}
	if rows == 0 || wins == 0 || wins == total {
		return 0.5
	}
	order := make([]int, features.MaxLevels)
	var rates [features.MaxLevels]float64
	for l := range order {
		order[l], rates[l] = l, (hit[l]+calm*hits/rows)/(known[l]+calm)
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rates[a], rates[b]) })
	below, area := 0.0, 0.0
	for i := 0; i < len(order); {
		w, lost := 0.0, 0.0
		rate := rates[order[i]]
		for ; i < len(order) && rates[order[i]] == rate; i++ {
			w, lost = w+won[order[i]], lost+all[order[i]]-won[order[i]]
		}
		area += w * (below + lost/2)
		below += lost
	}
	return area / (wins * (total - wins))
}
