package unpack

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"taskport/importer/file/xlsx"
)

// unzip opens a zip, which must hold exactly one file or be a workbook.
func (f *File) unzip(limit int64, scratch xlsx.Scratch) error {
	at, err := f.spool(scratch)
	if err != nil {
		return err
	}
	guard := &listingGuard{ReaderAt: at, left: maxListing}
	z, err := zip.NewReader(guard, at.Size())
	if err != nil {
		var own *Error
		if errors.As(err, &own) {
			return own
		}
		return broken("zip", err)
	}
	guard.open = true
	inside := filesIn(z)
	switch what := document(z); what {
	case "":
	case "xlsx":
		f.Workbook, f.Reader = z, nil
		return nil
	default:
		return &Error{Message: fmt.Sprintf("the file is %s; save it as .xlsx or CSV", what)}
	}
	if len(inside) != 1 {
		return &Error{Message: fmt.Sprintf("the zip must hold one file, but holds %s; send each on its own",
			listed(inside))}
	}
	return f.enter(inside[0], limit)
}

// enter continues with the one file of a zip.
func (f *File) enter(file *zip.File, limit int64) error {
	if file.Flags&1 != 0 {
		return &Error{Message: "the zip is encrypted; send it without a password"}
	}
	r, err := file.Open()
	if err != nil {
		return broken("zip", err)
	}
	f.closers = append(f.closers, told{r})
	f.took("zip")
	f.Name = path.Base(file.Name)
	size := int64(min(file.CompressedSize64, 1<<40))
	f.Reader = &bound{from: r, kind: "zip", limit: limit, packed: func() int64 { return size }}
	return nil
}

// told is a part of a zip, whose end repeats the error that reading it ended with.
type told struct{ io.Closer }

func (t told) Close() error {
	_ = t.Closer.Close()
	return nil
}

// spool returns the file in a form that can be read at any place.
func (f *File) spool(scratch xlsx.Scratch) (Sized, error) {
	if s, ok := f.Reader.(Sized); ok {
		return s, nil
	}
	if scratch == nil {
		return nil, &Error{Message: "a zip or workbook cannot be read here; send it as CSV"}
	}
	file, err := scratch()
	if err != nil {
		return nil, fmt.Errorf("make a scratch file: %w", err)
	}
	f.closers = append(f.closers, file)
	n, err := io.Copy(file, io.LimitReader(f.Reader, maxSpool+1))
	if err != nil {
		return nil, err
	}
	if n > maxSpool {
		return nil, &Error{TooLarge: true,
			Message: fmt.Sprintf("a zip or workbook may have at most %d MiB; send it as CSV, "+
				"packed with gzip or zstd", maxSpool>>20)}
	}
	return sized{file, n}, nil
}

type sized struct {
	io.ReaderAt
	size int64
}

func (s sized) Size() int64 { return s.size }

// listingGuard bounds the bytes read to list the files of a zip: each file costs memory.
type listingGuard struct {
	io.ReaderAt
	left int
	open bool
}

func (g *listingGuard) ReadAt(p []byte, off int64) (int, error) {
	n, err := g.ReaderAt.ReadAt(p, off)
	if g.left -= n; g.left < 0 && !g.open {
		return 0, &Error{TooLarge: true, Message: "the zip holds too many files; send one file on its own"}
	}
	return n, err
}

// filesIn returns the files of a zip without folders and the files that macOS adds.
func filesIn(z *zip.Reader) []*zip.File {
	var files []*zip.File
	for _, f := range z.File {
		base := path.Base(f.Name)
		if !strings.HasSuffix(f.Name, "/") && !strings.HasPrefix(f.Name, "__MACOSX/") && base != ".DS_Store" &&
			base != "Thumbs.db" {
			files = append(files, f)
		}
	}
	return files
}

// document returns what kind of office document a zip is, or an empty text.
func document(z *zip.Reader) string {
	for _, f := range z.File {
		switch strings.ToLower(f.Name) {
		case "xl/workbook.xml":
			return "xlsx"
		case "xl/workbook.bin":
			return "a binary workbook (.xlsb)"
		case "word/document.xml":
			return "a text document"
		case "ppt/presentation.xml":
			return "a presentation"
		case "content.xml":
			return "an OpenDocument file"
		}
	}
	for _, f := range z.File {
		if strings.EqualFold(f.Name, "[Content_Types].xml") {
			return "xlsx"
		}
	}
	return ""
}

func listed(files []*zip.File) string {
	const most = 10
	if len(files) == 0 {
		return "none"
	}
	var names []string
	for i, f := range files {
		if i == most {
			names = append(names, "…")
			break
		}
		names = append(names, strconv.Quote(f.Name))
	}
	return fmt.Sprintf("%d: %s", len(files), strings.Join(names, ", "))
}
