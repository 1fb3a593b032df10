package app

import (
	"context"
	"fmt"
	"os"
	"time"

	"telltale/internal/archive"
	"telltale/internal/crawl"
	"telltale/internal/pages"
)

// check refuses flags of an archive that cannot be.
func (w *Warc) check() error {
	if w.Dir == "" {
		return nil
	}
	if info, err := os.Stat(w.Dir); err == nil && !info.IsDir() {
		return inputf("--warc %s: not a directory", w.Dir)
	}
	if err := within(
		number("warc-size", w.Size, 1, 1<<20), number("warc-total", w.Total, 1, 1<<30), duration("warc-keep", w.Keep, time.Minute, 0),
	); err != nil {
		return err
	}
	if w.Total < 2*w.Size {
		return inputf("--warc-total %d: want at least twice --warc-size %d", w.Total, w.Size)
	}
	return nil
}

// newRecorder makes the recorder of a crawler; nil without --warc.
func (w *Warc) newRecorder(env *Env, s *Settings) (*archive.Recorder, error) {
	if w.Dir == "" {
		return nil, nil
	}
	if err := os.MkdirAll(w.Dir, 0o750); err != nil {
		return nil, inputf("--warc: %w", err)
	}
	recorder, err := archive.New(archive.Config{
		Dir: w.Dir, Name: crawlerName(s), Software: "Telltale/" + Version, Operator: s.Contact,
		MaxFile: w.Size << 20, MaxTotal: w.Total << 20, MaxAge: w.Keep,
	}, archive.Deps{Logger: env.Log, Registerer: env.Registry})
	if err != nil {
		return nil, asInput(fmt.Errorf("--warc: %w", err))
	}
	return recorder, nil
}

// whileRecording runs a crawl beside its recorder, which starts first and stops last; a nil recorder leaves the crawl
// alone.
func whileRecording(recorder *archive.Recorder, crawl func(context.Context) error) func(context.Context) error {
	if recorder == nil {
		return crawl
	}
	return func(ctx context.Context) error {
		recording, stop := context.WithCancel(context.WithoutCancel(ctx))
		defer stop()
		ended := make(chan error, 1)
		go func() { ended <- recorder.Run(recording) }()
		err := crawl(ctx)
		stop()
		if failed := <-ended; err == nil {
			err = failed
		}
		return err
	}
}

// recordedPublisher notes each published page in the archive, once it is durable.
type recordedPublisher struct {
	crawl.Publisher
	recorder *archive.Recorder
}

// PublishPage implements crawl.Publisher.
func (p recordedPublisher) PublishPage(ctx context.Context, page *pages.Page) error {
	err := p.Publisher.PublishPage(ctx, page)
	if err == nil {
		p.recorder.RecordPage(ctx, page)
	}
	return err
}

func recorded(to crawl.Publisher, recorder *archive.Recorder) crawl.Publisher {
	if recorder == nil {
		return to
	}
	return recordedPublisher{to, recorder}
}
