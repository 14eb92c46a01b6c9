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

// linker replaces what rows say of their parents by ids. Certain evidence is looked at before
// likely evidence, and what a row adds never turns the link to one record into a link to another:
// see docs/resolution.md.
type linker struct {
	ctx     context.Context //nolint:containedctx // it lasts as long as the linker
	known   Known
	holders Holders
	names   *Snapshot // nil where no row of the batch names anything
	options Options
	reader  *RowReader // of the rows; nil for single tasks
	changes []change   // of the rows so far

	// Of the row at hand.
	keyed    bool      // whether it says more than ids and names
	unknown  []given   // keys that nobody has
	employer uuid.UUID // of its contact
	items    [len(titledKinds)]namedItem

	assignees *assignees

	interrupted error // that of the context, where it has cut a verdict short: then no verdict since counts
}

// resolve returns the verdict on a name.
func (l *linker) resolve(of *match.Directory, name string, companies []match.ID, p match.Params) match.Verdict {
	v, err := of.ResolveContext(l.ctx, name, companies, p)
	if err != nil {
		l.interrupted = err
	}
	return v
}

// link links a row to the records that it means. A deal or an event that is certain helps to choose
// the contact; the company and the contact help to choose among deals and events of one title.
func (l *linker) link(d *Draft) *Fault {
	if fault := l.known.check(d); fault != nil {
		return fault
	}
	if l.keyed {
		l.items = [len(titledKinds)]namedItem{}
	}
	l.unknown, l.employer, l.keyed = l.unknown[:0], uuid.Nil, d.hasKeys()
	var to related
	if l.keyed {
		var fault *Fault
		if to, fault = l.related(d); fault != nil {
			return fault
		}
		for i, kind := range titledKinds {
			if l.items[i], fault = l.item(d, kind, &to); fault != nil {
				return to.at(fault)
			}
		}
	}
	company := l.company(d, &to)
	if company.final {
		return to.at(company.fault)
	}
	if fault := l.contact(d, &company, &to); fault != nil {
		return to.at(fault)
	}
	if l.keyed {
		for i := range l.items {
			if fault := l.settleItem(d, &l.items[i]); fault != nil {
				return to.at(fault)
			}
		}
		if fault := l.checkRelated(d, &to); fault != nil {
			return fault
		}
	}
	for _, r := range d.rest {
		if !r.original {
			l.changes = append(l.changes, change{d.Row, r.field, FirstOnly})
		}
	}
	l.sayUnknown(d)
	if fault := l.assign(d); fault != nil {
		return fault
	}
	return d.storeRest()
}

// sayUnknown notes the keys of a row that nobody has, as other evidence has decided, and keeps
// their cells.
func (l *linker) sayUnknown(d *Draft) {
	for i, g := range l.unknown {
		if slices.ContainsFunc(l.unknown[:i], func(other given) bool { return other.field == g.field }) {
			continue
		}
		l.changes = append(l.changes, change{d.Row, g.field, Unknown})
		if l.reader != nil {
			d.rest = append(d.rest, l.reader.originals(g.field, d.Cells)...)
		}
	}
}

// hasLink reports whether the task has a parent.
func (d *Draft) hasLink() bool {
	return slices.ContainsFunc(parentIDs, func(f *fieldSpec) bool { return *f.id(d) != uuid.Nil })
}

// named is a record with the evidence that names it.
type keyedRecord struct {
	Holder
	given given
}

// holderOf returns the record of a kind that has an external id, in whatever form it is written.
func (l *linker) holderOf(kind Kind, id string) (Holder, bool) {
	return HolderOf(id, l.holders.ExternalIDs[kind])
}

// firstOf returns the record of the first of several ids in a cell, where the import takes the
// first; the rest is kept.
func (l *linker) firstOf(d *Draft, g given, parts []string, kind Kind) (Holder, bool) {
	if l.options.OnSeveral != SeveralFirst {
		return Holder{}, false
	}
	if g.field != fieldRelatedExternalID { // relatedID has kept it
		d.keepRest(g.field, parts)
	}
	return l.holderOf(kind, parts[0])
}

// found is what the keys of a row lead to.
type found struct {
	certain []keyedRecord // records that are meant, each once: more than one contradict each other
	shared  []keyedRecord // records that share an address or a domain; one of them is meant
	unknown []given       // what nobody has
	fault   *Fault
}

