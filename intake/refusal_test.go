package intake_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// A client that sends all of a large body before it reads gets the refusal, not a reset connection.
func TestRefusalArrivesBeforeTheConnectionCloses(t *testing.T) {
	a := setup(t)
	const size = 15 << 20
	for name, c := range map[string]struct {
		path, key string
		chunked   bool
		want      int
	}{
		"unknown key":          {"/v1/import/tasks", "wbk_nobody", false, http.StatusUnauthorized},
		"unknown key, chunked": {"/v1/import/tasks", "wbk_nobody", true, http.StatusUnauthorized},
		"unknown path":         {"/v1/nowhere", a.key, false, http.StatusNotFound},
		"too large":            {"/v1/tasks", a.key, false, http.StatusRequestEntityTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var d net.Dialer
			conn, err := d.DialContext(t.Context(), "tcp", strings.TrimPrefix(a.server.URL, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			_ = conn.SetDeadline(time.Now().Add(time.Minute))
			length := fmt.Sprintf("Content-Length: %d", size)
			if c.chunked {
				length = "Transfer-Encoding: chunked"
			}
			_, err = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer %s\r\n"+
				"Content-Type: application/json\r\n%s\r\n\r\n", c.path, c.key, length)
			piece := strings.Repeat("a", 1<<20)
			for sent := 0; err == nil && sent < size; sent += len(piece) {
				if c.chunked {
					_, err = fmt.Fprintf(conn, "%x\r\n%s\r\n", len(piece), piece)
				} else {
					_, err = conn.Write([]byte(piece))
				}
			}
			if err == nil && c.chunked {
				_, err = conn.Write([]byte("0\r\n\r\n"))
			}
			if err != nil {
				t.Fatalf("got %v while sending, want all sent", err)
			}
			resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatalf("got %v instead of an answer, want %d", err, c.want)
			}
			defer resp.Body.Close()
			if resp.StatusCode != c.want || !resp.Close {
				t.Errorf("got %d, close %v, want %d and a connection that ends", resp.StatusCode, resp.Close, c.want)
			}
		})
	}
}
