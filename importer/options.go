package importer

import (
	"encoding/json"
	"fmt"
)

// OnDuplicate is what happens to a row whose external_id already exists in the workspace.
type OnDuplicate string

// The choices for OnDuplicate; DuplicateSkip is the default.
const (
	DuplicateSkip   OnDuplicate = "skip"
	DuplicateUpdate OnDuplicate = "update"
	DuplicateReject OnDuplicate = "reject"
)

// OnCompanyMismatch is what happens to a certain contact who belongs to another company than the
// row names.
type OnCompanyMismatch string

// The choices for OnCompanyMismatch; MismatchReject is the default.
const (
	MismatchReject OnCompanyMismatch = "reject"
	MismatchLink   OnCompanyMismatch = "link"
)

// OnSeveral is what happens to a cell with several references of one kind.
type OnSeveral string

// The choices for OnSeveral; SeveralReject is the default.
const (
	SeveralReject OnSeveral = "reject"
	SeveralFirst  OnSeveral = "first"
)

// KeepColumns says which columns that feed no field are kept in custom_fields. The zero value
// leaves the choice to others, and finally to KeepAll. In JSON it is "all", "none" or a list of
// columns.
type KeepColumns struct {
	which   string
	columns []string
}

// The choices for KeepColumns besides a list.
var (
	KeepAll  = KeepColumns{which: "all"}
	KeepNone = KeepColumns{which: "none"}
)

// KeepOnly keeps these columns, even if they feed a field.
func KeepOnly(columns []string) KeepColumns { return KeepColumns{"list", columns} }

// IsZero reports whether nothing is chosen.
func (k KeepColumns) IsZero() bool { return k.which == "" }

// ReadKeepColumns parses all, none or a JSON list of columns; empty is the zero value. The error is
// a *Fault.
func ReadKeepColumns(text string) (KeepColumns, error) {
	for _, k := range [...]KeepColumns{{}, KeepAll, KeepNone} {
		if text == k.which {
			return k, nil
		}
	}
	k := KeepColumns{which: "list"}
	if json.Unmarshal([]byte(text), &k.columns) != nil || len(k.columns) == 0 {
		return k, memberFault(keepColumns, `must be all, none or a list of columns such as ["Budget"], not %s`, shown(text))
	}
	return k, nil
}

// String returns what ReadKeepColumns parses.
func (k KeepColumns) String() string {
	if k.which != "list" {
		return k.which
	}
	text, _ := json.Marshal(k.columns) //nolint:errchkjson // strings can always be encoded
	return string(text)
}

// MarshalJSON implements json.Marshaler.
func (k KeepColumns) MarshalJSON() ([]byte, error) {
	if k.which != "list" {
		return json.Marshal(k.which)
	}
	return json.Marshal(k.columns)
}

// UnmarshalJSON implements json.Unmarshaler; the error is a *Fault.
func (k *KeepColumns) UnmarshalJSON(text []byte) error {
	var which string
	if json.Unmarshal(text, &which) != nil || which == "" {
		which = string(text)
	}
	var err error
	*k, err = ReadKeepColumns(which)
	return err
}

// optionTerms say what each option is about, in the words that --help, the console, docs/fields.md
// and openapi.yaml share.
var optionTerms = map[string]string{
	"on_duplicate":        "a row whose external_id already exists",
	"on_duplicate_row":    "a row that repeats an earlier row of the file",
	"on_company_mismatch": "a contact who belongs to another company than the row names",
	"on_several":          "several references of one kind in one cell",
	"on_unknown_assignee": "a task whose assignee is not a user of the workspace",
	"default_assignee":    "the user to whom tasks of unknown assignees go",
	"implausible_dates":   "a due date before 1970 or after 2100",
	"on_same_file":        "a file whose rows were mostly imported before",
	"keep_columns":        "columns that feed no field",
	"date_order":          "the order of day, month and year",
	"timezone":            "the time zone of timestamps without an offset",
	"preset":              "the product that exported the file",
	"mapping_name":        "a saved mapping",
	"remember_mapping":    "files with the same header",
	"mirror":              "make inactive what the file lacks",
	"mirror_most":         "the largest share of the active records, in percent",
	"retry_rejects":       "retry the rejected rows",
	"dry_run":             "insert nothing",
	"sheet":               "the sheet of a workbook",
	"skip_lines":          "the number of lines above the header",
}