// find looks up the keys that a row has for its record of a kind.
func (l *linker) find(d *Draft, kind Kind, to *related) found {
	var f found
	if !l.keyed {
		return f
	}
	var few [fewKeys]given
	for _, g := range d.keysOf(kind, few[:0]) {
		if g.field == fieldRelatedExternalID && (!to.found || to.Kind != kind) {
			continue
		}
		var all []Holder
		switch g.by { //nolint:exhaustive // the other evidence is not a key
		case byEmail:
			all = l.holders.Emails[g.text]
		case byDomain:
			if !freeMail[g.text] {
				all = l.holders.Domains[g.text]
			}
		case byExternalID:
			if h, ok := l.holderOf(kind, g.text); ok {
				f.certain = add(f.certain, keyedRecord{h, g})
				continue
			} else if parts := severalIDs(g.text); len(parts) > 0 {
				if h, ok = l.firstOf(d, g, parts, kind); ok {
					all = []Holder{h}
				} else if l.options.OnSeveral != SeveralFirst {
					f.fault = severalFault(g.field, g.text, len(parts))
				}
			}
		case byID, byName, byType:
		}
		switch len(all) {
		case 0:
			f.unknown = append(f.unknown, g)
		case 1:
			f.certain = add(f.certain, keyedRecord{all[0], g})
		default:
			f.share(all, g)
		}
	}
	l.unknown = append(l.unknown, f.unknown...)
	if len(f.certain) > 0 && len(f.shared) > 0 {
		if has(f.shared, f.certain[0].ID) {
			f.shared = nil
		} else {
			f.certain, f.shared = slices.Concat(f.certain, f.shared), nil
		}
	}
	return f
}

// share notes that several records have a key; of two such keys the records are meant that have
// both.
func (f *found) share(all []Holder, g given) {
	var these []keyedRecord
	for _, h := range all {
		these = append(these, keyedRecord{h, g})
	}
	if f.shared == nil {
		f.shared = these
		return
	}
	both := slices.DeleteFunc(slices.Clone(these), func(n keyedRecord) bool { return !has(f.shared, n.ID) })
	if len(both) == 0 {
		both = slices.Concat(f.shared, these)
	}
	f.shared = both
}

func has(all []keyedRecord, id uuid.UUID) bool {
	return slices.ContainsFunc(all, func(n keyedRecord) bool { return n.ID == id })
}

func add(all []keyedRecord, n keyedRecord) []keyedRecord {
	if has(all, n.ID) {
		return all
	}
	return append(all, n)
}

// namedCompany is what a row says of a company: none, one, or several that its name may stand for.
type namedCompany struct {
	ids     []match.ID
	fault   *Fault       // when there is not one, unless the contact settles it
	final   bool         // whatever the contact: fault, if there is one, is that of the row
	short   string       // a name that fits no company as it is, and may be a short form
	certain *keyedRecord // what an external id or a domain names
	rule    match.Rule   // of the verdict on the name
}

func failed(fault *Fault) namedCompany { return namedCompany{fault: fault, final: true} }

// company finds the company of a row.
func (l *linker) company(d *Draft, to *related) namedCompany {
	if d.CompanyID != uuid.Nil {
		return namedCompany{ids: []match.ID{d.CompanyID}}
	}
	if fault := l.firstCompany(d); fault != nil {
		return failed(fault)
	}
	f := l.find(d, Companies, to)
	name := l.nameBeside(d.CompanyName, Companies)
	switch {
	case f.fault != nil:
		return failed(f.fault)
	case len(f.certain) > 1:
		return failed(l.contradiction(d, f.certain, name, nil))
	case len(f.certain) == 1:
		return l.certainCompany(d, &f.certain[0], name)
	case len(f.shared) > 0:
		return l.sharedCompany(d, f.shared, name)
	case name != "":
		return l.companyNamed(name)
	case len(f.unknown) > 0:
		return failed(l.unknownKey(f.unknown[0], Companies))
	}
	return namedCompany{}
}

// nameBeside returns a name without the number behind it, where that is the external id of a
// record.
func (l *linker) nameBeside(name string, kind Kind) string {
	number := numberOf(name)
	if number == "" {
		return name
	}
	if _, ok := l.holderOf(kind, number); !ok {
		return name
	}
	rest, _ := splitNumber(name)
	return rest
}

