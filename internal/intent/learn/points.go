package learn

import (
	"math"

	"telltale/internal/fit/ridge"
	"telltale/internal/intent"
)

// decayed is what a signal counts at its age; a half-life of 0 is none.
func decayed(s *Signal, halfLife float64) float64 {
	if halfLife <= 0 {
		return s.Value
	}
	return s.Value * math.Exp2(-float64(s.AgeDays)/halfLife)
}

// scale is how many weights a driver saturates at: its cap over its points; 0 means never.
func scale(w *intent.Weight) float64 {
	if w.CapPoints == 0 || w.Points == 0 {
		return 0
	}
	return math.Abs(float64(w.CapPoints) / float64(w.Points))
}

// saturated bounds evidence as the scorer bounds points: the cap moves with the weight, so that the score is linear in the weight.
func saturated(sum, limit float64) float64 {
	if limit == 0 {
		return sum
	}
	return math.Copysign(limit*(1-math.Exp(-math.Abs(sum)/limit)), sum)
}

// halfLife of a driver: what does not fade does not learn to.
func halfLife(w *intent.Weight, chosen float64) float64 {
	if w.HalfLifeDays == 0 {
		return 0
	}
	return chosen
}

// signalPoints are a signal's, in whole thousandths of a logit.
func signalPoints(w *intent.Weight, s *Signal) int64 {
	return int64(math.RoundToEven(float64(w.Points) * decayed(s, w.HalfLifeDays)))
}

// features are a row's evidence by driver, then its breadth, its surge and its purchase. The set is the present one at the half-life tried: what is
// favourable is so by the present weights.
func (s *Set) features(r *Row, prior intent.SurgePrior) ridge.Row {
	sums, families := map[int32]float64{}, map[uint8]bool{}
	out := ridge.Row{Won: r.Won}
	for i := range r.Signals {
		g := &r.Signals[i]
		w := &s.Base[g.Driver]
		if _, known := sums[g.Driver]; !known {
			out.At = append(out.At, g.Driver)
		}
		sums[g.Driver] += decayed(g, w.HalfLifeDays)
		if g.Value*float64(w.Points) > 0 {
			families[g.Family] = true
		}
	}
	for _, k := range out.At {
		out.Value = append(out.Value, saturated(sums[k], scale(&s.Base[k])))
	}
	at := int32(len(s.Base))
	add := func(x float64) {
		if x != 0 {
			out.At, out.Value = append(out.At, at), append(out.Value, x)
		}
		at++
	}
	more := max(float64(len(families)-1), 0)
	if limit := scale(&s.Breadth); limit > 0 {
		more = min(more, limit)
	}
	add(more)
	if s.Surge != nil {
		add(s.surge(r, prior))
	}
	if s.Bought != nil {
		add(s.bought(r))
	}
	return out
}

// Points are the scores of all rows by some weights. See points.
func (d *Data) Points(s *Set) []int64 {
	out, priors := make([]int64, len(d.Rows)), d.surgePriors(s, 0, d.Months)
	for i := range d.Rows {
		out[i] = s.points(&d.Rows[i], priors[d.Rows[i].Month])
	}
	return out
}

// points is the score of a row, in whole thousandths of a logit, added up exactly as the scorer does.
func (s *Set) points(r *Row, prior intent.SurgePrior) int64 {
	raw, families := map[int32]int64{}, map[uint8]bool{}
	for i := range r.Signals {
		g := &r.Signals[i]
		x := signalPoints(&s.Base[g.Driver], g)
		raw[g.Driver] += x
		if x > 0 {
			families[g.Family] = true
		}
	}
	sum := s.Rate.Points
	for k, x := range raw {
		sum += intent.Saturate(x, s.Base[k].CapPoints)
	}
	more := s.Breadth.Points * max(int64(len(families))-1, 0)
	if s.Breadth.CapPoints > 0 {
		more = min(more, s.Breadth.CapPoints)
	}
	sum += more
	if s.Surge != nil {
		sum += s.Surge.SurgePoints(s.surge(r, prior))
	}
	if s.Bought != nil && r.Bought > 0 {
		sum += s.Bought.BoughtPoints(int64(r.Bought) - 1)
	}
	return sum
}
