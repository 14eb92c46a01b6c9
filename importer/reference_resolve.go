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
	return l.company(&Draft{Task: Task{CompanyID: id}, Evidence: Evidence{CompanyName: name}}, &related{}).ids
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

// namedItem is what a row says of its deal or its event.
type namedItem struct {
	kind    Kind
	name    string
	certain *keyedRecord // what a key names
	equal   []Holder     // those of this title, or the one of its alias
}

// item finds the deal or the event of a row. Titles are compared for equality alone.
func (l *linker) item(d *Draft, kind Kind, to *related) (it namedItem, fault *Fault) {
	it.kind = kind
	if id := *idFieldReferring(kind).id(d); id != uuid.Nil {
		if h, ok := l.holders.Items[id]; ok {
			it.certain = &keyedRecord{h, given{idFieldReferring(kind).name, byID, id.String()}}
		}
		return it, nil
	}
	f, field := l.find(d, kind, to), nameFieldOf(kind)
	cell := *field.text(d)
	it.name, it.equal = l.titled(kind, cell)
	if parts := severalNames(cell); len(parts) > 0 && len(it.equal) == 0 {
		if l.options.OnSeveral != SeveralFirst {
			return it, severalFault(field.name, cell, len(parts))
		}
		d.keepRest(field.name, parts)
		it.name, it.equal = l.titled(kind, parts[0])
	}
	switch {
	case f.fault != nil:
		return it, f.fault
	case len(f.certain) > 1:
		return it, l.contradiction(d, slices.Concat(f.certain, l.titles(&it)), it.name, nil)
	case len(f.certain) == 1:
		it.certain = &f.certain[0]
		if !it.mayBe(&it.certain.Holder) {
			return it, l.contradiction(d, slices.Concat(f.certain, l.titles(&it)), it.name, nil)
		}
	case it.name != "" && len(it.equal) == 0:
		return it, l.unknownTitle(field.name, it.name, kind)
	case it.name == "" && len(f.unknown) > 0:
		return it, l.unknownKey(f.unknown[0], kind)
	}
	return it, nil
}

// titled returns the title in a cell, and the records that are called so: those of the whole cell,
// or those without the number behind it, where that is the external id of a record.
func (l *linker) titled(kind Kind, cell string) (title string, equal []Holder) {
	if cell == "" {
		return "", nil
	}
	if equal = l.holders.Titles[kind][match.TitleKey(cell)]; len(equal) > 0 {
		return cell, equal
	}
	rest := l.nameBeside(cell, kind)
	return rest, l.holders.Titles[kind][match.TitleKey(rest)]
}

// mayBe reports whether the title may be that of a record.
func (it *namedItem) mayBe(h *Holder) bool {
	if it.name == "" || slices.ContainsFunc(it.equal, func(e Holder) bool { return e.ID == h.ID }) {
		return true
	}
	return len(it.equal) == 0 && match.TitleScore(it.name, h.Name) >= match.NearTitle
}

// titles returns the records of the title, as candidates.
func (l *linker) titles(it *namedItem) []keyedRecord {
	all := make([]keyedRecord, 0, min(len(it.equal), MaxCandidates))
	for _, h := range it.equal[:min(len(it.equal), MaxCandidates)] {
		all = append(all, keyedRecord{h, given{nameFieldOf(it.kind).name, byName, it.name}})
	}
	return all
}

// settleItem links a deal or an event, now that the company and the contact are certain.
func (l *linker) settleItem(d *Draft, it *namedItem) *Fault {
	if it.certain == nil && len(it.equal) == 0 {
		return nil
	}
	one := it.certain
	switch chosen := l.chosenItem(d, it); {
	case one != nil && chosen != nil && chosen.ID != one.ID:
		return l.contradiction(d, append([]keyedRecord{*one}, l.titles(it)...), it.name, nil)
	case one != nil:
	case chosen == nil:
		return l.equalTitles(d, it)
	default:
		one = &keyedRecord{*chosen, given{by: byEqual}}
	}
	*idFieldReferring(it.kind).id(d) = one.ID
	d.by(it.kind, string(one.given.by))
	return nil
}

