package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"taskport/importer"
	"taskport/importer/dates"
)

// mappingFlags are the flags of a mapping.
type mappingFlags struct {
	preset    string
	mapping   []string
	mapped    []string // --map
	values    []string
	constants []string
	compose   []string
	dateOrder string
	timezone  string
	keep      []string
	onUnknown string
	assignee  string // that of unknown ones
	odd       string // what happens to implausible dates
	file      string
}

func (f *mappingFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&f.mapped, "map", nil,
		"the field that a column feeds, as COLUMN=field, repeated; an empty field ignores the column")
	cmd.Flags().StringArrayVar(&f.mapping, "mapping", nil, "the same as --map")
	cmd.Flags().StringVar(&f.file, "map-file", "",
		"a JSON or YAML file with preset, mapping, values, constants, compose, date_order, timezone, keep_columns, "+
			"on_unknown_assignee, default_assignee and implausible_dates; flags override it")
	cmd.Flags().StringArrayVar(&f.values, "value", nil,
		"a value of the file and its meaning, as field:VALUE=ours, such as 'status:Not Started=open', repeated")
	cmd.Flags().StringArrayVar(&f.constants, "set", nil,
		"a constant for every row, as field=VALUE, such as task_type=call, repeated")
	cmd.Flags().StringArrayVar(&f.compose, "compose", nil,
		"a field joined from columns, as field=COLUMN+COLUMN, such as 'contact_name=First Name+Last Name', repeated")
	cmd.Flags().StringVar(&f.dateOrder, "date-order", "",
		importer.OptionTerm("date_order")+" in dates such as 03/04/2026: dmy, mdy or ymd; serial or epoch: what numbers "+
			"count, days as spreadsheets do or seconds since 1970 (default: detected from the whole column)")
	cmd.Flags().StringVar(&f.odd, "implausible-dates", "",
		importer.OptionTerm("implausible_dates")+": keep (default), reject, or blank for a task without it")
	cmd.Flags().StringVar(&f.timezone, "timezone", "",
		importer.OptionTerm("timezone")+", such as Europe/Berlin (default: UTC)")
	cmd.Flags().StringArrayVar(&f.keep, "keep-columns", nil,
		"which "+importer.OptionTerm("keep_columns")+" are kept in custom_fields: all, none or COLUMN, repeated "+
			"(default: all)")
	cmd.Flags().StringVar(&f.onUnknown, "on-unknown-assignee", "",
		importer.OptionTerm("on_unknown_assignee")+": reject (default), unassigned, or default for --default-assignee")
	cmd.Flags().StringVar(&f.assignee, "default-assignee", "",
		importer.OptionTerm("default_assignee")+": an id, an address or a name")
	cmd.Flags().StringVar(&f.preset, "preset", "",
		importer.OptionTerm("preset")+", such as hubspot or salesforce, or none (default: detected by the header)")
}

