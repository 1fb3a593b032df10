package registry_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"telltale/internal/scoring/registry"
	"telltale/internal/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// now stands still: of two decisions at one time the later written counts.
var now = time.Date(2026, 10, 2, 12, 0, 0, 0, time.UTC)

type shelf struct {
	*store.Store
	*registry.Registry
}

func (s shelf) Each(ctx context.Context, query string, args map[string]any, scan func(into func(dest ...any) error) error) error {
	return s.Store.Each(ctx, query, args, scan)
}

func open(t testing.TB) shelf {
	t.Helper()
	cfg := store.Config{Database: fmt.Sprintf("test_%016x", rand.Uint64())}
	if cfg.URL = os.Getenv("TELLTALE_TEST_CLICKHOUSE"); cfg.URL == "" {
		cfg.DataDir = t.TempDir()
	}
	st, err := store.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if cfg.URL != "" {
			if err := st.Exec(context.Background(), "DROP DATABASE "+cfg.Database, nil); err != nil {
				t.Error(err)
			}
		}
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := st.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := shelf{Store: st}
	s.Registry = registry.New(s, st, func() time.Time { return now })
	return s
}

// compared is what a training keeps: figures of a model and of the champion it was compared with.
func compared(champion string, loss, lift, otherLoss, otherLift float64) string {
	judged := func(loss, lift float64) string {
		return fmt.Sprintf(`{"metrics":{"cases":200,"won":50,"auc":0.7,"lift_10":%v,"ece":0.02,"log_loss":%v},"intervals":{}}`, lift, loss)
	}
	return fmt.Sprintf(`{"version":"x","labels":"opportunities","kind":"logistic","as_of":"2026-09-30","rows":900,"positives":200,"tested":%s,"verdict":{"champion":%q,"mine":%s,"other":%s}}`,
		judged(loss, lift), champion, judged(loss, lift), judged(otherLoss, otherLift))
}

func (s shelf) register(t testing.TB, version, metrics string) {
	t.Helper()
	if err := s.RegisterModel(t.Context(), "Azure", version, "{}", metrics, now); err != nil {
		t.Fatal(err)
	}
}

// states lists the models of Azure as version and state.
func (s shelf) states(t testing.TB) string {
	t.Helper()
	models, err := s.Models(t.Context(), "fit", "Azure")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range models {
		out = append(out, m.Version+" "+m.State)
	}
	return strings.Join(out, ", ")
}

func TestAChallengerIsPromotedWhereItBeatsTheChampionAndOtherwiseByForceOnly(t *testing.T) {
	s := open(t)
	ctx := t.Context()
	s.register(t, "v1", compared("", 0.5, 2, 0, 0))
	if why, err := s.Registry.Promote(ctx, "fit", "Azure", "v1", false); err != nil || !strings.Contains(why, "there was no champion") {
		t.Fatalf("the first: %q, %v", why, err)
	}
	for _, c := range []struct{ version, metrics, says string }{
		{"v1", "", "it is the champion already"},
		{"worse", compared("v1", 0.52, 3, 0.5, 2), "its log loss of 0.5200 on 200 rows is not below the champion's 0.5000"},
		{"equal", compared("v1", 0.5, 3, 0.5, 2), "is not below"},
		{"flat", compared("v1", 0.4, 1.9, 0.5, 2), "its lift at 10 % of 1.90 on 200 rows is below the champion's 2.00"},
		{"stale", compared("v0", 0.4, 3, 0.5, 2), "it was compared with v0, and the champion is v1 now"},
		{"alone", `{"tested":{"metrics":{"log_loss":0.1}}}`, "it was never compared"},
		{"old", compared("v1", 0, 3, 0, 2), "log loss was not measured"},
	} {
		if c.metrics != "" {
			s.register(t, c.version, c.metrics)
		}
		_, err := s.Registry.Promote(ctx, "fit", "Azure", c.version, false)
		if !errors.Is(err, registry.ErrRefused) || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "--force") {
			t.Errorf("%s: %v", c.version, err)
		}
	}
	if got := s.states(t); got != "alone challenger, equal challenger, flat challenger, old challenger, stale challenger, v1 champion, worse challenger" {
		t.Errorf("after the refusals: %s", got)
	}
	s.register(t, "better", compared("v1", 0.45, 2, 0.5, 2))
	if why, err := s.Registry.Promote(ctx, "fit", "Azure", "better", false); err != nil || !strings.Contains(why, "log loss 0.4500 against 0.5000") {
		t.Errorf("better: %q, %v", why, err)
	}
	if why, err := s.Registry.Promote(ctx, "fit", "Azure", "worse", true); err != nil || !strings.HasPrefix(why, "forced by hand, though it was compared with v1") {
		t.Errorf("by force: %q, %v", why, err)
	}
	if got := s.states(t); !strings.Contains(got, "worse champion") || !strings.Contains(got, "better retired") {
		t.Errorf("at last: %s", got)
	}
	if _, err := s.Registry.Promote(ctx, "fit", "Azure", "none", true); !errors.Is(err, registry.ErrNoModel) {
		t.Errorf("a version that is not there: %v", err)
	}
	if _, err := s.Registry.Promote(ctx, "fit", "Surface", "v1", true); !errors.Is(err, registry.ErrNoModel) {
		t.Errorf("another product's: %v", err)
	}
}

