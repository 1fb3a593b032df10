package learn

import (
	"math"

	"telltale/internal/fit/ridge"
	"telltale/internal/intent"
)

// learned writes a weight with its cap, which moves with it.
func learned(w *intent.Weight, logits float64) intent.Weight {
	out := *w
	limit := scale(w)
	out.Points = thousandths(logits)
	out.CapPoints = 0
	if limit > 0 {
		out.CapPoints = min(int64(math.RoundToEven(limit*math.Abs(float64(out.Points)))), maxPoints)
	}
	return out
}

// priors pull every weight to where it is. Statements about the product and events have known signs, and so has a purchase of late; breadth and surges never
// speak against a product; what a technology says may turn.
func (d *Data) priors(pull float64) []ridge.Prior {
	out := make([]ridge.Prior, 0, len(d.Base)+3)
	add := func(w *intent.Weight, sign int8) {
		out = append(out, ridge.Prior{Towards: float64(w.Points) / 1000, L2: pull, Sign: sign})
	}
	for k := range d.Base {
		if w := &d.Base[k]; w.Kind == intent.KindTechnology {
			add(w, 0)
		} else {
			add(w, sign(w.Points))
		}
	}
	add(&d.Breadth, 1)
	if d.Surge != nil {
		add(d.Surge, 1)
	}
	if d.Bought != nil {
		add(d.Bought, sign(d.Bought.Points))
	}
	return out
}

func sign(points int64) int8 {
	switch {
	case points > 0:
		return 1
	case points < 0:
		return -1
	}
	return 0
}

func thousandths(logit float64) int64 {
	return min(max(int64(math.RoundToEven(1000*logit)), -maxPoints), maxPoints)
}
