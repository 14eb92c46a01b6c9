package file

import (
	"bytes"
	"fmt"
)

// Observer sees a file while it is cut.
type Observer interface {
	// Columns is called before the first row and, for JSON, whenever a row has added columns. names
	// are all columns so far.
	Columns(names []string)
	// NeedsText reports whether Row needs the text of a column, and not only whether its cells are
	// empty. Without the text, quotes and escapes may stay as they are, which saves memory.
	NeedsText(column int) bool
	// Row is called with the cells of each row that is not malformed. There may be fewer cells than
	// columns. The cells are valid until Row returns. It returns a checksum of the values of the row;
	// 0 for a row that is like no other.
	Row(cells [][]byte) uint64
}

// watched is the state for an observer. The rows of a table are shown when their chunk has been cut,
// while the next one is: seeing them takes as long as cutting. Objects are shown at once, since each
// may bring columns.
type watched struct {
	by    Observer
	names []string
	index map[string]int // for JSON
	cells [][]byte       // of a row; the memory is reused
	// completed is true for a row whose missing cells have been added.
	completed bool
	sum       uint64 // of the last row, as the observer returned it
	// records are those of the chunk that was cut last, and data its bytes as they are in the file.
	records []shownRecord
	data    []byte
	spare   []shownRecord // the memory of the chunk before
}

// shownRecord is a record of a table, by its place in the chunk.
type shownRecord struct {
	from, end int
	flaw      csvFlaw
	completed bool // it is shown again, with its missing cells
}

// shownChunk is a chunk whose rows are being shown. Then its checksums are complete.
type shownChunk struct {
	chunk Chunk
	done  chan struct{} // closed after the last row
	err   error         // of an observer that panicked
}

// Observe sets the observer of everything that is cut from now on. Of a table, it is called by
// another goroutine, until Next has returned an error or Close.
func (c *Cutter) Observe(by Observer) {
	c.watched = &watched{by: by, index: map[string]int{}}
	if c.keys == nil {
		c.watched.names = c.layout.Columns
		by.Columns(c.layout.Columns)
	}
}

// nextShown returns the next chunk when its rows have been shown.
func (c *Cutter) nextShown() (Chunk, error) {
	if c.ahead == nil {
		c.showChunk(c.nextCut())
	}
	current := c.ahead
	if current == nil {
		return Chunk{}, c.err
	}
	next, err := c.nextCut()
	<-current.done
	c.ahead = nil
	if current.err != nil {
		c.err = current.err
		return Chunk{}, c.err
	}
	c.showChunk(next, err)
	return current.chunk, nil
}

// showChunk begins to show the rows of the chunk that was cut last.
func (c *Cutter) showChunk(chunk Chunk, err error) {
	if err != nil {
		return
	}
	w := c.watched
	shown := &shownChunk{chunk: chunk, done: make(chan struct{})}
	records, data := w.records, w.data
	w.records, w.spare = w.spare[:0], records
	c.ahead = shown
	go func() {
		defer close(shown.done)
		defer func() { // nobody else could recover it
			if p := recover(); p != nil {
				shown.err = fmt.Errorf("show rows: panic: %v", p)
			}
		}()
		for _, r := range records {
			w.completed = r.completed
			sum := c.show(data[r.from:r.end], recordSpan{end: r.end - r.from, flaw: r.flaw})
			if c.options.HashRows && !r.completed {
				shown.chunk.addSum(sum)
			}
		}
	}()
}

// watch shows a record at an offset of the window to the observer, or notes it for later.
func (c *Cutter) watch(chunk *Chunk, from int, span recordSpan) {
	switch {
	case c.watched == nil:
	case c.keys == nil:
		c.watched.records = append(c.watched.records, shownRecord{from: from, end: from + span.end, flaw: span.flaw})
	default:
		sum := c.show(c.in.rest(from)[:span.end], span)
		if c.options.HashRows {
			chunk.addSum(sum)
		}
	}
}

// addSum adds the checksum of a row: its bits, for a database without unsigned numbers.
func (c *Chunk) addSum(sum uint64) { c.Sums = append(c.Sums, int64(sum)) }

