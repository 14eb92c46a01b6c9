package spool

import (
	"bytes"
	"errors"
	"io"
	"sync"
)

const (
	// inMemory is the size up to which a body needs no file.
	inMemory = 64 << 10
	// copied is how many bytes are read from a client at a time.
	copied = 256 << 10
)

// Body is the body of an upload. It is read from the client until it is complete, and from disk
// afterwards.
type Body struct {
	upload *Upload

	mu     sync.Mutex // an unpacker may read the body ahead
	client io.Reader
	rest   io.Reader // nil until the body is complete
}

// Body returns the body of the upload from a client.
func (u *Upload) Body(client io.Reader) *Body { return &Body{upload: u, client: client} }

// Read reads from the client, or from disk once the body is complete.
func (b *Body) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rest != nil {
		return b.rest.Read(p)
	}
	return b.client.Read(p)
}

// Complete waits until the client has sent the whole body. The error is that of the client, or of
// File.
func (b *Body) Complete() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	var head bytes.Buffer
	_, err := io.CopyN(&head, b.client, inMemory)
	if errors.Is(err, io.EOF) {
		b.rest = &head
		return nil
	}
	if err != nil {
		return err
	}
	f, err := b.upload.file()
	if err != nil {
		return err
	}
	if _, err := f.Write(head.Bytes()); err != nil {
		return err
	}
	if _, err := io.CopyBuffer(f, b.client, make([]byte, copied)); err != nil {
		return err
	}
	b.rest = io.NewSectionReader(f, 0, f.bytes)
	return nil
}
