package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"telltale/internal/sampleweb"
	"telltale/internal/sampleweb/captured"
)

// SampleCommand serves the sample web for tests by hand and for programs that run apart.
type SampleCommand struct {
	SampleWeb
	Out   string `help:"Directory for its input files and its certificate authority." default:"out/sample" type:"path"`
	Month string `help:"Month at whose end it stands, YYYY-MM; none means the latest." placeholder:"YYYY-MM"`
	Pages string `help:"Serve this directory of captured pages (manifest.tsv with columns file and url) instead, under their own host names." type:"path" placeholder:"DIR"`

	program *TelltaleProgram
}

// AfterApply keeps the program's flags for Run.
func (c *SampleCommand) AfterApply(p *TelltaleProgram) error { c.program = p; return nil }

// Run implements Command: it prints the flags that reach the web and serves until stopped.
func (c *SampleCommand) Run(ctx context.Context, env *Env) error {
	var err error
	if c.Month, err = sampleMonth(c.Month); err != nil {
		return err
	}
	if err := errors.Join(c.check(), makeDir(c.Out)); err != nil {
		return err
	}
	if c.Pages != "" {
		return c.serveCaptured(ctx, env)
	}
	st, err := openStage(ctx, env, c.program.Common, c.SampleWeb, c.Out, c.Month, webKind{})
	if err != nil {
		return err
	}
	n := st.settings.Network
	fmt.Fprintf(env.Out, "--resolver %s --http-port %d --https-port %d --ca-file %s --allow-private-addresses --as-if %s\n",
		n.Resolver, n.HTTPPort, n.HTTPSPort, n.CAFile, st.settings.AsIf.Format(time.RFC3339))
	fmt.Fprintf(env.Err, "serving %d companies until stopped; input files are in %s\n", c.Companies, filepath.Join(c.Out, "inputs"))
	<-ctx.Done()
	return st.web.Close()
}

// sampleMonth is a month that the sample web has, the latest where none is named.
func sampleMonth(text string) (string, error) {
	months := sampleweb.New(sampleweb.Config{Companies: sampleweb.MinCompanies}).Months()
	switch {
	case text == "":
		return months[len(months)-1], nil
	case slices.Contains(months, text):
		return text, nil
	}
	return "", inputf("--month %q: the sample web has %s to %s", text, months[0], months[len(months)-1])
}

// serveCaptured serves captured pages, with an account for each of their domains.
func (c *SampleCommand) serveCaptured(ctx context.Context, env *Env) error {
	web, err := captured.Load(c.Pages)
	if err != nil {
		return asInput(err)
	}
	accounts, fit := "account_id,name,domain\n", "account_id,product,score\n"
	for i, domain := range web.Domains() {
		accounts += fmt.Sprintf("C-%04d,%s,%s\n", i+1, domain, domain)
		fit += fmt.Sprintf("C-%04d,Azure,50\n", i+1)
	}
	ca := filepath.Join(c.Out, "captured-ca.pem")
	if err := errors.Join(os.WriteFile(filepath.Join(c.Out, "accounts.csv"), []byte(accounts), 0o600), os.WriteFile(filepath.Join(c.Out, "fit.csv"), []byte(fit), 0o600)); err != nil {
		return asInput(err)
	}
	return web.Serve(ctx, env.Log, func(a captured.Addrs) {
		if err := os.WriteFile(ca, a.CAPEM, 0o600); err != nil {
			env.Log.Error("write the certificate authority", "error", err)
		}
		fmt.Fprintf(env.Out, "--resolver %s --http-port %d --https-port %d --ca-file %s --allow-private-addresses\n", a.DNS, a.HTTPPort, a.HTTPSPort, ca)
		fmt.Fprintf(env.Err, "serving %d captured pages of %d domains until stopped; %s has the input files\n", web.Pages(), len(web.Domains()), c.Out)
	})
}
