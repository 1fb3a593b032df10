package queue_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestHoldersNamesWhoHoldsWhatAndNobodyElse(t *testing.T) {
	b := setup(t)
	ctx, l := deadline(t), b.q.Leases()
	if held, err := l.Holders(ctx); err != nil || len(held) != 0 {
		t.Fatalf("before any lease: %v, %v", held, err)
	}
	for key, owner := range map[string]string{"addr 192.0.2.7": "one#0", "host a.example": "two#0", "host gone.example": "two#0"} {
		token, ok, err := l.Acquire(ctx, key, owner, time.Minute)
		if err != nil || !ok {
			t.Fatalf("acquire %s: %v, %v", key, ok, err)
		}
		if key == "host gone.example" {
			if err := l.Release(ctx, key, token); err != nil {
				t.Fatal(err)
			}
		}
	}
	held, err := l.Holders(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"addr 192.0.2.7": "one#0", "host a.example": "two#0"}, held); diff != "" {
		t.Errorf("holders (-want +got):\n%s", diff)
	}
}
