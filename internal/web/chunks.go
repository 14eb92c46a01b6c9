package web

import (
	"errors"
	"io"

	"taskport/importer/file"
	"taskport/internal/spool"
)

// Chunks are the chunks of an upload that the client has sent completely, so that reading them
// never waits for the client.
type Chunks struct {
	*file.Cutter
	ahead []file.Chunk
	whole bool
}

// ReadChunks reads the first chunks of an upload while it is being sent, so that an unreadable file
// is refused early. It then waits until the body is complete. body is nil for a body in memory.
func ReadChunks(c *file.Cutter, body *spool.Body) (*Chunks, error) {
	const enough = 2 // to recognize a file of one chunk
	r := &Chunks{Cutter: c}
	for len(r.ahead) < enough {
		chunk, err := c.Next()
		if errors.Is(err, io.EOF) {
			r.whole = true
			return r, nil
		}
		if err != nil {
			return nil, err
		}
		r.ahead = append(r.ahead, chunk)
	}
	if body == nil {
		return r, nil
	}
	return r, body.Complete()
}

// InMemory reports whether all chunks are in memory.
func (r *Chunks) InMemory() bool { return r.whole }

// Next returns the next chunk, or io.EOF after the last one.
func (r *Chunks) Next() (file.Chunk, error) {
	if len(r.ahead) > 0 {
		c := r.ahead[0]
		r.ahead = r.ahead[1:]
		return c, nil
	}
	if r.whole {
		return file.Chunk{}, io.EOF
	}
	return r.Cutter.Next()
}
