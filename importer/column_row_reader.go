package importer

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"taskport/importer/dates"
	"taskport/importer/file"
)

// Mapping says how the columns and values of a file become those of rows. It can be saved as a file
// or with a workspace.
type Mapping struct {
	// Preset names the product whose export the file is, or NoPreset; empty means that the header
	// decides.
	Preset string `json:"preset,omitempty"`
	// ByColumn has the field of each column; an empty field means that the column is ignored.
	ByColumn map[string]string `json:"mapping,omitempty"`
	// Values have, for a field, our value for a value of the file.
	Values map[string]map[string]string `json:"values,omitempty"`
	// Constants are values of fields that are the same in every row.
	Constants map[string]string `json:"constants,omitempty"`
	// Compose has, for a field, the columns whose cells make it up, in this order.
	Compose map[string][]string `json:"compose,omitempty"`
	// DateOrder is the order of day, month and year in dates that are not ISO 8601, or dates.Serial or
	// dates.Epoch for numbers; empty to detect it.
	DateOrder dates.Order `json:"date_order,omitempty"`
	// Timezone is the IANA name of the zone for timestamps without an offset; empty for UTC.
	Timezone string `json:"timezone,omitempty"`
	// KeepColumns are the columns that are kept though they feed no field.
	KeepColumns KeepColumns `json:"keep_columns,omitzero"`
	// OnUnknownAssignee is what happens to a task whose assignee is not a user of the workspace;
	// empty means UnknownReject, or UnknownDefault with a DefaultAssignee.
	OnUnknownAssignee OnUnknownAssignee `json:"on_unknown_assignee,omitempty"`
	// DefaultAssignee is the user to whom such tasks go instead: an id, an address or a name.
	DefaultAssignee string `json:"default_assignee,omitempty"`
	// ImplausibleDates is what happens to a due date before 1970 or after 2100; empty means
	// ImplausibleKeep.
	ImplausibleDates ImplausibleDates `json:"implausible_dates,omitempty"`
}

// ImplausibleDates is what happens to a due date before 1970 or after 2100.
type ImplausibleDates string

// The choices for ImplausibleDates.
const (
	ImplausibleKeep   ImplausibleDates = "keep"
	ImplausibleReject ImplausibleDates = "reject"
	ImplausibleBlank  ImplausibleDates = "blank"
)

// OnUnknownAssignee is what happens to a task whose assignee is not a user of the workspace.
type OnUnknownAssignee string

// The choices for OnUnknownAssignee.
const (
	UnknownReject     OnUnknownAssignee = "reject"
	UnknownUnassigned OnUnknownAssignee = "unassigned"
	UnknownDefault    OnUnknownAssignee = "default"
)

// Limits of a mapping.
const (
	maxComposed   = 10
	maxValueWords = 10_000
)

// SavedMapping is a mapping as it is saved, with the kind of rows that it is for.
type SavedMapping struct {
	Kind Kind `json:"kind"`
	Mapping
}

// ReadSavedMapping parses a saved mapping from JSON and checks it. kind is the kind of rows unless
// the text names another. The error is a *Fault that names the wrong or unknown member, so that a
// misspelt one does not go unnoticed.
func ReadSavedMapping(text []byte, kind Kind) (SavedMapping, error) {
	s := SavedMapping{Kind: kind}
	if err := DecodeObject(text, &s, "a mapping takes kind, preset, mapping, values, constants, compose, date_order, "+
		"timezone, keep_columns, on_unknown_assignee, default_assignee and implausible_dates"); err != nil {
		return s, err
	}
	if fields[s.Kind] == nil {
		return s, optionFault("kind", string(s.Kind), kindNames)
	}
	return s, s.Check(s.Kind)
}

// IsEmpty reports whether the mapping has no setting.
func (r Mapping) IsEmpty() bool {
	return r.Preset == "" && len(r.ByColumn)+len(r.Values)+len(r.Constants)+len(r.Compose) == 0 && r.DateOrder == "" &&
		r.Timezone == "" && r.KeepColumns.IsZero() && r.OnUnknownAssignee == "" && r.DefaultAssignee == "" &&
		r.ImplausibleDates == ""
}

