package xlsx

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
)

const (
	blockText  = 16 << 10 // a block ends with the string that reaches this size,
	blockCount = 64       // or with this number of strings
	inMemory   = 8 << 20  // bytes of all blocks before they go to a scratch file
	cached     = 256      // unpacked blocks in memory
	// Each string is at least an element, so this allows a sheet full of different cells.
	maxStrings = 1 << 26
)

// sharedStrings are the strings of a workbook, in blocks. Cells refer to them by number, mostly in
// their order.
type sharedStrings struct {
	scratch Scratch
	file    File
	memory  []byte // until there is a file
	size    int64
	count   int
	blocks  []stringBlock
	open    []byte // the block that is being filled
	cache   [cached]cachedBlock
}

type stringBlock struct {
	first int // number of its first string
	at    int64
}

type cachedBlock struct {
	number int // from 1
	texts  []string
}

func readStrings(p *parts, b *book, scratch Scratch) (*sharedStrings, error) {
	s := &sharedStrings{scratch: scratch}
	file := b.kinds["sharedStrings"]
	if file == "" || p.find(file) == nil {
		return s, nil
	}
	part, err := p.open(file, 0)
	if err != nil {
		return nil, err
	}
	defer part.Close()
	if err := s.readAll(newWalk(part)); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *sharedStrings) readAll(w *walk) error {
	for {
		token, err := w.next()
		if errors.Is(err, io.EOF) {
			return s.endBlock()
		}
		if err != nil {
			return err
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "si" {
			text, err := richText(w, "si")
			if err != nil {
				return err
			}
			if err := s.add(text); err != nil {
				return err
			}
		}
	}
}

func (s *sharedStrings) add(text string) error {
	if s.count == maxStrings {
		return &Error{TooLarge: true, Message: fmt.Sprintf("the workbook has more than %d different texts; send it as CSV",
			maxStrings)}
	}
	if len(s.open) == 0 {
		s.blocks = append(s.blocks, stringBlock{first: s.count, at: s.size})
	}
	s.open = binary.AppendUvarint(s.open, uint64(len(text)))
	s.open = append(s.open, text...)
	s.count++
	if len(s.open) >= blockText || s.count-s.blocks[len(s.blocks)-1].first >= blockCount {
		return s.endBlock()
	}
	return nil
}

// endBlock stores the block, in memory while it fits.
func (s *sharedStrings) endBlock() error {
	s.size += int64(len(s.open))
	if s.file == nil && s.size <= inMemory {
		s.memory = append(s.memory, s.open...)
		s.open = s.open[:0]
		return nil
	}
	if s.file == nil {
		if s.scratch == nil {
			return &Error{TooLarge: true,
				Message: fmt.Sprintf("the texts of the workbook are longer than %d MiB together; send it as CSV", inMemory>>20)}
		}
		file, err := s.scratch()
		if err != nil {
			return err
		}
		s.file = file
		if _, err := file.Write(s.memory); err != nil {
			return err
		}
		s.memory = nil
	}
	_, err := s.file.Write(s.open)
	s.open = s.open[:0]
	return err
}

// get returns a string by its number.
func (s *sharedStrings) get(n int) (string, error) {
	if n < 0 || n >= s.count {
		return "", unreadable("a cell refers to text %d, but the workbook has %d texts; save it again", n, s.count)
	}
	at, found := slices.BinarySearchFunc(s.blocks, n, func(b stringBlock, n int) int { return b.first - n })
	if !found {
		at--
	}
	slot := &s.cache[at%cached]
	if slot.number != at+1 {
		texts, err := s.load(at)
		if err != nil {
			return "", err
		}
		*slot = cachedBlock{at + 1, texts}
	}
	return slot.texts[n-s.blocks[at].first], nil
}

// load unpacks a block.
func (s *sharedStrings) load(at int) ([]string, error) {
	from, to, next := s.blocks[at].at, s.size, s.count
	if at+1 < len(s.blocks) {
		to, next = s.blocks[at+1].at, s.blocks[at+1].first
	}
	packed := make([]byte, to-from)
	if s.file == nil {
		copy(packed, s.memory[from:to])
	} else if _, err := s.file.ReadAt(packed, from); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	texts := make([]string, 0, next-s.blocks[at].first)
	for in := bytes.NewReader(packed); in.Len() > 0; {
		n, err := binary.ReadUvarint(in)
		if err != nil {
			return nil, err
		}
		from := len(packed) - in.Len()
		texts = append(texts, string(packed[from:from+int(n)]))
		_, _ = in.Seek(int64(n), io.SeekCurrent) // cannot fail within the block
	}
	return texts, nil
}

func (s *sharedStrings) close() error {
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}
