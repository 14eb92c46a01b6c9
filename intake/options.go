package intake

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"taskport/importer"
	"taskport/importer/dates"
	"taskport/importer/file"
)

// importOptions are the query parameters and form fields of an import.
var importOptions = []string{"file_name", "mapping", "mapping_name", "preset", "values", "constants", "compose",
	"date_order", "timezone", "keep_columns", "on_unknown_assignee", "default_assignee", "implausible_dates", "has_header",
	"delimiter", "encoding", "sheet", "skip_lines", "keep_placeholders", "on_duplicate", "on_duplicate_row",
	"on_company_mismatch", "on_several", "on_same_file", "remember_mapping", "dry_run", "mirror",
	"mirror_most", "retry_rejects", "atomic"}

const maxPercent = 100

// isImport reports whether a request sends a file to be imported.
func isImport(method, path string) bool {
	return method == http.MethodPost && strings.HasPrefix(path, "/v1/import/") && !strings.HasPrefix(path,
		"/v1/import/jobs/")
}

// checkOptions returns an error for an unknown or repeated option: a misspelt dry_run would import
// for real.
func checkOptions(q url.Values) error {
	return checkNames(q, importOptions, "an option of an import")
}

// queryOptions parses an import's options from query parameters.
func queryOptions(q url.Values) (importer.Options, error) {
	o := importer.Options{OnDuplicate: importer.OnDuplicate(q.Get("on_duplicate")),
		OnCompanyMismatch: importer.OnCompanyMismatch(q.Get("on_company_mismatch")),
		OnDuplicateRow:    importer.OnDuplicateRow(q.Get("on_duplicate_row")),
		OnSeveral:         importer.OnSeveral(q.Get("on_several")),
		OnSameFile:        importer.OnSameFile(q.Get("on_same_file"))}
	var err error
	if o.DryRun, err = boolean(q, "dry_run", false); err != nil {
		return o, err
	}
	if o.Mirror, err = boolean(q, "mirror", false); err != nil {
		return o, err
	}
	if o.RetryRejects, err = boolean(q, "retry_rejects", false); err != nil {
		return o, err
	}
	if o.MirrorMost, err = number(q, "mirror_most", 0, maxPercent); err != nil {
		return o, err
	}
	if o.Mapping, err = queryMapping(q); err != nil {
		return o, err
	}
	return o, o.Validate()
}

// queryCut parses from query parameters how to read the file. Without an encoding, the charset of
// the media type applies.
func queryCut(q url.Values, format file.Format, charset string) (file.Options, error) {
	c := file.Options{Format: format, Delimiter: file.DelimiterNamed(q.Get("delimiter")), Sheet: q.Get("sheet")}
	var err error
	if c.HasHeader, err = boolean(q, "has_header", true); err != nil {
		return c, err
	}
	if c.KeepPlaceholders, err = boolean(q, "keep_placeholders", false); err != nil {
		return c, err
	}
	if c.Encoding, err = file.CheckEncoding(cmp.Or(q.Get("encoding"), charset)); err != nil {
		return c, newError("validation_error", "%v", err).of("encoding")
	}
	c.SkipLines, err = file.ReadSkipLines(q.Get("skip_lines"))
	return c, ofSkipLines(err)
}

func ofSkipLines(err error) error {
	if err != nil {
		return newError("validation_error", "skip_lines: %v", err).of("skip_lines")
	}
	return nil
}

func boolean(q url.Values, name string, absent bool) (bool, error) {
	text := q.Get(name)
	if text == "" {
		return absent, nil
	}
	b, err := strconv.ParseBool(text)
	if err != nil {
		return false, newError("validation_error", "%s must be true or false", name).of(name)
	}
	return b, nil
}

// queryMapping parses the mapping from query parameters.
func queryMapping(q url.Values) (importer.Mapping, error) {
	r := importer.Mapping{Preset: q.Get("preset"), DateOrder: dates.Order(q.Get("date_order")),
		Timezone:          q.Get("timezone"),
		OnUnknownAssignee: importer.OnUnknownAssignee(q.Get("on_unknown_assignee")),
		DefaultAssignee:   q.Get("default_assignee"),
		ImplausibleDates:  importer.ImplausibleDates(q.Get("implausible_dates"))}
	for _, o := range []struct {
		name, example string
		into          any
	}{
		{"mapping", `from column to field, for instance {"Subject": "title"}`, &r.ByColumn},
		{"values", `from field to what its values mean, for instance {"status": {"Not Started": "open"}}`, &r.Values},
		{"constants", `from field to value, for instance {"task_type": "call"}`, &r.Constants},
		{"compose", `from field to columns, for instance {"contact_name": ["First Name", "Last Name"]}`, &r.Compose},
	} {
		if text := q.Get(o.name); text != "" && json.Unmarshal([]byte(text), o.into) != nil {
			return r, newError("validation_error", "%s must be a JSON object %s", o.name, o.example).of(o.name)
		}
	}
	var err error
	r.KeepColumns, err = importer.ReadKeepColumns(q.Get("keep_columns"))
	return r, err
}
