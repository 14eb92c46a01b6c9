package intake

import (
	"net/http"
	"testing"
)

// The type with the highest preference wins, wherever it is in the header. Among equals the first
// wins.
func TestAccept(t *testing.T) {
	t.Parallel()
	const json, csv = "application/json", "text/csv"
	for header, want := range map[string]string{
		"": json, " ": json, "*/*": json, csv: csv, "TEXT/CSV": csv, "text/*": csv, "application/json; charset=utf-8": json,
		"text/csv, application/json": csv, "application/json, text/csv": json, "text/csv, */*": csv, "*/*, text/csv": json,
		"text/csv;q=0.1, application/json": json, "*/*;q=0.1, text/csv": csv, "text/csv;q=0.5, application/json;q=0.4": csv,
		"application/json;q=0, */*": csv, "application/json;q=0.0, text/csv;q=0.000": "", "*/*;q=0": "",
		"text/*;q=0, text/csv": csv, "text/*, text/csv;q=0": "",
		"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8": json,
		"text/csv;q=much, application/json;q=0.9":                         csv, "text/csv;q=NaN": csv,
		"image/png": "", "garbage": "", ", ,": "", "*": json, "text/html, *; q=.2": json,
	} {
		r := &request{Request: &http.Request{Header: http.Header{"Accept": {header}}}}
		if got := accepted(r, json, csv); got != want {
			t.Errorf("%q: %q, want %q", header, got, want)
		}
	}
	two := &request{Request: &http.Request{Header: http.Header{"Accept": {"text/html", "text/csv"}}}}
	if got := accepted(two, json, csv); got != csv {
		t.Errorf("two headers: %q", got)
	}
}