// chosenItem returns the one of the records of a title that fits the rest of the row; nil without
// one. It must not belong to another company than the row names. Of several, its company or its
// contact must be that of the row, or its company that of the contact; where these choose different
// records none is chosen.
func (l *linker) chosenItem(d *Draft, it *namedItem) *Holder {
	if len(it.equal) >= MostTitles { // there may be more
		return nil
	}
	var left []*Holder
	for i := range it.equal {
		if h := &it.equal[i]; d.CompanyID == uuid.Nil || h.CompanyID == uuid.Nil || h.CompanyID == d.CompanyID ||
			l.options.OnCompanyMismatch == MismatchLink && len(it.equal) == 1 {
			left = append(left, h)
		}
	}
	fits := len(it.equal) == 1
	for _, is := range [...]func(h *Holder) bool{
		func(h *Holder) bool { return d.ContactID != uuid.Nil && h.ContactID == d.ContactID },
		func(h *Holder) bool { return d.CompanyID != uuid.Nil && h.CompanyID == d.CompanyID },
		func(h *Holder) bool { return l.employer != uuid.Nil && h.CompanyID == l.employer },
	} {
		if slices.ContainsFunc(it.equal, func(h Holder) bool { return is(&h) }) {
			fits = true
			left = slices.DeleteFunc(left, func(h *Holder) bool { return !is(h) })
		}
	}
	if !fits || len(left) != 1 {
		return nil
	}
	return left[0]
}

// equalTitles refuses a row whose title fits several records, or one of another company.
func (l *linker) equalTitles(d *Draft, it *namedItem) *Fault {
	all := l.titles(it)
	field, what := all[0].given.field, singular[it.kind]
	message := fmt.Sprintf("%s is the title of %d %s", shown(it.name), len(it.equal), it.kind)
	if len(it.equal) == 1 {
		message = fmt.Sprintf("the %s %s belongs to %s, but the row names another company", what, shown(it.name),
			shown(it.equal[0].CompanyName))
	}
	fault := l.ambiguous(d, all[0].given, it.name, all, nil, message)
	fault.Remedy = file.Remedy{Code: RemedyCandidate, Field: idFieldOf(field)}
	return fault
}

// unknownTitle refuses a row with a title that no deal or event has.
func (l *linker) unknownTitle(field, title string, kind Kind) *Fault {
	return &Fault{Reason: UnresolvedReference, Field: field, Subject: title,
		Message: fmt.Sprintf("%s is the title of no %s of this workspace", shown(title), singular[kind]),
		Remedy:  file.Remedy{Code: RemedyRecord, Field: idFieldOf(field)}}
}

// hasItems reports whether the row has a deal or an event that is certain.
func (l *linker) hasItems() bool {
	return slices.ContainsFunc(l.items[:], func(it namedItem) bool { return it.sure() != nil })
}

// sure returns the record that is meant whatever the rest of the row says; nil for none.
func (it *namedItem) sure() *Holder {
	switch {
	case it.certain != nil:
		return &it.certain.Holder
	case len(it.equal) == 1:
		return &it.equal[0]
	}
	return nil
}

// ofItems returns the one of several contacts of a name who has the deal or the event of the row,
// or else whose company has it; nil where deal and event choose different contacts.
func (l *linker) ofItems(v match.Verdict, name string) *match.Candidate {
	if v.Finding != match.Ambiguous || !v.Usual || len(v.All) >= match.MaxEqual {
		return nil
	}
	var chosen *match.Candidate
	for i := range l.items {
		h := l.items[i].sure()
		if h == nil {
			continue
		}
		var one *match.Candidate
		if h.ContactID != uuid.Nil && slices.Contains(v.All, match.ID(h.ContactID)) {
			if c, ok := l.names.People.Candidate(h.ContactID, name); ok {
				one = &c
			}
		} else if h.CompanyID != uuid.Nil {
			one = l.onlyOne(v, name, func(employer match.ID) bool { return employer == match.ID(h.CompanyID) })
		}
		switch {
		case one == nil:
		case chosen != nil && chosen.ID != one.ID:
			return nil
		default:
			chosen = one
		}
	}
	return chosen
}

