package importer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/google/uuid"

	"taskport/importer/file"
	"taskport/importer/match"
)

// readContact reads the contact of a row: a name, an email address, or both, as "Hans Müller
// <hans@example.com>". It leaves several contacts in one cell to oneContact.
func (d *Draft) readContact(text string) {
	d.ContactName = text
	switch {
	case d.ContactID != uuid.Nil || !hasContactSign(text):
	case severalPeople(text) > 1:
		d.several = true
	default:
		d.ContactName, d.cellEmail = splitAddress(strings.TrimSpace(strings.Trim(text, ";|\n")))
	}
}

// oneContact does so with the last task of the batch, and removes it when it is refused.
func (b *Batch) oneContact(on OnSeveral) *Fault {
	last := len(b.Tasks) - 1
	fault := b.Tasks[last].oneContact(on)
	if fault != nil {
		b.Tasks = b.Tasks[:last]
	}
	return fault
}

// oneContact refuses several contacts or addresses in one cell, or takes the first: a task has one,
// and the row does not say which is meant.
func (d *Draft) oneContact(on OnSeveral) *Fault {
	if !d.several || d.ContactID != uuid.Nil {
		return nil
	}
	if n := severalPeople(d.ContactName); n > 1 {
		if on != SeveralFirst {
			return severalFault(fieldContactName, d.ContactName, n)
		}
		parts := severalNames(d.ContactName)
		if len(parts) == 0 {
			parts = partsOf(d.ContactName, ",")
		}
		d.keepRest(fieldContactName, parts)
		d.readContact(parts[0])
	}
	if n := strings.Count(d.ContactEmail, "@"); n > 1 {
		parts := partsOf(d.ContactEmail, ";|,\n ")
		if on != SeveralFirst || len(parts) == 0 {
			return severalFault(fieldContactEmail, d.ContactEmail, n)
		}
		d.keepRest(fieldContactEmail, parts)
		d.ContactEmail = parts[0]
		return d.readKeys()
	}
	return nil
}

// hasContactSign reports whether a cell may hold more than one name.
func hasContactSign(text string) bool {
	for i := range len(text) {
		if c := text[i]; c == '@' || c == ';' || c == '|' || c == '\n' {
			return true
		}
	}
	return false
}

// severalPeople counts the persons in a cell. A comma separates them only where each has an
// address: it is also part of "Müller, Hans".
func severalPeople(text string) int {
	parts := strings.FieldsFunc(text, func(r rune) bool { return r == ';' || r == '|' || r == '\n' })
	n := 0
	for _, p := range parts {
		if strings.ContainsFunc(p, unicode.IsLetter) {
			n++
		}
	}
	if n > 1 {
		return n
	}
	addresses := 0
	for _, p := range strings.Split(text, ",") {
		if strings.Contains(p, "@") {
			addresses++
		}
	}
	return max(n, addresses)
}

// splitAddress returns the name and the address of a text. An address without a name is returned as
// the name too, so that a message can show it.
func splitAddress(text string) (name, email string) {
	text = strings.TrimPrefix(text, "mailto:")
	switch open, end := strings.LastIndexByte(text, '<'), strings.LastIndexByte(text, '>'); {
	case open >= 0 && end > open:
		name, email = text[:open]+text[end+1:], text[open+1:end]
	case looksLikeEmail(text):
		name, email = "", text
	default:
		before, within, _ := strings.Cut(strings.TrimSuffix(text, ")"), "(")
		name, email = before, within // Hans Müller (hans@example.com)
		if looksLikeEmail(strings.TrimSpace(before)) {
			name, email = within, before
		}
		if parts := strings.Split(text, ","); within == "" && len(parts) > 1 { // Müller, Hans, hans@example.com
			if last := len(parts) - 1; looksLikeEmail(strings.TrimSpace(parts[last])) {
				name, email = strings.Join(parts[:last], ","), parts[last]
			} else if looksLikeEmail(strings.TrimSpace(parts[0])) {
				name, email = strings.Join(parts[1:], ","), parts[0]
			}
		}
	}
	email = strings.ToLower(strings.TrimSpace(email))
	if !looksLikeEmail(email) {
		if name, email = addressAmongWords(text); email == "" {
			return text, ""
		}
	}
	name = strings.Trim(strings.TrimSpace(name), `"'“”„`)
	if name == "" {
		name = email
	}
	return name, email
}