// OptionTerm returns what an option is about, as a phrase; empty for an option without one.
func OptionTerm(option string) string { return optionTerms[option] }

// OptionsWithTerms returns the names of the options that have one, sorted.
func OptionsWithTerms() []string { return sortedKeys(optionTerms) }

// keepColumns is the name of the option.
const keepColumns = "keep_columns"

// Options are the choices of a client for one import.
type Options struct {
	Mapping
	OnDuplicate       OnDuplicate       `json:"on_duplicate"`
	OnCompanyMismatch OnCompanyMismatch `json:"on_company_mismatch"`
	OnDuplicateRow    OnDuplicateRow    `json:"on_duplicate_row,omitempty"`
	OnSeveral         OnSeveral         `json:"on_several,omitempty"`
	OnSameFile        OnSameFile        `json:"on_same_file,omitempty"`
	DryRun            bool              `json:"dry_run,omitempty"`
	// Mirror makes inactive what the directory has and the file lacks; it is refused for more than
	// MirrorMost percent of the active records, 20 for 0.
	Mirror     bool `json:"mirror,omitempty"`
	MirrorMost int  `json:"mirror_most,omitempty"`
	// RetryRejects retries the rejected rows of tasks that the records of this import resolve.
	RetryRejects bool `json:"retry_rejects,omitempty"`
}

// defaultMirrorMost is a fifth: a file that lacks more is probably not whole.
const defaultMirrorMost = 20

// Validate sets the defaults; the error is a *Fault that names the option.
func (o *Options) Validate() error {
	switch o.OnDuplicate {
	case "":
		o.OnDuplicate = DuplicateSkip
	case DuplicateSkip, DuplicateUpdate, DuplicateReject:
	default:
		return optionFault("on_duplicate", string(o.OnDuplicate), "skip, update, reject")
	}
	switch o.OnCompanyMismatch {
	case "":
		o.OnCompanyMismatch = MismatchReject
	case MismatchReject, MismatchLink:
	default:
		return optionFault("on_company_mismatch", string(o.OnCompanyMismatch), "reject, link")
	}
	switch o.OnDuplicateRow {
	case "":
		o.OnDuplicateRow = RepeatKeep
	case RepeatKeep, RepeatReject:
	default:
		return optionFault("on_duplicate_row", string(o.OnDuplicateRow), "keep, reject")
	}
	switch o.OnSameFile {
	case "":
		o.OnSameFile = SameFileRefuse
	case SameFileRefuse, SameFileNew, SameFileAll:
	default:
		return optionFault("on_same_file", string(o.OnSameFile), "refuse, new, all")
	}
	if o.MirrorMost < 0 || o.MirrorMost > 100 {
		return &Fault{Reason: InvalidValue, Field: "mirror_most", Option: "mirror_most",
			Message: "must be a number of percent from 1 to 100"}
	}
	if o.Mirror && o.MirrorMost == 0 {
		o.MirrorMost = defaultMirrorMost
	}
	switch o.OnSeveral {
	case "":
		o.OnSeveral = SeveralReject
	case SeveralReject, SeveralFirst:
	default:
		return optionFault("on_several", string(o.OnSeveral), "reject, first")
	}
	return nil
}

// Check refuses options that do not fit the kind of the import; the error is a *Fault.
func (o *Options) Check(kind Kind) error {
	if o.Mirror && kind == Tasks {
		return &Fault{Reason: InvalidValue, Field: "mirror", Option: "mirror",
			Message: "is for the directory, not for tasks; leave it out"}
	}
	if o.RetryRejects && (kind == Tasks || o.DryRun) {
		why := "is for the directory, not for tasks; leave it out"
		if kind != Tasks {
			why = "needs the records, and a dry run adds none; leave out one of the two"
		}
		return &Fault{Reason: InvalidValue, Field: "retry_rejects", Option: "retry_rejects", Message: why}
	}
	return o.Mapping.Check(kind)
}

func optionFault(option, got, allowed string) *Fault {
	return &Fault{Reason: InvalidValue, Field: option, Option: option, Message: fmt.Sprintf("must be one of %s, not %s",
		allowed, shown(got))}
}
