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

// OnSeveral is what happens to a cell with several references of one kind.
type OnSeveral string

// The choices for OnSeveral; SeveralReject is the default.
const (
	SeveralReject OnSeveral = "reject"
	SeveralFirst  OnSeveral = "first"
)

// Options are the choices of a client for one import.
type Options struct {
	Mapping
	OnDuplicate       OnDuplicate       `json:"on_duplicate"`
	OnCompanyMismatch OnCompanyMismatch `json:"on_company_mismatch"`
	OnDuplicateRow    OnDuplicateRow    `json:"on_duplicate_row,omitempty"`
	OnSeveral         OnSeveral         `json:"on_several,omitempty"`
	DryRun            bool              `json:"dry_run,omitempty"`
}

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
	switch o.OnSeveral {
	case "":
		o.OnSeveral = SeveralReject
	case SeveralReject, SeveralFirst:
	default:
		return optionFault("on_several", string(o.OnSeveral), "reject, first")
	}
	return nil
}

func optionFault(option, got, allowed string) *Fault {
	return &Fault{Reason: InvalidValue, Field: option, Option: option, Message: fmt.Sprintf("must be one of %s, not %s",
		allowed, shown(got))}
}