// addressAmongWords returns the address that is among the words of a name, with or without
// signs between: "Hans Müller - hans@example.com". The address is empty unless there is just one.
func addressAmongWords(text string) (name, email string) {
	if strings.Count(text, "@") != 1 {
		return text, ""
	}
	between := func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("()[]{}<>|/,;:-–—", r) }
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r != '-' && between(r) }) {
		if _, host, _ := strings.Cut(word, "@"); !strings.Contains(host, ".") || !looksLikeEmail(word) {
			continue
		}
		before, after, _ := strings.Cut(text, word)
		return strings.TrimSpace(strings.TrimFunc(before, between) + " " + strings.TrimFunc(after, between)),
			strings.ToLower(word)
	}
	return text, ""
}

// Assignee means all fields of the assignee: in the unknown values of a file, and in the
// option values.
const Assignee = "assignee"

// assigneeEvidence returns what a row says of its assignee, the most certain first. A text that is
// not the id of a user may also be what another field would say.
func (d *Draft) assigneeEvidence() []given {
	var all []given
	add := func(field string, by evidence, text string) {
		if text = strings.TrimSpace(text); text != "" {
			all = append(all, given{field, by, text})
		}
	}
	add(fieldAssigneeID, byID, d.AssigneeID)
	add(fieldAssigneeExternalID, byExternalID, d.AssigneeExternalID)
	name, number := splitNumber(d.AssigneeName)
	name, address := splitAddress(name)
	if name == address {
		name = ""
	}
	add(fieldAssigneeName, byExternalID, number)
	_, email := splitAddress(d.AssigneeEmail)
	add(fieldAssigneeEmail, byEmail, cmp.Or(email, strings.ToLower(d.AssigneeEmail)))
	add(fieldAssigneeName, byEmail, address)
	add(fieldAssigneeName, byName, name)
	add(fieldAssigneeID, byExternalID, d.AssigneeID)
	// Products write a name or an address into the columns of ids, too.
	for _, of := range [...]struct{ field, text string }{{fieldAssigneeID, d.AssigneeID},
		{fieldAssigneeExternalID, d.AssigneeExternalID}} {
		if of.text == "" {
			continue
		}
		name, email := splitAddress(of.text)
		add(of.field, byEmail, email)
		if d.AssigneeName == "" && name != email && !strings.ContainsAny(name, "0123456789") {
			add(of.field, byName, name)
		}
	}
	return all
}

// saysAssignee reports whether a row says anything of its assignee.
func (d *Draft) saysAssignee() bool {
	return d.AssigneeID != "" || d.AssigneeName != "" || d.AssigneeExternalID != "" || d.AssigneeEmail != ""
}

// UserKey returns what a row calls a user in the form in which aliases of users are compared: a
// name by its letters, an id or an address as it is.
func UserKey(text string) string {
	text = strings.TrimSpace(text)
	switch {
	case strings.Contains(text, "@"):
		return "=" + strings.ToLower(text)
	case strings.ContainsAny(text, "0123456789"):
		return "=" + text
	}
	return cmp.Or(match.Key(match.Person, text), "="+text)
}

// userKeys returns the keys of all forms of what a row says.
func (g given) userKeys() []string {
	if g.by == byName || g.by == byEmail {
		return []string{UserKey(g.text)}
	}
	keys := make([]string, 0, 2)
	for _, form := range idForms(g.text) {
		keys = append(keys, UserKey(form))
	}
	return keys
}

// assignees links the assignees of a batch; see docs/resolution.md.
type assignees struct {
	users   *Snapshot
	values  map[string]string // what an operator has said that a text means, by its UserKey
	named   map[string]match.Verdict
	options Options
}

