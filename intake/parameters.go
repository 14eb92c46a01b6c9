package intake

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// parameters are the query parameters of the lists. A list refuses all others: with a misspelt filter it would give everything.
var parameters = map[string][]string{
	"/v1/tasks":                           {"page", "per_page", "status", "assignee_id", "contact_id", "company_id", "deal_id", "event_id", "import_id"},
	"/v1/import/jobs":                     {"page", "per_page"},
	"/v1/import/jobs/{id}/rejects":        {"page", "per_page", "reason", "field", "name", "company", "search", "format"},
	"/v1/import/jobs/{id}/rejects/groups": {"page", "per_page"},
	"/v1/import/jobs/{id}/results":        {"page", "per_page", "format"},
	"/v1/import/mappings":                 {"page", "per_page"},
	"/v1/aliases":                         {"page", "per_page", "search"},
	"/v1/webhooks":                        {"page", "per_page"},
	"/v1/webhooks/{id}/deliveries":        {"page", "per_page"},
}

// checkParameters refuses what a list does not know, or is given twice.
func checkParameters(path string, q url.Values) error {
	known, isList := parameters[path]
	if !isList {
		return nil
	}
	return checkNames(q, known, "parameter of this list")
}

// checkNames refuses a value by a name that is none of those known, which are what is said, and one that is given twice.
func checkNames(q url.Values, known []string, what string) error {
	for _, name := range slices.Sorted(maps.Keys(q)) {
		if !slices.Contains(known, name) {
			return newError("validation_error", "%s is no %s; choose among %s", strconv.Quote(name), what, strings.Join(known, ", ")).of(name)
		}
		if len(q[name]) > 1 {
			return newError("validation_error", "%s is given %d times; give it once", name, len(q[name])).of(name)
		}
	}
	return nil
}