// Over returns the settings of r and, where it is silent, those of the other mapping. Objects are
// merged member by member.
func (r Mapping) Over(other Mapping) Mapping {
	if r.Preset == "" {
		r.Preset = other.Preset
	}
	if r.DateOrder == "" {
		r.DateOrder = other.DateOrder
	}
	if r.Timezone == "" {
		r.Timezone = other.Timezone
	}
	if r.KeepColumns.IsZero() {
		r.KeepColumns = other.KeepColumns
	}
	r.ImplausibleDates = cmp.Or(r.ImplausibleDates, other.ImplausibleDates)
	if r.OnUnknownAssignee == "" && r.DefaultAssignee == "" {
		r.OnUnknownAssignee, r.DefaultAssignee = other.OnUnknownAssignee, other.DefaultAssignee
	}
	r.ByColumn, r.Constants, r.Compose = over(r.ByColumn, other.ByColumn), over(r.Constants, other.Constants),
		over(r.Compose, other.Compose)
	if len(other.Values) == 0 {
		return r
	}
	values := over(r.Values, other.Values)
	for field := range r.Values {
		values[field] = over(r.Values[field], other.Values[field])
	}
	r.Values = values
	return r
}

// SaysColumns reports whether the mapping says itself what the columns feed, so that a remembered
// one is not used.
func (r Mapping) SaysColumns() bool {
	return r.Preset != "" || len(r.ByColumn) > 0 || len(r.Compose) > 0
}

// HeaderKey returns the key under which a mapping is remembered: a digest of the header, without
// regard to case and spaces. It is empty for a file without a header, and for a report.
func HeaderKey(l file.Layout) string {
	named, sum := false, sha256.New()
	for i, c := range l.Columns {
		named = named || c != "" && c != fmt.Sprintf("column_%d", i+1)
		_, _ = sum.Write(append([]byte(columnKey(c)), 0)) // it never fails
	}
	if !l.Tabular() || !named || isReport(l.Columns) {
		return ""
	}
	const enough = 16 // bytes
	return hex.EncodeToString(sum.Sum(nil)[:enough])
}

// Remembered is a mapping that was confirmed for the same header, and is used again.
type Remembered struct {
	Name string    `json:"name"`
	At   time.Time `json:"at"` // when it was confirmed
}

func (r *Remembered) note() file.Note {
	return file.Note{Text: "the columns are mapped as was confirmed for this header on " +
		r.At.UTC().Format(time.DateOnly), Remedy: file.Remedy{Code: RemedyRemembered, Value: r.Name}}
}

func over[V any](upper, lower map[string]V) map[string]V {
	if len(lower) == 0 {
		return upper
	}
	all := maps.Clone(lower)
	maps.Copy(all, upper)
	return all
}

// Check refuses, before a file is read, settings that rows of the kind cannot follow. The error is
// a *Fault that names the option.
func (r Mapping) Check(kind Kind) error {
	if err := checkPreset(kind, r.Preset); err != nil {
		return err
	}
	if err := checkMapping(kind, r.ByColumn); err != nil {
		return err
	}
	if err := r.checkValues(kind); err != nil {
		return err
	}
	if err := r.checkConstants(kind); err != nil {
		return err
	}
	if err := r.checkCompose(kind); err != nil {
		return err
	}
	if err := r.checkDates(kind); err != nil {
		return err
	}
	if kind != Tasks && !r.KeepColumns.IsZero() {
		return memberFault(keepColumns, "is for tasks, and these are %s; leave it out", kind)
	}
	if slices.ContainsFunc(r.KeepColumns.columns, func(c string) bool { return !storable(c) }) {
		return memberFault(keepColumns, "a column is not a text that a file can have; remove it")
	}
	if err := r.checkAssignee(kind); err != nil {
		return err
	}
	return r.checkTwice()
}

