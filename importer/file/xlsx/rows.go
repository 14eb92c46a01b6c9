package xlsx

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Next returns the next row with cells, or io.EOF after the last one. The cells belong to the
// caller.
func (r *Reader) Next() (Row, error) {
	for {
		token, err := r.walk.next()
		if errors.Is(err, io.EOF) {
			if r.walk.depth > 0 {
				return Row{}, r.at(unreadable("the sheet breaks off; save the workbook again"))
			}
			return Row{}, io.EOF
		}
		if err != nil {
			return Row{}, r.at(err)
		}
		e, ok := token.(xml.StartElement)
		if !ok || e.Name.Local != "row" {
			continue
		}
		if err := r.number(e); err != nil {
			return Row{}, err
		}
		cells, err := r.cells()
		if err != nil {
			return Row{}, r.at(err)
		}
		if len(cells) > 0 && isTrue(attribute(e, "hidden")) {
			r.Hidden++
		}
		cells = r.spread(cells)
		if len(cells) > 0 {
			return Row{r.row, cells}, nil
		}
	}
}

// number reads the number of a row, which may be missing.
func (r *Reader) number(e xml.StartElement) error {
	n := r.row + 1
	if text := attribute(e, "r"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil || n <= r.row || n > lastRow {
			return r.at(unreadable("row %s comes after row %d; save the workbook again", clipped(text), r.row))
		}
	}
	r.row = n
	return nil
}

func (r *Reader) at(err error) error {
	var fault *Error
	if errors.As(err, &fault) && fault.Row == 0 {
		fault.Row = r.row
	}
	return err
}

// cells reads the cells of a row up to its end.
func (r *Reader) cells() ([]string, error) {
	var cells []string
	size, next := 0, 0
	for {
		token, err := r.walk.next()
		if err != nil {
			return nil, brokenOff(err)
		}
		switch e := token.(type) {
		case xml.EndElement:
			if e.Name.Local == "row" {
				return cells, nil
			}
		case xml.StartElement:
			if e.Name.Local != "c" {
				continue
			}
			at := column(attribute(e, "r"), next)
			if at < next || at >= maxCells {
				return nil, unreadable("cell %s is where no cell can be; save the workbook again", clipped(attribute(e, "r")))
			}
			next = at + 1
			text, err := r.cell(e)
			if err != nil {
				return nil, err
			}
			if text == "" {
				continue
			}
			if size += len(text); size > maxRowText {
				return nil, &Error{TooLarge: true, Message: fmt.Sprintf("the row is longer than %d MiB; shorten its cells",
					maxRowText>>20)}
			}
			for len(cells) < at {
				cells = append(cells, "")
			}
			cells = append(cells, text)
		}
	}
}

// column returns the column of a reference such as AB12, from 0. Without a reference it returns
// next.
func column(ref string, next int) int {
	n := 0
	for i := 0; i < len(ref) && n <= maxCells; i++ {
		c := ref[i] | 0x20
		if c < 'a' || c > 'z' {
			break
		}
		n = n*26 + int(c-'a') + 1
	}
	if n == 0 {
		return next
	}
	return n - 1
}

// NoResult is the text of a cell with a formula whose result is not stored. It is not UTF-8, so
// that no cell has it.
const NoResult = "\xff"

// cell reads a cell up to its end. Of a formula it returns the last computed value.
func (r *Reader) cell(c xml.StartElement) (string, error) {
	kind, style := attribute(c, "t"), attribute(c, "s")
	value, inline := "", ""
	formula, stored := false, false
	for {
		token, err := r.walk.next()
		if err != nil {
			return "", brokenOff(err)
		}
		switch e := token.(type) {
		case xml.EndElement:
			if e.Name.Local == "c" && formula && !stored {
				return NoResult, nil
			}
			if e.Name.Local == "c" {
				return r.text(kind, style, value, inline)
			}
		case xml.StartElement:
			switch e.Name.Local {
			case "f":
				formula = true
			case "v":
				stored = true
				value, err = elementText(r.walk, "v")
			case "is":
				inline, err = richText(r.walk, "is")
			}
			if err != nil {
				return "", err
			}
		}
	}
}

func (r *Reader) text(kind, style, value, inline string) (string, error) {
	switch kind {
	case "s":
		if strings.TrimSpace(value) == "" {
			return "", nil
		}
		n, err := strconv.Atoi(strings.TrimSpace(value))
		if err != nil {
			return "", unreadable("a cell refers to text %q; save the workbook again", clipped(value))
		}
		return r.strings.get(n)
	case "inlineStr":
		return inline, nil
	case "str":
		return unescape(value), nil
	case "b":
		return map[string]string{"1": "true", "0": "false"}[strings.TrimSpace(value)], nil
	case "d":
		return strings.TrimSuffix(value, "T00:00:00"), nil
	case "e":
		return value, nil
	}
	return r.styles.text(strings.TrimSpace(value), style), nil
}

// elementText returns the text of an element up to its end.
func elementText(w *walk, name string) (string, error) {
	var text strings.Builder
	for {
		token, err := w.next()
		if err != nil {
			return "", brokenOff(err)
		}
		switch e := token.(type) {
		case xml.CharData:
			text.Write(e)
		case xml.EndElement:
			if e.Name.Local == name {
				return text.String(), nil
			}
		}
		if text.Len() > maxToken {
			return "", tooLong()
		}
	}
}

// richText returns the text of an element with differently formatted runs, without phonetic hints.
func richText(w *walk, name string) (string, error) {
	var text strings.Builder
	said := 0
	for {
		token, err := w.next()
		if err != nil {
			return "", brokenOff(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "rPh":
				said++
			case "t":
				run, err := elementText(w, "t")
				if err != nil {
					return "", err
				}
				if said == 0 {
					text.WriteString(run)
				}
			}
		case xml.EndElement:
			switch e.Name.Local {
			case "rPh":
				said--
			case name:
				return unescape(text.String()), nil
			}
		}
		if text.Len() > maxToken {
			return "", tooLong()
		}
	}
}

func tooLong() error {
	return &Error{TooLarge: true, Message: fmt.Sprintf("a cell of the workbook is longer than %d MiB; shorten it",
		maxToken>>20)}
}

func brokenOff(err error) error {
	if errors.Is(err, io.EOF) {
		return unreadable("the workbook breaks off in the middle of a cell; save it again")
	}
	return err
}

// unescape resolves the form _x000D_ of characters that XML cannot contain.
func unescape(s string) string {
	const length = len("_x000D_")
	at := strings.Index(s, "_x")
	if at < 0 {
		return s
	}
	var out strings.Builder
	for ; at >= 0; at = strings.Index(s, "_x") {
		out.WriteString(s[:at])
		s = s[at:]
		if len(s) >= length && s[length-1] == '_' {
			if n, err := strconv.ParseUint(s[2:length-1], 16, 16); err == nil {
				out.WriteRune(rune(n))
				s = s[length:]
				continue
			}
		}
		out.WriteString(s[:2])
		s = s[2:]
	}
	out.WriteString(s)
	return out.String()
}