// read returns the mapping of the flags, for rows of the kind, over that of the file which they
// name.
func (f *mappingFlags) read(kind importer.Kind) (importer.Mapping, error) {
	r := importer.Mapping{Preset: f.preset, DateOrder: dates.Order(f.dateOrder), Timezone: f.timezone,
		OnUnknownAssignee: importer.OnUnknownAssignee(f.onUnknown), DefaultAssignee: f.assignee,
		ImplausibleDates: importer.ImplausibleDates(f.odd)}
	switch {
	case slices.Equal(f.keep, []string{importer.KeepAll.String()}):
		r.KeepColumns = importer.KeepAll
	case slices.Equal(f.keep, []string{importer.KeepNone.String()}):
		r.KeepColumns = importer.KeepNone
	case len(f.keep) > 0:
		r.KeepColumns = importer.KeepOnly(f.keep)
	}
	for _, m := range append(append([]string{}, f.mapping...), f.mapped...) {
		at := strings.LastIndexByte(m, '=')
		if at < 1 {
			return r, misusef("--map takes COLUMN=field, not %q", m)
		}
		put(&r.ByColumn, m[:at], m[at+1:])
	}
	for _, c := range f.constants {
		field, value, ok := strings.Cut(c, "=")
		if !ok || field == "" {
			return r, misusef("--set takes field=VALUE, not %q", c)
		}
		put(&r.Constants, field, value)
	}
	for _, c := range f.compose {
		field, columns, ok := strings.Cut(c, "=")
		if !ok || field == "" || columns == "" {
			return r, misusef("--compose takes field=COLUMN+COLUMN, not %q", c)
		}
		put(&r.Compose, field, strings.Split(columns, "+"))
	}
	for _, v := range f.values {
		field, pair, ok := strings.Cut(v, ":")
		at := strings.LastIndexByte(pair, '=')
		if !ok || field == "" || at < 0 {
			return r, misusef("--value takes field:VALUE=ours, not %q", v)
		}
		addValue(&r, field, pair[:at], pair[at+1:])
	}
	if f.file == "" {
		return r, nil
	}
	saved, err := readMapFile(f.file, kind)
	return r.Over(saved.Mapping), err
}

func put[V any](m *map[string]V, key string, value V) {
	if *m == nil {
		*m = map[string]V{}
	}
	(*m)[key] = value
}

func addValue(r *importer.Mapping, field, value, ours string) {
	words := r.Values[field]
	put(&words, value, ours)
	put(&r.Values, field, words)
}

// readMapFile reads a saved mapping; YAML includes JSON.
func readMapFile(path string, kind importer.Kind) (importer.SavedMapping, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return importer.SavedMapping{}, fmt.Errorf("open the mapping: %w", err)
	}
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		return importer.SavedMapping{}, fmt.Errorf("%s: not JSON or YAML: %w", path, err)
	}
	asJSON, err := json.Marshal(plainValue(&root))
	if err != nil {
		return importer.SavedMapping{}, fmt.Errorf("%s: %w", path, err)
	}
	r, err := importer.ReadSavedMapping(asJSON, kind)
	if err == nil && r.Kind != kind {
		err = fmt.Errorf("the mapping is for %s, but the file has %s", r.Kind, kind)
	}
	if err != nil {
		return r, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

// plainValue returns a YAML value as JSON has it. All scalars stay text, so that 1 or yes is not
// converted; references within the file are not followed.
func plainValue(n *yaml.Node) any {
	switch n.Kind {
	case yaml.DocumentNode:
		return plainValue(n.Content[0])
	case yaml.SequenceNode:
		all := []any{}
		for _, c := range n.Content {
			all = append(all, plainValue(c))
		}
		return all
	case yaml.MappingNode:
		all := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			all[n.Content[i].Value] = plainValue(n.Content[i+1])
		}
		return all
	default: // a scalar
	}
	if n.Tag == "!!null" {
		return nil
	}
	return n.Value
}

// addMapping adds a mapping as the API takes it.
func addMapping(q url.Values, r importer.Mapping) error {
	for name, value := range map[string]string{"preset": r.Preset, "date_order": string(r.DateOrder),
		"timezone": r.Timezone, "keep_columns": r.KeepColumns.String(),
		"on_unknown_assignee": string(r.OnUnknownAssignee), "default_assignee": r.DefaultAssignee,
		"implausible_dates": string(r.ImplausibleDates)} {
		if value != "" {
			q.Set(name, value)
		}
	}
	for _, o := range []struct {
		name  string
		empty bool
		value any
	}{{"mapping", len(r.ByColumn) == 0, r.ByColumn}, {"values", len(r.Values) == 0, r.Values},
		{"constants", len(r.Constants) == 0, r.Constants}, {"compose", len(r.Compose) == 0, r.Compose}} {
		if o.empty {
			continue
		}
		text, err := json.Marshal(o.value)
		if err != nil {
			return fmt.Errorf("encode %s: %w", o.name, err)
		}
		q.Set(o.name, string(text))
	}
	return nil
}