func TestARollbackGoesBackStepByStepAndNeverForthAgain(t *testing.T) {
	s := open(t)
	ctx := t.Context()
	if _, _, err := s.Rollback(ctx, "fit", "Azure", ""); !errors.Is(err, registry.ErrNoModel) || !strings.Contains(err.Error(), "there is no champion") {
		t.Errorf("without a champion: %v", err)
	}
	for _, v := range []string{"v1", "v2", "v3"} {
		s.register(t, v, "")
		if _, err := s.Registry.Promote(ctx, "fit", "Azure", v, true); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range [][2]string{{"v3", "v2"}, {"v2", "v1"}} {
		if from, to, err := s.Rollback(ctx, "fit", "Azure", "sellers complain"); err != nil || from != want[0] || to != want[1] {
			t.Errorf("from %s to %s, %v; want %v", from, to, err, want)
		}
	}
	if got := s.states(t); got != "v1 champion, v2 retired, v3 retired" {
		t.Errorf("after two: %s", got)
	}
	if _, _, err := s.Rollback(ctx, "fit", "Azure", ""); !errors.Is(err, registry.ErrNoModel) || !strings.Contains(err.Error(), "v1 is the only champion") {
		t.Errorf("a third: %v", err)
	}
	models, err := s.Models(ctx, "", "")
	if err != nil || len(models) != 3 || models[0].Why != "rolled back from v2: sellers complain" || models[0].Measured != nil || models[0].Decided.IsZero() {
		t.Errorf("%+v, %v", models, err)
	}
	// A retired one may come back, by hand.
	if _, err := s.Registry.Promote(ctx, "fit", "Azure", "v3", true); err != nil || s.states(t) != "v1 retired, v2 retired, v3 champion" {
		t.Errorf("%v: %s", err, s.states(t))
	}
}

func TestBeforeTheFirstChampionOfIntentTheWeightsSetByHandHold(t *testing.T) {
	s := open(t)
	ctx := t.Context()
	for version, metrics := range map[string]string{"good": compared("", 0.45, 2, 0.5, 2), "bad": compared("", 0.55, 2, 0.5, 2)} {
		if err := s.Register(ctx, "intent", "Azure", version, "{}", metrics, now); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Registry.Promote(ctx, "intent", "Azure", "bad", false); !errors.Is(err, registry.ErrRefused) || !strings.Contains(err.Error(), "0.5500") {
		t.Errorf("one that does not beat the weights set by hand: %v", err)
	}
	if why, err := s.Registry.Promote(ctx, "intent", "Azure", "good", false); err != nil || !strings.Contains(why, "log loss 0.4500 against 0.5000") {
		t.Errorf("one that does: %q, %v", why, err)
	}
	if _, err := s.Registry.Promote(ctx, "intent", "Azure", "bad", false); !errors.Is(err, registry.ErrRefused) || !strings.Contains(err.Error(), "compared with none, and the champion is good now") {
		t.Errorf("compared with what is not in use: %v", err)
	}
	if from, to, err := s.Rollback(ctx, "intent", "Azure", ""); err != nil || from != "good" || to != "" {
		t.Errorf("from %q to %q, %v", from, to, err)
	}
	if _, _, err := s.Rollback(ctx, "intent", "Azure", ""); !errors.Is(err, registry.ErrNoModel) {
		t.Errorf("a second: %v", err)
	}
	models, err := s.Models(ctx, "intent", "Azure")
	if err != nil || len(models) != 2 {
		t.Fatalf("%+v, %v", models, err)
	}
	for _, m := range models {
		if want := map[string]string{"good": "retired", "bad": "challenger"}[m.Version]; m.State != want {
			t.Errorf("%s is %s, want %s", m.Version, m.State, want)
		}
	}
}