// checkAssignee refuses a choice for unknown assignees that cannot be carried out.
func (r Mapping) checkAssignee(kind Kind) error {
	switch {
	case r.OnUnknownAssignee == "" && r.DefaultAssignee == "":
		return nil
	case kind != Tasks:
		return memberFault("on_unknown_assignee", "tasks have assignees, and these are %s; leave it out", kind)
	case !slices.Contains([]OnUnknownAssignee{"", UnknownReject, UnknownUnassigned, UnknownDefault}, r.OnUnknownAssignee):
		return optionFault("on_unknown_assignee", string(r.OnUnknownAssignee), "reject, unassigned, default")
	case r.OnUnknownAssignee == UnknownDefault && r.DefaultAssignee == "":
		return memberFault("default_assignee", "name the user to whom tasks of unknown assignees go")
	case r.OnUnknownAssignee != UnknownDefault && r.OnUnknownAssignee != "" && r.DefaultAssignee != "":
		return memberFault("default_assignee", "it is used with on_unknown_assignee=default only, not with %s",
			r.OnUnknownAssignee)
	}
	return CheckShort("default_assignee", r.DefaultAssignee)
}

// MeansUsers reports whether the mapping says whom a file means by an assignee.
func (r Mapping) MeansUsers() bool { return len(r.Values[Assignee]) > 0 }

// onUnknown returns what happens to a task of an unknown assignee.
func (r Mapping) onUnknown() OnUnknownAssignee {
	if r.DefaultAssignee != "" {
		return UnknownDefault
	}
	return cmp.Or(r.OnUnknownAssignee, UnknownReject)
}

// Columns returns the columns that the mapping names, sorted, without repetition.
func (r Mapping) Columns() []string {
	all := slices.Collect(maps.Keys(r.ByColumn))
	for _, columns := range r.Compose {
		all = append(all, columns...)
	}
	all = append(all, r.KeepColumns.columns...)
	slices.Sort(all)
	return slices.Compact(all)
}

