package importer

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"taskport/importer/file"
	"taskport/importer/match"
)

// Snapshot is the directory of a workspace in memory, for resolving names. It does not change.
type Snapshot struct {
	Version   int64 // of the directory from which it was built
	People    *match.Directory
	Companies *match.Directory
	Settings  Settings
}

// Known are the ids that exist in the workspace, among those that were asked for.
type Known map[Kind]map[uuid.UUID]bool

// check refuses a task with an id that is not in the workspace.
func (k Known) check(d *Draft) *Fault {
	for _, f := range parentIDs {
		if id := *f.id(d); id != uuid.Nil && !k[f.refers.kind][id] {
			return unknownReference(f.name, id.String(), f.refers.kind)
		}
	}
	return nil
}

func unknownReference(field, id string, kind Kind) *Fault {
	return &Fault{Reason: UnknownReference, Field: field, Subject: id,
		Message: fmt.Sprintf("%s %s is not in this workspace; give the id of one of its %s", field, id, kind)}
}

// resolve replaces the names of a task by ids. An explicit id overrides a name. The error is that
// of the context, when it ends first.
func (n *Snapshot) resolve(ctx context.Context, d *Draft, o Options) (*Fault, error) {
	company, fault, err := n.company(ctx, d)
	if fault != nil || err != nil {
		return fault, err
	}
	if d.byAddress {
		if fault, err := n.addressFault(ctx, d); fault != nil || err != nil {
			return fault, err
		}
	}
	if d.ContactName == "" || d.ContactID != uuid.Nil {
		return company.settle(d), nil
	}
	v, err := n.People.ResolveContext(ctx, d.ContactName, company.ids, n.Settings.Params(match.Person))
	if err != nil {
		return nil, err
	}
	if v.Finding == match.CompanyMismatch && o.OnCompanyMismatch != MismatchLink {
		return n.mismatchFault(d, v), nil
	}
	if fault := n.nameFault(fieldContactName, "contact", d.ContactName, v); fault != nil {
		fault.Company = d.CompanyName
		return fault, nil
	}
	d.ContactID = v.Winner.ID
	if slices.Contains(company.ids, v.Winner.CompanyID) {
		d.CompanyID = v.Winner.CompanyID
		return nil, nil
	}
	return company.settle(d), nil
}

// namedCompany is the company of a row: none, one, or several that its name may mean.
type namedCompany struct {
	ids   []match.ID
	fault *Fault // when several, unless the contact decides
}

func (n *Snapshot) company(ctx context.Context, d *Draft) (namedCompany, *Fault, error) {
	if d.CompanyID != uuid.Nil {
		return namedCompany{ids: []match.ID{d.CompanyID}}, nil, nil
	}
	if d.CompanyName == "" {
		return namedCompany{}, nil, nil
	}
	v, err := n.Companies.ResolveContext(ctx, d.CompanyName, nil, n.Settings.Params(match.Company))
	if err != nil {
		return namedCompany{}, nil, err
	}
	fault := n.nameFault(fieldCompanyName, "company", d.CompanyName, v)
	if v.Finding != match.Ambiguous {
		return namedCompany{ids: []match.ID{v.Winner.ID}}, fault, nil
	}
	return namedCompany{ids: v.All, fault: fault}, nil, nil
}

// CompaniesOf returns the companies that an id or a name may mean: none, one or several.
func (n *Snapshot) CompaniesOf(id uuid.UUID, name string) []match.ID {
	d := &Draft{Task: Task{CompanyID: id}, CompanyName: name}
	company, fault, err := n.company(context.Background(), d)
	if fault != nil || err != nil {
		return nil
	}
	return company.ids
}

// settle links the company when it is certain without the contact.
func (c namedCompany) settle(d *Draft) *Fault {
	if c.fault != nil {
		return c.fault
	}
	if len(c.ids) == 1 {
		d.CompanyID = c.ids[0]
	}
	return nil
}

