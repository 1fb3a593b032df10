package export

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"

	"telltale/internal/intent"
)

// csvHeader names the columns of propensity.csv; people script against them.
func csvHeader() []string {
	return []string{
		"month", "account_id", "account", "domain", "country", "region", "industry", "vertical", "partner", "segment", "product",
		"fit_score", "fit_rating", "intent_score", "intent_rating",
		"intent_low", "intent_high", "freshest", "covered", "cell", "cluster", "motion",
		"expiration", "expiration_type", "expires_on", "expiring_revenue", "open_expiring_revenue",
		"whitespace_revenue", "whitespace_level", "whitespace_owners", "whitespace_basis",
		"driver_1", "driver_2", "driver_3", "evidence_date", "evidence_source", "evidence_url", "evidence", "fit_model", "intent_model", "run_id",
	}
}

// WriteCSV writes every row to a CSV file: UTF-8, a header, comma, LF (RFC 4180 but for the line ends, as the tools around
// ClickHouse expect). It returns the number of rows.
func WriteCSV(path string, rows Rows) (int64, error) {
	var n int64
	err := whole(path, func(w io.Writer) (err error) {
		n, err = writeCSV(w, rows)
		return err
	})
	return n, err
}

func writeCSV(w io.Writer, rows Rows) (n int64, err error) {
	buffered := bufio.NewWriterSize(w, 256<<10)
	out := csv.NewWriter(buffered)
	if err := out.Write(csvHeader()); err != nil {
		return 0, err
	}
	err = rows(func(p intent.Propensity) error {
		n++
		return out.Write(csvRow(p))
	})
	if err != nil {
		return n, err
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return n, err
	}
	if err := buffered.Flush(); err != nil {
		return n, fmt.Errorf("after %d rows: %w", n, err)
	}
	return n, nil
}

func csvRow(p intent.Propensity) []string {
	d := topDrivers(p)
	row := []string{
		p.Month.Format("2006-01"), neutral(p.AccountID), neutral(p.AccountName), neutral(p.Domain), neutral(p.Country), neutral(p.Region),
		neutral(p.Industry), neutral(p.Vertical), neutral(p.Partner), neutral(p.Segment), neutral(p.Product),
		decimal(p.FitScore), string(p.FitRating), decimal(p.IntentScore), string(p.IntentRating),
		decimal(p.IntentLow), decimal(p.IntentHigh), dayOr(p.Freshest), strconv.FormatBool(p.Covered), p.Cell, p.Cluster, p.Motion,
		p.Renewal.Expiration, neutral(p.Renewal.Type), dayOr(p.Renewal.ExpiresOn), decimal(p.Renewal.Revenue), decimal(p.Renewal.OpenRevenue),
		decimal(p.WhitespaceRevenue), p.Whitespace.Level, count(p.Whitespace.Owners), neutral(p.Whitespace.Text), neutral(d[0]), neutral(d[1]), neutral(d[2]),
	}
	if p.Best != nil {
		row = append(row, day(p.Best.ObservedAt), p.Best.Source, neutral(p.Best.URL), neutral(p.Best.Span))
	} else {
		row = append(row, "", "", "", "")
	}
	return append(row, neutral(p.FitModel), neutral(p.IntentModel), p.RunID)
}
