package importer

import (
	"bytes"
	"fmt"

	"taskport/importer/file"
)

// garbledTally counts the cells of a column that some program has read in the wrong encoding before the file was written.
type garbledTally struct {
	rows        int
	first, once string // the first such cell, and what it was once
}

// maxGarbled is among how many cells of a column they are looked for, of up to so many bytes: where there are any, there are many.
const maxGarbled, maxGarbledText = 10 * sampledCells, 4 << 10

func (t *garbledTally) see(cell []byte) {
	if len(cell) > maxGarbledText || bytes.IndexByte(cell, 0xC3) < 0 && bytes.IndexByte(cell, 0xC2) < 0 {
		return
	}
	once, ok := file.Ungarbled(string(cell))
	if !ok {
		return
	}
	if t.rows++; t.rows == 1 {
		t.first, t.once = shortened(string(cell)), shortened(once)
	}
}

// problem tells of the cells; empty when there are none.
func (t *garbledTally) problem(column string) string {
	if t.rows == 0 {
		return ""
	}
	return fmt.Sprintf("%s: a program has read the file in the wrong encoding before it was saved: %s was %s once, and %s like it; export it anew, or open it there as UTF-8",
		shown(column), shown(t.first), shown(t.once), counted(t.rows, "cell"))
}