// related is the record that a row is related to, where its kind is not fixed by the field.
type related struct {
	keyedRecord             // that of its external id
	found       bool        // the external id is known
	of          Kind        // what its name is that of; empty without a name
	beside      string      // the name, where the row has another name for the record of this kind
	called      []Candidate // those of the name beside
	fault       *Fault      // that of a row without any other link
}

// at returns a fault that concerns the name of what the row is related to as one of that field.
func (to *related) at(f *Fault) *Fault {
	if f != nil && to.of != "" && to.beside == "" && f.Field == nameFieldOf(to.of).name {
		f.Field = fieldRelatedName
	}
	return f
}

// related finds what a row is related to. Its kind is that of related_type, that of its id where
// the product fixes it, or that of the only kind whose records have the id or the name. A name
// becomes the row's name for its record of that kind.
func (l *linker) related(d *Draft) (related, *Fault) {
	kind, ours := d.relatedKind()
	var to related
	if ours && d.RelatedExternalID != "" {
		var fault *Fault
		if to, fault = l.relatedID(d, kind); fault != nil {
			return to, fault
		}
	}
	if d.RelatedExternalID != "" && !to.found {
		g := given{fieldRelatedExternalID, byExternalID, d.RelatedExternalID}
		l.unknown, to.fault = append(l.unknown, g), l.unknownKey(g, "")
	}
	switch {
	case d.RelatedName == "":
		return to, nil
	case !ours: // it is of a kind that nobody here has
		l.nobodyCalled(&to, d.RelatedName, "", nil)
		return to, nil
	case to.found:
		kind = to.Kind
	}
	return l.relatedNamed(d, to, kind)
}

// nobodyCalled notes that nobody has the name of what a row is related to.
func (l *linker) nobodyCalled(to *related, name string, kind Kind, near []Candidate) {
	l.unknown = append(l.unknown, given{fieldRelatedName, byName, name})
	to.fault = l.unknownRelated(name, kind, near)
}

// relatedNamed finds the kind of what a row is related to by name.
func (l *linker) relatedNamed(d *Draft, to related, kind Kind) (related, *Fault) {
	name, kinds := d.RelatedName, relatableKinds[:]
	if kind != "" {
		kinds = []Kind{kind}
	}
	called, near := l.calledSo(kinds, name)
	if parts := severalNames(name); len(parts) > 0 && len(called) == 0 {
		if l.options.OnSeveral != SeveralFirst {
			return to, severalFault(fieldRelatedName, name, len(parts))
		}
		d.keepRest(fieldRelatedName, parts)
		name = parts[0]
		called, near = l.calledSo(kinds, name)
	}
	for _, c := range called[:min(1, len(called))] {
		kind = c.Kind
	}
	if slices.ContainsFunc(called, func(c Candidate) bool { return c.Kind != kind }) {
		sortCandidates(called)
		return to, &Fault{Reason: AmbiguousReference, Field: fieldRelatedName, Subject: name,
			Candidates: called[:min(len(called), MaxCandidates)],
			Message: fmt.Sprintf("%s is the name of records of several kinds; put the kind into related_type",
				shown(name))}
	}
	if !to.found && len(called) == 0 {
		l.nobodyCalled(&to, name, kind, near)
		return to, nil
	}
	own := nameFieldOf(kind).text(d)
	switch {
	case *idFieldReferring(kind).id(d) != uuid.Nil: // the operator's word
	case *own != "":
		to.of, to.beside, to.called = kind, name, called
	default:
		to.of, *own = kind, name
	}
	return to, nil
}

// relatableKinds are the kinds of what a row may be related to.
var relatableKinds = [...]Kind{Companies, Deals, Events, Contacts}