func newAssignees(users *Snapshot, o Options) *assignees {
	a := &assignees{users: users, values: map[string]string{}, named: map[string]match.Verdict{}, options: o}
	for text, meant := range o.Values[Assignee] {
		a.values[UserKey(text)] = meant
	}
	return a
}

// one lets the first of several assignees in a cell stand for it, where the import takes the
// first; otherwise it refuses them, and ids that a spreadsheet has shortened. A cell that somebody
// has said the meaning of is one.
func (a *assignees) one(d *Draft) *Fault {
	for _, f := range assigneeFields {
		cell, separators := *f.text(d), ";|\n"
		if f.refers.by == byEmail {
			separators += ", "
		}
		parts, isShort := partsOf(cell, separators), f.is == idType && isShortenedNumber(cell)
		if len(parts) == 0 && !isShort {
			continue
		}
		_, meant := a.values[UserKey(cell)]
		if _, alias := a.users.UserAliases[UserKey(cell)]; meant || alias {
			continue
		}
		switch {
		case isShort:
			return lostDigits(f.name, cell)
		case a.options.OnSeveral != SeveralFirst:
			return severalFault(f.name, cell, len(parts))
		}
		d.keepRest(f.name, parts)
		*f.text(d) = parts[0]
	}
	return nil
}

// evidence returns what a row says of its assignee, or what an operator has said instead. It is
// empty for a task that stays unassigned.
func (a *assignees) evidence(d *Draft) []given {
	_ = a.one(d) // a refused cell is one text
	all := d.assigneeEvidence()
	for _, g := range all {
		for _, key := range g.userKeys() {
			if meant, ok := a.values[key]; ok {
				return evidenceOfUser(meant)
			}
		}
	}
	return all
}

// evidenceOfUser returns the evidence of a text that means a user: an id, an external id, an
// address or a name.
func evidenceOfUser(text string) []given {
	return (&Draft{Task: Task{AssigneeID: text}}).assigneeEvidence()
}

// alias returns the user that an operator has kept for what a row says; the nil id leaves the task
// unassigned.
func (a *assignees) alias(evidence []given) (id uuid.UUID, ok bool) {
	for _, g := range evidence {
		for _, key := range g.userKeys() {
			if id, ok := a.users.UserAliases[key]; ok {
				return uuid.UUID(id), true
			}
		}
	}
	return uuid.Nil, false
}

// userNamed returns the verdict on the name of a user.
func (l *linker) userNamed(name string) match.Verdict {
	v, ok := l.assignees.named[name]
	if !ok {
		v = l.resolve(l.assignees.users.Users, name, nil, l.assignees.users.Settings.Params(match.Person))
		l.assignees.named[name] = v
	}
	return v
}

// userKeys adds what must be looked up of the users that a batch means.
func (l *linker) userKeys(b *Batch, keys *Keys) {
	c := keyCollector{Keys: *keys, seen: map[Kind]map[string]bool{}}
	for i := range b.Tasks {
		if b.Tasks[i].saysAssignee() {
			l.addUserKeys(&c, l.assignees.evidence(&b.Tasks[i]))
		}
	}
	l.addUserKeys(&c, evidenceOfUser(l.options.DefaultAssignee))
	*keys = c.Keys
}

func (l *linker) addUserKeys(c *keyCollector, evidence []given) {
	record := func(id uuid.UUID) {
		if c.isNew(Users, "#"+id.String()) {
			c.UserRecords = append(c.UserRecords, id)
		}
	}
	for _, g := range evidence {
		if id, ok := ParseID(strings.ToLower(g.text)); ok {
			record(id)
		}
		switch g.by { //nolint:exhaustive // the other evidence is not a key
		case byID:
			if c.isNew(Users, "!"+g.text) {
				c.UserIDs = append(c.UserIDs, g.text)
			}
		case byEmail:
			if c.isNew(Users, "@"+g.text) {
				c.UserEmails = append(c.UserEmails, g.text)
			}
		case byExternalID:
			c.add(Users, g)
		case byName:
			v := l.userNamed(g.text)
			if v.Winner.ID != (match.ID{}) {
				record(v.Winner.ID)
			}
			for _, k := range v.Candidates {
				record(k.ID)
			}
		case byDomain, byType:
		}
	}
	if id, ok := l.assignees.alias(evidence); ok && id != uuid.Nil {
		record(id)
	}
}

