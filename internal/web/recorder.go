package web

import (
	"io"
	"net/http"
	"runtime/debug"
	"time"
)

// A refusal may come while the client still sends its body. A connection that is closed on bytes
// that nobody has read is reset, and a client that sends before it reads never sees the answer. So
// the rest of the body is read after the answer, within these bounds. net/http itself reads on as
// far as smallRest, and keeps the connection.
const (
	smallRest = 256 << 10
	readOnMax = 64 << 20
	readOnFor = 5 * time.Second
)

// Recorder remembers the answer that a client got. It lets a refusal arrive before the connection
// is closed.
type Recorder struct {
	http.ResponseWriter
	Status int   // 0 before an answer
	Bytes  int64 // of the body

	request *http.Request // with a body that remembers whether its end was read; nil before Serve
	unread  bool          // the answer is a refusal, and the client still sends
}

// WriteHeader sends the status, and records the first one.
func (r *Recorder) WriteHeader(status int) {
	if r.Status == 0 {
		r.Status = status
		if status >= http.StatusBadRequest && r.stillSends() {
			r.unread = true
			r.Header().Set("Connection", "close")
			// Otherwise net/http reads the body before it sends the answer.
			_ = http.NewResponseController(r.ResponseWriter).EnableFullDuplex()
		}
	}
	r.ResponseWriter.WriteHeader(status)
}

// stillSends reports whether the client may still be sending a body that is not known to be small.
func (r *Recorder) stillSends() bool {
	if r.request == nil || r.request.ProtoMajor != 1 || r.request.Header.Get("Expect") != "" {
		return false
	}
	body, ok := r.request.Body.(*watchedBody)
	return ok && !body.ended && (r.request.ContentLength < 0 || r.request.ContentLength > smallRest)
}

// readOn reads the rest of the body after a refusal.
func (r *Recorder) readOn() {
	if !r.unread {
		return
	}
	control := http.NewResponseController(r.ResponseWriter)
	if control.Flush() == nil && control.SetReadDeadline(time.Now().Add(readOnFor)) == nil {
		_, _ = io.CopyN(io.Discard, r.request.Body, readOnMax)
	}
}

// watchedBody remembers whether its end was read.
type watchedBody struct {
	io.ReadCloser
	ended bool
}

// Read reads on.
func (b *watchedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.ended = b.ended || err == io.EOF
	return n, err
}

// Write sends a part of the body.
func (r *Recorder) Write(b []byte) (int, error) {
	if r.Status == 0 {
		r.Status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(b)
	r.Bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (r *Recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// Serve lets next answer the request, and then calls done. A panic of next goes to panicked, with
// its stack. http.ErrAbortHandler is raised again after done.
func (r *Recorder) Serve(next http.Handler, req *http.Request, panicked func(what any, stack []byte), done func()) {
	defer func() {
		what := recover()
		cut := what == http.ErrAbortHandler //nolint:errorlint // the sentinel is compared as net/http does
		if what != nil && !cut {
			panicked(what, debug.Stack())
		}
		done()
		if cut {
			panic(what)
		}
	}()
	if req.Body != nil && req.Body != http.NoBody {
		req.Body = &watchedBody{ReadCloser: req.Body}
	}
	r.request = req
	next.ServeHTTP(r, req)
	r.readOn()
}

// Cut aborts an answer that cannot be completed, so that the client notices.
func Cut() { panic(http.ErrAbortHandler) }
