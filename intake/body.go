package intake

import (
	"errors"
	"io"
	"mime"
	"slices"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"taskport/importer/file/unpack"
	"taskport/internal/web"
)

// mediaType returns an error unless the body has one of the allowed types or no type.
func mediaType(r *request, allowed ...string) error {
	got, charset, err := bodyType(r)
	if err == nil && charset != "" && charset != "utf-8" && charset != "utf8" && charset != "us-ascii" {
		return newError("unsupported_media_type", "charset must be utf-8, not %s", charset)
	}
	if err != nil || got != "" && !slices.Contains(allowed, got) {
		return newError("unsupported_media_type", "Content-Type must be %s", strings.Join(allowed, " or "))
	}
	return nil
}

// bodyType returns the media type of the body and its charset.
func bodyType(r *request) (t, charset string, err error) {
	header := r.Header.Get("Content-Type")
	if header == "" {
		return "", "", nil
	}
	t, params, err := mime.ParseMediaType(header)
	if err != nil {
		return "", "", newError("unsupported_media_type", "Content-Type %s cannot be read: %v", strconv.Quote(header), err)
	}
	return t, strings.ToLower(params["charset"]), nil
}

// body returns at most limit bytes of the request's body. A client that pauses too long is
// disconnected.
func (s *server) body(r *request, limit int64) io.Reader {
	b := web.NewBody(r.writer, r.Request, limit)
	r.bodies = append(r.bodies, b)
	if r.within > 0 {
		b.Within(r.within)
	}
	return b
}

// unpacked returns at most limit bytes of the body, decoded from its Content-Encoding.
func (s *server) unpacked(r *request, limit int64) (io.Reader, error) {
	raw := &countedBody{from: s.body(r, limit)}
	switch encoding := strings.ToLower(strings.TrimSpace(r.Header.Get("Content-Encoding"))); encoding {
	case "", "identity":
		return raw, nil
	case "gzip", "x-gzip":
		z, err := gzip.NewReader(raw)
		if err != nil {
			return nil, bodyError(r, newError("validation_error", "the body is not gzip, although Content-Encoding says so"))
		}
		return &unpacker{from: z, packed: raw, left: limit, limit: limit, request: r, encoding: encoding}, nil
	case "zstd":
		z, err := zstd.NewReader(raw, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxZstdWindow))
		if err != nil {
			return nil, bodyError(r, newError("validation_error", "the body is not zstd, although Content-Encoding says so"))
		}
		return &unpacker{from: z.IOReadCloser(), packed: raw, left: limit, limit: limit, request: r, encoding: encoding}, nil
	default:
		return nil, newError("unsupported_media_type", "Content-Encoding must be gzip, zstd or absent")
	}
}

const maxZstdWindow = 64 << 20

// nothing reads and discards the body of a request that needs none; a large body is an error.
func (s *server) nothing(r *request) error {
	_, err := io.Copy(io.Discard, s.body(r, maxIgnored))
	return bodyError(r, err)
}

// bodyError returns the error of reading the body, if any; otherwise err, which may only be its
// result.
func bodyError(r *request, err error) error {
	for _, b := range r.bodies {
		if broken := b.Broken(); broken != nil {
			return broken
		}
	}
	return err
}

// countedBody counts the bytes read from a body.
type countedBody struct {
	from io.Reader
	read int64
}

func (c *countedBody) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	c.read += int64(n)
	return n, err
}

// unpacker returns at most limit unpacked bytes. Its errors distinguish a malformed body from an
// incomplete one.
type unpacker struct {
	from        io.Reader
	packed      *countedBody
	left, limit int64
	request     *request
	encoding    string
}

func (u *unpacker) Read(p []byte) (int, error) {
	if int64(len(p)) > u.left+1 {
		p = p[:u.left+1]
	}
	n, err := u.from.Read(p)
	u.left -= int64(n)
	if u.left < 0 {
		return 0, errTooLarge(u.limit)
	}
	if unpack.IsBomb(u.limit-u.left, u.packed.read) {
		return 0, newError("payload_too_large", "the body unpacks to more than %d times its size; send it unpacked",
			unpack.Ratio)
	}
	if err == nil || errors.Is(err, io.EOF) {
		return n, err
	}
	return n, bodyError(u.request, newError("validation_error",
		"the body cannot be unpacked as %s (%v); nothing was kept, pack and send it again", u.encoding, err))
}
