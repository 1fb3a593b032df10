package imports

import (
	"fmt"
	"time"
)

// Kind names a file by what it holds.
type Kind string

// The kinds, as `telltale import` spells them.
const (
	Accounts      Kind = "accounts"
	Fit           Kind = "fit"
	Subscriptions Kind = "subscriptions"
	Transactions  Kind = "transactions"
	Opportunities Kind = "opportunities"
	BestCustomers Kind = "best-customers"
	Licences      Kind = "licences"
	Watch         Kind = "watch"
	Attributions  Kind = "attributions"
)

// Kinds returns all kinds, accounts first; watch is a YAML file, the others are CSV.
func Kinds() [9]Kind {
	return [9]Kind{Accounts, Fit, Subscriptions, Transactions, Opportunities, BestCustomers, Licences, Watch, Attributions}
}

// ParseKind reads a kind as it is typed.
func ParseKind(s string) (Kind, error) {
	for _, k := range Kinds() {
		if string(k) == s {
			return k, nil
		}
	}
	return "", fmt.Errorf("import %q: want one of %v", s, Kinds())
}

// FitScore is a row of fit.csv.
type FitScore struct {
	AccountID, Product string
	// ValidFrom is the first day the score holds, zero where the file does not say; Model names what gave it.
	ValidFrom time.Time
	Model     string
	// Imported is true: the score came from outside.
	Imported bool
	// Score is 0–100.
	Score float32
	// Probability is nil: imported scores carry none.
	Probability *float64
}

// Subscription is a row of subscriptions.csv.
type Subscription struct {
	AccountID, Product, SKU string
	// Start is the first day, End the last; nil where open.
	Start       time.Time
	AgreementID string
	End         *time.Time
	Seats       *uint32
	// AnnualRevenue is in hundredths of a US dollar.
	AnnualRevenue *int64
	Program       string
}

// Transaction is a row of transactions.csv.
type Transaction struct {
	AccountID, Product string
	Date               time.Time
	// Amount is in hundredths of a US dollar; negative for a refund.
	Amount int64
	// Ordinal counts equal rows of the file from 0.
	Ordinal uint32
}

// Opportunity is a row of opportunities.csv.
type Opportunity struct {
	AccountID, Product string
	// Created is zero where the file does not say.
	Created time.Time
	// Ordinal counts rows of equal account, product and created day from 0.
	Ordinal uint32
	// Closed is nil while open.
	Closed *time.Time
	// Outcome is won, lost or open.
	Outcome string
	// Amount is in hundredths of a US dollar.
	Amount  *int64
	ActedOn *bool
}

// BestCustomer is a row of best_customers.csv.
type BestCustomer struct{ AccountID, Product string }

// Licence is a row of licences.csv.
type Licence struct {
	AccountID string
	// Product carries its version, such as "SQL Server 2014".
	Product string
	// Seen is zero where the file does not say.
	Seen     time.Time
	Quantity uint32
}

// Correction is a row of attributions.csv: a person's decision about whom a page speaks of. One of URL, which is canonical, and
// ContentHash is set; AccountID is empty for nobody.
type Correction struct{ URL, ContentHash, AccountID string }
