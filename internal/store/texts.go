package store

import (
	"cmp"
	"context"
	"fmt"
	"math/bits"
	"slices"
	"time"

	"telltale/internal/signals"
)

const (
	// textChunk is how many texts are looked up at a time: parameters travel in the head of a request.
	textChunk = 256
	// bandBits is the width of a band, bands how many there are; what is found by its words lies behind them.
	bandBits, bands = 16, 4
	// lately is how long after a group was begun another process may not have seen it, clocks that differ included.
	whenever, lately = 100 * 365 * 24 * time.Hour, 5 * time.Minute
)

// textKeyRow says to which group a text belongs; it is found at a place.
type textKeyRow struct {
	place           uint32
	key, group, sim uint64
}

// itself reports the row that finds a text by its words.
func (r *textKeyRow) itself() bool { return r.place >= bands<<bandBits }

// textGroup is a stored text and its group.
type textGroup struct {
	Same     bool      `ch:"same"`
	TextKey  uint64    `ch:"text_key"`
	GroupKey uint64    `ch:"group_key"`
	SimHash  uint64    `ch:"simhash"`
	Since    time.Time `ch:"since"`
}

// WriteTexts stores texts and links each to the group of its copies; it returns when all is durable. A text joins the group of a text of
// the same words, or else the nearest group whose first text is within signals.CopyDistance, or else begins one. A
// group never changes once its signals are stored. The same call may come any number of times. Errors wrap signals.ErrInvalid
// where one of them must not be stored, and then none is.
func (s *Store) WriteTexts(ctx context.Context, rows []signals.Text) error {
	for i := range rows {
		if err := rows[i].Validate(); err != nil {
			return fmt.Errorf("write texts: row %d: %w", i, err)
		}
	}
	distinct := slices.Clone(rows)
	slices.SortFunc(distinct, func(a, b signals.Text) int { return cmp.Compare(a.Key, b.Key) })
	distinct = slices.CompactFunc(distinct, func(a, b signals.Text) bool { return a.Key == b.Key })
	for chunk := range slices.Chunk(distinct, textChunk) {
		if err := s.group(ctx, chunk); err != nil {
			return fmt.Errorf("group texts: %w", err)
		}
	}
	return insertParted(ctx, s, "text_rows", rows, func(*signals.Text) int { return 0 }, textColumns)
}

// group gives each text that has none a group. Two processes that begin groups for two copies at once do not see each other's, so
// whoever began one looks again once it is durable, and of two groups that are one the earlier stays.
func (s *Store) group(ctx context.Context, texts []signals.Text) error {
	stored, err := s.textGroups(ctx, texts, whenever)
	if err != nil {
		return err
	}
	fresh, begun := grouped(texts, stored)
	s.metrics.texts(fresh)
	if len(fresh) == 0 {
		return nil
	}
	if err := s.insertBlock(ctx, "text_keys", len(fresh), textKeyColumns(fresh)); err != nil || len(begun) == 0 {
		return err
	}
	if stored, err = s.textGroups(ctx, begun, lately); err != nil {
		return err
	}
	if moved := reconciled(begun, stored); len(moved) > 0 {
		return s.insertBlock(ctx, "text_keys", len(moved), textKeyColumns(moved))
	}
	return nil
}

// textGroups looks texts up, and groups near them that were begun within some time.
func (s *Store) textGroups(ctx context.Context, texts []signals.Text, within time.Duration) ([]textGroup, error) {
	keys, hashes := make([]uint64, len(texts)), []uint64{}
	for i := range texts {
		keys[i] = texts[i].Key
		if texts[i].SimHash != 0 {
			hashes = append(hashes, texts[i].SimHash)
		}
	}
	var found []textGroup
	err := s.Select(ctx, &found, text("text_groups"), Params{"keys": keys, "hashes": hashes, "distance": uint8(signals.CopyDistance), "seconds": uint32(within.Seconds())})
	return found, err
}

