package file

import (
	"bytes"
	"fmt"
)

// keyUnion collects the keys of all objects of a file in the order of first appearance.
type keyUnion struct {
	columns []string
	known   map[string]struct{}
	size    int // bytes of all names
}

func newKeyUnion() *keyUnion { return &keyUnion{known: map[string]struct{}{}} }

// add adds the keys of the object on a line of the file. It ignores a line that is malformed as a
// whole.
func (k *keyUnion) add(record []byte, line int) error {
	keys := k.newKeys(record)
	// The check whether the line is an object is slow, so it is made only if the line would add
	// columns.
	if len(keys) == 0 || objectProblem(record) != "" {
		return nil
	}
	for i, key := range keys {
		keys[i] = Unescape(key)
		if !soundKey(keys[i]) {
			return nil
		}
	}
	for _, key := range keys {
		if _, ok := k.known[key]; ok {
			continue
		}
		k.known[key] = struct{}{}
		k.columns = append(k.columns, key)
		k.size += len(key)
		if len(k.columns) > maxColumns {
			return &Error{Line: line,
				Message: fmt.Sprintf("up to this line the rows have more than %d different keys; give all rows the same keys",
					maxColumns)}
		}
		if k.size > maxHeader {
			return &Error{Line: line, TooLarge: true,
				Message: fmt.Sprintf("up to this line the keys of the rows are longer than %s together; give all rows the "+
					"same short keys", sizeText(maxHeader))}
		}
	}
	return nil
}

// newKeys returns the keys, as they are written, that may be new. With escapes one key has many
// spellings.
func (k *keyUnion) newKeys(record []byte) []string {
	var keys []string
	walk := walkObject(record)
	for n := 0; ; n++ {
		m, more := walk.next()
		if !more {
			return keys
		}
		key := record[m.keyFrom:m.keyTo]
		if bytes.IndexByte(key, '\\') < 0 {
			if n < len(k.columns) && k.columns[n] == string(key) {
				continue
			}
			if _, ok := k.known[string(key)]; ok {
				continue
			}
		}
		keys = append(keys, string(key))
	}
}