// usersWith returns the users that a key names.
func (l *linker) usersWith(g given) []Holder {
	if id, ok := ParseID(strings.ToLower(g.text)); ok {
		if h, ok := l.holders.UserRecords[id]; ok {
			return []Holder{h}
		}
	}
	switch g.by { //nolint:exhaustive // the other evidence is not a key
	case byID:
		return l.holders.UserIDs[g.text]
	case byEmail:
		return l.holders.UserEmails[g.text]
	case byExternalID:
		if h, ok := l.holderOf(Users, g.text); ok {
			return []Holder{h}
		}
	case byDomain, byName, byType:
	}
	return nil
}

// assignment is the assignee of a row.
type assignment struct {
	user    uuid.UUID
	to      string // what the task is assigned to; empty for nobody
	rule    string // that has found the user
	fault   *Fault // why it is not certain
	unknown bool   // nobody is meant to whom a task can be assigned: the import says what happens
}

// by returns the assignment as one that a rule of names has found.
func (a assignment) by(rule match.Rule) assignment {
	a.rule = string(rule)
	return a
}

// assign replaces what a row says of its assignee by what the task is assigned to. A workspace
// without users takes assignee_id as it is.
func (l *linker) assign(d *Draft) *Fault {
	noUsers := l.assignees == nil || l.assignees.users.Users == nil
	if !d.saysAssignee() || noUsers && (l.assignees == nil || len(l.assignees.values) == 0) {
		return nil
	}
	evidence := l.assignees.evidence(d)
	if fault := l.assignees.one(d); fault != nil && !noUsers {
		return fault
	}
	if len(evidence) == 0 {
		d.AssigneeID = ""
		return nil
	}
	if noUsers {
		if d.AssigneeID = ""; evidence[0].by == byID {
			d.AssigneeID = evidence[0].text
		}
		return nil
	}
	a := l.assignment(d, evidence)
	if on := l.options.onUnknown(); a.unknown && on != UnknownReject {
		if a = (assignment{}); on == UnknownDefault {
			a = l.defaultAssignee()
		}
	}
	d.AssigneeID, d.user = a.to, a.user
	d.by(Users, a.rule)
	return a.fault
}

// defaultAssignee returns the user to whom the tasks of unknown assignees go.
func (l *linker) defaultAssignee() assignment {
	a := l.assignment(&Draft{}, evidenceOfUser(l.options.DefaultAssignee))
	if a.fault != nil {
		a.fault.Message = "default_assignee " + a.fault.Message
	}
	a.rule = "default"
	return a
}

