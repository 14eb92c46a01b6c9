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

// Input is a file of any format, in any encoding, and perhaps packed.
type Input struct {
	Name string // its ending determines the format if the options do not
	From io.Reader
	// Scratch returns a file for data that cannot be read from front to back. With unpack.Sized it is
	// needed only for the texts of a large workbook.
	Scratch xlsx.Scratch
}

// MaxUnpacked is the largest size of an unpacked file in bytes.
const MaxUnpacked = 8 << 30

// Open detects the format of a file and begins to read it. The format of the options applies,
// unless the bytes are of another one. Without a format it uses the name of the file, then its
// first bytes. The Cutter must be closed.
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
		return nil, &Error{Message: "the file is not a workbook; save it as .xlsx or CSV"}
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

// foreign are unsupported files, recognized by their first bytes.
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
		return &Error{Line: 1, Message: "the file is a web page or XML; export it as CSV or .xlsx"}
	}
	return nil
}

// endings has the format for each ending of a file name.
var endings = map[string]Format{".csv": CSV, ".tsv": CSV, ".tab": CSV, ".txt": CSV, ".ndjson": NDJSON,
	".jsonl": NDJSON, ".json": JSON, ".xlsx": XLSX, ".xlsm": XLSX}

// packings are the endings of packed files.
var packings = []string{".gz", ".gzip", ".zst", ".zstd", ".zip"}

// FormatByName returns the format for a file name, without the ending of a packing. known is false
// for an unknown ending; packed is true for a file that may hold any format.
func FormatByName(name string) (format Format, packed, known bool) {
	ext := strings.ToLower(filepath.Ext(name))
	if slices.Contains(packings, ext) {
		format = endings[strings.ToLower(filepath.Ext(strings.TrimSuffix(strings.ToLower(name), ext)))]
		return format, true, true
	}
	format, known = endings[ext]
	return format, false, known
}

// formatOf chooses among the text formats. A file that begins as an array is one, whatever its
// name.
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

// asFileError converts the errors of unpack and xlsx to an *Error of this package.
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
