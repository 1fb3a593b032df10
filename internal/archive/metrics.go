package archive

import (
	"errors"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// Why records are lost or files deleted; labels of metrics.
const (
	lostDisk      = "disk"
	lostCancelled = "cancelled"
	lostStopped   = "stopped"

	deletedAge  = "age"
	deletedSize = "size"
)

// metrics counts what is written.
type metrics struct {
	records, lost, deleted *prometheus.CounterVec
	bytes, errors, files   prometheus.Counter
	queued                 prometheus.Gauge
}

func newMetrics(reg prometheus.Registerer) (*metrics, error) {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: "telltale_archive_" + name, Help: help})
	}
	vector := func(name, help, label string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "telltale_archive_" + name, Help: help}, []string{label})
	}
	m := &metrics{
		records: vector("records_total", "WARC records written, by type.", "type"),
		lost:    vector("lost_total", "Exchanges and pages that were not kept: the disk failed, the caller gave up waiting, or the recorder had stopped.", "reason"),
		deleted: vector("deleted_files_total", "Files deleted by retention: over age or over the size kept in all.", "reason"),
		bytes:   counter("bytes_total", "Bytes written, compressed."),
		errors:  counter("errors_total", "Failed writes, opens, completions and deletions of files."),
		files:   counter("files_total", "Files begun."),
		queued:  prometheus.NewGauge(prometheus.GaugeOpts{Name: "telltale_archive_queued_bytes", Help: "Bytes that wait to be written, uncompressed."}),
	}
	if reg == nil {
		return m, nil
	}
	var failed error
	for _, c := range []prometheus.Collector{m.records, m.lost, m.deleted, m.bytes, m.errors, m.files, m.queued} {
		failed = errors.Join(failed, reg.Register(c))
	}
	if failed != nil {
		return nil, fmt.Errorf("register metrics: %w", failed)
	}
	return m, nil
}
