package imports

import (
	"fmt"
	"slices"
	"strings"

	"telltale/internal/domains"
	"telltale/internal/urls"
)

// The most that people and cloud spend come to: no company has a hundred million employees.
const (
	maxEmployees = 100_000_000
	maxDollars   = 1e12
	maxDomains   = 255 // the store counts positions in a byte
)

func accountsLayout() layout {
	return layout{
		required:   []string{"account_id", "name", "domain"},
		optional:   []string{"country", "region", "industry", "vertical", "employees", "azure_potential_usd", "partner"},
		attributes: true,
	}
}

func readAccount(r *row) domains.Account {
	a := domains.Account{
		ID: r.id(), Name: r.required("name"), Country: r.text("country"), Region: r.text("region"), Industry: r.text("industry"),
		Vertical: r.text("vertical"), Partner: r.text("partner"), Employees: -1, AzurePotentialUSD: -1,
	}
	a.Domains = r.domains()
	if n := r.count("employees", maxEmployees); n != nil {
		a.Employees = int64(*n)
	}
	if s := r.text("azure_potential_usd"); s != "" {
		a.AzurePotentialUSD = r.number("azure_potential_usd", s, 0, maxDollars)
	}
	for _, i := range r.head.extra {
		v := strings.TrimSpace(r.cells[i])
		if len(v) > maxText {
			r.fail(r.head.names[i], "%d bytes; at most %d", len(v), maxText)
		}
		if v != "" {
			if a.Attributes == nil {
				a.Attributes = map[string]string{}
			}
			a.Attributes[r.head.names[i]] = v
		}
	}
	return a
}

// domains reads the list of domains, the principal one first; one that is named twice counts once.
func (r *row) domains() []string {
	var out []string
	for raw := range strings.SplitSeq(r.required("domain"), ";") {
		if strings.TrimSpace(raw) == "" {
			continue
		}
		d, err := domains.Normalize(raw)
		if err != nil {
			r.fail("domain", "%s is no domain (such as contoso.com)", quote(strings.TrimSpace(raw)))
			return nil
		}
		if !slices.Contains(out, d) {
			out = append(out, d)
		}
	}
	if len(out) == 0 || len(out) > maxDomains {
		r.fail("domain", "%d domains; want 1–%d", len(out), maxDomains)
	}
	return out
}

func fitLayout() layout {
	return layout{required: []string{"account_id", "product", "score"}, optional: []string{"valid_from", "model"}}
}

func readFit(r *row) FitScore {
	f := FitScore{AccountID: r.id(), Product: r.product(), ValidFrom: r.date("valid_from"), Model: r.text("model"), Imported: true}
	if s := r.required("score"); s != "" {
		f.Score = float32(r.number("score", s, 0, 100))
	}
	if f.Model == "" {
		f.Model = "imported"
	}
	return f
}

func subscriptionsLayout() layout {
	return layout{required: []string{"account_id", "product", "start"},
		optional: []string{"sku", "seats", "end", "annual_revenue", "program", "agreement_id"}}
}

func readSubscription(r *row) Subscription {
	s := Subscription{
		AccountID: r.id(), Product: r.product(), SKU: r.text("sku"), Start: r.requiredDate("start"), AgreementID: r.text("agreement_id"),
		End: r.optionalDate("end"), Seats: r.count32("seats"), AnnualRevenue: r.cents("annual_revenue"), Program: r.text("program"),
	}
	if s.End != nil && s.End.Before(s.Start) {
		r.fail("end", "lies before start")
	}
	if s.AnnualRevenue != nil && *s.AnnualRevenue < 0 {
		r.fail("annual_revenue", "is negative")
	}
	return s
}

func transactionsLayout() layout {
	return layout{required: []string{"account_id", "product", "date", "amount"}}
}

func readTransaction(r *row) Transaction {
	t := Transaction{AccountID: r.id(), Product: r.product(), Date: r.requiredDate("date")}
	r.required("amount")
	if c := r.cents("amount"); c != nil {
		t.Amount = *c
	}
	return t
}

func opportunitiesLayout() layout {
	return layout{required: []string{"account_id", "product", "closed", "outcome"}, optional: []string{"created", "amount", "acted_on"}}
}

func readOpportunity(r *row) Opportunity {
	o := Opportunity{AccountID: r.id(), Product: r.product(), Created: r.date("created"), Closed: r.optionalDate("closed"),
		Outcome: strings.ToLower(r.required("outcome")), Amount: r.cents("amount"), ActedOn: r.truth("acted_on")}
	switch o.Outcome {
	case "won", "lost":
		if o.Closed == nil {
			r.fail("closed", "is empty, but the outcome is %s", o.Outcome)
		}
	case "open":
		if o.Created.IsZero() && o.Closed == nil {
			r.fail("created", "is empty, and so is closed: an open opportunity needs a day")
		}
	default:
		r.fail("outcome", "%s is none of won, lost, open", quote(o.Outcome))
	}
	if o.Closed != nil && o.Closed.Before(o.Created) {
		r.fail("closed", "lies before created")
	}
	return o
}

func bestCustomersLayout() layout { return layout{required: []string{"account_id", "product"}} }

func readBestCustomer(r *row) BestCustomer {
	return BestCustomer{AccountID: r.id(), Product: r.product()}
}

func licencesLayout() layout {
	return layout{required: []string{"account_id", "product"}, optional: []string{"quantity", "seen"}}
}

func readLicence(r *row) Licence {
	l := Licence{AccountID: r.id(), Product: r.required("product"), Seen: r.date("seen"), Quantity: 1}
	if n := r.count32("quantity"); n != nil {
		l.Quantity = *n
	}
	return l
}

func attributionsLayout() layout {
	return layout{required: []string{"account_id"}, optional: []string{"url", "content_hash"}}
}

// hashBytes is the length of a content hash in hexadecimal digits.
const hashBytes = 32

func readCorrection(r *row) Correction {
	c := Correction{AccountID: r.text("account_id"), ContentHash: strings.ToLower(r.text("content_hash"))}
	if len(c.AccountID) > maxID {
		r.fail("account_id", "%d bytes; at most %d", len(c.AccountID), maxID)
	}
	raw := r.text("url")
	switch {
	case (raw == "") == (c.ContentHash == ""):
		r.fail("url", "want either an address or a content hash")
	case raw == "" && (len(c.ContentHash) != hashBytes || strings.Trim(c.ContentHash, "0123456789abcdef") != ""):
		r.fail("content_hash", "%s is no content hash (%d hexadecimal digits)", quote(c.ContentHash), hashBytes)
	case raw != "":
		address, err := urls.Canonicalize(raw, "")
		if err != nil {
			r.fail("url", "%s is no http or https address", quote(raw))
		}
		c.URL = address
	}
	return c
}

// product reads a cloud product; a known one's own spelling wins over the case it was typed in.
func (r *row) product() string {
	s := r.required("product")
	for _, known := range r.products {
		if strings.EqualFold(known, s) {
			return known
		}
	}
	if s != "" && len(r.products) > 0 {
		r.strange[s]++
	}
	return s
}

// key joins what identifies a row.
func key(parts ...any) string { return fmt.Sprintf("%q", parts) }
