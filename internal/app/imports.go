package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"telltale/internal/domains"
	"telltale/internal/imports"
	"telltale/internal/signals/topics"
	"telltale/internal/store"
)

// Inputs are the files a revenue team brings.
type Inputs struct {
	Accounts      string `help:"accounts.csv." type:"path" placeholder:"FILE"`
	Fit           string `help:"fit.csv." type:"path" placeholder:"FILE"`
	Subscriptions string `help:"subscriptions.csv." type:"path" placeholder:"FILE"`
	Transactions  string `help:"transactions.csv." type:"path" placeholder:"FILE"`
	Opportunities string `help:"opportunities.csv." type:"path" placeholder:"FILE"`
	BestCustomers string `help:"best_customers.csv." type:"path" placeholder:"FILE"`
	Licences      string `help:"licences.csv." type:"path" placeholder:"FILE"`
	Watch         string `help:"Watch list, a YAML file: sources that belong to no account. Those that left it are no longer read." type:"path" placeholder:"FILE"`
	OnError       string `help:"What a bad row does: fail imports nothing, skip sets it aside in a rejects file." default:"fail" enum:"fail,skip"`
}

// importFile is one file to import.
type importFile struct {
	kind imports.Kind
	path string
}

// files lists the files that were given, accounts first.
func (i *Inputs) files() []importFile {
	var list []importFile
	for _, f := range []importFile{
		{imports.Accounts, i.Accounts}, {imports.Fit, i.Fit}, {imports.Subscriptions, i.Subscriptions}, {imports.Transactions, i.Transactions},
		{imports.Opportunities, i.Opportunities}, {imports.BestCustomers, i.BestCustomers}, {imports.Licences, i.Licences},
		{imports.Watch, i.Watch},
	} {
		if f.path != "" {
			list = append(list, f)
		}
	}
	return list
}

// readable says whether a file can be read, before engines are opened for it.
func readable(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return inputf("import: %w", err)
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = fmt.Errorf("%s: is a directory", path)
	}
	if err != nil {
		err = inputf("import: %w", err)
	}
	return errors.Join(err, f.Close())
}

// requireFit says before a crawl what scoring would say after it: without fit scores there is nothing to overlay intent on.
func requireFit(ctx context.Context, st *store.Store) error {
	var rows uint64
	err := st.Each(ctx, "SELECT count() FROM fit_scores", nil, func(into func(dest ...any) error) error { return into(&rows) })
	if err == nil && rows == 0 {
		err = inputf("run: no fit scores are stored: give them with --fit")
	}
	return err
}

// importFiles imports files in order and says what each came to.
func importFiles(ctx context.Context, env *Env, st *store.Store, files []importFile, onError string) error {
	taxonomy, err := topics.Default()
	if err != nil {
		return err
	}
	importer, err := imports.New(imports.Deps{
		Sinks: sinksOf(st), Products: taxonomy.ProductNames(), Log: env.Log, Now: env.Now, Registerer: env.Registry,
		Ledger: func(ctx context.Context, e imports.Entry) error { return st.NoteImport(ctx, store.ImportNote(e)) },
	})
	if err != nil {
		return err
	}
	mode, err := imports.ParseOnError(onError)
	if err != nil {
		return asInput(err)
	}
	for _, f := range files {
		rep, err := importer.Import(ctx, f.kind, f.path, imports.Options{OnError: mode})
		if errors.Is(err, imports.ErrInput) {
			return asInput(err)
		}
		if err != nil {
			return err
		}
		fmt.Fprintln(env.Err, importLine(&rep))
	}
	return nil
}

func importLine(rep *imports.Report) string {
	line := fmt.Sprintf("import %s: %d rows, %d new or changed", rep.Kind, rep.Rows, rep.Changed)
	if rep.Kind == imports.Watch {
		line = fmt.Sprintf("import %s: %d sources, %d new, changed or gone", rep.Kind, rep.Rows, rep.Changed)
	}
	if rep.Repeated > 0 {
		line += fmt.Sprintf(", %d repeated", rep.Repeated)
	}
	if rep.Rejected > 0 {
		line += fmt.Sprintf(", %d bad rows set aside in %s, the first: %v", rep.Rejected, rep.RejectsFile, rep.First[0])
	}
	if len(rep.UnknownProducts) > 0 {
		line += fmt.Sprintf(", products without signals of their own: %q", rep.UnknownProducts)
	}
	return line
}

// sinksOf joins the importer to the store; the row types of both sides have the same fields.
func sinksOf(st *store.Store) imports.Sinks {
	return imports.Sinks{
		Accounts: func(ctx context.Context, rows []domains.Account, known time.Time) (int, error) {
			done, err := st.ImportAccounts(ctx, rows, known)
			return done.Written, err
		},
		Fit:           sink(st.ImportFit, func(r imports.FitScore) store.FitScore { return store.FitScore(r) }),
		Subscriptions: sink(st.ImportSubscriptions, func(r imports.Subscription) store.Subscription { return store.Subscription(r) }),
		Transactions:  sink(st.ImportTransactions, func(r imports.Transaction) store.Transaction { return store.Transaction(r) }),
		Opportunities: sink(st.ImportOpportunities, func(r imports.Opportunity) store.Opportunity { return store.Opportunity(r) }),
		BestCustomers: sink(st.ImportBestCustomers, func(r imports.BestCustomer) store.BestCustomer { return store.BestCustomer(r) }),
		Licences:      sink(st.ImportLicences, func(r imports.Licence) store.Licence { return store.Licence(r) }),
		Attributions: sink(st.ImportCorrections, func(r imports.Correction) store.Correction {
			return store.Correction{URL: r.URL, ContentHash: r.ContentHash, AccountID: r.AccountID}
		}),
		Watch: sink(st.ImportWatch, func(r imports.WatchSource) store.WatchSource { return store.WatchSource(r) }),
	}
}

func sink[R, S any](write func(context.Context, []S, time.Time) (store.Imported, error), convert func(R) S) imports.Sink[R] {
	return func(ctx context.Context, rows []R, known time.Time) (int, error) {
		out := make([]S, len(rows))
		for i, r := range rows {
			out[i] = convert(r)
		}
		done, err := write(ctx, out, known)
		return done.Written, err
	}
}

// ImportCommand imports one file.
type ImportCommand struct {
	Kind    string `arg:"" help:"accounts, fit, subscriptions, transactions, opportunities, best-customers, licences, watch or attributions." enum:"accounts,fit,subscriptions,transactions,opportunities,best-customers,licences,watch,attributions"`
	File    string `arg:"" help:"CSV file with a header, UTF-8; a watch list is YAML and replaces the one before." type:"path"`
	OnError string `help:"What a bad row does: fail imports nothing, skip sets it aside in a rejects file." default:"fail" enum:"fail,skip"`

	program *TelltaleProgram
}

// AfterApply keeps the program's flags for Run.
func (c *ImportCommand) AfterApply(p *TelltaleProgram) error { c.program = p; return nil }

// CheckInput implements Checker.
func (c *ImportCommand) CheckInput(context.Context, *Env) error { return readable(c.File) }

// Run implements Command.
func (c *ImportCommand) Run(ctx context.Context, env *Env) error {
	return withStore(ctx, env, &Settings{Common: c.program.Common}, func(st *store.Store) error {
		return importFiles(ctx, env, st, []importFile{{imports.Kind(c.Kind), c.File}}, c.OnError)
	})
}
