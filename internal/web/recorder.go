package web

import (
	"net/http"
	"runtime/debug"
)

// Recorder records the answer to a client.
type Recorder struct {
	http.ResponseWriter
	Status int   // 0 before an answer
	Bytes  int64 // of the body
}

// WriteHeader sends the status, and records the first one.
func (r *Recorder) WriteHeader(status int) {
	if r.Status == 0 {
		r.Status = status
	}
	r.ResponseWriter.WriteHeader(status)
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
	next.ServeHTTP(r, req)
}

// Cut aborts an answer that cannot be completed, so that the client notices.
func Cut() { panic(http.ErrAbortHandler) }