// grouped are the rows of texts that had no group, and those among the texts that begin one.
func grouped(texts []signals.Text, stored []textGroup) (fresh []textKeyRow, begun []signals.Text) {
	known := map[uint64]bool{}
	var firsts []textGroup
	for _, g := range stored {
		if g.Same {
			known[g.TextKey] = true
		}
		if g.GroupKey == g.TextKey {
			firsts = append(firsts, g)
		}
	}
	for i := range texts {
		t := &texts[i]
		if known[t.Key] {
			continue
		}
		group := nearest(t, firsts)
		fresh = append(fresh, rowsOfText(t.Key, group, t.SimHash)...)
		if group == t.Key {
			begun = append(begun, *t)
			firsts = append(firsts, textGroup{TextKey: t.Key, GroupKey: t.Key, SimHash: t.SimHash})
		}
	}
	return fresh, begun
}

// nearest is the group of the first text that is most like t, and t's own where none is near.
func nearest(t *signals.Text, firsts []textGroup) uint64 {
	best, group := signals.CopyDistance+1, t.Key
	for _, f := range firsts {
		d := bits.OnesCount64(t.SimHash ^ f.SimHash)
		if signals.Near(t.SimHash, f.SimHash) && (d < best || d == best && f.TextKey < group) {
			best, group = d, f.TextKey
		}
	}
	return group
}

// reconciled are rows that make one group of two that were begun at once: the one recorded later joins the earlier.
func reconciled(begun []signals.Text, stored []textGroup) (moved []textKeyRow) {
	since := map[uint64]time.Time{}
	for _, g := range stored {
		since[g.TextKey] = g.Since
	}
	for i := range begun {
		t := &begun[i]
		for _, g := range stored {
			if g.Same || g.GroupKey != g.TextKey || !signals.Near(t.SimHash, g.SimHash) {
				continue
			}
			if order := cmp.Or(g.Since.Compare(since[t.Key]), cmp.Compare(g.TextKey, t.Key)); order < 0 {
				moved = append(moved, textKeyRow{placeOf(t.Key), t.Key, g.TextKey, t.SimHash})
				break
			}
			moved = append(moved, textKeyRow{placeOf(g.TextKey), g.TextKey, t.Key, g.SimHash})
		}
	}
	return moved
}

// placeOf is where a text is found by its words.
func placeOf(key uint64) uint32 { return bands<<bandBits | uint32(key&(1<<bandBits-1)) }

// rowsOfText are the row that finds a text by its words and, where it begins its group, those that find it by its bands.
func rowsOfText(key, group, sim uint64) []textKeyRow {
	rows := []textKeyRow{{placeOf(key), key, group, sim}}
	if key == group && sim != 0 {
		for band := range uint32(bands) {
			rows = append(rows, textKeyRow{band<<bandBits | uint32(sim>>(bandBits*band)&(1<<bandBits-1)), key, group, sim})
		}
	}
	return rows
}

func textKeyColumns(rows []textKeyRow) []column {
	return []column{
		project("place", rows, func(r *textKeyRow) uint32 { return r.place }),
		project("text_key", rows, func(r *textKeyRow) uint64 { return r.key }),
		project("group_key", rows, func(r *textKeyRow) uint64 { return r.group }),
		project("simhash", rows, func(r *textKeyRow) uint64 { return r.sim }),
	}
}

func textColumns(rows []signals.Text) []column {
	type T = signals.Text
	return []column{
		project("domain", rows, func(r *T) string { return r.Domain }),
		project("url", rows, func(r *T) string { return r.URL }),
		project("text_key", rows, func(r *T) uint64 { return r.Key }),
		project("simhash", rows, func(r *T) uint64 { return r.SimHash }),
		project("words", rows, func(r *T) uint32 { return count32(r.Words) }),
		project("stated_at", rows, func(r *T) time.Time { return r.StatedAt }),
		project("known_from", rows, func(r *T) time.Time { return r.KnownFrom }),
	}
}
