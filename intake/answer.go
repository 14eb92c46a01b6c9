package intake

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"time"

	"taskport/store"
)

// request is a request on its way through intake.
type request struct {
	*http.Request
	writer http.ResponseWriter
	key    store.Caller
	idem   *store.Idempotency
	broken error // what reading the body failed with
}

// answer is what a handler gives back: a body, or a function that streams one.
type answer struct {
	status int
	header map[string]string
	body   []byte
	stream func(*impatientWriter) error
}

func (a *answer) withHeaders(h map[string]string) *answer {
	maps.Copy(a.header, h)
	return a
}

func (a *answer) with(name, value string) *answer {
	a.header[name] = value
	return a
}

// data is a successful answer in the envelope of the API.
func data(status int, v any) *answer { return jsonAnswer(status, map[string]any{"data": v}) }

// list is a page of a list in the envelope of the API.
func list(v any, p store.Page, total int) *answer {
	return jsonAnswer(http.StatusOK, map[string]any{"data": v, "meta": map[string]int{"page": p.Number, "per_page": p.Size, "total": total}})
}

// jsonAnswer encodes without escaping HTML: these are not pages.
func jsonAnswer(status int, v any) *answer {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return &answer{status: http.StatusInternalServerError, header: map[string]string{}, body: []byte(`{"error":{"code":"internal_error","message":"the answer could not be encoded"}}`)}
	}
	return &answer{status: status, header: map[string]string{"Content-Type": "application/json; charset=utf-8"}, body: b.Bytes()}
}

// writeIdle is how long a client may let a streamed answer wait.
const writeIdle = 30 * time.Second

// impatientWriter gives up on a client that does not read.
type impatientWriter struct {
	to      io.Writer
	control *http.ResponseController
}

func (w *impatientWriter) Write(p []byte) (int, error) {
	_ = w.control.SetWriteDeadline(time.Now().Add(writeIdle)) // not supported outside a real connection
	return w.to.Write(p)
}

// Flush sends what has been written so far.
func (w *impatientWriter) Flush() error { return w.control.Flush() }

// write sends the answer. A stream that breaks is cut off, so that the client notices.
func (s *server) write(r *request, a *answer) {
	a = conditional(r, a)
	h := r.writer.Header()
	for name, value := range a.header {
		h.Set(name, value)
	}
	h.Set("X-Content-Type-Options", "nosniff")
	r.writer.WriteHeader(a.status)
	if r.Method == http.MethodHead {
		return
	}
	if a.stream == nil {
		_, _ = r.writer.Write(a.body) // the client is gone if this fails
		return
	}
	control := http.NewResponseController(r.writer)
	defer func() { _ = control.SetWriteDeadline(time.Time{}) }() // the connection may carry further requests
	if err := a.stream(&impatientWriter{to: r.writer, control: control}); err != nil {
		s.Logger.WarnContext(r.Context(), "answer cut off", slog.Any("error", err))
		panic(http.ErrAbortHandler)
	}
}
