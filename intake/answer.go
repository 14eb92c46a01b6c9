package intake

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"taskport/internal/web"
	"taskport/store"
)

// request is a request with its caller and its bodies.
type request struct {
	*http.Request
	writer http.ResponseWriter
	key    store.Caller
	idem   *store.Idempotency
	bodies []*web.Body   // as they were read: one within the other
	within time.Duration // that they may take; 0 for no bound but that of a slow client
}

// answer is the result of a handler: a body, or a function that streams one.
type answer struct {
	status int
	header map[string]string
	body   []byte
	stream func(*web.SlowWriter) error
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

// list is a page of a list in the envelope of the API, with the cursor of the next page.
func list[R, J any](r *request, p store.Page, page store.Listed[R], show func(R) J) *answer {
	shown := make([]J, len(page.Rows))
	for n, row := range page.Rows {
		shown[n] = show(row)
	}
	meta := map[string]any{"per_page": p.Size, "next_cursor": nil}
	if p.After == nil {
		meta["page"] = p.Number
	}
	if p.Total {
		meta["total"] = page.Total
	}
	var link string
	if page.Next != nil {
		cursor := cursorOf(page.Next)
		meta["next_cursor"] = cursor
		q := r.URL.Query()
		q.Del("page")
		q.Set("cursor", cursor)
		link = "<" + (&url.URL{Path: r.URL.Path, RawQuery: q.Encode()}).String() + `>; rel="next"`
	}
	a := jsonAnswer(http.StatusOK, map[string]any{"data": shown, "meta": meta})
	if link != "" {
		a.with("Link", link)
	}
	return a
}

const jsonType = "application/json; charset=utf-8"

// jsonAnswer encodes without escaping HTML: these are not pages.
func jsonAnswer(status int, v any) *answer {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return &answer{status: http.StatusInternalServerError, header: map[string]string{},
			body: []byte(`{"error":{"code":"internal_error","message":"the answer could not be encoded"}}`)}
	}
	return &answer{status: status, header: map[string]string{"Content-Type": jsonType},
		body: b.Bytes()}
}

// write sends the answer. If a stream fails, write closes the connection so that the client
// notices.
func (s *server) write(r *request, a *answer) {
	a = conditional(r, a)
	h := r.writer.Header()
	for name, value := range a.header {
		h.Set(name, value)
	}
	h.Set("X-Content-Type-Options", "nosniff")
	if len(a.body) > 0 {
		h.Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	r.writer.WriteHeader(a.status)
	if r.Method == http.MethodHead {
		return
	}
	w := web.NewSlowWriter(r.writer, s.writeIdle)
	defer w.Close()
	if a.stream == nil {
		if _, err := w.Write(a.body); err == nil {
			_ = w.Flush() // while the deadline holds; the client is gone if this fails
		}
		return
	}
	if err := a.stream(w); err != nil {
		s.Logger.WarnContext(r.Context(), "answer cut off", slog.Any("error", err))
		web.Cut()
	}
}