// firstCompany lets the first of several companies in a cell stand for it, where the import takes
// the first. A company whose own name is like that is one.
func (l *linker) firstCompany(d *Draft) *Fault {
	parts := severalNames(d.CompanyName)
	if len(parts) == 0 || isEqual(l.resolve(l.names.Companies, d.CompanyName, nil,
		l.names.Settings.Params(match.Company))) {
		return nil
	}
	if l.options.OnSeveral != SeveralFirst {
		return severalFault(fieldCompanyName, d.CompanyName, len(parts))
	}
	d.keepRest(fieldCompanyName, parts)
	d.CompanyName = parts[0]
	return nil
}

// isEqual reports whether a verdict rests on equality or an alias.
func isEqual(v match.Verdict) bool { return v.Rule == match.RuleEqual || v.Rule == match.RuleAlias }

func (l *linker) companyNamed(name string) namedCompany {
	v := l.resolve(l.names.Companies, name, nil, l.names.Settings.Params(match.Company))
	fault := l.names.nameFault(fieldCompanyName, "company", name, v)
	switch v.Finding {
	case match.Ambiguous:
		return namedCompany{ids: v.All, fault: fault}
	case match.Unresolved:
		return namedCompany{fault: fault, short: name}
	case match.Linked, match.CompanyMismatch:
	}
	return namedCompany{ids: []match.ID{v.Winner.ID}, fault: fault, rule: v.Rule}
}

// certainCompany is the company of an external id or a domain, as long as the name beside it may be
// its name.
func (l *linker) certainCompany(d *Draft, c *keyedRecord, name string) namedCompany {
	if name != "" {
		v, agrees := l.agreement(l.names.Companies, match.Company, name, c.Holder)
		if agrees == match.Disagrees {
			return failed(l.contradiction(d, []keyedRecord{*c}, name, &v))
		}
	}
	return namedCompany{ids: []match.ID{c.ID}, certain: c}
}

// sharedCompany lets the name choose among companies that have one domain, or else the contact.
func (l *linker) sharedCompany(d *Draft, shared []keyedRecord, name string) namedCompany {
	if name != "" {
		one, v := l.chosenByName(l.names.Companies, match.Company, name, shared)
		if one == nil {
			return failed(l.contradiction(d, shared, name, v))
		}
		return namedCompany{ids: []match.ID{one.ID}, certain: one}
	}
	ids := make([]match.ID, len(shared))
	for i, n := range shared {
		ids[i] = n.ID
	}
	return namedCompany{ids: ids, fault: l.several(d, shared, name)}
}

// agreement returns how well a name fits a record that is known by a key. A name that means another
// record is a contradiction.
func (l *linker) agreement(of *match.Directory, kind match.Kind, name string, h Holder) (match.Verdict,
	match.Agreement) {
	p := l.names.Settings.Params(kind)
	v := l.resolve(of, name, nil, p)
	switch {
	case v.Finding == match.Linked && v.Winner.ID == match.ID(h.ID), v.Finding == match.Ambiguous &&
		slices.Contains(v.All, match.ID(h.ID)):
		return v, match.Usual
	case v.Finding == match.Linked:
		return v, match.Disagrees
	case h.Name == "":
		return v, match.Usual
	}
	return v, of.Agrees(name, h.Name, p)
}

// chosenByName returns the one of several records that a name means; nil where it means somebody
// else, or more than one of them.
func (l *linker) chosenByName(of *match.Directory, kind match.Kind, name string, shared []keyedRecord) (*keyedRecord,
	*match.Verdict) {
	p := l.names.Settings.Params(kind)
	v := l.resolve(of, name, nil, p)
	var fitting []*keyedRecord
	for i := range shared {
		n := &shared[i]
		switch {
		case v.Finding == match.Linked && v.Winner.ID == match.ID(n.ID):
			return n, &v
		case v.Finding != match.Linked && n.Name != "" && of.Agrees(name, n.Name, p) == match.Usual:
			fitting = append(fitting, n)
		}
	}
	if len(fitting) != 1 {
		return nil, &v
	}
	return fitting[0], &v
}

// by returns the rule that has found the company.
func (c *namedCompany) by() string {
	switch {
	case c.certain != nil:
		return string(c.certain.given.by)
	case len(c.ids) == 1:
		return string(c.rule) // empty for an id
	}
	return "contact"
}

// settle links the company where it is certain without the contact's help.
func (c *namedCompany) settle(d *Draft) *Fault {
	if c.fault != nil {
		return c.fault
	}
	if len(c.ids) == 1 {
		d.CompanyID = c.ids[0]
		d.by(Companies, c.by())
	}
	return nil
}

