package intake

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"taskport/importer"
	"taskport/importer/file"
	"taskport/internal/spool"
	"taskport/internal/web"
	"taskport/store"
)

// The rows of a stream are stored and acknowledged after so many rows or bytes, or so long after
// the first of them.
const (
	streamRows  = 500
	streamBytes = 1 << 20
	streamPause = time.Second
)

// streamOptions are the query parameters of a stream. The others say how a whole file is read.
var streamOptions = append([]string{"atomic", "file_name"}, taskOptions...)

func errNoStream() error {
	return newError("validation_error",
		"atomic=false is for tasks that are sent to /v1/import/tasks as the body, as application/x-ndjson").of("atomic")
}

// isStream reports whether the rows of a request are to be worked on before the body ends.
func isStream(r *request, kind importer.Kind) (bool, error) {
	q := r.URL.Query()
	whole, err := boolean(q, "atomic", true)
	if err != nil || whole {
		return false, err
	}
	t, _, err := bodyType(r)
	if err != nil {
		return false, err
	}
	if kind != importer.Tasks || bodyFormats[t] != file.NDJSON {
		return false, errNoStream()
	}
	if r.idem != nil {
		return false, newError("validation_error", "a stream takes no Idempotency-Key, since its rows are accepted one "+
			"after the other; give each row an external_id, and send those again that were not acknowledged").of(
			"Idempotency-Key")
	}
	for name := range q {
		if !slices.Contains(streamOptions, name) {
			return false, newError("validation_error", "%s is an option of a whole file; leave it out, or send the file "+
				"without atomic=false", name).of(name)
		}
	}
	return true, nil
}

// stream is the body of a request whose rows are worked on before it ends.
type stream struct {
	server  *server
	request *request
	upload  *spool.Upload
	layout  importer.Layout
	made    store.Import
	lines   chan []byte   // closed at the end of the body
	err     error         // that ended it, io.EOF for its end; to be read once lines is closed
	left    chan struct{} // closed when no more lines are read
	line    int           // lines that were taken so far
}

// acknowledgement is a line of the answer to a stream.
type acknowledgement struct {
	JobID        uuid.UUID `json:"job_id"`
	AcceptedRows int64     `json:"accepted_rows"`
	Complete     bool      `json:"complete"`
}

// streamTasks accepts the rows of a body as they arrive. The answer begins once the first rows are
// stored, so that what is wrong until then has a status of its own.
func (s *server) streamTasks(r *request) (*answer, error) {
	options, err := queryOptions(r.URL.Query())
	if err != nil {
		return nil, err
	}
	if err := options.Check(importer.Tasks); err != nil {
		return nil, err
	}
	name := r.URL.Query().Get("file_name")
	if err := importer.CheckShort("file_name", name); err != nil {
		return nil, err
	}
	t := &stream{server: s, request: r, lines: make(chan []byte, streamRows), left: make(chan struct{})}
	if t.layout, err = importer.StreamLayout(options.Mapping); err != nil {
		return nil, err
	}
	if err := s.Queue.Ping(r.Context()); err != nil {
		s.Logger.WarnContext(r.Context(), "stream refused", slog.Any("error", err))
		return nil, errUnavailable()
	}
	// Without it, the server would read the rest of the body before it answers. HTTP/2 needs nothing.
	_ = http.NewResponseController(r.writer).EnableFullDuplex()
	if t.upload, err = s.Spools.Begin(r.Context(), r.key.WorkspaceID, r.key.ID); err != nil {
		return nil, err
	}
	r.hurry(s.Spools.Time())
	body, err := s.unpacked(r, s.MaxUpload)
	if err != nil {
		t.upload.Done()
		return nil, err
	}
	go t.read(body)
	c, err := t.next()
	if err == nil {
		t.made, err = s.Store.OpenStream(r.Context(), store.NewImport{WorkspaceID: r.key.WorkspaceID,
			Kind: importer.Tasks, FileName: name, Options: options, CreatedAt: s.now(), Trace: traceOf(r.Context())},
			t.layout, c)
	}
	if errors.Is(err, io.EOF) {
		err = newError("validation_error", "the body has no rows; send a task a line")
	}
	if err != nil {
		t.leave()
		return nil, err
	}
	return &answer{status: http.StatusAccepted, stream: t.follow,
		header: map[string]string{"Content-Type": "application/x-ndjson", "Location": jobPath(t.made.ID)}}, nil
}

