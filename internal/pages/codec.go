package pages

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// ErrMalformed reports bytes that are no page message.
var ErrMalformed = errors.New("malformed page message")

// frameMagic starts every page message; the digit is the version of the frame.
const frameMagic = "TTP1"

// maxMeta bounds the head of a page message, in bytes: a server's headers are capped far below it.
const maxMeta = 1 << 20

// Encode writes a page as a frame: magic, length of the head (uint32, big endian), the head as JSON,
// then the body as it is. The queue compresses the whole frame.
func (p *Page) Encode() ([]byte, error) { return p.AppendFrame(nil) }

// AppendFrame is Encode into the memory of dst, where it has room.
func (p *Page) AppendFrame(dst []byte) ([]byte, error) {
	if len(p.Body) > MaxBody {
		return nil, fmt.Errorf("encode page %s: body of %d bytes is over the cap of %d", p.URL, len(p.Body), MaxBody)
	}
	head, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("encode page %s: %w", p.URL, err)
	}
	if len(head) > maxMeta {
		return nil, fmt.Errorf("encode page %s: head of %d bytes is over the cap of %d", p.URL, len(head), maxMeta)
	}
	frame := append(slices.Grow(dst, len(frameMagic)+4+len(head)+len(p.Body)), frameMagic...)
	frame = binary.BigEndian.AppendUint32(frame, uint32(len(head)))
	frame = append(frame, head...)
	return append(frame, p.Body...), nil
}

// Decode reads a frame written by Encode. The page's body is a part of frame, not a copy.
// Errors wrap ErrMalformed.
func Decode(frame []byte) (*Page, error) {
	const fixed = len(frameMagic) + 4
	if len(frame) < fixed || string(frame[:len(frameMagic)]) != frameMagic {
		return nil, fmt.Errorf("%w: no %s frame", ErrMalformed, frameMagic)
	}
	n := int(binary.BigEndian.Uint32(frame[len(frameMagic):fixed]))
	if n > maxMeta || n > len(frame)-fixed {
		return nil, fmt.Errorf("%w: head of %d bytes in a frame of %d", ErrMalformed, n, len(frame))
	}
	body := frame[fixed+n:]
	if len(body) > MaxBody {
		return nil, fmt.Errorf("%w: body of %d bytes is over the cap of %d", ErrMalformed, len(body), MaxBody)
	}
	var p Page
	if err := json.Unmarshal(frame[fixed:fixed+n], &p); err != nil {
		return nil, fmt.Errorf("%w: head: %w", ErrMalformed, err)
	}
	p.Body = body
	return &p, nil
}