// checkMapping refuses fields that rows of the kind do not have.
func checkMapping(kind Kind, mapping map[string]string) error {
	for _, column := range sortedKeys(mapping) {
		if !storable(column) {
			return mappingFault("column %s is not a text that a file can have; remove it", shown(column))
		}
		if f := mapping[column]; f != "" {
			if err := checkField("mapping", kind, f); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkField(option string, kind Kind, field string) error {
	if !slices.Contains(fields[kind], field) {
		return memberFault(option, "%s is not a field of %s; choose one of %s", shown(field), kind,
			strings.Join(fields[kind], ", "))
	}
	return nil
}

// checkValues refuses value mappings whose results cannot be stored.
func (r Mapping) checkValues(kind Kind) error {
	const option = "values"
	words := 0
	for _, field := range sortedKeys(r.Values) {
		most := maxShort
		if kind != Tasks || field != Assignee {
			if err := checkField(option, kind, field); err != nil {
				return err
			}
			most = specOf(kind, field).most()
		}
		words += len(r.Values[field])
		for _, word := range sortedKeys(r.Values[field]) {
			meant := r.Values[field][word]
			if !storable(word) || !storable(meant) || len(meant) > most {
				return memberFault(option, "the value %s of %s cannot be stored as text, or is too long; correct it",
					shown(word), field)
			}
			if allowed := closed(kind, field); meant != "" && allowed != nil && !slices.Contains(allowed, meant) {
				return memberFault(option, "%s: %s cannot become %s; choose one of %s, or \"\" for none", field, shown(word),
					shown(meant), strings.Join(allowed, ", "))
			}
		}
	}
	if words > maxValueWords {
		return memberFault(option, "there are %d values, at most %d are allowed", words, maxValueWords)
	}
	return nil
}

// NoMeaning is what a person answers for a word that means no value at all; in a mapping that is
// empty.
const NoMeaning = "none"

// Meanings returns what a person may answer when asked what a word of a closed field means; nothing
// for an assignee, who may be any user.
func Meanings(kind Kind, field string) []string {
	if field == Assignee {
		return nil
	}
	return append(slices.Clone(closed(kind, field)), NoMeaning)
}

// Meant returns an answer as a mapping has it.
func Meant(answer string) string {
	if answer == NoMeaning {
		return ""
	}
	return answer
}

// closed returns the allowed words of a field; nil for a field that takes any text.
func closed(kind Kind, field string) []string {
	if f := specOf(kind, field); f != nil {
		return f.words
	}
	return nil
}

// checkConstants refuses constants that would reject every row.
func (r Mapping) checkConstants(kind Kind) error {
	const option = "constants"
	for _, field := range sortedKeys(r.Constants) {
		if err := checkField(option, kind, field); err != nil {
			return err
		}
		if specOf(kind, field).single {
			return memberFault(option, "%s must differ from row to row; leave it out", field)
		}
		v := make(Values, len(fields[kind]))
		v[slices.Index(fields[kind], field)] = r.Constants[field]
		fault := checkText(kind, v, false)
		if kind == Tasks && fault == nil {
			fault = checkConstant(v)
		}
		if fault != nil {
			return memberFault(option, "%s", fault.Message)
		}
	}
	return nil
}

// checkConstant validates the one value that a task has here.
func checkConstant(v Values) *Fault {
	var d Draft
	for i, f := range taskFields {
		if _, ok := dates.Parse(v[i]); f.orNow && v[i] != "" && !ok {
			return &Fault{Message: fmt.Sprintf("%s must be ISO 8601, not %s", f.name, shown(v[i]))}
		}
	}
	if fault := d.readValues(v); fault != nil {
		return fault
	}
	if fault := d.readKeys(); fault != nil {
		return fault
	}
	d.readContact(v[atContactName])
	return d.oneContact(SeveralReject)
}

func (r Mapping) checkCompose(kind Kind) error {
	const option = "compose"
	for _, field := range sortedKeys(r.Compose) {
		if err := checkField(option, kind, field); err != nil {
			return err
		}
		columns := r.Compose[field]
		if len(columns) == 0 || len(columns) > maxComposed {
			return memberFault(option, "%s needs from 1 to %d columns, for instance {\"contact_name\": [\"First Name\", "+
				"\"Last Name\"]}", field, maxComposed)
		}
		if slices.ContainsFunc(columns, func(c string) bool { return !storable(c) || c == "" }) {
			return memberFault(option, "a column of %s is not a text that a file can have; remove it", field)
		}
	}
	return nil
}

// checkTwice refuses a field that two options feed.
func (r Mapping) checkTwice() error {
	by := map[string]string{}
	for _, column := range sortedKeys(r.ByColumn) {
		by[r.ByColumn[column]] = "mapping"
	}
	for _, o := range []struct {
		option string
		fields []string
	}{{"constants", sortedKeys(r.Constants)}, {"compose", sortedKeys(r.Compose)}} {
		for _, f := range o.fields {
			if by[f] != "" {
				return memberFault(o.option, "%s is also set by %s; keep one of them", f, by[f])
			}
			by[f] = o.option
		}
	}
	return nil
}

func memberFault(option, format string, args ...any) *Fault {
	return &Fault{Reason: InvalidValue, Field: option, Option: option, Message: fmt.Sprintf(format, args...)}
}

// checkDates refuses an unknown order or time zone.
func (r Mapping) checkDates(kind Kind) error {
	form := dates.Form(r.DateOrder)
	if form != "" && form.Order() == "" && form != dates.Serial && form != dates.Epoch {
		return optionFault("date_order", string(r.DateOrder), "dmy, mdy, ymd, serial, epoch")
	}
	if !slices.Contains([]ImplausibleDates{"", ImplausibleKeep, ImplausibleReject, ImplausibleBlank}, r.ImplausibleDates) {
		return optionFault("implausible_dates", string(r.ImplausibleDates), "keep, reject, blank")
	}
	if kind != Tasks && r.ImplausibleDates != "" {
		return memberFault("implausible_dates", "is for tasks, and these are %s; leave it out", kind)
	}
	if kind != Tasks && (r.DateOrder != "" || r.Timezone != "") {
		return &Fault{Reason: InvalidValue, Field: "date_order",
			Message: fmt.Sprintf("date_order and timezone are for tasks, and these are %s; leave them out", kind)}
	}
	_, err := zoneNamed(r.Timezone)
	return err
}

// zoneNamed returns a time zone; nil without a name. The error is a *Fault.
func zoneNamed(name string) (*time.Location, error) {
	if name == "" {
		return nil, nil //nolint:nilnil // nil is UTC
	}
	zone, ok := dates.Zone(name)
	if !ok {
		return nil, &Fault{Reason: InvalidValue, Field: "timezone",
			Message: fmt.Sprintf("timezone must be a name of the IANA database such as Europe/Berlin, not %s", shown(name))}
	}
	return zone, nil
}
