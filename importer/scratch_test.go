package importer

import (
	"bytes"

	"taskport/importer/file/xlsx"
)

// memoryScratch is a scratch file in memory.
func memoryScratch() (xlsx.File, error) { return &memoryFile{}, nil }

type memoryFile struct{ bytes.Buffer }

func (m *memoryFile) ReadAt(p []byte, off int64) (int, error) {
	return bytes.NewReader(m.Bytes()).ReadAt(p, off)
}

func (m *memoryFile) Close() error { return nil }