// calledSo returns the records of some kinds that a name means: those of equal names, also of
// similar ones where the kind is certain; and the nearest others.
func (l *linker) calledSo(kinds []Kind, name string) (called, near []Candidate) {
	for _, kind := range kinds {
		as, matched := matchedAs[kind]
		if !matched {
			title, equal := l.titled(kind, name)
			for _, n := range l.titles(&namedItem{kind: kind, name: title, equal: equal}) {
				called = append(called, l.candidate(n, title))
			}
			continue
		}
		of := map[Kind]*match.Directory{Contacts: l.names.People, Companies: l.names.Companies}[kind]
		v := l.resolve(of, name, nil, l.names.Settings.Params(as))
		found := v.Candidates
		if v.Finding == match.Linked {
			found = []match.Candidate{v.Winner}
		}
		if all := l.names.candidates(kind, found, len(found)); isEqual(v) || len(kinds) == 1 &&
			v.Finding != match.Unresolved {
			called = append(called, all...)
		} else {
			near = append(near, all[:min(len(all), v.Show)]...)
		}
	}
	sortCandidates(near)
	return called, near[:min(len(near), maxNearest)]
}

// maxNearest bounds the hints of a name that nobody has.
const maxNearest = 3

// unknownRelated refuses a row whose only link is a name that nobody has.
func (l *linker) unknownRelated(name string, kind Kind, near []Candidate) *Fault {
	of, remedy := "company, deal, event or contact", file.Remedy{}
	if kind != "" {
		of, remedy = singular[kind], file.Remedy{Code: RemedyRecord, Field: idFieldReferring(kind).name}
	}
	return &Fault{Reason: UnresolvedReference, Field: fieldRelatedName, Subject: name, Candidates: near, Remedy: remedy,
		Message: fmt.Sprintf("%s is the name of no %s of this workspace", shown(name), of)}
}

// relatedID finds the record of an external id among those of all kinds: exactly one must have it.
func (l *linker) relatedID(d *Draft, of Kind) (related, *Fault) {
	g := given{fieldRelatedExternalID, byExternalID, d.RelatedExternalID}
	look := func(id string) (all []keyedRecord) {
		for _, kind := range relatableKinds {
			if h, ok := l.holderOf(kind, id); ok && (of == "" || of == kind) {
				all = append(all, keyedRecord{h, g})
			}
		}
		return all
	}
	all := look(g.text)
	if parts := severalIDs(g.text); len(parts) > 0 && len(all) == 0 {
		if l.options.OnSeveral != SeveralFirst {
			return related{}, severalFault(g.field, g.text, len(parts))
		}
		d.keepRest(g.field, parts)
		all = look(parts[0])
	}
	switch len(all) {
	case 0:
		return related{}, nil
	case 1:
		return related{keyedRecord: all[0], found: true}, nil
	}
	return related{}, l.ambiguous(d, g, "", all, nil,
		fmt.Sprintf("%s is the external id of several records; put its kind into related_type", shown(g.text)))
}

// checkRelated refuses a row whose names for one record mean different ones, and one that is linked
// to nothing: what it is related to is known to nobody, or of a kind that nobody here has.
func (l *linker) checkRelated(d *Draft, to *related) *Fault {
	if !d.hasLink() {
		return to.fault
	}
	if to.beside == "" {
		return nil
	}
	id := *idFieldReferring(to.of).id(d)
	agrees := slices.ContainsFunc(to.called, func(c Candidate) bool { return c.ID == id })
	if len(to.called) == 0 && to.found {
		as, matched := matchedAs[to.of]
		agrees = match.TitleScore(to.beside, to.Name) >= match.NearTitle
		if matched {
			of := map[Kind]*match.Directory{Contacts: l.names.People, Companies: l.names.Companies}[to.of]
			_, how := l.agreement(of, as, to.beside, to.Holder)
			agrees = how != match.Disagrees
		}
	}
	if agrees {
		return nil
	}
	return &Fault{Reason: AmbiguousReference, Field: fieldRelatedName, Subject: to.beside, Candidates: to.called,
		Message: fmt.Sprintf("the names %s and %s do not mean the same %s", shown(to.beside),
			shown(*nameFieldOf(to.of).text(d)), singular[to.of]),
		Remedy: file.Remedy{Code: RemedyCandidate, Field: idFieldReferring(to.of).name}}
}

