package store

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// BenchmarkPack times the packing of 10,000 rows, and for comparison that by zstd.
func BenchmarkPack(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	pick := func(words ...string) string { return words[rng.IntN(len(words))] }
	var rows strings.Builder
	for n := range 10_000 {
		name := pick("Anna", "Hans", "Mira", "Otto") + " " + pick("Nowak", "Müller", "Quark", "Berg") + pick("", "son", "er")
		fmt.Fprintf(&rows, "%s %s,%s,%s,%s,2026-%02d-%02d,user-%d,%s,%s GmbH,,,2025-06-%02dT%02d:23:00Z,T-%09d\n",
			pick("Call", "Write to", "Visit"), name, pick("about the offer", "wants a second one in writing", ""),
			pick("open", "completed"), pick("low", "medium", "high"), 1+rng.IntN(12), 1+rng.IntN(28), rng.IntN(200), name,
			pick("Hagen", "Winkler", "Obermoser", "Lind"), 1+rng.IntN(28), rng.IntN(24), n)
	}
	data := []byte(rows.String())
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		b.Fatal(err)
	}
	for _, one := range []struct {
		name string
		pack func([]byte) []byte
	}{{"ours", pack}, {"zstd", func(data []byte) []byte { return encoder.EncodeAll(data, nil) }}} {
		b.Run(one.name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			packed := 0
			for b.Loop() {
				packed = len(one.pack(data))
			}
			b.ReportMetric(float64(packed)/float64(len(data)), "of_the_size")
		})
	}
}
