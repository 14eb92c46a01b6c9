package file

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"taskport/importer/file/unpack"
	"taskport/importer/file/xlsx"
)

// Input is a file as it comes: of any format, in any encoding, and perhaps packed.
type Input struct {
	Name string // its ending tells the format where the options do not
	From io.Reader
	// Scratch returns a file for what cannot be read from front to back; unpack.Sized makes it
	// needless for all but the texts of a large workbook.
	Scratch xlsx.Scratch
}

// MaxUnpacked is the most bytes that a file may have, unpacked.
const MaxUnpacked = 8 << 30

// Open detects what a file is and begins to read it. It takes the format of the options unless the
// bytes are of another one; without a format it goes by the name of the file, then by its first
// bytes. The Cutter must be closed.
func Open(in Input, o Options) (*Cutter, error) {
	limit := o.MaxUnpacked
	if limit <= 0 {
		limit = MaxUnpacked
	}
	f, err := unpack.Open(in.From, in.Name, limit, in.Scratch)
	if err != nil {
		return nil, asFileError(err)
	}
	c, err := openUnpacked(f, in, o, limit)
	if err != nil {
		return nil, asFileError(errors.Join(err, f.Close()))
	}
	c.layout.Packing = f.Packing
	c.closers = append(c.closers, f)
	return c, nil
}

func openUnpacked(f *unpack.File, in Input, o Options, limit int64) (*Cutter, error) {
	if f.Workbook != nil {
		book, err := xlsx.Open(f.Workbook, xlsx.Options{Sheet: o.Sheet, Scratch: in.Scratch, Limit: limit,
			Ratio: unpack.Ratio})
		if err != nil {
			return nil, err
		}
		return openSheet(book, o)
	}
	head, err := f.Head()
	if err != nil {
		return nil, readError(err)
	}
	if err := refuseForeign(head); err != nil {
		return nil, err
	}
	if o.Format == XLSX {
		return nil, &Error{Message: "the file is no workbook, although it says so; save it as .xlsx or CSV"}
	}
	if o.Sheet != "" {
		return nil, &Error{Field: "sheet", Message: "the file is not a workbook and has no sheets",
			Remedy: Remedy{Code: RemedyLeaveOut, Field: "sheet"}}
	}
	o.Format = formatOf(o.Format, f.Name, head)
	if o.Delimiter == "" && o.Format == CSV && strings.EqualFold(filepath.Ext(f.Name), ".tsv") {
		o.Delimiter = "\t"
	}
	return NewCutter(f, o)
}

// foreign are files that are not what they seem, by their first bytes.
var foreign = []struct{ mark, what string }{
	{"\xD0\xCF\x11\xE0", "an old workbook (.xls), or one with a password"}, {"%PDF", "a PDF"},
	{"{\\rtf", "a text document"}, {"\x89PNG", "a picture"}, {"SQLite format 3", "a database"},
}

func refuseForeign(head []byte) error {
	for _, f := range foreign {
		if bytes.HasPrefix(head, []byte(f.mark)) {
			return &Error{Message: fmt.Sprintf("the file is %s; save it as .xlsx or CSV", f.what)}
		}
	}
	page := strings.ToLower(string(bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xEF\xBB\xBF")), jsonSpace)))
	if strings.HasPrefix(page, "<!doctype") || strings.HasPrefix(page, "<html") || strings.HasPrefix(page, "<?xml") ||
		strings.HasPrefix(page, "<table") {
		return &Error{Line: 1, Message: "the file is a web page or XML, whatever its name says; export it as CSV or .xlsx"}
	}
	return nil
}

// endings tell the format of a file.
var endings = map[string]Format{".csv": CSV, ".tsv": CSV, ".tab": CSV, ".txt": CSV, ".ndjson": NDJSON,
	".jsonl": NDJSON, ".json": JSON, ".xlsx": XLSX, ".xlsm": XLSX}

// packings are the endings of packed files.
var packings = []string{".gz", ".gzip", ".zst", ".zstd", ".zip"}

// FormatByName returns the format of a file by its ending, without that of a packing; known is
// false where the ending is of no format, and packed is true where the file may hold any.
func FormatByName(name string) (format Format, packed, known bool) {
	ext := strings.ToLower(filepath.Ext(name))
	if slices.Contains(packings, ext) {
		format = endings[strings.ToLower(filepath.Ext(strings.TrimSuffix(strings.ToLower(name), ext)))]
		return format, true, true
	}
	format, known = endings[ext]
	return format, false, known
}

// formatOf decides between the formats of text; what begins as an array is one, whatever it is
// called.
func formatOf(said Format, name string, head []byte) Format {
	if said == "" {
		said, _, _ = FormatByName(name)
	}
	// A NUL is half of a letter in UTF-16.
	start := bytes.TrimLeft(bytes.ReplaceAll(bytes.TrimLeft(head, "\xEF\xBB\xBF\xFE\xFF"), []byte{0}, nil), jsonSpace)
	isArray := len(start) > 0 && start[0] == '['
	switch {
	case said == CSV:
		return CSV
	case said.keyed() && isArray && (said == JSON || startsArray(start)):
		return JSON
	case said.keyed():
		return NDJSON
	case startsArray(start):
		return JSON
	case len(start) > 0 && start[0] == '{':
		return NDJSON
	}
	return CSV
}

// asFileError makes faults of a file those of this package.
func asFileError(err error) error {
	var file *Error
	var packing *unpack.Error
	var book *xlsx.Error
	switch {
	case errors.As(err, &file):
		return err
	case errors.As(err, &packing):
		return &Error{Message: packing.Message, TooLarge: packing.TooLarge}
	case errors.As(err, &book):
		return &Error{Line: book.Row, Message: book.Message, TooLarge: book.TooLarge}
	}
	return err
}
