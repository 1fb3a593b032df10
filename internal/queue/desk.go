package queue

import (
	"slices"
	"sync"
	"time"
)

const (
	// waitingMax bounds the visits that wait in hand for their address, over all partitions: some 3 KB each.
	waitingMax = 8192
	// idleMin and idleMax bound the wait before a partition that had nothing is asked again; it doubles.
	idleMin = 50 * time.Millisecond
	idleMax = time.Second
)

// desk decides from which partition to pull next, how much, and which of the visits pulled begin.
//
// Visits begin in slots. Three rules keep one slow address from taking what others need: an address has
// perPlace visits begun at most, and those beyond it wait in hand without a slot; a partition has a quarter of
// the slots at most, or twice its even part; and partitions that may have something are asked in turn.
type desk struct {
	slots, perPlace int
	// wake tells the puller that there is a slot, or another set of partitions.
	wake chan struct{}

	mu    sync.Mutex
	begun int
	parts [Partitions]part
	// owned are the partitions to pull from; turn is the index of the one to begin with.
	owned  []int
	turn   int
	places map[string]*place
}

// part is one partition; lost ones are kept while their visits are in hand.
type part struct {
	begun, waiting int
	// askAt is when it is worth asking again, idle the wait after its next empty answer, fails its failed pulls in a row.
	askAt time.Time
	idle  time.Duration
	fails int
}

// place is one address, or a domain whose address is not known, with visits in hand.
type place struct {
	begun   int
	waiting []*message
}

func newDesk(slots, perPlace int) *desk {
	// A small crawler must not give all it has to one address either.
	return &desk{
		slots: slots, perPlace: min(perPlace, (slots+3)/4), wake: make(chan struct{}, 1), places: map[string]*place{},
	}
}

// placeName is what of a visit counts as one address.
func placeName(m *message) string {
	if h := m.Headers().Get(hdrPlace); h != "" {
		return h
	}
	return lastToken(m.Subject())
}

// next returns a partition to pull from and how many to ask for. With nothing to ask for now, n is 0 and wait
// is when to look again (0: when woken).
func (d *desk) next(now time.Time) (partition, n int, wait time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range d.owned {
		at := (d.turn + i) % len(d.owned)
		p := d.owned[at]
		room := d.room(p)
		if room == 0 {
			continue
		}
		if until := d.parts[p].askAt.Sub(now); until > 0 {
			if wait == 0 || until < wait {
				wait = until
			}
			continue
		}
		d.turn = at + 1
		return p, room, 0
	}
	return 0, 0, wait
}

// room is how many visits of a partition may be pulled now. The lock is held.
func (d *desk) room(p int) int {
	n := len(d.owned)
	most := max((2*d.slots+n-1)/n, d.slots/4, 1)
	room := min(d.slots-d.begun, most-d.parts[p].begun, max(waitingMax/n, 1)-d.parts[p].waiting, pullMax)
	return max(room, 0)
}

// asked notes what a pull gave: how many, and whether the partition has more.
func (d *desk) asked(p, got int, more bool, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	pt := &d.parts[p]
	pt.fails = 0
	if got > 0 {
		pt.idle = 0
	}
	if more {
		return
	}
	pt.idle = min(max(2*pt.idle, idleMin), idleMax)
	pt.askAt = now.Add(pt.idle)
}

// failed notes a failed pull; the partition is left alone for a growing while.
func (d *desk) failed(p int, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	pt := &d.parts[p]
	pt.askAt = now.Add(jitter(min(backoffMin<<min(pt.fails, 10), 5*time.Second)))
	pt.fails++
}

// arrived takes a visit in hand and reports whether it begins now; if not, it waits for its address.
func (d *desk) arrived(m *message) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	name := placeName(m)
	pl := d.places[name]
	if pl == nil {
		pl = &place{}
		d.places[name] = pl
	}
	if pl.begun >= d.perPlace {
		pl.waiting = append(pl.waiting, m)
		d.parts[partitionOf(m.Subject())].waiting++
		return false
	}
	d.begin(pl, m)
	return true
}

// begin gives a visit a slot. The lock is held.
func (d *desk) begin(pl *place, m *message) {
	d.begun++
	pl.begun++
	d.parts[partitionOf(m.Subject())].begun++
}

// done gives a visit's slot back, and returns the next of its address where one waits: it has the slot then.
func (d *desk) done(m *message) *message {
	d.mu.Lock()
	defer d.mu.Unlock()
	defer d.signal()
	name := placeName(m)
	pl := d.places[name]
	d.begun--
	pl.begun--
	d.parts[partitionOf(m.Subject())].begun--
	if len(pl.waiting) > 0 {
		next := pl.waiting[0]
		pl.waiting[0] = nil
		pl.waiting = pl.waiting[1:]
		d.parts[partitionOf(next.Subject())].waiting--
		d.begin(pl, next)
		return next
	}
	if pl.begun == 0 {
		delete(d.places, name)
	}
	return nil
}

// own sets the partitions to pull from, and returns the waiting visits of those lost: nobody has begun them,
// and the address's new crawler should have them. Visits begun stay: their leases are ours.
func (d *desk) own(partitions []int) (back []*message) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, p := range partitions {
		if !slices.Contains(d.owned, p) {
			d.parts[p].askAt, d.parts[p].idle = time.Time{}, 0
		}
	}
	d.owned, d.turn = partitions, 0
	back = d.drop(func(p int) bool { return !slices.Contains(partitions, p) })
	d.signal()
	return back
}

// drop takes out the waiting visits of the partitions that lost names. The lock is held.
func (d *desk) drop(lost func(partition int) bool) (back []*message) {
	for _, pl := range d.places {
		pl.waiting = slices.DeleteFunc(pl.waiting, func(m *message) bool {
			p := partitionOf(m.Subject())
			if !lost(p) {
				return false
			}
			d.parts[p].waiting--
			back = append(back, m)
			return true
		})
	}
	return back
}

// waiting counts the visits in hand that have not begun.
func (d *desk) waiting() (n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, p := range &d.parts {
		n += p.waiting
	}
	return n
}

// signal wakes the puller. The lock is held.
func (d *desk) signal() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}
