package imports

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"telltale/internal/domains"
)

// OnError says what a bad row does.
type OnError string

// Fail imports nothing where any row is bad; Skip sets bad rows aside in the rejects file.
const (
	Fail OnError = "fail"
	Skip OnError = "skip"
)

// ParseOnError reads fail or skip as it is typed.
func ParseOnError(s string) (OnError, error) {
	if o := OnError(s); o == Fail || o == Skip {
		return o, nil
	}
	return "", fmt.Errorf("on-error %q: want fail or skip", s)
}

// Sink stores rows of one kind, known from a time on: those that are new or differ from the latest version. It reports
// how many it wrote. All rows of an account come in one call where equal rows count (transactions, opportunities).
type Sink[R any] func(ctx context.Context, rows []R, knownFrom time.Time) (changed int, err error)

// Sinks are the stores of the nine kinds. All sources of a watch list come in one call: others are watched no more.
type Sinks struct {
	Accounts      Sink[domains.Account]
	Fit           Sink[FitScore]
	Subscriptions Sink[Subscription]
	Transactions  Sink[Transaction]
	Opportunities Sink[Opportunity]
	BestCustomers Sink[BestCustomer]
	Licences      Sink[Licence]
	Watch         Sink[WatchSource]
	Attributions  Sink[Correction]
}

// Deps are what an Importer works with.
type Deps struct {
	Sinks Sinks
	// Products are the names of the cloud products: a cell that differs in case is read as the product, others are
	// kept and reported. Empty means that any name will do.
	Products []string
	// Ledger is told when an import begins and how it ends; nil means that none is kept.
	Ledger     Ledger
	Log        *slog.Logger
	Now        func() time.Time
	Registerer prometheus.Registerer
}

// Options say how one file is imported.
type Options struct {
	// OnError is Fail where empty. A watch list is imported whole or not at all.
	OnError OnError
	// RejectsPath is where Skip sets bad rows aside; empty means the file's path with ".rejects.csv".
	RejectsPath string
	// KnownFrom is since when we know what the file says; zero means now.
	KnownFrom time.Time

	progress *progress
}

// Report is what an import came to.
type Report struct {
	Kind Kind
	Path string
	// Rows are the good rows, Changed those of them that were new or different, Repeated those that said again what an
	// earlier line said, Rejected the bad ones.
	Rows, Changed, Repeated, Rejected int
	// RejectsFile is where bad rows were set aside; empty where there were none. First holds the first 20 of them.
	RejectsFile string
	First       []RowError
	// IgnoredColumns are columns that the kind does not know; UnknownProducts names products that score nothing, at most 20.
	IgnoredColumns, UnknownProducts []string
	Took                            time.Duration
}

// Importer imports files. It is safe for concurrent use.
type Importer struct {
	deps    Deps
	metrics *metrics
}

// New makes an Importer; nothing is opened before Import.
func New(deps Deps) (*Importer, error) {
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	if deps.Now == nil {
		deps.Now = time.Now
	}
	if deps.Registerer == nil {
		deps.Registerer = prometheus.NewRegistry()
	}
	m, err := newMetrics(deps.Registerer)
	if err != nil {
		return nil, fmt.Errorf("imports: metrics: %w", err)
	}
	return &Importer{deps: deps, metrics: m}, nil
}

// Import reads a file of a kind and stores its rows. Importing a file twice changes nothing the second time; an import that was
// cut off is completed by running it again, and until then stands in the ledger as one that is half there. Errors wrap ErrInput where
// the file is at fault: then nothing was stored, unless it changed meanwhile.
func (im *Importer) Import(ctx context.Context, kind Kind, path string, opts Options) (Report, error) {
	began := time.Now()
	if opts.OnError == "" {
		opts.OnError = Fail
	}
	rep, err := im.noted(ctx, kind, path, opts)
	rep.Kind, rep.Path, rep.Took = kind, path, time.Since(began)
	im.metrics.imported(rep, err)
	if err != nil {
		return rep, fmt.Errorf("import %s: %w", kind, err)
	}
	im.deps.Log.Info("file imported", "kind", string(kind), "path", path, "rows", rep.Rows, "changed", rep.Changed,
		"repeated", rep.Repeated, "rejected", rep.Rejected, "took", rep.Took.Round(time.Millisecond))
	return rep, nil
}

