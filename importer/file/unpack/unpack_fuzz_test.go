package unpack

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"testing"

	"github.com/klauspost/compress/zstd"

	"taskport/importer/file/xlsx"
)

const fuzzLimit = 1 << 20

// scratchFile is a scratch file in memory.
type scratchFile struct {
	b      []byte
	closed bool
}

func (s *scratchFile) Write(p []byte) (int, error) { s.b = append(s.b, p...); return len(p), nil }

func (s *scratchFile) ReadAt(p []byte, off int64) (int, error) {
	return bytes.NewReader(s.b).ReadAt(p, off)
}

func (s *scratchFile) Close() error { s.closed = true; return nil }

// FuzzOpen unpacks any file. If that is impossible, the error says so; no more bytes are returned
// than allowed; and all resources are released.
func FuzzOpen(f *testing.F) {
	plain := []byte("title,contact_name\nCall,Hans Müller\n")
	for _, packed := range [][]byte{plain, gzipped(plain), zstandard(plain), zipped("tasks.csv", plain),
		gzipped(zipped("a.csv", plain)), zipped("a.gz", gzipped(plain)), gzipped(gzipped(gzipped(plain))),
		zipped("xl/workbook.xml", plain), zipped("__MACOSX/x", plain), append(gzipped(plain), gzipped(plain)...),
		gzipped(bytes.Repeat([]byte("x"), 4<<20)), []byte("\x28\xb5\x2f\xfd"), []byte("PK\x05\x06")} {
		f.Add(packed, true)
		f.Add(packed[:len(packed)*2/3], false)
	}
	f.Fuzz(func(t *testing.T, file []byte, spools bool) {
		var made []*scratchFile
		scratch := func() (xlsx.File, error) {
			made = append(made, &scratchFile{})
			return made[len(made)-1], nil
		}
		var from io.Reader = bytes.NewReader(file)
		if spools {
			from = struct{ io.Reader }{from} // cannot be read at any place
		}
		opened, err := Open(from, "tasks.csv.gz", fuzzLimit, scratch)
		if err == nil {
			err = readOpened(t, opened)
			if closing := opened.Close(); closing != nil {
				t.Errorf("closed with %v", closing)
			}
		}
		var own *Error
		if err != nil && (!errors.As(err, &own) || own.Message == "") {
			t.Errorf("refused by %v", err)
		}
		for _, s := range made {
			if !s.closed {
				t.Error("a scratch file is left open")
			}
		}
	})
}

// readOpened reads a file to its end, or to its first error.
func readOpened(t *testing.T, f *File) error {
	t.Helper()
	head, err := f.Head()
	if err != nil || f.Workbook != nil {
		return err
	}
	all, err := io.ReadAll(f)
	if f.Packing != "" && len(all) > fuzzLimit {
		t.Errorf("%d bytes came out", len(all))
	}
	if err == nil && !bytes.HasPrefix(all, head) {
		t.Errorf("the file begins with %q, its head is %q", all[:min(len(all), len(head))], head)
	}
	return err
}

// FuzzPackedReadsBack packs any file in each way. The same bytes come back, unless the file is
// itself a packed one.
func FuzzPackedReadsBack(f *testing.F) {
	f.Add([]byte("title\nx\n"))
	f.Add([]byte{})
	f.Add(bytes.Repeat([]byte{0}, 2000))
	f.Fuzz(func(t *testing.T, file []byte) {
		if len(file) > fuzzLimit || kindOf(file) != "" {
			return
		}
		for want, packed := range map[string][]byte{"gzip": gzipped(file), "zstd": zstandard(file),
			"zip": zipped("tasks.csv", file), "gzip, zstd": gzipped(zstandard(file))} {
			opened, err := Open(bytes.NewReader(packed), "tasks.csv", fuzzLimit, nil)
			if err != nil {
				t.Fatalf("%s: %v", want, err)
			}
			got, err := io.ReadAll(opened)
			if err != nil || !bytes.Equal(got, file) || opened.Packing != want || opened.Name != "tasks.csv" {
				t.Errorf("%s: %q came back as %q of %q, %q (%v)", want, file, got, opened.Name, opened.Packing, err)
			}
			if err := opened.Close(); err != nil {
				t.Error(err)
			}
		}
	})
}

func gzipped(b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(b)
	_ = w.Close()
	return out.Bytes()
}

var encoder, _ = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithZeroFrames(true))

func zstandard(b []byte) []byte { return encoder.EncodeAll(b, nil) }

func zipped(name string, b []byte) []byte {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	w, _ := z.Create(name)
	_, _ = w.Write(b)
	_ = z.Close()
	return out.Bytes()
}
