package embedded

import (
	"log/slog"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Config is what an Engine needs. The zero value of every field but Dir is usable.
type Config struct {
	// Dir is the directory of the engine's state; it is made where it is missing. Only one process may use it.
	Dir string
	// Library is the path of libchdb.so; empty means FindLibrary's search.
	Library string
	// BackupDir is the only directory that BACKUP … TO File may write to, absolute; empty means Dir/backups.
	BackupDir string
	// MaxMemory bounds the memory of all queries together, in bytes, above which the query that asks fails
	// with code 241; 0 means 1 GiB. The library itself takes about 200 MB more.
	MaxMemory int64
	// MaxQueryMemory bounds one query, in bytes; 0 means three quarters of MaxMemory. Sorting and grouping
	// spill to disk from half of it on.
	MaxQueryMemory int64
	// MinFree is the space on disk that is never used, in bytes: inserts and merges that would go below it
	// fail with code 243. 0 means 512 MiB. It is generous because the library drops the error of a write
	// that finds no room (see disk.go).
	MinFree int64
	// MaxThreads bounds the threads of one query; 0 means the number of processors.
	MaxThreads int
	// MaxConcurrent bounds the statements that run at once, each of which holds one thread of this process;
	// others wait in order of arrival. 0 means 16.
	MaxConcurrent int
	// MaxOutside bounds those of them that came through a Listener, so that outsiders cannot starve the
	// product; 0 means a quarter of MaxConcurrent.
	MaxOutside int
	// MaxQueryBytes bounds a statement without the data of an INSERT, in bytes; 0 means 1 MiB.
	MaxQueryBytes int
	// MaxBodyBytes bounds the data of one INSERT after decompression, in bytes; 0 means 1 GiB.
	MaxBodyBytes int64
	// MaxExecution bounds a statement that came through a Listener; 0 means 5 minutes.
	MaxExecution time.Duration
	Logger       *slog.Logger
	// Registerer takes the metrics; nil means they are kept to the Engine.
	Registerer prometheus.Registerer
}

func (c Config) withDefaults() Config {
	setDefault(&c.MaxMemory, 1<<30)
	setDefault(&c.MaxQueryMemory, c.MaxMemory/4*3)
	setDefault(&c.MinFree, 512<<20)
	setDefault(&c.MaxThreads, runtime.NumCPU())
	setDefault(&c.MaxConcurrent, 16)
	setDefault(&c.MaxOutside, max(1, c.MaxConcurrent/4))
	setDefault(&c.MaxQueryBytes, 1<<20)
	setDefault(&c.MaxBodyBytes, 1<<30)
	setDefault(&c.MaxExecution, 5*time.Minute)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Registerer == nil {
		c.Registerer = prometheus.NewRegistry()
	}
	return c
}

func setDefault[T int | int64 | time.Duration](field *T, value T) {
	if *field <= 0 {
		*field = value
	}
}
