package queue

import (
	"errors"
	"fmt"
	"runtime"
	"sync"

	"github.com/klauspost/compress/zstd"
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
	enc  *zstd.Encoder
	dec  *zstd.Decoder
	bufs sync.Pool
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
	return &codec{enc: enc, dec: dec, bufs: sync.Pool{New: func() any { return new([]byte) }}}, nil
}

// pack returns raw as it travels: compressed where that pays. The result is in buf's memory where buf
// has room, or is raw itself.
func (c *codec) pack(raw, buf []byte) []byte {
	if len(raw) < minCompress {
		return raw
	}
	return c.enc.EncodeAll(raw, buf[:0])
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
