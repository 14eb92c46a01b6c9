package intake

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
)

// An incomplete body has no digest, so that it creates nothing that a repetition could not be
// compared with.
func TestDigestOfABrokenBody(t *testing.T) {
	t.Parallel()
	s := &server{Config: Config{MaxUpload: 1 << 20}}
	for body, whole := range map[string]bool{`{"title": "Call"}`: true, "": true, `{"title":`: false} {
		from := io.Reader(strings.NewReader(body))
		if !whole {
			from = io.MultiReader(from, iotest.ErrReader(io.ErrUnexpectedEOF))
		}
		r := &request{Request: httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/tasks", from),
			writer: httptest.NewRecorder()}
		if sum := s.digestBody(r).sum(); (sum != nil) != whole {
			t.Errorf("%q has the digest %x", body, sum)
		}
	}
}
