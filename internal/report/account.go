package report

import (
	"cmp"
	"fmt"
	"math"
	"strings"
	"time"

	"telltale/internal/intent"
)

func accountOf(place int, a Account) accountView {
	v := accountView{
		Place: place, Name: oneLine(a.AccountName), Domain: a.Domain, Product: a.Product, Cell: a.Cell, Class: class(a.Cluster),
		Fit: score(a.FitScore), FitRating: string(a.FitRating), Intent: score(a.IntentScore), IntentRating: string(a.IntentRating),
		Segment: a.Segment, Motion: strings.ReplaceAll(a.Motion, "_", " "), Where: joined(a.Industry, a.Region, a.Country),
	}
	if v.Name == "" {
		v.Name = a.AccountID
	}
	if a.Domain != "" {
		v.DomainLink = "https://" + a.Domain + "/"
	}
	if a.WhitespaceRevenue != nil {
		v.Revenue, v.Basis = dollars(a.WhitespaceRevenue), a.Whitespace.Text
	}
	if a.IntentLow != nil && a.IntentHigh != nil && a.Freshest != nil {
		v.Interval = fmt.Sprintf("%.0f–%.0f, freshest %s", *a.IntentLow, *a.IntentHigh, a.Freshest.UTC().Format(time.DateOnly))
	}
	v.Expires = expires(&a.Renewal)
	for _, d := range a.Drivers {
		if strings.HasPrefix(d.Name, intent.KindBase+":") || len(v.Drivers) == 5 {
			continue
		}
		v.Drivers = append(v.Drivers, driverView{Words: intent.DriverWords(d.Name), Points: fmt.Sprintf("%+.2f", float64(d.Points)/1000), Against: d.Points < 0})
	}
	for _, s := range a.Signals {
		sv := signalView{Words: intent.DriverWords(s.Driver), Date: s.ObservedAt.UTC().Format(time.DateOnly), Source: s.Source, URL: oneLine(s.URL), Span: oneLine(s.Span)}
		if to, ok := link(s.URL); ok {
			sv.Link = to
		}
		v.Signals = append(v.Signals, sv)
	}
	return v
}

func dollars(x *float64) string { return "$" + thousands(int64(math.Round(*x))) }

// expires says what of an account's agreements ends in the fiscal year.
func expires(r *intent.Renewal) string {
	if r.Expiration == "" {
		return ""
	}
	out := "expiration " + r.Expiration
	if r.ExpiresOn != nil {
		out += ", " + r.ExpiresOn.Format(time.DateOnly)
	}
	out += ", " + cmp.Or(oneLine(r.Type), "program unknown")
	if r.Revenue != nil {
		out += ", " + dollars(r.Revenue) + " a year"
		if r.OpenRevenue != nil {
			out += ", of it open " + dollars(r.OpenRevenue)
		}
	}
	return out
}

func joined(parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, " · ")
}
