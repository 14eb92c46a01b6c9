package importer

import (
	"errors"
	"io"
)

// CutAll hands all chunks of a file to keep, and settles how its rows are read; seen is the survey that went along, nil for none. The digest is that by which the same rows are known
// again, nil where they need not be: records of the directory and the rows of a report are known again by themselves. Where the columns cannot be followed the error is a
// *Fault, and layout and digest are given all the same; ErrNoRows refuses a file without rows, and what next and keep give is passed on.
func CutAll(next func() (Chunk, error), layout func() Layout, kind Kind, o Options, seen *Survey, keep func(Chunk) error) (settled Layout, digest []byte, err error) {
	rows, repeats := 0, NewRepeats(kind, o)
	for {
		c, err := next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Layout{}, nil, err
		}
		rows += c.Rows
		repeats.Look(layout, &c)
		if err := keep(c); err != nil {
			return Layout{}, nil, err
		}
	}
	if rows == 0 {
		return Layout{}, nil, ErrNoRows
	}
	read := layout()
	read.Repeated = repeats.Found()
	settled, plan, err := Settle(kind, read, o.Recipe, seen)
	if kind == Tasks && (plan == nil || !plan.isTied()) {
		digest = repeats.Digest(settled.Columns)
	}
	return settled, digest, err
}
