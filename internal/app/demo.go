package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"telltale/internal/intent"
	"telltale/internal/sampleweb"
)

// SampleWeb are the flags of the bundled sample web.
type SampleWeb struct {
	Companies int    `help:"Companies of the sample web, 20 to 5000." default:"320"`
	Seed      uint64 `help:"Seed of the sample web; the same seed gives the same web." default:"1"`
}

// check refuses sizes that the generator would clamp.
func (w *SampleWeb) check() error {
	if w.Companies < sampleweb.MinCompanies || w.Companies > sampleweb.MaxCompanies {
		return inputf("--companies %d: want %d to %d", w.Companies, sampleweb.MinCompanies, sampleweb.MaxCompanies)
	}
	return nil
}

// beforeMonthEnd is how long before the end of its month the sample web is crawled: the month's news is out.
const beforeMonthEnd = 6 * time.Hour

// stage is a running sample web and the settings of a crawl over it.
type stage struct {
	web      *sampleweb.Web
	settings *Settings
	dir      string
	month    intent.Month
}

// webKind says which sample web: eval words it with the prose kept for evaluation, noDelays lets slow hosts answer at once.
type webKind struct{ eval, noDelays bool }

// openStage starts the sample web as it was near the end of a month, writes its input files and its certificate
// authority below dir, and makes env's clock run from there.
func openStage(ctx context.Context, env *Env, common Common, w SampleWeb, dir, month string, kind webKind) (*stage, error) {
	m, err := intent.ParseMonth(month)
	if err != nil {
		return nil, asInput(err)
	}
	common.AsIf = sampleweb.MonthEnd(month).Add(-beforeMonthEnd)
	common.DataDir = filepath.Join(dir, "data")
	env.Now = common.clock()
	web := sampleweb.New(sampleweb.Config{Seed: w.Seed, Companies: w.Companies, Now: env.Now, Logger: env.Log, Eval: kind.eval, NoDelays: kind.noDelays})
	addrs, err := web.Start(ctx)
	if err != nil {
		return nil, fmt.Errorf("start the sample web: %w", err)
	}
	ca := filepath.Join(dir, "sample-ca.pem")
	if err := errors.Join(web.WriteInputs(filepath.Join(dir, "inputs")), os.WriteFile(ca, addrs.CAPEM, 0o600)); err != nil {
		return nil, errors.Join(asInput(err), web.Close())
	}
	s := &Settings{
		Common:      common,
		Network:     Network{Contact: "https://localhost/telltale-sample-web", Resolver: addrs.DNS, HTTPPort: addrs.HTTPPort, HTTPSPort: addrs.HTTPSPort, CAFile: ca, AllowPrivateAddresses: true},
		Crawl:       sampleCrawl(),
		Extraction:  Extraction{BatchPages: 256, BatchWait: time.Second},
		relaxedSync: true,
	}
	return &stage{web: web, settings: s, dir: dir, month: m}, nil
}

// sampleCrawl keeps a small gap between two requests to one host: the web is ours, on loopback, and hundreds of hosts share the time.
func sampleCrawl() Crawl {
	return Crawl{Crawler: "demo", Visits: 128, Delay: 20 * time.Millisecond, MaxDelay: 5 * time.Second, VisitPages: 40, VisitBytes: 32 << 20, VisitTime: time.Minute, FetchTimeout: 3 * time.Second}
}

// inputs are the files that the sample web's revenue team brings.
func (s *stage) inputs() Inputs {
	path := func(name string) string { return filepath.Join(s.dir, "inputs", name) }
	return Inputs{
		Accounts: path("accounts.csv"), Fit: path("fit.csv"), Subscriptions: path("subscriptions.csv"), Transactions: path("transactions.csv"),
		Opportunities: path("opportunities.csv"), BestCustomers: path("best_customers.csv"), Licences: path("licences.csv"), Watch: path("watch.yaml"), OnError: "fail",
	}
}

// DemoCommand runs the main job over the sample web.
type DemoCommand struct {
	SampleWeb
	TechnologyFiles
	Out  string `help:"Directory for what it writes; its data directory inside is made anew." default:"out/demo" type:"path"`
	Keep bool   `help:"Keep the data directory of the last demo: what is not due is not crawled again."`

	program *TelltaleProgram
}

// AfterApply keeps the program's flags for Run.
func (c *DemoCommand) AfterApply(p *TelltaleProgram) error { c.program = p; return nil }

// Run implements Command.
func (c *DemoCommand) Run(ctx context.Context, env *Env) error {
	if err := errors.Join(c.SampleWeb.check(), c.TechnologyFiles.check(), makeDir(c.Out)); err != nil {
		return err
	}
	if !c.Keep {
		if err := os.RemoveAll(filepath.Join(c.Out, "data")); err != nil {
			return inputf("empty the demo's data directory: %w", err)
		}
	}
	fmt.Fprintf(env.Err, "sample web: %d companies on loopback, seed %d\n", c.Companies, c.Seed)
	months := sampleweb.New(sampleweb.Config{Companies: sampleweb.MinCompanies}).Months()
	st, err := openStage(ctx, env, c.program.Common, c.SampleWeb, c.Out, months[len(months)-1], webKind{})
	if err != nil {
		return err
	}
	return errors.Join(c.play(ctx, env, st), st.web.Close())
}

func (c *DemoCommand) play(ctx context.Context, env *Env, st *stage) error {
	st.settings.TechnologyFiles = c.TechnologyFiles
	e, err := openEngines(ctx, env, st.settings)
	if err != nil {
		return err
	}
	inputs := st.inputs()
	p := &pass{settings: st.settings, files: inputs.files(), onError: inputs.OnError, month: st.month, out: c.Out}
	result, err := p.run(ctx, env, e)
	if err == nil {
		err = errors.Join(printResult(env, result), printQuality(ctx, env, e, st))
	}
	return errors.Join(err, e.close())
}
