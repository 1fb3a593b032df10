package store

import (
	"math"
	"strconv"
	"time"
)

// Cents is an amount of money in hundredths of a US dollar.
type Cents int64

// CentsOf rounds dollars to cents.
func CentsOf(dollars float64) Cents { return Cents(math.Round(dollars * 100)) }

// Dollars returns the amount in US dollars.
func (c Cents) Dollars() float64 { return float64(c) / 100 }

// decimal writes the amount as ClickHouse's Decimal(18, 2) reads it.
func (c Cents) decimal() string {
	sign, n := "", int64(c)
	if n < 0 {
		sign, n = "-", -n
	}
	frac := strconv.FormatInt(n%100, 10)
	if len(frac) == 1 {
		frac = "0" + frac
	}
	return sign + strconv.FormatInt(n/100, 10) + "." + frac
}

func decimalOrNil(c *int64) *string {
	if c == nil {
		return nil
	}
	s := Cents(*c).decimal()
	return &s
}

// FitScore is one row of fit_scores. Days (ValidFrom and every date below) are midnight UTC.
type FitScore struct {
	AccountID string    `ch:"account_id"`
	Product   string    `ch:"product"`
	ValidFrom time.Time `ch:"valid_from"`
	Model     string    `ch:"model"`
	// Imported marks a score that came from outside: it wins over a computed one.
	Imported bool `ch:"imported"`
	// Score is 0–100.
	Score float32 `ch:"score"`
	// Probability is calibrated; nil for imported scores.
	Probability *float64 `ch:"probability"`
}

// Subscription is one row of subscriptions.
type Subscription struct {
	AccountID   string    `ch:"account_id"`
	Product     string    `ch:"product"`
	SKU         string    `ch:"sku"`
	Start       time.Time `ch:"start"`
	AgreementID string    `ch:"agreement_id"`
	// End is the last day; nil where open.
	End   *time.Time `ch:"end"`
	Seats *uint32    `ch:"seats"`
	// AnnualRevenue is in Cents; nil where not given.
	AnnualRevenue *int64 `ch:"annual_revenue"`
	Program       string `ch:"program"`
}

// Transaction is one row of transactions.
type Transaction struct {
	AccountID string    `ch:"account_id"`
	Product   string    `ch:"product"`
	Date      time.Time `ch:"date"`
	// Amount is in Cents.
	Amount int64 `ch:"amount"`
	// Ordinal counts equal sales of one file from 0; ImportTransactions sets it.
	Ordinal uint32 `ch:"ordinal"`
}

// Opportunity is one row of opportunities.
type Opportunity struct {
	AccountID string    `ch:"account_id"`
	Product   string    `ch:"product"`
	Created   time.Time `ch:"created"`
	// Ordinal counts opportunities of one file with equal account, product and day from 0; ImportOpportunities sets it.
	Ordinal uint32 `ch:"ordinal"`
	// Closed is the day it closed; nil while open.
	Closed *time.Time `ch:"closed"`
	// Outcome is won, lost or open.
	Outcome string `ch:"outcome"`
	// Amount is in Cents; nil where not given.
	Amount  *int64 `ch:"amount"`
	ActedOn *bool  `ch:"acted_on"`
}

// BestCustomer is one row of best_customers.
type BestCustomer struct {
	AccountID string `ch:"account_id"`
	Product   string `ch:"product"`
}

// Licence is one row of licences.
type Licence struct {
	AccountID string `ch:"account_id"`
	// Product carries its version ("SQL Server 2014").
	Product string `ch:"product"`
	// Seen is the day it was seen; the epoch where not given.
	Seen     time.Time `ch:"seen"`
	Quantity uint32    `ch:"quantity"`
}

// Imported counts what an import did.
type Imported struct {
	// Rows were given, Written of them are new or differ from what was known.
	Rows, Written int
}

func day(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

func dayOrNil(t *time.Time) *time.Time {
	if t == nil || t.IsZero() {
		return nil
	}
	d := day(*t)
	return &d
}

// epochOr stands the epoch in for a day that was not given.
func epochOr(t time.Time) time.Time {
	if t.IsZero() {
		return time.Unix(0, 0).UTC()
	}
	return day(t)
}

func equalTo[T comparable](a, b *T) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

func sameDay(a, b *time.Time) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(*b)
}
