package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"telltale/internal/intent"
	"telltale/internal/report"
	"telltale/internal/scoring"
)

// pass is one whole pass: import, schedule, crawl what is due once, extract, score, export.
type pass struct {
	settings *Settings
	// files are the CSV files to import, by kind; OnError is fail or skip.
	files   []importFile
	onError string
	month   intent.Month
	scoring scoring.Config
	out     string
}

// passResult is what a pass came to.
type passResult struct {
	visits  int
	crawled time.Duration
	summary scoring.Summary
	report  *report.Report
	paths   []string
}

// run makes the pass over open engines, saying on env.Err what it does.
func (p *pass) run(ctx context.Context, env *Env, e *engines) (*passResult, error) {
	if err := importFiles(ctx, env, e.store, p.files, p.onError); err != nil {
		return nil, err
	}
	if err := requireFit(ctx, e.store); err != nil {
		return nil, err
	}
	if err := requireWhole(ctx, env, e, "run", time.Time{}); err != nil {
		return nil, err
	}
	result, err := p.crawl(ctx, env, e)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(env.Err, "score %s\n", p.month)
	result.summary, err = scoreMonth(ctx, env, e, scoring.Request{Month: p.month}, "", p.scoring)
	if err != nil {
		return nil, err
	}
	result.report, result.paths, err = exportMonth(ctx, e.store, p.month, p.out)
	return result, err
}

// crawl visits every domain that is due once, and returns when every page is read and every result stored.
func (p *pass) crawl(ctx context.Context, env *Env, e *engines) (*passResult, error) {
	scheduler, err := e.scheduler(env, p.settings)
	if err != nil {
		return nil, err
	}
	start := time.Now()
	rolesCtx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() {
		ended <- e.run(rolesCtx, env, p.settings, []Role{RoleCrawler, RoleSignalWorker, RoleWriter})
		stop()
	}()
	visits, err := p.scheduleAndWait(rolesCtx, env, e, scheduler.Once)
	stop()
	rolesErr := <-ended
	if ctx.Err() == nil && rolesErr != nil {
		return nil, rolesErr
	}
	if err != nil {
		return nil, errors.Join(err, rolesErr)
	}
	return &passResult{visits: visits, crawled: time.Since(start)}, nil
}

func (p *pass) scheduleAndWait(ctx context.Context, env *Env, e *engines, once func(context.Context) (int, error)) (int, error) {
	visits, err := once(ctx)
	if err != nil {
		return 0, fmt.Errorf("schedule: %w", err)
	}
	streams, err := e.queue.Status(ctx)
	if err != nil {
		return 0, err
	}
	total := max(visits, int(streams[0].Messages))
	fmt.Fprintf(env.Err, "crawl %d domains that are due\n", total)
	return total, awaitIdle(ctx, e.queue, newProgress(env.Err, total))
}
