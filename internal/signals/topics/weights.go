package topics

import (
	"slices"
	"time"
)

// defaultHalfLife is used for names the taxonomy does not hold.
const defaultHalfLife = 90

// ProductNames lists the products in the taxonomy's order.
func (t *Taxonomy) ProductNames() []string {
	out := make([]string, 0, len(t.Products))
	for _, p := range t.Products {
		out = append(out, p.Name)
	}
	return out
}

// TopicNames lists the topics, sorted.
func (t *Taxonomy) TopicNames() []string {
	out := make([]string, 0, len(t.Topics))
	for _, x := range t.Topics {
		out = append(out, x.Name)
	}
	slices.Sort(out)
	return out
}

// Topic returns the topic of that name.
func (t *Taxonomy) Topic(name string) (Topic, bool) {
	i := slices.IndexFunc(t.Topics, func(x Topic) bool { return x.Name == name })
	if i < 0 {
		return Topic{}, false
	}
	return t.Topics[i], true
}

// TopicWeight is what an undoubted, fresh topic signal is worth for a product, in points; negative where it
// speaks against the product; 0 for an unknown topic.
func (t *Taxonomy) TopicWeight(topic, product string) float64 {
	x, ok := t.Topic(topic)
	if !ok {
		return 0
	}
	w := x.Weight
	if o, ok := x.Products[product]; ok {
		w = o
	}
	return w * float64(x.Sign)
}

// EventWeight is what a fresh event is worth for a product, in points.
func (t *Taxonomy) EventWeight(event, product string) float64 {
	i := slices.IndexFunc(t.Events, func(x Event) bool { return x.Name == event })
	if i < 0 {
		return 0
	}
	return t.Events[i].All + t.Events[i].Products[product]
}

// TechnologyRelations says what owning a technology means for each product it touches; nil for none.
func (t *Taxonomy) TechnologyRelations(technology string) []Relation {
	i := slices.IndexFunc(t.Technologies, func(x Technology) bool { return x.Name == technology })
	if i < 0 {
		return nil
	}
	return t.Technologies[i].Relations
}

// TechnologyWeight is what owning a technology is worth for a product, in points.
func (t *Taxonomy) TechnologyWeight(technology, product string) float64 {
	w := 0.0
	for _, r := range t.TechnologyRelations(technology) {
		if r.Product == product {
			w += r.Weight
		}
	}
	return w
}

// TopicHalfLife is the time after which a topic's signal counts half.
func (t *Taxonomy) TopicHalfLife(topic string) time.Duration {
	if x, ok := t.Topic(topic); ok {
		return days(x.HalfLifeDays)
	}
	return days(defaultHalfLife)
}

// EventHalfLife is the time after which an event's signal counts half.
func (t *Taxonomy) EventHalfLife(event string) time.Duration {
	for _, x := range t.Events {
		if x.Name == event && x.HalfLifeDays > 0 {
			return days(x.HalfLifeDays)
		}
	}
	return days(defaultHalfLife)
}

func days(d float64) time.Duration { return time.Duration(d * 24 * float64(time.Hour)) }