// noted imports between two notes to the ledger.
func (im *Importer) noted(ctx context.Context, kind Kind, path string, opts Options) (rep Report, err error) {
	if opts.progress, err = im.begin(ctx, kind, path, opts.KnownFrom); err != nil {
		return rep, err
	}
	if opts.KnownFrom.IsZero() { // no earlier: who scores meanwhile and has not seen the first note knows no row
		opts.KnownFrom = im.deps.Now()
	}
	rep, err = im.dispatch(ctx, kind, path, opts)
	return rep, opts.progress.end(ctx, path, &rep, err)
}

func (im *Importer) dispatch(ctx context.Context, kind Kind, path string, opts Options) (Report, error) {
	s := im.deps.Sinks
	switch kind {
	case Accounts:
		return load(ctx, im, path, opts, spec[domains.Account]{layout: accountsLayout(), read: readAccount, sink: s.Accounts, unique: uniqueAccount, needsRows: true})
	case Fit:
		return load(ctx, im, path, opts, spec[FitScore]{layout: fitLayout(), read: readFit, sink: s.Fit, keyed: func(f FitScore) (string, string) {
			return key(f.AccountID, f.Product, f.ValidFrom.Unix(), f.Model), fmt.Sprint(f.Score)
		}})
	case Subscriptions:
		return load(ctx, im, path, opts, spec[Subscription]{layout: subscriptionsLayout(), read: readSubscription, sink: s.Subscriptions, keyed: keyedSubscription})
	case Transactions:
		return load(ctx, im, path, opts, spec[Transaction]{layout: transactionsLayout(), read: readTransaction, sink: s.Transactions,
			account: func(t Transaction) string { return t.AccountID }, count: countTransactions})
	case Opportunities:
		return load(ctx, im, path, opts, spec[Opportunity]{layout: opportunitiesLayout(), read: readOpportunity, sink: s.Opportunities,
			account: func(o Opportunity) string { return o.AccountID }, count: countOpportunities})
	case BestCustomers:
		return load(ctx, im, path, opts, spec[BestCustomer]{layout: bestCustomersLayout(), read: readBestCustomer, sink: s.BestCustomers,
			keyed: func(b BestCustomer) (string, string) { return key(b.AccountID, b.Product), "" }})
	case Licences:
		return load(ctx, im, path, opts, spec[Licence]{layout: licencesLayout(), read: readLicence, sink: s.Licences, keyed: func(l Licence) (string, string) {
			return key(l.AccountID, l.Product, l.Seen.Unix()), fmt.Sprint(l.Quantity)
		}})
	case Attributions:
		return load(ctx, im, path, opts, spec[Correction]{layout: attributionsLayout(), read: readCorrection, sink: s.Attributions,
			keyed: func(c Correction) (string, string) { return key(c.URL, c.ContentHash), c.AccountID }})
	case Watch:
		return im.watch(ctx, path, opts)
	}
	return Report{}, &fileError{fmt.Errorf("kind %q is none of the nine", kind)}
}

func uniqueAccount(a domains.Account) []uniqueValue {
	out := []uniqueValue{{"account_id", a.ID}}
	for _, d := range a.Domains {
		out = append(out, uniqueValue{"domain", d})
	}
	return out
}

func keyedSubscription(s Subscription) (string, string) {
	rest := s
	rest.AccountID, rest.Product, rest.SKU, rest.AgreementID = "", "", "", ""
	content := fmt.Sprint(rest.Program, deref(rest.Seats), deref(rest.AnnualRevenue), deref(rest.End))
	return key(s.AccountID, s.Product, s.SKU, s.Start.Unix(), s.AgreementID), content
}

func deref[T any](p *T) string {
	if p == nil {
		return "-"
	}
	return fmt.Sprint(*p)
}

// countTransactions numbers equal sales, so that two equal sales stay two.
func countTransactions(rows []Transaction) {
	seen := map[Transaction]uint32{}
	for i, r := range rows {
		rows[i].Ordinal = seen[r]
		seen[r]++
	}
}

// countOpportunities numbers opportunities of one account, product and day.
func countOpportunities(rows []Opportunity) {
	type slot struct {
		account, product string
		created          time.Time
	}
	seen := map[slot]uint32{}
	for i, r := range rows {
		at := slot{r.AccountID, r.Product, r.Created}
		if r.Created.IsZero() && r.Closed != nil {
			at.created = *r.Closed
		}
		rows[i].Ordinal = seen[at]
		seen[at]++
	}
}

// errNoSink reports a kind that the program did not wire.
var errNoSink = errors.New("no store is wired for this kind")