// show shows a record to the observer, and returns the checksum of its values.
func (c *Cutter) show(record []byte, span recordSpan) uint64 {
	w := c.watched
	w.sum = 0
	if c.keys != nil && len(w.names) < len(c.keys.columns) {
		for i := len(w.names); i < len(c.keys.columns); i++ {
			w.index[c.keys.columns[i]] = i
		}
		w.names = c.keys.columns
		w.by.Columns(w.names)
	}
	if format, ok := c.format.(observable); ok {
		format.show(w, record, span)
	}
	return w.sum
}

// observable is a format whose records can be observed. It leaves out records that the decoder will
// find malformed.
type observable interface {
	show(w *watched, record []byte, span recordSpan)
}

func (s *csvScanner) show(w *watched, record []byte, span recordSpan) {
	if span.flaw != flawless {
		return
	}
	record = trimLineEnd(record)
	cells := w.cells[:0]
	for from := 0; ; {
		var cell []byte
		var end int
		field, isQuoted := quotedField{}, s.opening(record, from) >= 0
		if isQuoted {
			field, isQuoted = s.quotedField(record, from)
		}
		if isQuoted {
			end = field.end
			cell = record[field.open+1 : field.close-1]
			if field.doubled && w.needsText(len(cells)) {
				cell = bytes.ReplaceAll(cell, []byte{s.quote, s.quote}, []byte{s.quote})
			}
		} else {
			end = s.fieldEnd(record, from)
			cell = record[from:end]
		}
		cell = unguarded(cell, s.guarded)
		if len(cells) == maxCells {
			return
		}
		cells = append(cells, cell)
		if end == len(record) {
			break
		}
		from = end + 1
	}
	w.cells = cells
	w.seeTable()
}

// seeTable collects the cells of a row of a table, if they fit its columns.
func (w *watched) seeTable() {
	n := len(w.names)
	for len(w.cells) > n && len(w.cells[len(w.cells)-1]) == 0 {
		w.cells = w.cells[:len(w.cells)-1]
	}
	if len(w.cells) == n || len(w.cells) < n && (w.completed || nobodyNames(w.names[len(w.cells):])) {
		w.sum = w.by.Row(w.cells)
	}
}

func (sheetScanner) show(w *watched, record []byte, _ recordSpan) {
	record = bytes.TrimSuffix(record, []byte("\n"))
	if bytes.Contains(record, []byte(noResult)) && cellWithoutResult(record) >= 0 {
		return
	}
	w.cells = w.cells[:0]
	for more := true; more; {
		var cell []byte
		cell, record, more = bytes.Cut(record, []byte("\t"))
		if bytes.IndexByte(cell, '\\') >= 0 && w.needsText(len(w.cells)) {
			cell = []byte(unescapeSheet(string(cell)))
		}
		w.cells = append(w.cells, cell)
	}
	if len(w.cells) <= len(w.names) {
		w.sum = w.by.Row(w.cells)
	}
}

// show collects the members of an object. It does not check whether the line is an object at all,
// which would cost more than all the rest: the members that it can read are right either way.
func (ndjsonScanner) show(w *watched, record []byte, _ recordSpan) {
	w.cells = w.cells[:0]
	for range w.names {
		w.cells = append(w.cells, nil)
	}
	walk := walkObject(record)
	for n := 0; ; n++ {
		m, more := walk.next()
		if !more {
			break
		}
		key := record[m.keyFrom:m.keyTo]
		at := n
		if n >= len(w.names) || w.names[n] != string(key) {
			if bytes.IndexByte(key, '\\') >= 0 {
				key = []byte(Unescape(string(key)))
			}
			column, known := w.index[string(key)]
			if !known {
				return
			}
			at = column
		}
		if m.valueFrom >= m.valueTo {
			return
		}
		w.cells[at] = w.jsonBytes(record[m.valueFrom:m.valueTo], at)
	}
	w.sum = w.by.Row(w.cells)
}

// jsonBytes returns a JSON value as cellOf does. It resolves escapes if the text is needed.
func (w *watched) jsonBytes(value []byte, column int) []byte {
	switch {
	case value[0] == 'n':
		return nil
	case value[0] != '"' || len(value) < 2:
		return value
	}
	value = value[1 : len(value)-1]
	if bytes.IndexByte(value, '\\') >= 0 && w.needsText(column) {
		return []byte(Unescape(string(value)))
	}
	return value
}

// needsText reports whether the observer asks for the text of a column.
func (w *watched) needsText(column int) bool { return column < len(w.names) && w.by.NeedsText(column) }
