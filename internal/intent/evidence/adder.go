package evidence

import (
	"bytes"
	"cmp"
	"math/bits"
	"slices"
	"time"

	"github.com/google/uuid"

	"telltale/internal/intent"
)

// Adder adds up one account after the other. It is for one goroutine.
type Adder struct {
	model    *Model
	products []gathered
	// These serve one subject at a time: what each signal is worth, whether it has counted for a product before, and the order of strength.
	each  []int64
	led   []bool
	order []int
	// named are the ids of all drivers of one account.
	named []uuid.UUID
}

// gathered is what has come together for one product.
type gathered struct {
	sum      Sum
	families uint8
	lately   []uuid.UUID
}

// The places of drivers that are no subject; subjects follow.
const (
	placeBase = iota
	placeBreadth
	placeSurge
	placeBought
	placeSubjects
)

const (
	driverBase    = intent.KindBase + ":" + intent.BaseName
	driverBreadth = intent.KindBreadth + ":" + intent.BreadthName
	driverSurge   = intent.KindSurge + ":" + intent.SurgeName
	driverBought  = intent.KindBought + ":" + intent.BoughtName
)

// New is an Adder by a model, which it does not change.
func New(m *Model) *Adder { return &Adder{model: m, products: make([]gathered, len(m.Products))} }

// Add adds up an account and hands over a sum for each product that a signal counts for, in order of products. A sum and its drivers hold until take returns;
// an error of take ends it.
func (a *Adder) Add(account *Account, take func(*Sum) error) error {
	for i := range a.products {
		g := &a.products[i]
		*g = gathered{sum: Sum{Product: i, Drivers: g.sum.Drivers[:0]}, lately: g.lately[:0]}
	}
	a.named = a.named[:0]
	for signals := account.Signals; len(signals) > 0; {
		n := 1
		for n < len(signals) && signals[n].Subject == signals[0].Subject {
			n++
		}
		a.subject(signals[:n], account.FirstRead)
		signals = signals[n:]
	}
	for i := range a.products {
		g := &a.products[i]
		if g.sum.Signals == 0 {
			continue
		}
		a.situation(g, account)
		g.close()
		if err := take(&g.sum); err != nil {
			return err
		}
	}
	return nil
}

// subject counts the signals of one subject for every product it is worth something for.
func (a *Adder) subject(signals []Signal, firstRead time.Time) {
	place := signals[0].Subject
	subject := &a.model.Subjects[place]
	if !subject.Said {
		firstRead = time.Time{}
	}
	a.led = slices.Grow(a.led[:0], len(signals))[:len(signals)]
	clear(a.led)
	for i := range subject.Worth {
		w := &subject.Worth[i].Weight
		g := &a.products[subject.Worth[i].Product]
		a.each = a.each[:0]
		var raw int64
		n := 0
		for j := range signals {
			x := w.AgedPoints(signals[j].Value, signals[j].Age)
			a.each = append(a.each, x)
			if x == 0 {
				continue
			}
			raw, n = raw+x, n+1
			if !a.led[j] {
				a.led[j] = true
				g.sum.Used++
			}
			g.count(&signals[j], x, intent.SurgeEra(signals[j].Age, firstRead, a.model.AsOf))
		}
		if n > 0 {
			g.sum.Signals += n
			g.sum.Drivers = append(g.sum.Drivers, Driver{subject.Driver, intent.Saturate(raw, w.CapPoints), a.strongest(signals, n), placeSubjects + place})
		}
	}
}

// count takes in one signal that is worth something.
func (g *gathered) count(s *Signal, points int64, era intent.Era) {
	g.sum.Freshest = max(g.sum.Freshest, s.Observed)
	if points < 0 {
		return
	}
	g.families |= s.Family
	switch era {
	case intent.RecentEra:
		g.sum.Recent++
		g.lately = append(g.lately, s.ID)
	case intent.BaselineEra:
		g.sum.Baseline++
	case intent.NoEra:
	}
}

// strongest names the n signals that are worth something, the strongest first; the rest are those of a.each that are 0.
func (a *Adder) strongest(signals []Signal, n int) []uuid.UUID {
	a.order = a.order[:0]
	for i, x := range a.each {
		if x != 0 {
			a.order = append(a.order, i)
		}
	}
	if n > 1 {
		slices.SortFunc(a.order, func(i, j int) int {
			return cmp.Or(cmp.Compare(magnitude(a.each[j]), magnitude(a.each[i])), compareIDs(signals[i].ID, signals[j].ID))
		})
	}
	from := len(a.named)
	for _, i := range a.order[:min(n, Named)] {
		a.named = append(a.named, signals[i].ID)
	}
	return a.named[from:len(a.named):len(a.named)]
}

// situation adds what needs no signal.
func (a *Adder) situation(g *gathered, account *Account) {
	p := &a.model.Products[g.sum.Product]
	g.add(driverBase, placeBase, p.Base.Points, nil)
	g.sum.Sources = bits.OnesCount8(g.families)
	breadth := p.Breadth.Points * int64(max(g.sum.Sources-1, 0))
	if p.Breadth.CapPoints > 0 {
		breadth = min(breadth, p.Breadth.CapPoints)
	}
	g.add(driverBreadth, placeBreadth, breadth, nil)
	if p.Surge.Points != 0 && g.sum.Recent >= intent.SurgeMinimum {
		w := intent.SurgeWindow{Recent: g.sum.Recent, Baseline: g.sum.Baseline}
		w.RecentWeeks, w.BaselineWeeks = intent.SurgeExposure(account.FirstRead, a.model.AsOf)
		slices.SortFunc(g.lately, compareIDs)
		g.add(driverSurge, placeSurge, p.Surge.SurgePoints(intent.SurgeStrength(w, p.Prior)), g.lately[:min(len(g.lately), Named)])
	}
	for _, b := range account.Bought {
		if b.Product == g.sum.Product {
			g.add(driverBought, placeBought, p.Bought.BoughtPoints(b.Days), nil)
		}
	}
}

func (g *gathered) add(name string, place int, points int64, ids []uuid.UUID) {
	if points != 0 {
		g.sum.Drivers = append(g.sum.Drivers, Driver{name, points, ids, place})
	}
}

// close sums the drivers that came to something and puts them in order.
func (g *gathered) close() {
	g.sum.Drivers = slices.DeleteFunc(g.sum.Drivers, func(d Driver) bool { return d.Points == 0 })
	slices.SortFunc(g.sum.Drivers, func(a, b Driver) int {
		if x, y := magnitude(a.Points), magnitude(b.Points); x != y {
			return cmp.Compare(y, x)
		}
		return a.Place - b.Place
	})
	for i := range g.sum.Drivers {
		g.sum.Logit += g.sum.Drivers[i].Points
	}
}

func magnitude(x int64) int64 { return max(x, -x) }

// compareIDs is the order in which ClickHouse keeps UUIDs: by their second half, then by their first.
func compareIDs(a, b uuid.UUID) int {
	return cmp.Or(bytes.Compare(a[8:], b[8:]), bytes.Compare(a[:8], b[:8]))
}