// assignment decides about the assignee of a row.
func (l *linker) assignment(d *Draft, evidence []given) assignment {
	var certain, shared []keyedRecord
	var name given
	isCertain := func(h Holder) bool {
		return slices.ContainsFunc(certain, func(n keyedRecord) bool { return n.Assignee == h.Assignee })
	}
	for _, g := range evidence {
		if g.by == byName {
			name = g
		}
		all := oneOfEach(l.usersWith(g))
		switch {
		case len(all) == 0:
		case g.by == byID: // the operator's word
			return l.assignTo(keyedRecord{all[0], g})
		case len(all) == 1 && !isCertain(all[0]):
			certain = append(certain, keyedRecord{all[0], g})
		case len(all) > 1:
			for _, h := range all {
				shared = append(shared, keyedRecord{h, g})
			}
		}
	}
	fitting := func(n keyedRecord) bool { return n.given.text == name.text || l.isCalled(n.Holder, name.text) }
	switch {
	case len(certain) > 1, len(certain) == 1 && name.text != "" && !fitting(certain[0]),
		len(certain) == 1 && len(shared) > 0 && !has(shared, certain[0].ID):
		return assignment{fault: l.severalAssignees(d, slices.Concat(certain, shared), name.text)}
	case len(certain) == 1:
		return l.assignTo(certain[0])
	case len(shared) > 0:
		called := slices.DeleteFunc(slices.Clone(shared), func(n keyedRecord) bool { return !fitting(n) })
		if name.text != "" && len(called) == 1 {
			return l.assignTo(called[0])
		}
		return assignment{fault: l.severalAssignees(d, shared, name.text)}
	}
	if id, ok := l.assignees.alias(evidence); ok {
		if h, ok := l.holders.UserRecords[id]; ok {
			return l.assignTo(keyedRecord{h, evidence[0]}).by(match.RuleAlias)
		}
		if id == uuid.Nil {
			return assignment{}
		}
	}
	return l.assignNamed(d, evidence, name)
}

// labelOf returns what a person is shown of the evidence: the name, else the address, else an id.
func labelOf(all []given) given {
	for _, by := range [...]evidence{byName, byEmail} {
		if i := slices.IndexFunc(all, func(g given) bool { return g.by == by }); i >= 0 {
			return all[i]
		}
	}
	return all[0]
}

// oneOfEach returns the users without those to whom the same is assigned as to another one; those
// who are active come first.
func oneOfEach(all []Holder) []Holder {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b Holder) int { return cmp.Compare(btoi(a.Inactive), btoi(b.Inactive)) })
	var each []Holder
	for _, h := range all {
		if !slices.ContainsFunc(each, func(e Holder) bool { return e.Assignee == h.Assignee }) {
			each = append(each, h)
		}
	}
	return each
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// isCalled reports whether a name may be that of a user: equal, a usual way of writing it, or
// similar without being that of another user.
func (l *linker) isCalled(h Holder, name string) bool {
	v := l.userNamed(name)
	switch {
	case h.Name == "", v.Finding == match.Linked && v.Winner.ID == match.ID(h.ID), slices.Contains(v.All, match.ID(h.ID)):
		return true
	case v.Finding == match.Linked && v.Rule != match.RuleSimilar:
		return false
	}
	users := l.assignees.users
	return users.Users.Agrees(name, h.Name, users.Settings.Params(match.Person)) != match.Disagrees
}

// assignTo assigns a task to a user, who must be active.
func (l *linker) assignTo(n keyedRecord) assignment {
	if !n.Inactive {
		return assignment{user: n.ID, to: n.Assignee, rule: string(n.given.by)}
	}
	return assignment{unknown: true, fault: &Fault{Reason: UnresolvedReference, Field: n.given.field,
		Subject: n.given.text, Message: fmt.Sprintf("%s is not active, so that no task can be assigned to them",
			shown(cmp.Or(n.Name,
				n.given.text))), Remedy: file.Remedy{Code: RemedyAssignee, Field: fieldAssigneeID, Value: shortened(n.given.text)},
		Candidates: []Candidate{l.candidate(n, "")}}}
}

// assignNamed assigns a task by name: by equality and usual ways of writing, never by similarity.
func (l *linker) assignNamed(d *Draft, evidence []given, name given) assignment {
	if name.text == "" {
		return assignment{unknown: true, fault: l.unknownAssignee(labelOf(evidence), nil)}
	}
	v := l.userNamed(name.text)
	var called []Holder
	for _, c := range v.Candidates[:min(len(v.Candidates), v.Show)] {
		if h, ok := l.holders.UserRecords[c.ID]; ok {
			called = append(called, h)
		}
	}
	var near []keyedRecord
	for _, h := range oneOfEach(called) {
		near = append(near, keyedRecord{h, name})
	}
	winner, ok := l.holders.UserRecords[v.Winner.ID]
	switch {
	case v.Finding == match.Linked && ok && v.Rule != match.RuleSimilar:
		return l.assignTo(keyedRecord{winner, name}).by(v.Rule)
	case v.Finding == match.Linked && ok:
		near = []keyedRecord{{winner, name}}
	case v.Finding == match.Ambiguous && v.Usual && len(near) > 0:
		if len(near) == 1 {
			return l.assignTo(near[0]).by(v.Rule)
		}
		return assignment{fault: l.severalAssignees(d, near, name.text)}
	}
	return assignment{unknown: true, fault: l.unknownAssignee(name, near)}
}

