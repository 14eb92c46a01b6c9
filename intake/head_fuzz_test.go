package intake

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// FuzzHead sends arbitrary queries and headers. Nothing panics, and accepted values are within
// their bounds.
func FuzzHead(f *testing.F) {
	f.Add("respond-async, wait=10", "text/csv;q=0.5, */*", `"a", W/"b"`,
		"page=2&per_page=5&format=csv&dry_run=1&mapping={}&delimiter=tab")
	f.Add("wait=99999999999", "*/*;q=0", "*", "page=0&has_header=x&mapping=[")
	f.Add(`wait="5`, "text/*, application/json", `"`, "status=open&contact_id=0&assignee_id=%ff&on_duplicate=update")
	f.Fuzz(func(t *testing.T, prefer, accept, match, query string) {
		q, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		h := http.Header{"Prefer": {prefer}, "Accept": {accept}, "If-None-Match": {match}}
		r := &request{Request: &http.Request{Header: h, URL: &url.URL{RawQuery: query}}}
		if p, err := readPrefer(h); err == nil {
			if d := p.patience(1_000_000); d < 0 || d > maxWait {
				t.Errorf("waits %v for %q", d, prefer)
			}
		}
		if a := accepted(r, jsonOrCSV...); a != "" && !slices.Contains(jsonOrCSV, a) {
			t.Errorf("answers with %q", a)
		}
		if named([]string{match}, `"tag"`) && !strings.Contains(match, "*") && !strings.Contains(match, `"tag"`) {
			t.Errorf("%q names the tag", match)
		}
		if p, err := readPage(q); err == nil && (p.Number < 1 || p.Number > maxPage || p.Size < 1 || p.Size > maxPerPage) {
			t.Errorf("page %v", p)
		}
		for _, err := range []error{second(queryOptions(q)), second(queryCut(q, "csv", "")), second(taskFilter(r)),
			second(listFormat(r))} {
			if err != nil && asAPIError(err).status >= http.StatusInternalServerError {
				t.Errorf("%q is our fault: %v", query, err)
			}
		}
	})
}

func second[T any](_ T, err error) error { return err }

// FuzzReceiver registers arbitrary addresses. An accepted address can be connected to unchanged.
func FuzzReceiver(f *testing.F) {
	for _, address := range []string{"https://receiver.example/hook?x=1", "http://a", "https://user@a", "https://a/#b",
		"https://[::1]:1/", "https:///x", "https://a:b", "//a", "https://a\x00", "https://://a"} {
		f.Add(address)
	}
	f.Fuzz(func(t *testing.T, address string) {
		err := (&server{}).checkReceiver(address)
		if err != nil {
			var refused *apiError
			if !errors.As(err, &refused) || refused.Field != "url" {
				t.Errorf("refused by %v", err)
			}
			return
		}
		req, err := http.NewRequest(http.MethodPost, address, nil) //nolint:noctx // it is not sent
		if err != nil || req.URL.Scheme != "https" || req.URL.Hostname() == "" || req.URL.User != nil ||
			len(address) > maxWebhookURL {
			t.Errorf("%q was taken: %v", address, err)
		}
	})
}
