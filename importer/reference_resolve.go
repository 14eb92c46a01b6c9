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

// Snapshot is the directory of a workspace in memory, for resolving names: that of its contacts and
// companies, or that of its users. It does not change.
type Snapshot struct {
	Version   int64 // of the directory from which it was built
	People    *match.Directory
	Companies *match.Directory
	Settings  Settings

	Users       *match.Directory    // nil for a workspace without users
	UserAliases map[string]match.ID // by their UserKey; the nil id leaves a task unassigned
}

// Len returns the number of names.
func (n *Snapshot) Len() int {
	all := 0
	for _, d := range [...]*match.Directory{n.People, n.Companies, n.Users} {
		if d != nil {
			all += d.Len()
		}
	}
	return all
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

// CompaniesOf returns the companies that a row means by an id or a name: none, one, or several that
// the name may stand for.
func (n *Snapshot) CompaniesOf(id uuid.UUID, name string) []match.ID {
	l := linker{ctx: context.Background(), names: n}
	return l.company(&Draft{Task: Task{CompanyID: id}, Evidence: Evidence{CompanyName: name}}, related{}).ids
}

// nameFault returns why a name was not linked; nil when it was.
func (n *Snapshot) nameFault(field, what, name string, v match.Verdict) *Fault {
	if v.Finding == match.Linked || v.Finding == match.CompanyMismatch {
		return nil
	}
	f := &Fault{Field: field, Subject: name, Candidates: n.candidates(specOf(Tasks, field).refers.kind, v.Candidates,
		v.Show), Details: details(v)}
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
		Candidates: n.candidates(Contacts, []match.Candidate{v.Winner}, 1), Details: details(v),
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

func (n *Snapshot) candidates(kind Kind, from []match.Candidate, most int) []Candidate {
	out := make([]Candidate, len(from))
	for i, c := range from {
		out[i] = Candidate{ID: c.ID, Kind: kind, Name: c.Name, Company: n.Companies.NameOf(c.CompanyID), Score: c.Score,
			Evidence: string(byName)}
	}
	sortCandidates(out)
	return out[:min(len(out), most)]
}

func sortCandidates(all []Candidate) {
	// Of namesakes the company comes before the id, which is another in every directory: a check
	// then shows what an import does.
	slices.SortStableFunc(all, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Company, b.Company))
	})
}

func details(v match.Verdict) *Details {
	return &Details{Rule: string(v.Rule), Best: v.Best, Second: v.Second, Threshold: v.Threshold, Margin: v.Margin}
}
