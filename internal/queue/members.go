package queue

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// pollsPerTTL is how often a member looks who else is there, and renewsPerTTL how often it says that it is,
// within the time its registration lives without a renewal.
const (
	pollsPerTTL  = 15
	renewsPerTTL = 3
)

// Member is one crawler that is alive.
type Member struct {
	// Name is the crawler's name, ID the name of this run of it.
	Name string `json:"name"`
	ID   string `json:"id"`
	// Partitions are the partitions of visits it pulls from.
	Partitions int `json:"partitions"`
}

// Members lists the crawlers that are alive, by name. One that died is among them until its time to live is over.
func (q *Queue) Members(ctx context.Context) ([]Member, error) {
	ids, err := q.memberIDs(ctx)
	if err != nil {
		return nil, err
	}
	parts := assign(ids)
	list := make([]Member, len(ids))
	for i, id := range ids {
		list[i] = Member{Name: id[:max(strings.LastIndexByte(id, '#'), 0)], ID: id, Partitions: len(parts[id])}
	}
	return list, nil
}

// memberIDs are the members registered now, sorted. The subjects of the bucket say it all, in one request.
func (q *Queue) memberIDs(ctx context.Context) ([]string, error) {
	s, err := q.stream("KV_" + BucketMembers)
	if err != nil {
		return nil, fmt.Errorf("read the crawlers: %w", err)
	}
	prefix := kvPrefix + BucketMembers + "."
	info, err := s.Info(ctx, jetstream.WithSubjectFilter(prefix+">"))
	if err != nil {
		return nil, fmt.Errorf("read the crawlers: %w", err)
	}
	var ids []string
	for subject := range info.State.Subjects {
		id, err := Untoken(strings.TrimPrefix(subject, prefix))
		if err != nil || !strings.Contains(id, "#") {
			continue
		}
		alive, err := q.alive(ctx, s, subject)
		if err != nil {
			return nil, fmt.Errorf("read the crawlers: %w", err)
		}
		if alive {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids, nil
}

// alive looks once per time to live whether a registration has run out and is there all the same.
func (q *Queue) alive(ctx context.Context, s jetstream.Stream, subject string) (bool, error) {
	now := q.cfg.Steady()
	if until, ok := q.looked.Load(subject); ok && now.Before(until.(time.Time)) { //nolint:forcetypeassert // nothing else is stored
		return true, nil
	}
	m, err := s.GetLastMsgForSubject(ctx, subject)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		q.looked.Delete(subject)
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if q.ranOut(m) {
		q.looked.Delete(subject)
		return false, s.Purge(ctx, jetstream.WithPurgeSubject(subject), jetstream.WithPurgeSequence(m.Sequence+1))
	}
	q.looked.Store(subject, now.Add(q.cfg.Consume.MemberTTL))
	return true, nil
}

// membership is this process among the fleet's crawlers: it keeps itself registered and says which partitions
// of visits are its own. Nothing that must be right hangs on it: two crawlers that pull from one partition for
// a moment get different visits, and leases pace them.
type membership struct {
	q  *Queue
	id string
	// view is the sorted set of members as last read.
	view []string
	// own takes the partitions that are ours by the view.
	own func(partitions []int)
	// ticks counts polls since the registration was renewed.
	ticks int
}

// join registers this process and reads who else is there. Where neither works now, the process begins as
// though it were alone: it must not idle, and the next poll mends it.
func (q *Queue) join(ctx context.Context, own func([]int)) *membership {
	m := &membership{q: q, id: q.cfg.Name + "#" + rand.Text()[:6], own: own}
	if err := m.announce(ctx); err != nil && ctx.Err() == nil {
		q.log.Warn("this crawler is not registered yet", "err", err)
	}
	m.poll(ctx)
	if m.view == nil {
		m.see([]string{m.id})
	}
	return m
}

// run keeps the registration and the view until ctx ends, then withdraws, so that others take over at once.
func (m *membership) run(ctx context.Context) {
	t := time.NewTicker(m.q.cfg.Consume.MemberTTL / pollsPerTTL)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			m.withdraw() //nolint:contextcheck // ctx has ended
			return
		case <-t.C:
			if m.ticks++; m.ticks >= pollsPerTTL/renewsPerTTL {
				if err := m.announce(ctx); err != nil && ctx.Err() == nil {
					m.q.log.Warn("renewing this crawler's registration failed; trying again", "err", err)
				}
			}
			m.poll(ctx)
		}
	}
}

// announce registers this process, or renews its registration.
func (m *membership) announce(ctx context.Context) error {
	js, err := m.q.jetStream()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, m.patience())
	defer cancel()
	if _, err := js.PublishMsg(ctx, &nats.Msg{Subject: m.subject()}, jetstream.WithMsgTTL(wholeSeconds(m.q.cfg.Consume.MemberTTL))); err != nil {
		return fmt.Errorf("register crawler %s: %w", m.id, err)
	}
	m.ticks = 0
	return nil
}

// patience bounds one request: a lost one must not cost the registration.
func (m *membership) patience() time.Duration {
	return max(m.q.cfg.Consume.MemberTTL/renewsPerTTL, time.Second)
}

func (m *membership) subject() string { return kvPrefix + BucketMembers + "." + Token(m.id) }

// poll reads the view. Where it cannot be read, the last one holds: better two crawlers at a partition than none.
func (m *membership) poll(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, m.patience())
	defer cancel()
	ids, err := m.q.memberIDs(ctx)
	if err != nil {
		if !errors.Is(ctx.Err(), context.Canceled) {
			m.q.log.Warn("reading the crawlers failed; their last known list holds", "err", err)
		}
		return
	}
	if i, found := slices.BinarySearch(ids, m.id); !found {
		// Frozen or cut off for longer than the registration lives, or a bucket that was emptied.
		ids = slices.Insert(ids, i, m.id)
		m.ticks = pollsPerTTL
	}
	m.see(ids)
}

// see takes a view and deals the partitions out anew where it differs.
func (m *membership) see(ids []string) {
	if slices.Equal(ids, m.view) {
		return
	}
	first := m.view == nil
	m.view = ids
	mine := assign(ids)[m.id]
	m.q.metrics.members.Set(float64(len(ids)))
	m.q.metrics.owned.Set(float64(len(mine)))
	if !first {
		m.q.metrics.rebalances.Inc()
	}
	m.q.log.Info("crawlers share the partitions", "crawlers", len(ids), "ours", len(mine), "of", Partitions)
	m.own(mine)
}

// withdraw ends the registration. What cannot be withdrawn runs out by itself.
func (m *membership) withdraw() {
	ctx, cancel := context.WithTimeout(context.Background(), ackTimeout)
	defer cancel()
	s, err := m.q.stream("KV_" + BucketMembers)
	if err == nil {
		err = s.Purge(ctx, jetstream.WithPurgeSubject(m.subject()))
	}
	if err != nil && !errors.Is(err, ErrClosed) {
		m.q.log.Warn("this crawler's registration was not withdrawn; it runs out by itself", "ttl", m.q.cfg.Consume.MemberTTL, "err", err)
	}
	m.q.metrics.members.Set(0)
	m.q.metrics.owned.Set(0)
}
