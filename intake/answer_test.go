package intake

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"taskport/internal/web"
)

// A client that does not read its answer is disconnected. Otherwise it could hold resources for as
// long as it likes.
func TestAnswerThatNobodyReads(t *testing.T) {
	t.Parallel()
	const size = 64 << 20 // more than connections buffer
	stream := func(w *web.SlowWriter) error {
		_, err := w.Write(make([]byte, size))
		return err
	}
	for name, a := range map[string]*answer{
		"whole":    {status: http.StatusOK, header: map[string]string{}, body: make([]byte, size)},
		"streamed": {status: http.StatusOK, header: map[string]string{}, stream: stream},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &server{Config: Config{Logger: slog.New(slog.DiscardHandler)}, writeIdle: 50 * time.Millisecond}
			given := make(chan struct{})
			up := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				defer close(given)
				s.write(&request{Request: r, writer: w}, a)
			}))
			defer up.Close()
			conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", up.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if _, err := fmt.Fprint(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"); err != nil {
				t.Fatal(err)
			}
			select {
			case <-given:
			case <-time.After(20 * time.Second):
				t.Error("it is still being written")
			}
		})
	}
}
