package queue

import (
	"errors"
	"fmt"
	"runtime"
	"sync"

	"github.com/klauspost/compress/zstd"

	"telltale/internal/pages"
)

// maxDecoded bounds a payload after decompression, in bytes: a page frame is at most a body of
// pages.MaxBody, a head of 1 MiB and 8 bytes.
const maxDecoded = 4 << 20

// minCompress is the payload size below which compression costs more than it saves, in bytes.
const minCompress = 1 << 10

// zstdMagic begins every zstd frame (RFC 8878 §3.1.1); no JSON text and no page frame begins so.
const zstdMagic = "\x28\xb5\x2f\xfd"

// codec compresses and decompresses payloads; it is safe for concurrent use.
type codec struct {
	enc *zstd.Encoder
	dec *zstd.Decoder
	// bufs holds buffers of packed payloads, frames those of payloads still to be packed.
	bufs, frames sync.Pool
}

func newCodec() (*codec, error) {
	enc, err := zstd.NewWriter(nil,
		zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithEncoderConcurrency(runtime.GOMAXPROCS(0)),
		zstd.WithWindowSize(1<<20),
		zstd.WithEncoderCRC(true))
	if err != nil {
		return nil, fmt.Errorf("zstd encoder: %w", err)
	}
	dec, err := zstd.NewReader(nil,
		zstd.WithDecoderConcurrency(0),
		zstd.WithDecoderMaxMemory(maxDecoded),
		zstd.WithDecoderMaxWindow(8<<20))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("zstd decoder: %w", err), enc.Close())
	}
	return &codec{enc: enc, dec: dec, bufs: sync.Pool{New: newBuf}, frames: sync.Pool{New: newBuf}}, nil
}

func newBuf() any { return new([]byte) }

// pack returns raw as it travels: compressed where that pays. The result is in buf's memory where buf
// has room, or is raw itself.
func (c *codec) pack(raw, buf []byte) []byte {
	if len(raw) < minCompress {
		return raw
	}
	return c.enc.EncodeAll(raw, buf[:0])
}

// packPage returns a page as it travels, in the memory of buf where it has room.
func (c *codec) packPage(p *pages.Page, buf []byte) ([]byte, error) {
	frame := c.frames.Get().(*[]byte) //nolint:forcetypeassert // the pool holds nothing else
	defer func() {
		if cap(*frame) <= bufKeep {
			c.frames.Put(frame)
		}
	}()
	raw, err := p.AppendFrame((*frame)[:0])
	if err != nil {
		return nil, err
	}
	*frame = raw
	if len(raw) < minCompress {
		return append(buf[:0], raw...), nil
	}
	return c.pack(raw, buf), nil
}

// unpack returns the payload that pack was given. It never yields more than maxDecoded bytes;
// errors wrap ErrMalformed.
func (c *codec) unpack(data []byte) ([]byte, error) {
	if len(data) < len(zstdMagic) || string(data[:len(zstdMagic)]) != zstdMagic {
		if len(data) > maxDecoded {
			return nil, fmt.Errorf("%w: %d bytes", ErrMalformed, len(data))
		}
		return data, nil
	}
	raw, err := c.dec.DecodeAll(data, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: decompress: %w", ErrMalformed, err)
	}
	return raw, nil
}

// close frees the coder's memory and goroutines.
func (c *codec) close() {
	c.dec.Close()
	// Close of an encoder without a writer has nothing to flush and no error to report.
	_ = c.enc.Close()
}
