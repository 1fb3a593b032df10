package sampleweb

import (
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// WriteInputs writes the files a revenue team would bring, as of the web's present, into dir (made if
// missing): accounts.csv, fit.csv, subscriptions.csv, transactions.csv, opportunities.csv,
// best_customers.csv and licences.csv, and watch.yaml, which names the press wire.
func (w *Web) WriteInputs(dir string) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("make directory for inputs: %w", err)
	}
	now := w.Now()
	for _, f := range []struct {
		name   string
		header string
		rows   func(*company, time.Time) [][]string
	}{
		{"accounts.csv", "account_id,name,domain,country,region,industry,vertical,employees,azure_potential_usd,partner,city,founded", w.accountRows},
		{"fit.csv", "account_id,product,score,valid_from,model", w.fitRows},
		{"subscriptions.csv", "account_id,product,sku,seats,start,end,annual_revenue,program,agreement_id", w.subscriptionRows},
		{"transactions.csv", "account_id,product,date,amount", w.transactionRows},
		{"opportunities.csv", "account_id,product,created,closed,outcome,amount,acted_on", w.opportunityRows},
		{"best_customers.csv", "account_id,product", w.bestCustomerRows},
		{"licences.csv", "account_id,product,quantity,seen", w.licenceRows},
	} {
		rows := [][]string{strings.Split(f.header, ",")}
		for _, c := range w.companies {
			rows = append(rows, f.rows(c, now)...)
		}
		if err := writeCSV(filepath.Join(dir, f.name), rows); err != nil {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "watch.yaml"), []byte(w.watchList()), 0o600); err != nil {
		return fmt.Errorf("write the watch list: %w", err)
	}
	return nil
}

func writeCSV(path string, rows [][]string) error {
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("create %s: %w", path, err)
	}
	out := csv.NewWriter(file)
	if err := errors.Join(out.WriteAll(rows), file.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

func day(t time.Time) string { return t.Format(time.DateOnly) }

func money(x float64) string { return strconv.FormatFloat(x, 'f', 2, 64) }

func (w *Web) accountRows(c *company, _ time.Time) [][]string {
	employees := ""
	if c.Employees >= 0 {
		employees = itoa(c.Employees)
	}
	return [][]string{{c.AccountID, c.Name, strings.Join(c.Domains, ";"), c.Country, c.Region, c.Industry, c.Vertical, employees,
		strconv.FormatFloat(c.AzurePotentialUSD, 'f', 0, 64), c.Partner, c.City, itoa(c.Founded)}}
}

func (w *Web) fitRows(c *company, _ time.Time) [][]string {
	var rows [][]string
	for _, p := range Products() {
		rows = append(rows, []string{c.AccountID, p, strconv.FormatFloat(c.fit[p], 'f', 1, 64), day(epochStart()), "sample-fit-1"})
	}
	return rows
}

// price is a year's list price of one seat, in US dollars.
func price(product string) float64 {
	return map[string]float64{"Microsoft 365": 150, "Azure": 220, "Dynamics 365": 840, "Surface": 260, "Security": 60, "Copilot and AI": 360, "Power Platform": 120, "Data Platform": 130}[product]
}

func (w *Web) subscriptionRows(c *company, now time.Time) [][]string {
	var rows [][]string
	for _, p := range Products() {
		since, seats, ok := w.owned(c, p)
		if !ok || since.After(now) {
			continue
		}
		end := since
		for !end.After(now) {
			end = end.AddDate(1, 0, 0)
		}
		program := "CSP"
		if c.size >= 300 {
			program = "EA"
		}
		rows = append(rows, []string{c.AccountID, p, sku(p, seats), itoa(seats), day(since), day(end), money(float64(seats) * price(p)), program, agreement(c, p)})
	}
	return rows
}

// transactionRows bills every subscription monthly; consumption of Azure grows with intent.
func (w *Web) transactionRows(c *company, now time.Time) [][]string {
	var rows [][]string
	for _, p := range Products() {
		since, seats, ok := w.owned(c, p)
		if !ok {
			continue
		}
		for m := range historyMonths {
			at := monthStart(m).AddDate(0, 0, 4)
			if at.Before(since) || at.After(now) {
				continue
			}
			amount := float64(seats) * price(p) / 12
			if p == "Azure" {
				amount *= 0.8 + 0.6*c.latent[p][m]
			}
			rows = append(rows, []string{c.AccountID, p, day(at), money(amount)})
		}
	}
	return rows
}

func (w *Web) opportunityRows(c *company, now time.Time) [][]string {
	var rows [][]string
	for _, o := range openAt(c.opps, now) {
		rows = append(rows, []string{o.AccountID, o.Product, day(o.Created), day(o.Closed), o.Outcome, money(o.Amount), strconv.FormatBool(o.ActedOn)})
	}
	return rows
}

// bestCustomerRows names those who own a product and fit it well.
func (w *Web) bestCustomerRows(c *company, now time.Time) [][]string {
	var rows [][]string
	for _, p := range Products() {
		if since, _, ok := w.owned(c, p); ok && !since.After(now) && c.fit[p] >= 60 {
			rows = append(rows, []string{c.AccountID, p})
		}
	}
	return rows
}

// licenceRows lists perpetual licences, some of them out of support.
func (w *Web) licenceRows(c *company, now time.Time) [][]string {
	r := newRNG(w.cfg.Seed, "licences", c.AccountID)
	var rows [][]string
	for _, product := range []string{"SQL Server 2014", "SQL Server 2016", "SQL Server 2022", "Windows Server 2012 R2", "Windows Server 2016", "Windows Server 2022", "Office 2016", "Exchange Server 2016"} {
		if !r.chance(0.12) {
			continue
		}
		seen := epochStart().AddDate(0, 0, r.between(0, 400))
		if seen.After(now) {
			continue
		}
		rows = append(rows, []string{c.AccountID, product, itoa(r.between(1, max(2, c.size/10))), day(seen)})
	}
	return rows
}