// unknownAssignee refuses a row whose assignee nobody is; near are users of a similar name.
func (l *linker) unknownAssignee(g given, near []keyedRecord) *Fault {
	fault := &Fault{Reason: UnresolvedReference, Field: g.field, Subject: g.text,
		Remedy: file.Remedy{Code: RemedyAssignee, Field: fieldAssigneeID, Value: shortened(g.text)}}
	var names []string
	for _, n := range near {
		fault.Candidates = append(fault.Candidates, l.candidate(n, g.text))
	}
	sortCandidates(fault.Candidates)
	for _, c := range fault.Candidates {
		names = append(names, shown(c.Name))
	}
	fault.Message = shown(g.text) + " is not a user of this workspace"
	if len(names) > 0 {
		fault.Message += " (nearest: " + strings.Join(names, ", ") + ")"
	}
	return fault
}

// severalAssignees refuses a row whose evidence means several users: all that keys name, and those
// that the name may be that of.
func (l *linker) severalAssignees(d *Draft, keyed []keyedRecord, name string) *Fault {
	g := keyed[0].given
	fault := &Fault{Reason: AmbiguousReference, Field: g.field, Subject: g.text,
		Remedy: file.Remedy{Code: RemedyCandidate, Field: fieldAssigneeID}}
	if spec := specOf(Tasks, g.field); spec != nil && spec.refers.by == byName {
		fault.Subject = *spec.text(d)
	}
	if name != "" && g.by != byName {
		v := l.userNamed(name)
		for _, id := range append([]match.ID{v.Winner.ID}, v.All...) {
			if h, ok := l.holders.UserRecords[id]; ok && !has(keyed, h.ID) {
				keyed = append(keyed, keyedRecord{h, given{fieldAssigneeName, byName, name}})
			}
		}
	}
	var by []string
	for _, n := range keyed {
		fault.Candidates = append(fault.Candidates, l.candidate(n, name))
		if part := strings.TrimSpace(n.given.label() + " " + shown(n.given.text)); !slices.Contains(by, part) {
			by = append(by, part)
		}
	}
	sortCandidates(fault.Candidates)
	fault.Candidates = fault.Candidates[:min(len(fault.Candidates), MaxCandidates)]
	fault.Message = strings.Join(by, " and ") + " do not mean the same user"
	if len(by) == 1 {
		fault.Message = fmt.Sprintf("%s is that of %d users", by[0], len(keyed))
	}
	return fault
}

// storeRest adds to custom_fields what cells have besides their first reference, under the names of
// their fields.
func (d *Draft) storeRest() *Fault {
	if len(d.rest) == 0 {
		return nil
	}
	var members []byte
	used := map[string]bool{}
	if d.CustomFields != "" {
		used = namesOfMembers(d.CustomFields)
		members = append(append(members, ','), d.CustomFields[1:len(d.CustomFields)-1]...)
	}
	for _, r := range d.rest {
		members = appendText(append(members, ','), unusedName(r.field, used))
		members = appendText(append(members, ':'), r.text)
	}
	if n := len(members) + 1; n > maxCustomFields {
		return &Fault{Reason: InvalidValue, Field: FieldCustomFields, Remedy: file.Remedy{Code: RemedyKeepColumns},
			Message: fmt.Sprintf("the values that no field takes are %d bytes long together, at most %d are allowed", n,
				maxCustomFields)}
	}
	d.CustomFields = asObject(members)
	return nil
}
