package intake

import (
	"encoding/json"
	"net/url"
	"strconv"

	"taskport/importer"
)

// queryOptions reads an import's options from query parameters.
func queryOptions(q url.Values) (importer.Options, error) {
	o := importer.Options{OnDuplicate: importer.OnDuplicate(q.Get("on_duplicate")), OnCompanyMismatch: importer.OnCompanyMismatch(q.Get("on_company_mismatch"))}
	var err error
	if o.DryRun, err = boolean(q, "dry_run", false); err != nil {
		return o, err
	}
	if text := q.Get("mapping"); text != "" {
		if err := json.Unmarshal([]byte(text), &o.Mapping); err != nil {
			return o, newError("validation_error", `mapping must be a JSON object from column to field, for instance {"Subject": "title"}`).of("mapping")
		}
	}
	return o, o.Validate()
}

// queryCut reads how a file is to be cut from query parameters.
func queryCut(q url.Values, format importer.Format) (importer.CutOptions, error) {
	c := importer.CutOptions{Format: format, Delimiter: delimiterNamed(q.Get("delimiter"))}
	var err error
	c.HasHeader, err = boolean(q, "has_header", true)
	return c, err
}

// delimiterNamed allows "tab" for the one delimiter that is hard to write in a URL.
func delimiterNamed(s string) string {
	if s == "tab" || s == `\t` {
		return "\t"
	}
	return s
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