// addNearTitles adds the nearest titles to the candidates of the rows whose title nobody has.
func (b *Batch) addNearTitles(ctx context.Context, w Workspace) error {
	titles, seen := map[Kind][]string{}, map[string]bool{}
	for i := range b.Dead {
		d := &b.Dead[i]
		for _, kind := range d.titleKinds() {
			if key := match.TitleKey(d.Subject); !seen[string(kind)+key] {
				seen[string(kind)+key] = true
				titles[kind] = append(titles[kind], key)
			}
		}
	}
	near := map[Kind]map[string][]Holder{}
	if len(titles) > 0 {
		var err error
		if near, err = w.NearTitles(ctx, titles); err != nil {
			return err
		}
	}
	for i := range b.Dead {
		b.Dead[i].addNearTitles(near)
	}
	return nil
}

// CompleteCandidates adds to the candidates of dead letters what only the directory has: their
// addresses and external ids. records returns those of the records that exist. It is done when dead
// letters are shown: done for each chunk, it would cost an import a third of its speed (500,000
// rows, a tenth of them rejected).
func CompleteCandidates(ctx context.Context, dead []DeadLetter,
	records func(context.Context, References) (map[uuid.UUID]Holder, error)) error {
	ids, seen := References{}, map[uuid.UUID]bool{}
	for i := range dead {
		for _, c := range dead[i].Candidates {
			if c.Evidence == string(byName) && c.ExternalID == "" && !seen[c.ID] {
				seen[c.ID] = true
				ids[c.Kind] = append(ids[c.Kind], c.ID)
			}
		}
	}
	if len(ids) == 0 {
		return nil
	}
	found, err := records(ctx, ids)
	if err != nil {
		return err
	}
	for i := range dead {
		for k := range dead[i].Candidates {
			c := &dead[i].Candidates[k]
			if h, ok := found[c.ID]; ok {
				c.Email, c.ExternalID = h.Email, h.ExternalID
			}
		}
	}
	return nil
}

// titleKinds returns the kinds among which the title that nobody has may be nearly that of a
// record.
func (d *DeadLetter) titleKinds() []Kind {
	switch {
	case d.Reason != UnresolvedReference:
	case d.Field == fieldRelatedName && d.Remedy.Field == "":
		return titledKinds[:]
	case d.Field == fieldRelatedName:
		if kind, _ := parentOf(d.Remedy.Field); slices.Contains(titledKinds[:], kind) {
			return []Kind{kind}
		}
	default:
		if kind, ok := NamedKind(d.Field); ok && slices.Contains(titledKinds[:], kind) {
			return []Kind{kind}
		}
	}
	return nil
}

// addNearTitles adds the records of the most similar titles, and names them in the message.
func (d *DeadLetter) addNearTitles(near map[Kind]map[string][]Holder) {
	for _, kind := range d.titleKinds() {
		for _, h := range near[kind][match.TitleKey(d.Subject)] {
			if score := match.TitleScore(d.Subject, h.Name); score >= match.NearTitle {
				d.Candidates = append(d.Candidates, Candidate{ID: h.ID, Kind: kind, Name: h.Name, Company: h.CompanyName,
					ExternalID: h.ExternalID, Score: score, Evidence: string(byName)})
			}
		}
	}
	if d.Reason != UnresolvedReference || d.Field != fieldRelatedName && len(d.titleKinds()) == 0 ||
		len(d.Candidates) == 0 {
		return
	}
	sortCandidates(d.Candidates)
	d.Candidates = d.Candidates[:min(len(d.Candidates), maxNearest)]
	names := make([]string, len(d.Candidates))
	for i, c := range d.Candidates {
		names[i] = shown(c.Name)
	}
	d.Message += " (nearest: " + strings.Join(names, ", ") + ")"
}
