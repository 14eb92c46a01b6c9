package intake

import (
	"encoding/base64"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"taskport/store"
)

// lists are the query parameters of each list beside those of its page. A list refuses all others:
// with a misspelt filter it would return everything.
var lists = withPage(map[string][]string{
	"/v1/tasks":       taskFilters,
	"/v1/import/jobs": jobFilters,
	"/v1/import/jobs/{id}/rejects": {"reason", "field", "name", "company", "search", "dismissed", "skipped",
		"format"},
	"/v1/import/jobs/{id}/rejects/groups": nil,
	"/v1/import/jobs/{id}/skipped":        nil,
	"/v1/import/jobs/{id}/results":        {"format"},
	"/v1/rejects":                         {"reason", "field", "name", "company", "search"},
	"/v1/rejects/groups":                  nil,
	"/v1/import/mappings":                 {"header"},
	"/v1/aliases":                         {"search"},
	"/v1/webhooks":                        nil,
	"/v1/webhooks/{id}/deliveries":        nil,
})

func withPage(lists map[string][]string) map[string][]string {
	for _, kind := range store.DirectoryKinds() {
		lists[directoryPath(kind)] = []string{"search", "external_id", "active"}
	}
	for path, names := range lists {
		lists[path] = append([]string{"page", "per_page", "cursor", "total"}, names...)
	}
	return lists
}

// taskOptions are the query parameters of a single task.
var taskOptions = []string{"on_duplicate", "on_company_mismatch", "on_several", "on_unknown_assignee",
	"default_assignee"}

// checkParameters returns an error for a malformed query. Lists, and requests that change
// something, also refuse unknown and repeated parameters: an undo with dry_run=true would be
// executed.
func checkParameters(r route, query string) error {
	if r.permission == open {
		return nil
	}
	q, err := url.ParseQuery(query)
	if err != nil {
		return newError("validation_error", "the query of the address cannot be read (%v); write %% as %%25 and ; as %%3B",
			err)
	}
	names, isList := lists[r.path]
	what := "a parameter of this list"
	switch {
	case r.method == http.MethodGet && !isList:
		return nil
	case r.method == http.MethodGet:
	case r.path == "/v1/tasks":
		names, what = taskOptions, "an option of a single task (the options of an import go with /v1/import/tasks)"
	case r.path == "/v1/resolve":
		names, what = taskOptions[1:], "an option of references"
	case isImport(r.method, r.path):
		return checkOptions(q)
	case r.method == http.MethodDelete && isList: // the deletion of one record
		names, what = []string{"external_id"}, "a parameter of this deletion"
	default:
		names, what = nil, "a parameter of this path"
	}
	return checkNames(q, names, what)
}

// checkNames returns an error for a parameter that is not known or is repeated. what describes the
// known parameters, for the message.
func checkNames(q url.Values, known []string, what string) error {
	for _, name := range slices.Sorted(maps.Keys(q)) {
		if !slices.Contains(known, name) {
			return newError("validation_error", "%s is not %s; %s", strconv.Quote(name), what, choiceOf(known)).of(name)
		}
		if len(q[name]) > 1 {
			return newError("validation_error", "%s is given %d times; give it once", name, len(q[name])).of(name)
		}
	}
	return nil
}

func choiceOf(names []string) string {
	if len(names) == 0 {
		return "leave it out"
	}
	return "choose among " + strings.Join(names, ", ")
}

const (
	defaultPerPage = 25
	maxPerPage     = 100
	// maxPage bounds the offset, so that the database answers quickly.
	maxPage = 1_000_000
)

// readPage parses the page of a list: its number, or the cursor that the page before has returned.
// A page by its number has the total; others count only when asked.
func readPage(q url.Values) (store.Page, error) {
	p := store.Page{}
	var err error
	if p.Number, err = number(q, "page", 1, maxPage); err != nil {
		return p, err
	}
	if p.Size, err = number(q, "per_page", defaultPerPage, maxPerPage); err != nil {
		return p, err
	}
	text := q.Get("cursor")
	if p.Total, err = boolean(q, "total", text == ""); err != nil || text == "" {
		return p, err
	}
	if q.Has("page") {
		return p, newError("validation_error", "cursor and page are two ways to name a page; give one of them").of("cursor")
	}
	p.After, err = parseCursor(text)
	return p, err
}

func number(q url.Values, name string, absent, most int) (int, error) {
	text := q.Get(name)
	if text == "" {
		return absent, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, newError("validation_error", "%s must be a number from 1 to %d", name, most).of(name)
	}
	return n, nil
}

// cursorOf returns a cursor as clients send it back: its values, which have no zero byte, parted by
// one.
func cursorOf(c store.Cursor) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strings.Join(c, "\x00")))
}

func parseCursor(text string) (store.Cursor, error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || !utf8.Valid(raw) {
		return nil, errCursor()
	}
	return strings.Split(string(raw), "\x00"), nil
}

func errCursor() *apiError {
	return newError("validation_error", "cursor must be the next_cursor of a page of this list; leave it out to "+
		"begin with the first").of("cursor")
}
