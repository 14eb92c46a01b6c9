package store

import (
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// Encoder and decoder are built once: each holds windows of its own, and both are safe for concurrent EncodeAll and DecodeAll.
var (
	encoder = sync.OnceValue(func() *zstd.Encoder {
		e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(1<<20), zstd.WithLowerEncoderMem(true))
		if err != nil {
			panic(err) // only a wrong option can cause it
		}
		return e
	})
	decoder = sync.OnceValue(func() *zstd.Decoder {
		d, err := zstd.NewReader(nil)
		if err != nil {
			panic(err) // only a wrong option can cause it
		}
		return d
	})
)

func compress(data []byte) []byte { return encoder().EncodeAll(data, make([]byte, 0, len(data)/4)) }

func decompress(data []byte) ([]byte, error) {
	out, err := decoder().DecodeAll(data, nil)
	if err != nil {
		return nil, fmt.Errorf("unpack stored rows: %w", err)
	}
	return out, nil
}
