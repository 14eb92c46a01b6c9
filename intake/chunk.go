package intake

import (
	"errors"
	"io"

	"taskport/importer"
	"taskport/importer/file"
)

// chunkReader gives the chunks of a file, the first of which it has read ahead.
type chunkReader struct {
	*file.Cutter
	ahead []file.Chunk
	whole bool // all of the file has been read
}

// readAhead reads until it has two chunks, so that a file of one chunk is known as such before a connection is taken for it.
func readAhead(c *file.Cutter) (*chunkReader, error) {
	const enough = 2
	r := &chunkReader{Cutter: c}
	for len(r.ahead) < enough {
		chunk, err := c.Next()
		if errors.Is(err, io.EOF) {
			r.whole = true
			break
		}
		if err != nil {
			return nil, err
		}
		r.ahead = append(r.ahead, chunk)
	}
	return r, nil
}

func (r *chunkReader) next() (file.Chunk, error) {
	if len(r.ahead) > 0 {
		c := r.ahead[0]
		r.ahead = r.ahead[1:]
		return c, nil
	}
	if r.whole {
		return file.Chunk{}, io.EOF
	}
	return r.Next()
}

// cutAll hands all chunks of a file to keep and gives the layout, having made sure that its rows can be read, and the digest of a file that must not come twice unasked: rows that come
// as objects are no file.
func cutAll(cutter *chunkReader, u upload, seen *importer.Survey, keep func(file.Chunk) error) (importer.Layout, []byte, error) {
	layout, digest, err := importer.CutAll(cutter.next, cutter.Layout, u.kind, u.options, seen, keep)
	if u.loose {
		digest = nil
	}
	return layout, digest, err
}
