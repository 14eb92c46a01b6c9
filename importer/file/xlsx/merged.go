package xlsx

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
)

// maxMerged is the most merged areas of a sheet that are followed.
const maxMerged = 1 << 14

// mergedArea is an area of cells over several rows that were merged. Its value is in its first
// cell.
type mergedArea struct {
	first, last int // rows, from 1
	column      int // from 0
	value       string
}

// readAreas reads what follows the rows of a sheet: the merged areas that cover several rows, by
// their first row, and whether the sheet has a filter. The rows before are not parsed.
func readAreas(p *parts, path string) (areas []mergedArea, filtered bool, err error) {
	part, err := p.open(path, 0)
	if err != nil {
		return nil, false, err
	}
	defer part.Close()
	in := bufio.NewReaderSize(part, 64<<10)
	if err := skipRows(in); err != nil {
		if errors.Is(err, io.EOF) {
			err = nil
		}
		return nil, false, err
	}
	for w := newWalk(in); ; {
		token, err := w.next()
		if errors.Is(err, io.EOF) {
			slices.SortFunc(areas, func(a, b mergedArea) int { return a.first - b.first })
			return areas, filtered, nil
		}
		if err != nil {
			return nil, false, err
		}
		e, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		switch e.Name.Local {
		case "autoFilter":
			filtered = true
		case "mergeCell":
			if a, ok := areaOf(attribute(e, "ref")); ok && len(areas) < maxMerged {
				areas = append(areas, a)
			}
		}
	}
}

// skipRows reads up to the end of the rows.
func skipRows(in *bufio.Reader) error {
	for {
		text, err := in.ReadSlice('>')
		if bytes.HasSuffix(text, []byte("sheetData>")) && bytes.LastIndex(text, []byte("</")) >= 0 {
			return nil
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

// areaOf reads a reference such as B2:C5; ok is false unless it covers several rows.
func areaOf(ref string) (a mergedArea, ok bool) {
	from, to, _ := strings.Cut(ref, ":")
	row := func(s string) int {
		n, _ := strconv.Atoi(strings.TrimLeft(strings.ToUpper(s), "ABCDEFGHIJKLMNOPQRSTUVWXYZ$"))
		return n
	}
	a = mergedArea{first: row(from), last: row(to), column: column(strings.TrimPrefix(from, "$"), 0)}
	return a, a.first > 0 && a.last > a.first && a.column < maxCells
}

// spread fills the cells of a row with the values of the merged areas that cover it.
func (r *Reader) spread(cells []string) []string {
	spread := false
	r.covering = slices.DeleteFunc(r.covering, func(a mergedArea) bool { return a.last < r.row })
	for _, a := range r.covering {
		if len(cells) == 0 || a.value == "" || a.column < len(cells) && cells[a.column] != "" {
			continue
		}
		for len(cells) <= a.column {
			cells = append(cells, "")
		}
		cells[a.column] = a.value
		spread = true
	}
	for len(r.areas) > 0 && r.areas[0].first <= r.row {
		a := r.areas[0]
		r.areas = r.areas[1:]
		if a.first == r.row && a.column < len(cells) {
			a.value = cells[a.column]
			r.covering = append(r.covering, a)
		}
	}
	if spread {
		r.Merged++
	}
	return cells
}
