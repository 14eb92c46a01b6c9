// Package xlsx reads the rows of one sheet of a workbook (ECMA-376) as text, one after another. Its
// memory does not grow with the file: a sheet is read token by token, and many shared strings go to
// a scratch file.
package xlsx

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Limits of a workbook.
const (
	maxToken   = 4 << 20 // bytes of one element's start or text; a cell of Excel holds 32,767 characters
	maxCells   = 1 << 14 // cells of a row, the width of a sheet in Excel
	maxRowText = 16 << 20
	maxDepth   = 64
	maxParts   = 16 << 20 // bytes of each of the small parts: workbook, relations and styles
	lastRow    = 1 << 20  // the number of rows of a sheet in Excel
)

// Options control what is read of a workbook.
type Options struct {
	Sheet   string  // name or number (from 1) of the sheet; empty for the first visible one
	Scratch Scratch // for shared strings that do not fit in memory
	// Limit is the most bytes of all unpacked parts, and Ratio the most bytes of a part for each
	// packed byte.
	Limit int64
	Ratio int64
}

// Scratch returns a file that is removed when it is closed.
type Scratch func() (File, error)

// File is written from its beginning, and then read.
type File interface {
	io.Writer
	io.ReaderAt
	io.Closer
}

// Error says why a workbook cannot be read.
type Error struct {
	Row      int // of the sheet; 0 if it is not about a row
	Message  string
	TooLarge bool
}

func (e *Error) Error() string { return e.Message }

func unreadable(format string, args ...any) *Error {
	return &Error{Message: fmt.Sprintf(format, args...)}
}

// Row is a row with cells; empty cells at its end are left out.
type Row struct {
	Number int // of the sheet, from 1
	Cells  []string
}

// Reader reads one sheet.
type Reader struct {
	Sheet  string // its name
	Others []string
	// Filtered reports that the sheet has a filter. Hidden counts the rows so far that are hidden, and
	// Merged those that got the value of a merged cell above.
	Filtered       bool
	Hidden, Merged int

	areas    []mergedArea // that begin further down
	covering []mergedArea // that cover the next row
	strings  *sharedStrings
	styles   styles
	part     io.ReadCloser
	walk     *walk
	row      int
}

// Open finds the sheet of a workbook. The error is an *Error, or one of the reader.
func Open(z *zip.Reader, o Options) (*Reader, error) {
	parts := parts{files: z.File, limit: o.Limit, ratio: o.Ratio}
	book, err := readBook(&parts)
	if err != nil {
		return nil, err
	}
	sheet, err := book.choose(o.Sheet)
	if err != nil {
		return nil, err
	}
	r := &Reader{Sheet: sheet.name, Others: book.others(sheet)}
	if r.styles, err = readStyles(&parts, book); err != nil {
		return nil, err
	}
	if r.strings, err = readStrings(&parts, book, o.Scratch); err != nil {
		return nil, err
	}
	if r.areas, r.Filtered, err = readAreas(&parts, sheet.path); err != nil {
		return nil, errors.Join(err, r.strings.close())
	}
	if r.part, err = parts.open(sheet.path, 0); err != nil {
		return nil, errors.Join(err, r.strings.close())
	}
	r.walk = newWalk(r.part)
	return r, nil
}

// Close releases the resources of the reader.
func (r *Reader) Close() error { return errors.Join(r.part.Close(), r.strings.close()) }

// parts are the files of a workbook.
type parts struct {
	files []*zip.File
	limit int64
	ratio int64
}

func (p *parts) find(path string) *zip.File {
	for _, f := range p.files {
		if strings.EqualFold(f.Name, path) {
			return f
		}
	}
	return nil
}

// open opens a part of at most so many bytes; 0 means the limit of the whole workbook.
func (p *parts) open(path string, most int64) (io.ReadCloser, error) {
	f := p.find(path)
	if f == nil {
		return nil, unreadable("the workbook has no %s, which it refers to; save it again", path)
	}
	limit := p.limit
	if most > 0 {
		limit = min(most, limit)
	}
	if f.Flags&1 != 0 {
		return nil, unreadable("the workbook is encrypted; save it without a password")
	}
	part, err := f.Open()
	if err != nil {
		return nil, unreadable("%s of the workbook cannot be unpacked: %v", path, err)
	}
	return &boundPart{ReadCloser: part, path: path, limit: limit, ratio: p.ratio, packed: int64(min(f.CompressedSize64,
		1<<40))}, nil
}

// boundPart returns an error if a part unpacks to more bytes than allowed.
type boundPart struct {
	io.ReadCloser
	path                       string
	read, limit, ratio, packed int64
}

func (b *boundPart) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.read += int64(n)
	const harmless = 64 << 20
	if b.read > b.limit || b.read > harmless && b.read/b.ratio > b.packed {
		return 0, &Error{TooLarge: true,
			Message: fmt.Sprintf("%s of the workbook unpacks to more than %d bytes from %d; no honest table does that; send "+
				"it as CSV", b.path, b.read-int64(n), b.packed)}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return n, unreadable("%s of the workbook is damaged: %v", b.path, err)
	}
	return n, err
}

// walk iterates over the elements of a part. Names are without namespaces: only those distinguish
// the strict form of the format.
type walk struct {
	xml   *xml.Decoder
	guard *tokenGuard
	depth int
}

func newWalk(r io.Reader) *walk {
	guard := &tokenGuard{from: r}
	return &walk{xml: xml.NewDecoder(guard), guard: guard}
}

// next returns the next start, end or text of an element, or io.EOF after the last one.
func (w *walk) next() (xml.Token, error) {
	w.guard.read = 0
	token, err := w.xml.RawToken()
	var syntax *xml.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return nil, unreadable("the workbook is damaged: %v", err)
	case err != nil:
		return nil, err
	}
	switch token.(type) {
	case xml.StartElement:
		w.depth++
	case xml.EndElement:
		w.depth--
	case xml.Directive:
		return nil, unreadable("the workbook has a document type, which no program writes; save it again")
	}
	if w.depth > maxDepth {
		return nil, unreadable("the workbook nests its elements more than %d deep; save it again", maxDepth)
	}
	return token, nil
}

// tokenGuard bounds the bytes read for one token, because the decoder holds the whole token in
// memory.
type tokenGuard struct {
	from io.Reader
	read int
}

func (g *tokenGuard) Read(p []byte) (int, error) {
	n, err := g.from.Read(p)
	if g.read += n; g.read > maxToken {
		return 0, &Error{TooLarge: true, Message: fmt.Sprintf("a cell of the workbook is longer than %d MiB; shorten it",
			maxToken>>20)}
	}
	return n, err
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name && (a.Name.Space == "" || name == "id") {
			return a.Value
		}
	}
	return ""
}
