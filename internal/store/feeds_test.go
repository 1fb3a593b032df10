package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"telltale/internal/domains"
	"telltale/internal/pages"
)

func TestDueFeedsTravelWithTheirDomainOrTogether(t *testing.T) {
	s := migrated(t)
	_, err := s.ImportAccounts(t.Context(), []domains.Account{accountOf("a", 5, "a.example"), accountOf("b", 500, "b.example")}, noon)
	must(t, err)
	_, err = s.ImportWatch(t.Context(), []WatchSource{
		{Name: "One", Domain: "wire.example", URL: "https://wire.example/1", Source: pages.KindPress}, {Name: "Two", Domain: "wire.example", URL: "https://wire.example/2"},
	}, noon.Add(time.Minute))
	must(t, err)
	feed := func(domain, path string, due time.Time) Feed {
		return Feed{Domain: domain, URL: "https://" + domain + path, NextDue: due, Interval: 2 * time.Hour, Failures: 1}
	}
	must(t, s.SetFeeds(t.Context(), []Feed{
		feed("a.example", "/due", noon), feed("a.example", "/later", noon.Add(time.Hour)), feed("b.example", "/due", noon), feed("nobody.example", "/due", noon),
		{Domain: "a.example", URL: "https://video.example/a", NextDue: noon.Add(-time.Minute)},
	}))
	must(t, s.SetNextDue(t.Context(), []Next{{Domain: "a.example", DueAt: noon.Add(time.Hour), LastVisit: noon, LastOutcome: pages.OutcomeOK, Address: "192.0.2.7"}}))
	want := []string{
		"b.example@2025-03-10T12:00:00Z +https://b.example/due",
		"wire.example@2025-03-10T12:01:00Z#feeds +https://wire.example/1 +https://wire.example/2",
		"a.example@2025-03-10T11:59:00Z#feeds +https://video.example/a +https://a.example/due",
	}
	if diff := cmp.Diff(want, dueAt(t, s, noon.Add(2*time.Minute), 10)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	visits, err := s.Due(t.Context(), noon.Add(2*time.Minute), 10)
	must(t, err)
	only := pages.Visit{
		ID: "a.example@2025-03-10T11:59:00Z#feeds", Domain: "a.example", DueAt: noon.Add(-time.Minute), Address: "192.0.2.7", FeedsOnly: true,
		Feeds: []pages.Feed{
			{URL: "https://video.example/a", DueAt: noon.Add(-time.Minute)},
			{URL: "https://a.example/due", DueAt: noon, Interval: 2 * time.Hour, Failures: 1},
		},
	}
	if diff := cmp.Diff(only, visits[2]); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if w := visits[1].Feeds[0]; w.Watch != "One" || w.Source != pages.KindPress || !visits[1].FeedsOnly || visits[0].FeedsOnly {
		t.Errorf("visits %+v", visits)
	}
	if got := dueAt(t, s, noon.Add(2*time.Minute), 2); len(got) != 2 {
		t.Errorf("%d visits, want the limit of 2", len(got))
	}
}

func TestAReadMovesItsFeedAndAProvisionalTimeKeepsWhatItWas(t *testing.T) {
	s := migrated(t)
	_, err := s.ImportAccounts(t.Context(), []domains.Account{accountOf("a", 500, "a.example")}, noon)
	must(t, err)
	set := func(f Feed) {
		f.Domain, f.URL = "a.example", "https://a.example/feed"
		must(t, s.SetFeeds(t.Context(), []Feed{f}))
	}
	set(Feed{Source: pages.KindBlog, NextDue: noon.Add(time.Hour), Interval: time.Hour, LastRead: noon, LastChanged: noon, Items: 9})
	set(Feed{Source: pages.KindPress, NextDue: noon.Add(2 * time.Hour), Interval: 2 * time.Hour, Failures: 1, LastRead: noon.Add(time.Hour), LastError: "timeout"})
	set(Feed{NextDue: noon.Add(3 * time.Hour), Interval: 2 * time.Hour, Failures: 1})
	want := []Feed{{
		Domain: "a.example", URL: "https://a.example/feed", Source: pages.KindBlog, NextDue: noon.Add(3 * time.Hour), Interval: 2 * time.Hour, Failures: 1,
		LastRead: noon.Add(time.Hour), LastChanged: noon, LastError: "timeout", Items: 9,
	}}
	got, err := s.Feeds(t.Context(), []string{"a.example"})
	must(t, err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestFeedsFollowTheirDomainOnAndOffTheSchedule(t *testing.T) {
	s := migrated(t)
	states := func() string {
		feeds, err := s.Feeds(t.Context(), nil)
		must(t, err)
		if len(feeds) != 1 {
			t.Fatalf("feeds %+v", feeds)
		}
		return map[bool]string{true: "removed", false: "active"}[feeds[0].Removed] + " " + string('0'+rune(feeds[0].Priority))
	}
	for i, step := range []struct {
		account domains.Account
		want    string
		due     int
	}{
		{accountOf("a", 500, "a.example"), "active 0", 1},
		{accountOf("a", 5, "a.example"), "active 2", 1},
		{accountOf("a", 5, "b.example"), "removed 2", 1},
		{accountOf("a", 500, "a.example"), "active 0", 1},
	} {
		_, err := s.ImportAccounts(t.Context(), []domains.Account{step.account}, noon.Add(time.Duration(i)*time.Second))
		must(t, err)
		must(t, s.SetFeeds(t.Context(), []Feed{{Domain: "a.example", URL: "https://a.example/feed", NextDue: noon}}))
		if got := states(); got != step.want {
			t.Errorf("step %d: the feed is %s, want %s", i, got, step.want)
		}
		if got := dueAt(t, s, noon.Add(time.Minute), 10); len(got) != step.due {
			t.Errorf("step %d: due are %v", i, got)
		}
	}
}

func TestAWatchListIsWhatItsFileSaysNow(t *testing.T) {
	s := migrated(t)
	one := WatchSource{Name: "One", Domain: "wire.example", URL: "https://wire.example/1", Source: pages.KindPress}
	two := WatchSource{Name: "Two", Domain: "wire.example", URL: "https://wire.example/2"}
	slower := one
	slower.Floor, slower.Name = time.Hour, "First"
	for i, step := range []struct {
		list    []WatchSource
		written int
		due     int
	}{
		{[]WatchSource{one, two}, 2, 2}, {[]WatchSource{one, two}, 0, 2}, {[]WatchSource{slower}, 2, 1}, {[]WatchSource{slower}, 0, 1}, {[]WatchSource{slower, two}, 1, 2},
	} {
		done, err := s.ImportWatch(t.Context(), step.list, noon.Add(time.Duration(i)*time.Second))
		must(t, err)
		if done.Written != step.written || done.Rows != len(step.list) {
			t.Errorf("step %d: %+v, want %d written", i, done, step.written)
		}
		visits, err := s.Due(t.Context(), noon.Add(time.Minute), 10)
		must(t, err)
		if len(visits) != 1 || len(visits[0].Feeds) != step.due || visits[0].Domain != "wire.example" {
			t.Errorf("step %d: visits %+v", i, visits)
		}
	}
	must(t, s.SetFeeds(t.Context(), []Feed{{Domain: "wire.example", URL: two.URL, Watch: "Two", NextDue: noon.Add(time.Hour), LastRead: noon, LastChanged: noon, Items: 3}}))
	_, err := s.ImportWatch(t.Context(), []WatchSource{slower}, noon)
	must(t, err)
	feeds, err := s.Feeds(t.Context(), []string{"wire.example"})
	must(t, err)
	want := []Feed{
		{Domain: "wire.example", URL: one.URL, Watch: "First", Source: pages.KindPress, Priority: 1, NextDue: noon, Floor: time.Hour},
		{Domain: "wire.example", URL: two.URL, Watch: "Two", Priority: 1, NextDue: noon.Add(time.Hour), LastRead: noon, LastChanged: noon, Items: 3, Removed: true},
	}
	if diff := cmp.Diff(want, feeds); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
