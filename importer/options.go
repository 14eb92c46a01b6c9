package importer

import "fmt"

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

// Options are the choices of a client for one import.
type Options struct {
	Mapping
	OnDuplicate       OnDuplicate       `json:"on_duplicate"`
	OnCompanyMismatch OnCompanyMismatch `json:"on_company_mismatch"`
	OnDuplicateRow    OnDuplicateRow    `json:"on_duplicate_row,omitempty"`
	DryRun            bool              `json:"dry_run,omitempty"`
	// Mirror makes inactive what the directory has and the file lacks; it is refused for more than
	// MirrorMost percent of the active records, 20 for 0.
	Mirror     bool `json:"mirror,omitempty"`
	MirrorMost int  `json:"mirror_most,omitempty"`
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
	if o.MirrorMost < 0 || o.MirrorMost > 100 {
		return &Fault{Reason: InvalidValue, Field: "mirror_most", Option: "mirror_most",
			Message: "must be a number of percent from 1 to 100"}
	}
	if o.Mirror && o.MirrorMost == 0 {
		o.MirrorMost = defaultMirrorMost
	}
	return nil
}

// Check refuses options that do not fit the kind of the import; the error is a *Fault.
func (o *Options) Check(kind Kind) error {
	if o.Mirror && kind == Tasks {
		return &Fault{Reason: InvalidValue, Field: "mirror", Option: "mirror",
			Message: "is for the directory, not for tasks; leave it out"}
	}
	return o.Mapping.Check(kind)
}

func optionFault(option, got, allowed string) *Fault {
	return &Fault{Reason: InvalidValue, Field: option, Option: option, Message: fmt.Sprintf("must be one of %s, not %s",
		allowed, shown(got))}
}
