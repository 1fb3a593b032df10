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

// features are a row's evidence by driver, and last its breadth, at a half-life.
func (d *Data) features(r *Row, chosen float64) ridge.Row {
	sums, families := map[int32]float64{}, map[uint8]bool{}
	out := ridge.Row{Won: r.Won}
	for i := range r.Signals {
		s := &r.Signals[i]
		w := &d.Base[s.Driver]
		if _, known := sums[s.Driver]; !known {
			out.At = append(out.At, s.Driver)
		}
		sums[s.Driver] += decayed(s, halfLife(w, chosen))
		if s.Value*float64(w.Points) > 0 {
			families[s.Family] = true
		}
	}
	for _, k := range out.At {
		out.Value = append(out.Value, saturated(sums[k], scale(&d.Base[k])))
	}
	if more := float64(len(families) - 1); more > 0 {
		if limit := scale(&d.Breadth); limit > 0 {
			more = min(more, limit)
		}
		out.At, out.Value = append(out.At, int32(len(d.Base))), append(out.Value, more)
	}
	return out
}

// Points is the score of a row by some weights (rows as in Base, then the base rate and breadth), in whole thousandths of a logit, added up exactly as the
// scorer does.
func Points(r *Row, base []intent.Weight, rate, breadth intent.Weight) int64 {
	raw, families := map[int32]int64{}, map[uint8]bool{}
	for i := range r.Signals {
		s := &r.Signals[i]
		w := &base[s.Driver]
		x := int64(math.RoundToEven(float64(w.Points) * decayed(s, w.HalfLifeDays)))
		raw[s.Driver] += x
		if x > 0 {
			families[s.Family] = true
		}
	}
	sum := rate.Points
	for k, x := range raw {
		sum += intent.Saturate(x, base[k].CapPoints)
	}
	more := breadth.Points * max(int64(len(families))-1, 0)
	if breadth.CapPoints > 0 {
		more = min(more, breadth.CapPoints)
	}
	return sum + more
}
