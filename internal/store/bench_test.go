package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"telltale/internal/domains"
	"telltale/internal/signals"
)

// plainInsert is the plainest clickhouse-go batch: every row by Append, one Send.
func plainInsert(ctx context.Context, s *Store, rows []signals.Signal) error {
	batch, err := s.conn.PrepareBatch(ctx, "INSERT INTO signal_rows (domain, kind, name, product, signal_id, version, strength, confidence, sign, observed_at, dated, detected_at, last_seen, source, url, evidence, evidence_offset, content_hash, extractor_version)")
	if err != nil {
		return err
	}
	for i := range rows {
		r := &rows[i]
		if err := batch.Append(r.Domain, string(r.Kind), r.Name, r.Product, r.ID(), r.Version, float32(r.Strength), float32(r.Confidence), r.Sign, r.ObservedAt, r.Dated,
			r.DetectedAt, r.DetectedAt, string(r.Source), r.URL, r.Evidence, uint32(r.Offset), r.ContentHash, r.ExtractorVersion); err != nil {
			return err
		}
	}
	return batch.Send()
}

// BenchmarkInsert writes 1 M signals through the product's writer and by the plainest batch, in turns,
// into the same table, emptied before each. The ratio is the product's rows/s over the plain one's.
func BenchmarkInsert(b *testing.B) {
	s := migrated(b)
	rows := someSignals(1_000_000)
	var product, plain time.Duration
	timed := func(run func(context.Context, []signals.Signal) error) time.Duration {
		must(b, s.Exec(b.Context(), "TRUNCATE TABLE signal_rows SYNC", nil))
		began := time.Now()
		must(b, run(b.Context(), rows))
		return time.Since(began)
	}
	for b.Loop() {
		plain += timed(func(ctx context.Context, rows []signals.Signal) error { return plainInsert(ctx, s, rows) })
		product += timed(s.WriteSignals)
	}
	n := float64(b.N) * float64(len(rows))
	b.ReportMetric(n/product.Seconds(), "rows/s")
	b.ReportMetric(n/plain.Seconds(), "plain-rows/s")
	b.ReportMetric(plain.Seconds()/product.Seconds(), "ratio")
}

// BenchmarkRead reads an account's signals 1,000 times, and scans them all, among 1 M signals of 50,000 accounts.
func BenchmarkRead(b *testing.B) {
	s := migrated(b)
	must(b, s.WriteSignals(b.Context(), someSignals(1_000_000)))
	accounts := make([]domains.Account, 50_000)
	for i := range accounts {
		accounts[i] = accountOf(fmt.Sprint("account", i), 100, fmt.Sprintf("company%d.example", i))
	}
	_, err := s.ImportAccounts(b.Context(), accounts, noon)
	must(b, err)
	must(b, s.Exec(b.Context(), "OPTIMIZE TABLE signal_rows FINAL", nil))
	b.Run("account", func(b *testing.B) {
		var took []time.Duration
		for b.Loop() {
			took = took[:0]
			for i := range 1000 {
				began := time.Now()
				got, err := s.SignalsOf(b.Context(), fmt.Sprint("account", i*47), 100)
				must(b, err)
				if len(got) != 20 {
					b.Fatalf("%d signals, want 20", len(got))
				}
				took = append(took, time.Since(began))
			}
		}
		slices.Sort(took)
		b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "median-ms")
		b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	})
	b.Run("scan", func(b *testing.B) {
		var n atomic.Int64
		for b.Loop() {
			must(b, s.Each(b.Context(), "SELECT domain, evidence FROM signal_rows", nil, func(into func(...any) error) error {
				var domain, evidence string
				n.Add(1)
				return into(&domain, &evidence)
			}))
		}
		b.ReportMetric(float64(n.Load())/b.Elapsed().Seconds(), "rows/s")
	})
	b.Run("count", func(b *testing.B) {
		for b.Loop() {
			if n := count(b, s, "signals"); n != 1_000_000 {
				b.Fatal(n)
			}
		}
	})
	b.Run("raw", func(b *testing.B) {
		for b.Loop() {
			var w strings.Builder
			must(b, s.Query(b.Context(), "SELECT * FROM signal_rows LIMIT 100000", "JSONEachRow", &w))
			b.SetBytes(int64(w.Len()))
		}
	})
}
