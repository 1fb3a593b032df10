// Package evidence adds up what counts for one account, product by product: points that fade, by driver, saturated, with the breadth of independent
// sources, surges and purchases of late. What one signal, purchase or surge is worth is package intent's to say.
package evidence

import (
	"time"

	"github.com/google/uuid"

	"telltale/internal/intent"
)

// Named bounds the signals of one driver that are kept by name; all of them count.
const Named = 500

// Revision is raised whenever other sums come of the same signals: what a run that died had added up by another is not taken over.
const Revision = 1

// Model is weights laid out to be added up as of a time.
type Model struct {
	Subjects []Subject
	Products []Product
	AsOf     time.Time
}

// Subject is something that signals speak of, and what it is worth, in order of products.
type Subject struct {
	// Driver is its name, "topic:migration".
	Driver string
	// Said reports that it is told of at a time, as topics and events are; a technology is there or not.
	Said  bool
	Worth []Worth
}

// Worth is what a subject is worth for one product, by its place in the model.
type Worth struct {
	Product int
	Weight  intent.Weight
}

// Product is what needs no signal of a product. A weight without points counts nothing.
type Product struct {
	Base, Breadth, Surge, Bought intent.Weight
	// Prior is what is known of all accounts' rates, for the surge.
	Prior intent.SurgePrior
}

// Signal is one that counts for an account. Copies of one text are one signal.
type Signal struct {
	// Subject is its place in the model.
	Subject int
	ID      uuid.UUID
	// Value is strength · confidence · sign, −1 to 1.
	Value float64
	// Observed is in milliseconds since 1970, Age in calendar days up to the model's AsOf.
	Observed, Age int64
	// Family is a bit: sources that are not independent of each other have the same.
	Family uint8
}

// Account is what is known of one.
type Account struct {
	// Signals of one subject stand side by side.
	Signals []Signal
	// FirstRead is when a page of it was first read; zero where none was.
	FirstRead time.Time
	// Bought are its latest purchases, a product once.
	Bought []Purchase
}

// Purchase is the latest one of a product, by its place in the model, so many days ago.
type Purchase struct {
	Product int
	Days    int64
}

// Driver is one thing a score is made of, and the signals behind it, strongest first.
type Driver struct {
	Name   string
	Points int64
	IDs    []uuid.UUID
	// Place is 0 for the base rate, 1 for breadth, 2 for a surge, 3 for a purchase; subjects follow in the model's order.
	Place int
}

// Sum is the evidence of an account for one product.
type Sum struct {
	Product int
	// Logit is the sum of the drivers' points, in thousandths.
	Logit int64
	// Signals counts those that count, Used those of them that count for no earlier product, Sources the independent sources of favourable ones.
	Signals, Used, Sources int
	// Freshest is the latest observation that counts, in milliseconds since 1970.
	Freshest int64
	// Recent and Baseline count favourable signals of the two windows of a surge.
	Recent, Baseline int64
	// Drivers stand strongest first, of equal points in order of their places.
	Drivers []Driver
}