// follow stores further rows, and acknowledges each part once it is stored.
func (t *stream) follow(w *web.SlowWriter) error {
	err := t.store(w)
	complete := errors.Is(err, io.EOF)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.request.Context()), web.FinalTimeout)
	defer cancel()
	if ended := t.server.Store.EndStream(ctx, t.made, !complete); ended != nil && complete {
		err, complete = ended, false // it ends by itself, as if its body had broken off
	}
	if complete {
		err = t.acknowledge(w, true)
	} else {
		t.server.Logger.WarnContext(ctx, "stream ended early", slog.String("import", t.made.ID.String()),
			slog.Int64("rows", t.made.Total), slog.Any("error", err))
		_, err = w.Write(t.server.failure(ctx, err).body) // the client may be gone
		_ = w.Flush()
	}
	t.leave()
	return err
}

// store stores the rows that follow. The error is io.EOF after the last one.
func (t *stream) store(w *web.SlowWriter) error {
	ctx := t.request.Context()
	for {
		t.server.handover.Begin(ctx, t.made)
		if err := t.acknowledge(w, false); err != nil {
			return err
		}
		c, err := t.next()
		if err != nil {
			return err
		}
		if err := t.server.Store.Append(ctx, &t.made, c); err != nil {
			return err
		}
	}
}

func (t *stream) acknowledge(w *web.SlowWriter, complete bool) error {
	line, err := json.Marshal(map[string]any{"data": acknowledgement{t.made.ID, t.made.Total, complete}})
	if err != nil {
		return err
	}
	if _, err := w.Write(append(line, '\n')); err != nil {
		return err
	}
	return w.Flush()
}

// next returns the rows that are stored together. The error is io.EOF after the last one.
func (t *stream) next() (file.Chunk, error) {
	var timeout <-chan time.Time
	for {
		c, lines := file.Chunk{FirstLine: t.line + 1}, 0
		for full := false; !full; {
			select {
			case line, more := <-t.lines:
				if !more {
					if lines == 0 || !errors.Is(t.err, io.EOF) { // rows behind the last acknowledgement are not accepted
						return c, bodyError(t.request, t.err)
					}
					full = true
					break
				}
				if lines++; !utf8.Valid(line) {
					return c, newError("validation_error", "line %d is not valid UTF-8; JSON must be (RFC 8259, section 8.1)",
						t.line+lines)
				}
				if timeout == nil {
					timeout = time.After(streamPause)
				}
				c.Data = append(c.Data, line...)
				full = lines >= streamRows || len(c.Data) >= streamBytes
			case <-timeout:
				full = true
			case <-t.request.Context().Done():
				return c, context.Cause(t.request.Context())
			case <-t.server.Stopping:
				return c, errStopping()
			}
		}
		t.line += lines
		for range file.Decode(t.layout.Layout, c) {
			c.Rows++
		}
		if c.Rows > 0 {
			return c, nil
		}
		timeout = nil // they were empty
	}
}

// read passes on the lines of the body, each with its end. What follows the last end of a line is a
// row only if the body has not broken off there.
func (t *stream) read(body io.Reader) {
	defer close(t.lines)
	from := bufio.NewReaderSize(body, 64<<10)
	for n := 1; ; n++ {
		line, err := readLine(from)
		if n == 1 {
			line = bytes.TrimPrefix(line, []byte("\xEF\xBB\xBF"))
		}
		if err != nil && !errors.Is(err, io.EOF) {
			t.err = err
			return
		}
		if len(line) > 0 {
			select {
			case t.lines <- append(bytes.TrimRight(line, "\r\n"), '\n'):
			case <-t.left:
				return
			}
		}
		if err != nil {
			t.err = err
			return
		}
	}
}

// readLine returns a line of at most maxTaskBody bytes.
func readLine(from *bufio.Reader) (line []byte, err error) {
	for {
		part, err := from.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > maxTaskBody {
			return nil, errTooLarge(maxTaskBody)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}

// leave ends the reading of the body, which may be waiting for the client, and the upload.
func (t *stream) leave() {
	close(t.left)
	t.upload.Done()
	control := http.NewResponseController(t.request.writer)
	for {
		select {
		case _, more := <-t.lines:
			if !more {
				return
			}
		case <-time.After(10 * time.Millisecond):
			_ = control.SetReadDeadline(time.Now()) // again, since each read sets its own
		}
	}
}