// settleWith links the company, now that the contact is certain to belong to a company. Only a
// short form is compared with its name.
func (c *namedCompany) settleWith(d *Draft, employer match.ID, employerName string) *Fault {
	if slices.Contains(c.ids, employer) || c.short != "" && employer != (match.ID{}) && match.IsShortForm(c.short,
		employerName) {
		d.CompanyID = employer
		d.by(Companies, c.by())
		return nil
	}
	return c.settle(d)
}

// vetoes reports whether the row names another company than the one that a contact belongs to.
func (c *namedCompany) vetoes(employer uuid.UUID) bool {
	return len(c.ids) > 0 && employer != uuid.Nil && !slices.Contains(c.ids, match.ID(employer))
}

// contact finds the contact of a row, and settles its company.
func (l *linker) contact(d *Draft, company *namedCompany, to *related) *Fault {
	if d.ContactID != uuid.Nil {
		if l.names != nil {
			l.employer = l.names.People.CompanyOf(d.ContactID)
		}
		return company.settle(d)
	}
	f := l.find(d, Contacts, to)
	name := l.nameBeside(d.ContactName, Contacts)
	if d.ContactName == d.cellEmail {
		name = ""
	}
	switch {
	case f.fault != nil:
		return f.fault
	case len(f.certain) > 1:
		return l.contradiction(d, f.certain, name, nil)
	case len(f.certain) == 1:
		return l.certainContact(d, company, &f, &f.certain[0], name)
	case len(f.shared) > 0:
		return l.sharedContact(d, company, &f, name)
	case d.ContactName != "":
		return l.contactNamed(d, company, &f)
	case len(f.unknown) > 0:
		return l.unknownKey(f.unknown[0], Contacts)
	}
	return company.settle(d)
}

// certainContact links the contact of an external id or an address, as long as the rest of the row
// may be about them.
func (l *linker) certainContact(d *Draft, company *namedCompany, f *found, c *keyedRecord, name string) *Fault {
	var v match.Verdict
	if name != "" {
		var agrees match.Agreement
		if v, agrees = l.agreement(l.names.People, match.Person, name, c.Holder); agrees == match.Disagrees {
			return l.contradiction(d, []keyedRecord{*c}, name, &v)
		}
	}
	if company.vetoes(c.CompanyID) && l.options.OnCompanyMismatch != MismatchLink {
		return l.mismatch(d, company, c, v)
	}
	if name != "" && v.Finding == match.Ambiguous {
		if other, _ := l.choose(v, name, company, f); other != nil && other.ID != match.ID(c.ID) {
			return l.contradiction(d, []keyedRecord{*c}, name, &v)
		}
	}
	d.ContactID, l.employer = c.ID, c.CompanyID
	d.by(Contacts, string(c.given.by))
	return company.settleWith(d, c.CompanyID, c.CompanyName)
}

// sharedContact lets the name choose among contacts who share an address.
func (l *linker) sharedContact(d *Draft, company *namedCompany, f *found, name string) *Fault {
	if name == "" {
		return l.several(d, f.shared, name)
	}
	one, v := l.chosenByName(l.names.People, match.Person, name, f.shared)
	if one == nil {
		return l.contradiction(d, f.shared, name, v)
	}
	return l.certainContact(d, company, f, one, name)
}

// contactNamed links the contact that the name of a row means.
func (l *linker) contactNamed(d *Draft, company *namedCompany, f *found) *Fault {
	p := l.names.Settings.Params(match.Person)
	v := l.resolve(l.names.People, d.ContactName, company.ids, p)
	switch {
	case v.Finding == match.Ambiguous:
		if one, rule := l.choose(v, d.ContactName, company, f); one != nil {
			v.Finding, v.Winner, v.Rule = match.Linked, *one, rule
		}
	case v.Rule == match.RuleEqualCompany:
		all := v
		if len(f.unknown) > 0 || l.hasItems() {
			all = l.resolve(l.names.People, d.ContactName, nil, p)
		}
		for _, one := range [...]*match.Candidate{l.atDomain(d.ContactName, f), l.ofItems(all, d.ContactName)} {
			if one != nil && one.ID != v.Winner.ID {
				v = all
			}
		}
	case company.short != "": // nothing chooses between a few
		return company.fault
	}
	if v.Finding == match.CompanyMismatch && l.options.OnCompanyMismatch != MismatchLink {
		return l.names.mismatchFault(d, v)
	}
	if fault := l.names.nameFault(fieldContactName, "contact", d.ContactName, v); fault != nil {
		if company.short != "" {
			return company.fault
		}
		fault.Company = d.CompanyName
		return fault
	}
	d.ContactID, l.employer = v.Winner.ID, v.Winner.CompanyID
	d.by(Contacts, string(v.Rule))
	if company.short == "" { // nearly always, and to look up a name takes a tenth of linking
		return company.settleWith(d, v.Winner.CompanyID, "")
	}
	return company.settleWith(d, v.Winner.CompanyID, l.names.Companies.NameOf(v.Winner.CompanyID))
}