// nameFault returns why a name was not linked; nil when it was.
func (n *Snapshot) nameFault(field, what, name string, v match.Verdict) *Fault {
	if v.Finding == match.Linked || v.Finding == match.CompanyMismatch {
		return nil
	}
	f := &Fault{Field: field, Subject: name, Candidates: n.candidates(v.Candidates, v.Show), Details: details(v)}
	switch v.Finding {
	case match.Linked, match.CompanyMismatch:
	case match.Ambiguous:
		f.Reason = AmbiguousReference
		f.Message = fmt.Sprintf("%s fits more than one %s", shown(name), what)
		f.Remedy = file.Remedy{Code: RemedyCandidate, Field: idFieldOf(field)}
	case match.Unresolved:
		f.Reason = UnresolvedReference
		f.Message = fmt.Sprintf("%s fits no %s of this workspace%s", shown(name), what, nearest(v))
		f.Remedy = file.Remedy{Code: RemedyRecord, Field: idFieldOf(field)}
		if v.Rule == match.RuleTooSimilar {
			f.Message = fmt.Sprintf("%s is like too many names of this workspace to tell which %s it means", shown(name), what)
			f.Remedy.Code = RemedyGiveID
		}
	}
	return f
}

// AmbiguousCompany returns the fault of a contact whose company name fits several companies.
func AmbiguousCompany(name string, several []Candidate) *Fault {
	return &Fault{Reason: AmbiguousReference, Field: fieldCompanyName, Subject: name,
		Candidates: several[:min(len(several), MaxCandidates)],
		Message: fmt.Sprintf("%s fits more than one company; make the names of the companies differ, or leave "+
			"company_name empty", shown(name))}
}

// SameSpelling returns the companies that are spelled like name; all of them when none is. The
// others differ from it in their legal form.
func SameSpelling(name string, several []Candidate) []Candidate {
	var same []Candidate
	for _, c := range several {
		if strings.EqualFold(c.Name, name) {
			same = append(same, c)
		}
	}
	if len(same) == 0 {
		return several
	}
	return same
}

// MaxCandidates bounds the candidates of a dead letter.
const MaxCandidates = 10

func (n *Snapshot) mismatchFault(d *Draft, v match.Verdict) *Fault {
	named := d.CompanyName
	if named == "" {
		named = d.CompanyID.String()
	}
	return &Fault{Reason: CompanyMismatch, Field: fieldCompanyName, Subject: d.ContactName, Company: named,
		Candidates: n.candidates([]match.Candidate{v.Winner}, 1), Details: details(v),
		Message: fmt.Sprintf("%s belongs to %s, but the row names %s",
			shown(v.Winner.Name), shown(n.Companies.NameOf(v.Winner.CompanyID)), shown(named)),
		Remedy: file.Remedy{Code: RemedyMismatch, Field: fieldContactID}}
}

func nearest(v match.Verdict) string {
	if len(v.Candidates) == 0 {
		return ""
	}
	names := make([]string, min(len(v.Candidates), v.Show))
	for i, c := range v.Candidates[:len(names)] {
		names[i] = shown(c.Name)
	}
	return " (nearest: " + strings.Join(names, ", ") + ")"
}

func (n *Snapshot) candidates(from []match.Candidate, most int) []Candidate {
	out := make([]Candidate, len(from))
	for i, c := range from {
		out[i] = Candidate{ID: c.ID, Name: c.Name, Company: n.Companies.NameOf(c.CompanyID), Score: c.Score}
	}
	// Namesakes are sorted by company before id: ids differ between directories, and a check must
	// show what an import does.
	slices.SortStableFunc(out, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Company, b.Company))
	})
	return out[:min(len(out), most)]
}

func details(v match.Verdict) *Details {
	return &Details{Rule: string(v.Rule), Best: v.Best, Second: v.Second, Threshold: v.Threshold, Margin: v.Margin}
}
