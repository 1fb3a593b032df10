package learned

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
)

// Format is the version of the file format: a gzip stream of one line of JSON, the header, then the places that carry
// weights, ascending: the distance from the one before as a uvarint, the squared inverse frequency, a byte a class.
const Format = 1

// The bounds of a model file: bytes of its header, bits of its feature space.
const (
	maxHeader = 1 << 20
	maxBits   = 20
	maxHints  = 200
	maxWeight = 1e6
)

// ErrModel reports a file that is no model, or none that this version reads.
var ErrModel = errors.New("bad model file")

// Load reads a model. Memory is bounded by the format: at most 2^20 places of 41 bytes. Errors wrap ErrModel.
func Load(in io.Reader) (*Model, error) {
	m, err := load(in)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrModel, err)
	}
	return m, nil
}

func load(in io.Reader) (*Model, error) {
	z, err := gzip.NewReader(in)
	if err != nil {
		return nil, err
	}
	defer func() { _ = z.Close() }()
	z.Multistream(false)
	r := bufio.NewReaderSize(z, 1<<16)
	line, err := headerLine(r)
	if err != nil {
		return nil, err
	}
	var h Header
	if err := json.Unmarshal(line, &h); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	if err := h.check(); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	m := newModel(h)
	return m, m.readRows(r)
}

func headerLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > maxHeader:
			return nil, fmt.Errorf("header: longer than %d bytes", maxHeader)
		case err == nil:
			return line, nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, fmt.Errorf("header: %w", noEOF(err))
		}
	}
}

func (h *Header) check() error {
	heads := len(h.Events) + len(h.Modalities)
	switch {
	case h.Format != Format:
		return fmt.Errorf("format %d, want %d", h.Format, Format)
	case len(h.Events) == 0 || heads > MaxHeads:
		return fmt.Errorf("%d classes, want 1 to %d", heads, MaxHeads)
	case h.Bits < 1 || h.Bits > maxBits:
		return fmt.Errorf("%d bits, want 1 to %d", h.Bits, maxBits)
	case len(h.Bias) != heads || len(h.Scale) != heads || len(h.Judges) != len(h.Events):
		return errors.New("weights and classes differ in number")
	case len(h.Hints) != len(h.HintWeights) || len(h.Hints) > maxHints:
		return fmt.Errorf("%d hints with %d rows of weights, want as many and at most %d", len(h.Hints), len(h.HintWeights), maxHints)
	case !(h.Veto >= 0 && h.Add <= 1 && h.Veto <= h.Add):
		return fmt.Errorf("veto %g and add %g: want 0 ≤ veto ≤ add ≤ 1", h.Veto, h.Add)
	}
	return h.checkWeights(heads)
}

// checkWeights refuses hints with a weight too few, and weights with which log-odds would leave the numbers.
func (h *Header) checkWeights(heads int) error {
	for _, row := range h.HintWeights {
		if len(row) != heads {
			return fmt.Errorf("a hint has %d weights, want %d", len(row), heads)
		}
	}
	weights := append(slices.Concat(h.HintWeights...), h.Bias...)
	weights = append(append(weights, h.Scale...), h.Untold.Constant, h.Untold.Denied, h.Untold.Past, h.Untold.Rules)
	for _, j := range h.Judges {
		weights = append(weights, j.Constant, j.Learned, j.Rules)
	}
	for _, w := range weights {
		if math.Abs(w) > maxWeight {
			return fmt.Errorf("weight %g: want at most %g", w, maxWeight)
		}
	}
	return nil
}

// readRows reads the places; each must lie behind the one before, so their number is bounded too.
func (m *Model) readRows(r *bufio.Reader) error {
	at, row := -1, make([]byte, m.stride)
	for {
		step, err := binary.ReadUvarint(r)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if step == 0 || step > uint64(1<<m.Bits-1-at) {
			return fmt.Errorf("place %d+%d: outside of the feature space", at, step)
		}
		at += int(step)
		if _, err := io.ReadFull(r, row); err != nil {
			return fmt.Errorf("place %d: %w", at, noEOF(err))
		}
		for i, b := range row {
			m.rows[at*m.stride+i] = int8(b)
		}
	}
}

func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// Save writes a model; the same model gives the same bytes.
func (m *Model) Save(out io.Writer) error {
	z, err := gzip.NewWriterLevel(out, gzip.BestCompression)
	if err != nil {
		return err
	}
	line, err := json.Marshal(m.Header)
	if err != nil {
		return err
	}
	if _, err := z.Write(append(line, '\n')); err != nil {
		return err
	}
	last := -1
	var buf []byte
	for at := range 1 << m.Bits {
		row := m.rows[at*m.stride : (at+1)*m.stride]
		if row[0] == 0 {
			continue
		}
		buf = binary.AppendUvarint(buf[:0], uint64(at-last))
		for _, w := range row {
			buf = append(buf, byte(w))
		}
		if _, err := z.Write(buf); err != nil {
			return err
		}
		last = at
	}
	return z.Close()
}

// Place is one place of the feature space as training leaves it: its inverse document frequency, and a weight a class.
type Place struct {
	At      uint32
	IDF     float64
	Weights []float64
}

// Build makes a model of a header and its places: weights are stored in steps of 1/127 of their class's largest, which
// sets Scale. Errors wrap ErrModel.
func Build(h Header, places []Place) (*Model, error) {
	heads := len(h.Events) + len(h.Modalities)
	h.Format, h.Scale = Format, make([]float64, heads)
	for _, p := range places {
		if len(p.Weights) != heads || int(p.At) >= 1<<h.Bits {
			return nil, fmt.Errorf("%w: place %d has %d weights, want %d", ErrModel, p.At, len(p.Weights), heads)
		}
		for c, w := range p.Weights {
			h.Scale[c] = max(h.Scale[c], math.Abs(w*p.IDF)/127)
		}
	}
	if err := h.check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrModel, err)
	}
	m := newModel(h)
	for _, p := range places {
		row := m.rows[int(p.At)*m.stride:]
		row[0] = int8(uint8(min(max(math.Round(p.IDF*p.IDF/quarter), 1), 255)))
		for c, w := range p.Weights {
			if h.Scale[c] > 0 {
				row[1+c] = int8(math.Round(w * p.IDF / h.Scale[c]))
			}
		}
	}
	return m, nil
}