// choose returns the one of several contacts of equal names, or usual ways of writing one, who
// belongs to the company that the row names, perhaps in short form, whose company has the domain of
// the address, or who has the deal or event. Where these choose different contacts none does.
func (l *linker) choose(v match.Verdict, name string, company *namedCompany, f *found) (*match.Candidate, match.Rule) {
	if !v.Usual {
		return nil, ""
	}
	byDomain, byItem := l.atDomain(name, f), l.ofItems(v, name)
	if byDomain != nil && byItem != nil && byDomain.ID != byItem.ID {
		return nil, ""
	}
	other, rule := byDomain, match.RuleDomain
	if other == nil {
		other, rule = byItem, match.RuleItem
	}
	if len(company.ids) == 0 && company.short == "" {
		return other, rule
	}
	if len(v.All) >= match.MaxEqual { // there may be more
		return nil, ""
	}
	one := l.onlyOne(v, name, func(employer match.ID) bool {
		return slices.Contains(company.ids, employer) ||
			company.short != "" && match.IsShortForm(company.short, l.names.Companies.NameOf(employer))
	})
	if one != nil && other != nil && one.ID != other.ID {
		return nil, ""
	}
	return one, match.RuleEqualCompany
}

// onlyOne returns the one of the contacts that a name may mean whose company is of some sort; nil
// for none or several.
func (l *linker) onlyOne(v match.Verdict, name string, is func(employer match.ID) bool) *match.Candidate {
	var chosen []match.ID
	for _, id := range v.All {
		if employer := l.names.People.CompanyOf(id); employer != (match.ID{}) && is(employer) {
			chosen = append(chosen, id)
		}
	}
	if len(chosen) != 1 {
		return nil
	}
	c, ok := l.names.People.Candidate(chosen[0], name)
	if !ok {
		return nil
	}
	return &c
}

// atDomain returns the one of several contacts of a name whose company has the domain of an address
// that nobody has.
func (l *linker) atDomain(name string, f *found) *match.Candidate {
	at := l.domains(f)
	if len(at) == 0 {
		return nil
	}
	v := l.resolve(l.names.People, name, at, l.names.Settings.Params(match.Person))
	switch {
	case v.Rule == match.RuleEqualCompany:
		return &v.Winner
	case v.Finding == match.Ambiguous && v.Usual && v.Rule != match.RuleEqual:
		return l.onlyOne(v, name, func(employer match.ID) bool { return slices.Contains(at, employer) })
	}
	return nil
}

// domains returns the companies at the domains of addresses that nobody has: of each domain the
// only one.
func (l *linker) domains(f *found) []match.ID {
	var at []match.ID
	for _, g := range f.unknown {
		if g.by != byEmail {
			continue
		}
		domain, ok := domainOf(g.text)
		if all := l.holders.Domains[domain]; ok && !freeMail[domain] && len(all) == 1 {
			at = append(at, match.ID(all[0].ID))
		}
	}
	return at
}

// unknownKey refuses a row whose only evidence of a record is a key that nobody has.
func (l *linker) unknownKey(g given, kind Kind) *Fault {
	what := map[evidence]string{byExternalID: "the external id", byEmail: "the address", byDomain: "the domain"}[g.by]
	of := cmp.Or(singular[kind], "record")
	message := fmt.Sprintf("%s is %s of no %s of this workspace; correct it, or load the %s", shown(g.text), what, of, of)
	if g.by == byDomain && freeMail[g.text] {
		message = fmt.Sprintf("%s is a domain at which anybody may have an address; it does not identify a company",
			shown(g.text))
	}
	return &Fault{Reason: UnresolvedReference, Field: g.field, Subject: g.text, Message: message}
}

var singular = map[Kind]string{Contacts: "contact", Companies: "company", Deals: "deal", Events: "event",
	Users: "user"}

