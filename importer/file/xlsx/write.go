package xlsx

import (
	"archive/zip"
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// The limits of a sheet, besides maxCells cells a row.
const (
	MaxRows = lastRow
	MaxText = 32_767 // characters of a cell, in UTF-16 units
)

// Writer writes a workbook of one sheet, row after row; it holds at most one row. Every cell is
// text, so that no program reads it as a formula, a number or a date.
type Writer struct {
	zip   *zip.Writer
	sheet *bufio.Writer
	row   int
}

// parts of a workbook that do not depend on its rows (ECMA-376, part 1, sections 12.3 and 18.2,
// part 2, section 10).
const (
	xmlHead      = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	mainSpace    = `http://schemas.openxmlformats.org/spreadsheetml/2006/main`
	officeSpace  = `http://schemas.openxmlformats.org/officeDocument/2006/relationships`
	packageSpace = `http://schemas.openxmlformats.org/package/2006/`
	sheetType    = `application/vnd.openxmlformats-officedocument.spreadsheetml.`
	contentTypes = xmlHead + `<Types xmlns="` + packageSpace +
		`content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/>` +
		`<Override PartName="/xl/workbook.xml" ContentType="` + sheetType + `sheet.main+xml"/>` +
		`<Override PartName="/xl/worksheets/sheet1.xml" ContentType="` + sheetType + `worksheet+xml"/></Types>`
	rootRelations = xmlHead + `<Relationships xmlns="` + packageSpace +
		`relationships"><Relationship Id="rId1" Type="` + officeSpace +
		`/officeDocument" Target="xl/workbook.xml"/></Relationships>`
	bookRelations = xmlHead + `<Relationships xmlns="` + packageSpace +
		`relationships"><Relationship Id="rId1" Type="` + officeSpace +
		`/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`
	bookBegin = xmlHead + `<workbook xmlns="` + mainSpace + `" xmlns:r="` + officeSpace + `"><sheets><sheet name="`
	bookEnd   = `" sheetId="1" r:id="rId1"/></sheets></workbook>`
	// The first row stays visible.
	sheetBegin = xmlHead + `<worksheet xmlns="` + mainSpace +
		`"><sheetViews><sheetView workbookViewId="0">` +
		`<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>` +
		`</sheetView></sheetViews><sheetData>`
	sheetEnd = `</sheetData></worksheet>`
)

// NewWriter begins a workbook. sheet is the name of its sheet, at most 31 characters.
func NewWriter(to io.Writer, sheet string) (*Writer, error) {
	w := &Writer{zip: zip.NewWriter(to)}
	for _, part := range []struct{ path, text string }{{"[Content_Types].xml", contentTypes},
		{"_rels/.rels", rootRelations},
		{"xl/workbook.xml", bookBegin + escape(sheet) + bookEnd}, {"xl/_rels/workbook.xml.rels", bookRelations}} {
		f, err := w.zip.Create(part.path)
		if err == nil {
			_, err = io.WriteString(f, part.text)
		}
		if err != nil {
			return nil, fmt.Errorf("begin the workbook: %w", err)
		}
	}
	f, err := w.zip.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		return nil, fmt.Errorf("begin the sheet: %w", err)
	}
	w.sheet = bufio.NewWriter(f)
	_, err = w.sheet.WriteString(sheetBegin)
	return w, err
}

// Write adds a row. Bytes that are not UTF-8 are written as U+FFFD. It returns an error if the
// sheet cannot hold the row.
func (w *Writer) Write(cells []string) error {
	if w.row++; w.row > MaxRows || len(cells) > maxCells {
		return fmt.Errorf("row %d of %d cells does not fit into a sheet", w.row, len(cells))
	}
	number := strconv.Itoa(w.row)
	w.put(`<row r="`, number, `">`)
	for i, cell := range cells {
		if cell == "" {
			continue
		}
		if n := TextLength(cell); n > MaxText {
			return fmt.Errorf("row %d has a cell of %d characters, and a sheet holds at most %d", w.row, n, MaxText)
		}
		w.put(`<c r="`, columnName(i), number, `" t="inlineStr"><is><t xml:space="preserve">`, escape(cell), `</t></is></c>`)
	}
	w.put(`</row>`)
	return w.problem()
}

// put writes to the buffer, which remembers the first error.
func (w *Writer) put(texts ...string) {
	for _, t := range texts {
		_, _ = w.sheet.WriteString(t)
	}
}

func (w *Writer) problem() error {
	_, err := w.sheet.Write(nil)
	return err
}

// Close completes the workbook; it does not close the underlying writer.
func (w *Writer) Close() error {
	w.put(sheetEnd)
	return errors.Join(w.sheet.Flush(), w.zip.Close())
}

// TextLength returns the characters of a cell in UTF-16 units.
func TextLength(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}

// columnName returns the letters of a column, from 0: A, B, … Z, AA.
func columnName(at int) string {
	name := ""
	for at++; at > 0; at = (at - 1) / 26 {
		name = string(rune('A'+(at-1)%26)) + name
	}
	return name
}

// escape returns text for XML. Characters that XML cannot contain, or would change, are in the form
// that unescape resolves, and so is text that only looks like that form.
func escape(s string) string {
	var out strings.Builder
	for i, r := range s {
		switch {
		case r == '&':
			out.WriteString("&amp;")
		case r == '<':
			out.WriteString("&lt;")
		case r == '>':
			out.WriteString("&gt;")
		case r == '"':
			out.WriteString("&quot;")
		case r == '_' && beginsAsEscaped(s[i:]):
			out.WriteString("_x005F_")
		case r < ' ' && r != '\t' && r != '\n', r == 0xFFFE, r == 0xFFFF:
			fmt.Fprintf(&out, "_x%04X_", r)
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}

// beginsAsEscaped reports whether a text begins with that form except for its last character: an
// escape behind it may complete it.
func beginsAsEscaped(s string) bool {
	const begin = "_x000D"
	if len(s) < len(begin) || s[1] != 'x' {
		return false
	}
	_, err := strconv.ParseUint(s[2:len(begin)], 16, 32)
	return err == nil
}
