package intake

import (
	"net/http"
	"slices"
	"testing"
	"time"
)

// Prefer follows RFC 7240: parameters behind a semicolon belong to the preference, and the first
// of two counts.
func TestPreferences(t *testing.T) {
	t.Parallel()
	seconds := func(n int) *time.Duration { d := time.Duration(n) * time.Second; return &d }
	for header, want := range map[string]preferences{
		"":                                  {},
		"respond-async":                     {async: true, applied: []string{"respond-async"}},
		"Respond-Async; why=\"large\", foo": {async: true, applied: []string{"respond-async"}},
		"respond-async, respond-async":      {async: true, applied: []string{"respond-async"}},
		"wait=5; exactly":                   {wait: seconds(5), applied: []string{"wait=5"}},
		"wait = \"5\"":                      {wait: seconds(5), applied: []string{"wait=5"}},
		"wait=1, wait=2":                    {wait: seconds(1), applied: []string{"wait=1"}},
		"wait=61":                           {wait: seconds(60), applied: []string{"wait=60"}},
		"wait=99999999999999999999":         {wait: seconds(60), applied: []string{"wait=60"}},
		"return=minimal; respond-async":     {},
	} {
		got, err := readPrefer(http.Header{"Prefer": {header}})
		if err != nil || got.async != want.async || !slices.Equal(got.applied, want.applied) ||
			(got.wait == nil) != (want.wait == nil) || got.wait != nil && *got.wait != *want.wait {
			t.Errorf("%s: %+v %v, want %+v", header, got, err, want)
		}
	}
	for _, header := range []string{"wait", "wait=", "wait=-1", "wait=soon", "wait=-99999999999999999999"} {
		if _, err := readPrefer(http.Header{"Prefer": {header}}); err == nil {
			t.Errorf("%s is taken", header)
		}
	}
}