// several refuses a row whose key several records share.
func (l *linker) several(d *Draft, shared []keyedRecord, name string) *Fault {
	g := shared[0].given
	fault := l.ambiguous(d, g, name, shared, nil, fmt.Sprintf("%s is that of %d records", shown(g.text), len(shared)))
	fault.Remedy = file.Remedy{Code: RemedyCandidate, Field: idFieldReferring(shared[0].Kind).name}
	return fault
}

// contradiction refuses a row whose evidence means different records.
func (l *linker) contradiction(d *Draft, certain []keyedRecord, name string, v *match.Verdict) *Fault {
	g := certain[0].given
	by := make([]string, 0, len(certain)+1)
	for _, n := range certain {
		part := fmt.Sprintf("%s %s", n.given.label(), shown(n.given.text))
		if n.given.by != byName && !slices.Contains(by, part) {
			by = append(by, part)
		}
	}
	if name != "" && (v != nil || slices.Contains(titledKinds[:], certain[0].Kind)) {
		by = append(by, "the name "+shown(name))
	}
	fault := l.ambiguous(d, g, name, certain, v, strings.Join(by, " and ")+" do not mean the same record")
	fault.Remedy = file.Remedy{Code: RemedyCandidate, Field: idFieldReferring(certain[0].Kind).name}
	return fault
}

func (g given) label() string {
	return map[evidence]string{byExternalID: "the external id", byEmail: "the address", byDomain: "the domain"}[g.by]
}

// ambiguous makes the fault of a row whose evidence fits several records: those that keys name, and
// those that the name may stand for. For a key within the cell of a name, the fault names the cell.
func (l *linker) ambiguous(d *Draft, g given, name string, keyed []keyedRecord, v *match.Verdict,
	message string) *Fault {
	fault := &Fault{Reason: AmbiguousReference, Field: g.field, Subject: g.text, Message: message}
	spec := specOf(Tasks, g.field)
	if spec.refers.by == byName {
		fault.Subject = *spec.text(d)
	}
	if spec.refers.kind == Contacts {
		fault.Company = d.CompanyName
	}
	for i, n := range keyed {
		if !has(keyed[:i], n.ID) {
			fault.Candidates = append(fault.Candidates, l.candidate(n, name))
		}
	}
	if v != nil {
		fault.Details = detailsOf(*v)
		likely := v.Candidates
		if v.Finding == match.Linked || v.Finding == match.CompanyMismatch {
			likely = []match.Candidate{v.Winner}
		}
		for _, c := range l.names.candidates(keyed[0].Kind, likely, max(0, MaxCandidates-len(keyed))) {
			if !slices.ContainsFunc(keyed, func(n keyedRecord) bool { return n.ID == c.ID }) {
				fault.Candidates = append(fault.Candidates, c)
			}
		}
	}
	sortCandidates(fault.Candidates)
	fault.Candidates = fault.Candidates[:min(len(fault.Candidates), MaxCandidates)]
	return fault
}

// candidate shows a record that a key names.
func (l *linker) candidate(n keyedRecord, name string) Candidate {
	c := Candidate{ID: n.ID, Kind: n.Kind, Name: n.Name, Company: n.CompanyName, Email: n.Email, ExternalID: n.ExternalID,
		Score: 1, Evidence: string(n.given.by)}
	if as, ok := matchedAs[n.Kind]; name != "" && ok {
		c.Score = match.Score(as, name, n.Name)
	} else if name != "" {
		c.Score = match.TitleScore(name, n.Name)
	}
	return c
}

// mismatch refuses a contact who is certain, but belongs to another company than the row names.
func (l *linker) mismatch(d *Draft, company *namedCompany, c *keyedRecord, v match.Verdict) *Fault {
	name := d.CompanyName
	switch {
	case name != "":
	case company.certain != nil:
		name = company.certain.Name
	default:
		name = d.CompanyID.String()
	}
	return &Fault{Reason: CompanyMismatch, Field: fieldCompanyName, Subject: cmp.Or(d.ContactName, c.Name), Company: name,
		Candidates: []Candidate{l.candidate(*c, "")}, Details: detailsOf(v),
		Message: fmt.Sprintf("%s belongs to %s, but the row names %s", shown(cmp.Or(c.Name, c.given.text)),
			shown(c.CompanyName), shown(name)),
		Remedy: file.Remedy{Code: RemedyMismatch, Field: fieldContactID}}
}

// detailsOf returns how a name was judged; nil without a name.
func detailsOf(v match.Verdict) *Details {
	if v.Rule == "" {
		return nil
	}
	return details(v)
}
