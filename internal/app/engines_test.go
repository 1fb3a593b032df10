package app

import (
	"log/slog"
	"testing"
	"time"

	"telltale/internal/telemetry"
)

func TestAnEmbeddedStoreIsOursAloneSinceItWasOpened(t *testing.T) {
	env := &Env{Log: slog.New(slog.DiscardHandler), Registry: telemetry.NewRegistry(), Health: telemetry.NewHealth(), Now: time.Now}
	s := &Settings{Common: Common{DataDir: t.TempDir(), Database: "telltale", StoreMemory: "512"}}
	e := &engines{}
	before := time.Now()
	if err := e.openStore(t.Context(), env, s); err != nil {
		t.Fatal(err)
	}
	opened := time.Now()
	if e.aloneSince.Before(before) || e.aloneSince.After(opened) {
		t.Errorf("alone since %s, opened between %s and %s", e.aloneSince, before, opened)
	}
	since := e.aloneSince
	if _, err := e.scorer(env); err != nil {
		t.Fatal(err)
	}
	if !e.aloneSince.Equal(since) {
		t.Error("a scorer made later moves the time")
	}
	if err := e.close(); err != nil {
		t.Error(err)
	}
}
