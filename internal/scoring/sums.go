package scoring

import (
	"encoding/binary"
	"time"

	"telltale/internal/intent/evidence"
)

// endOfSupport is the topic that makes a motion of its own.
const endOfSupport = "topic:end_of_support"

// sums are the sums of one span as columns. A row's drivers are packed into texts: the driver of the store takes lists element by element.
type sums struct {
	run  string
	span uint16

	accounts                     []uint32
	products, sources            []uint8
	logits                       []int64
	signals, used                []uint32
	freshest                     []time.Time
	ending                       []bool
	drivers, points, counts, ids packedLists
}

// packedLists are lists of numbers of fixed size, one a row.
type packedLists struct {
	bytes []byte
	ends  []int
}

func (p *packedLists) end() { p.ends = append(p.ends, len(p.bytes)) }

// texts are the lists as texts, which share their bytes.
func (p *packedLists) texts() []string {
	all := string(p.bytes)
	out := make([]string, len(p.ends))
	from := 0
	for i, end := range p.ends {
		out[i], from = all[from:end], end
	}
	return out
}

func sumColumns() []string {
	return []string{"run_id", "span", "account", "product", "logit", "signals", "used", "sources", "freshest", "ending", "drivers", "points", "counts", "ids"}
}

// columns are in the order of sumColumns.
func (s *sums) columns() []any {
	runs, spans := make([]string, len(s.accounts)), make([]uint16, len(s.accounts))
	for i := range runs {
		runs[i], spans[i] = s.run, s.span
	}
	return []any{runs, spans, s.accounts, s.products, s.logits, s.signals, s.used, s.sources, s.freshest, s.ending, s.drivers.texts(), s.points.texts(), s.counts.texts(), s.ids.texts()}
}

// add appends a row.
func (s *sums) add(account uint32, sum *evidence.Sum) {
	s.accounts, s.products = append(s.accounts, account), append(s.products, uint8(sum.Product+1))
	s.logits, s.sources = append(s.logits, sum.Logit), append(s.sources, uint8(sum.Sources))
	s.signals, s.used = append(s.signals, uint32(sum.Signals)), append(s.used, uint32(sum.Used))
	s.freshest = append(s.freshest, time.UnixMilli(sum.Freshest).UTC())
	ending := false
	for i := range sum.Drivers {
		d := &sum.Drivers[i]
		ending = ending || d.Points > 0 && d.Name == endOfSupport
		s.drivers.bytes = binary.LittleEndian.AppendUint16(s.drivers.bytes, uint16(d.Place+1))
		s.points.bytes = binary.LittleEndian.AppendUint64(s.points.bytes, uint64(d.Points))
		s.counts.bytes = binary.LittleEndian.AppendUint16(s.counts.bytes, uint16(len(d.IDs)))
		for _, id := range d.IDs { // as the store keeps them: two numbers, each with its last byte first
			s.ids.bytes = binary.LittleEndian.AppendUint64(s.ids.bytes, binary.BigEndian.Uint64(id[:8]))
			s.ids.bytes = binary.LittleEndian.AppendUint64(s.ids.bytes, binary.BigEndian.Uint64(id[8:]))
		}
	}
	s.ending = append(s.ending, ending)
	for _, p := range [...]*packedLists{&s.drivers, &s.points, &s.counts, &s.ids} {
		p.end()
	}
}
