package importer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"taskport/importer/file"
	"taskport/importer/match"
)

// Keys are what the tasks of a batch say of records that identifies them: each value once.
type Keys struct {
	ExternalIDs map[Kind][]string
	Titles      map[Kind][]string // of deals and events, as TitleKey returns them
	Items       map[Kind][]uuid.UUID
	Emails      []string // of contacts
	Domains     []string // of companies

	UserIDs     []string // to which tasks are assigned
	UserEmails  []string
	UserRecords []uuid.UUID
}

// Holder is a record that has a key.
type Holder struct {
	ID          uuid.UUID
	Kind        Kind
	Name        string
	Email       string // of a contact or a user
	ExternalID  string
	Assignee    string    // of a user: what tasks are assigned to
	Inactive    bool      // of a user
	CompanyID   uuid.UUID // of a contact, a deal or an event, like CompanyName
	CompanyName string
	ContactID   uuid.UUID // of a deal or an event
}

// Holders are the records that have the keys of a batch; it may list more.
type Holders struct {
	ExternalIDs map[Kind]map[string]Holder
	Titles      map[Kind]map[string][]Holder // of each as far as MostTitles; an alias is the only one
	Items       map[uuid.UUID]Holder         // deals and events that rows with a contact's name give by id
	Emails      map[string][]Holder          // of each as far as MostHolders, in the order of their ids
	Domains     map[string][]Holder

	UserIDs     map[string][]Holder // like Emails
	UserEmails  map[string][]Holder
	UserRecords map[uuid.UUID]Holder
}

// MostHolders bounds the records that are looked at for one address or domain, MostTitles those for
// one title.
const (
	MostHolders = 64
	MostTitles  = 4096
)

// given is a key in a row.
type given struct {
	field string
	by    evidence
	text  string
}

// Keys collects the keys of the batch.
func (b *Batch) Keys() Keys {
	c := newKeyCollector()
	var few [fewKeys]given
	for i := range b.Tasks {
		d := &b.Tasks[i]
		if !d.hasKeys() {
			continue
		}
		for _, kind := range [...]Kind{Contacts, Companies, Deals, Events} {
			for _, g := range d.keysOf(kind, few[:0]) {
				c.add(kind, g)
			}
		}
		for _, kind := range titledKinds {
			for _, name := range [...]string{*nameFieldOf(kind).text(d), d.RelatedName} {
				c.addTitle(kind, name)
			}
			if id := *idFieldReferring(kind).id(d); d.choosesByItem(id) && c.isNew(kind, "#"+id.String()) {
				c.Items[kind] = append(c.Items[kind], id)
			}
		}
	}
	return c.Keys
}

// titledKinds have titles, which are compared for equality alone.
var titledKinds = [...]Kind{Deals, Events}

// referringByName and referringByID are the fields of a task by the kind of record that they refer
// to. Each row asks for them several times.
var referringByName, referringByID = fieldsReferring(byName), fieldsReferring(byID)

func fieldsReferring(by evidence) map[Kind]*fieldSpec {
	all := map[Kind]*fieldSpec{}
	for i := range taskFields {
		if f := &taskFields[i]; f.refers.by == by {
			all[f.refers.kind] = f
		}
	}
	return all
}

// nameFieldOf returns the field of a task that names a record of a kind.
func nameFieldOf(kind Kind) *fieldSpec { return referringByName[kind] }

// idFieldReferring returns the field of a task that holds the id of a record of a kind.
func idFieldReferring(kind Kind) *fieldSpec { return referringByID[kind] }

// choosesByItem reports whether the id of a deal or an event in the row may choose among contacts
// of one name.
func (d *Draft) choosesByItem(id uuid.UUID) bool {
	return id != uuid.Nil && d.ContactName != "" && d.ContactID == uuid.Nil
}

// IsEmpty reports whether there is nothing to be looked up.
func (k *Keys) IsEmpty() bool {
	return len(k.ExternalIDs) == 0 && len(k.Titles) == 0 && len(k.Items) == 0 && len(k.Emails) == 0 &&
		len(k.Domains) == 0 && len(k.UserIDs) == 0 && len(k.UserEmails) == 0 && len(k.UserRecords) == 0
}

type keyCollector struct {
	Keys
	// of each kind: ids as they are, addresses and domains behind an @, titles behind a line break
	seen map[Kind]map[string]bool
}

func newKeyCollector() keyCollector {
	return keyCollector{Keys: Keys{ExternalIDs: map[Kind][]string{}, Titles: map[Kind][]string{},
		Items: map[Kind][]uuid.UUID{}},
		seen: map[Kind]map[string]bool{}}
}

func (c *keyCollector) isNew(kind Kind, key string) bool {
	seen := c.seen[kind]
	if seen == nil {
		seen = map[string]bool{}
		c.seen[kind] = seen
	}
	before := len(seen)
	seen[key] = true
	return len(seen) > before
}

func (c *keyCollector) add(kind Kind, g given) {
	switch g.by { //nolint:exhaustive // the other evidence is not a key
	case byEmail:
		if c.isNew(kind, "@"+g.text) {
			c.Emails = append(c.Emails, g.text)
		}
		if domain, ok := domainOf(g.text); ok {
			c.addDomain(domain)
		}
	case byDomain:
		c.addDomain(g.text)
	case byExternalID:
		c.addID(kind, g.text)
		if parts := severalIDs(g.text); len(parts) > 0 {
			c.addID(kind, parts[0])
		}
	case byID, byName, byType:
	}
}

func (c *keyCollector) addID(kind Kind, id string) {
	if c.seen[kind][id] { // with all its forms
		return
	}
	for _, form := range idForms(id) {
		if c.isNew(kind, form) {
			c.ExternalIDs[kind] = append(c.ExternalIDs[kind], form)
		}
	}
}

// addTitle adds the titles that a cell may hold: all of it, without the number behind it, and the
// first of several.
func (c *keyCollector) addTitle(kind Kind, cell string) {
	if cell == "" {
		return
	}
	for _, t := range [...]string{cell, firstName(cell)} {
		rest, _ := splitNumber(t)
		for _, title := range [...]string{t, rest} {
			if key := match.TitleKey(title); c.isNew(kind, "\n"+key) {
				c.Titles[kind] = append(c.Titles[kind], key)
			}
		}
	}
}

func (c *keyCollector) addDomain(domain string) {
	if !freeMail[domain] && c.isNew(Companies, "@"+domain) {
		c.Domains = append(c.Domains, domain)
	}
}

// hasKeys reports whether a row says more of its parents than their ids and names. Most do not.
func (d *Draft) hasKeys() bool {
	return d.cellEmail != "" || mayHaveNumber(d.ContactName) || mayHaveNumber(d.CompanyName) || d.DealName != "" ||
		d.EventName != "" || d.RelatedName != "" || d.choosesByItem(d.DealID) || d.choosesByItem(d.EventID) ||
		d.hasKey
}

// mayHaveNumber reports whether a cell may have a number behind a name, or behind the first of
// several.
func mayHaveNumber(cell string) bool { return strings.IndexByte(cell, ')') >= 0 }

// fewKeys is as many keys as a row may have for one record.
const fewKeys = 5

// keysOf appends the keys of a row for its record of a kind, external ids first: none when the row
// has the record's id.
func (d *Draft) keysOf(kind Kind, all []given) []given {
	add := func(field string, by evidence, text string) {
		if text != "" {
			all = append(all, given{field, by, text})
		}
	}
	switch kind {
	case Contacts:
		if d.ContactID != uuid.Nil {
			return all
		}
		add(fieldContactExternalID, byExternalID, d.ContactExternalID)
		add(fieldContactName, byExternalID, numberOf(d.ContactName))
		add(fieldContactEmail, byEmail, d.ContactEmail)
		add(fieldContactName, byEmail, d.cellEmail)
	case Companies:
		if d.CompanyID != uuid.Nil {
			return all
		}
		add(fieldCompanyExternalID, byExternalID, d.CompanyExternalID)
		add(fieldCompanyName, byExternalID, numberOf(firstName(d.CompanyName)))
		add(fieldCompanyDomain, byDomain, d.CompanyDomain)
	case Deals:
		if d.DealID != uuid.Nil {
			return all
		}
		add(fieldDealExternalID, byExternalID, d.DealExternalID)
		add(fieldDealName, byExternalID, numberOf(firstName(d.DealName)))
	case Events:
		if d.EventID != uuid.Nil {
			return all
		}
		add(fieldEventExternalID, byExternalID, d.EventExternalID)
		add(fieldEventName, byExternalID, numberOf(firstName(d.EventName)))
	case Tasks, Users:
		return all
	}
	if of, ours := d.relatedKind(); ours && (of == "" || of == kind) {
		add(fieldRelatedExternalID, byExternalID, d.RelatedExternalID)
	}
	return all
}

// readKeys brings addresses and domains into the form in which they are compared.
func (d *Draft) readKeys() *Fault {
	if text := d.ContactEmail; strings.Count(text, "@") > 1 {
		d.several = true
	} else if text != "" {
		if _, d.ContactEmail = splitAddress(text); d.ContactEmail == "" {
			return &Fault{Reason: InvalidValue, Field: fieldContactEmail, Subject: text,
				Message: fmt.Sprintf("contact_email must be an address such as hans@example.com, not %s", shown(text))}
		}
	}
	if text := d.CompanyDomain; text != "" {
		domain, ok := domainOf(text)
		if !ok {
			return &Fault{Reason: InvalidValue, Field: fieldCompanyDomain, Subject: text,
				Message: fmt.Sprintf("company_domain must be a domain or an address such as acme.example, not %s", shown(text))}
		}
		d.CompanyDomain = domain
	}
	for _, f := range keyFields {
		text := *f.text(d)
		if text == "" {
			continue
		}
		d.hasKey = true
		if f.is == idType && isShortenedNumber(text) {
			return lostDigits(f.name, text)
		}
	}
	return nil
}

// lostDigits is the fault of a reference by an id that a spreadsheet has shortened.
func lostDigits(field, id string) *Fault {
	return &Fault{Reason: InvalidValue, Field: field, Subject: id,
		Message: fmt.Sprintf("%s %s is a number as a spreadsheet shortens it, and has lost digits; "+
			"format the column as text and export it once more", field, shown(id))}
}

func severalFault(field, text string, n int) *Fault {
	return &Fault{Reason: InvalidValue, Field: field, Subject: text,
		Message: fmt.Sprintf("%s names %d %s, and a task has one", shown(text), n,
			cmp.Or(specOf(Tasks, field).refers.kind, "records")),
		Remedy: file.Remedy{Code: RemedySeveral}}
}

// severalIDs splits a cell with several ids; it returns nothing for a cell with one.
func severalIDs(text string) []string { return partsOf(text, ";|,\n") }

// severalNames splits a cell with several names, likewise. A comma is also part of "Müller, Hans".
func severalNames(text string) []string { return partsOf(text, ";|\n") }

// firstName returns the first of several names in a cell, or the cell.
func firstName(cell string) string {
	if parts := severalNames(cell); len(parts) > 0 {
		return parts[0]
	}
	return cell
}

func partsOf(text, separators string) []string {
	if !hasAnyByte(text, separators) {
		return nil
	}
	var parts []string
	for _, p := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(separators, r) }) {
		if p = strings.TrimSpace(p); p != "" {
			parts = append(parts, p)
		}
	}
	if len(parts) < 2 {
		return nil
	}
	return parts
}

// hasAnyByte is strings.ContainsAny for a few ASCII characters, without its table.
func hasAnyByte(text, of string) bool {
	for i := range len(of) {
		if strings.IndexByte(text, of[i]) >= 0 {
			return true
		}
	}
	return false
}

func isDigits(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }

const (
	zohoPrefix   = "zcrm_"
	leastZoho    = 10 // digits of an id that may have lost the prefix
	salesforceID = 15 // characters of an id of Salesforce, and with its checksum
	checkedID    = 18

	salesforcePrefix = 3 // characters that say the kind of the record
)

// idForms lists the ways in which a product writes one id, as it is given first: the others are
// looked at where nobody has that one. Ids are compared letter for letter otherwise.
func idForms(text string) []string {
	forms := append(make([]string, 0, 5), text)
	add := func(form string) {
		if !slices.Contains(forms, form) {
			forms = append(forms, form)
		}
	}
	if whole := withoutPoint(text); whole != text {
		add(whole)
		text = whole
	}
	if rest, ok := strings.CutPrefix(text, zohoPrefix); ok {
		add(rest)
		return forms
	}
	if guid, ok := asGUID(text); ok {
		for _, form := range [...]string{guid, strings.ToUpper(guid)} {
			add(form)
			add("{" + form + "}")
		}
	}
	if id, ok := asSalesforce(text); ok {
		add(id)
		add(id[:salesforceID])
	}
	if len(text) >= leastZoho && isDigits(text) {
		add(zohoPrefix + text)
	}
	return forms
}

// IDKey returns the same text for the ways in which a product writes one id.
func IDKey(text string) string {
	text = withoutPoint(text)
	if rest, ok := strings.CutPrefix(text, zohoPrefix); ok && len(rest) >= leastZoho && isDigits(rest) {
		return rest
	}
	if guid, ok := asGUID(text); ok {
		return guid
	}
	if id, ok := asSalesforce(text); ok && !isDigits(text) {
		return id
	}
	return text
}

// withoutPoint returns a whole number without the .0 that a spreadsheet or a table of numbers has
// written behind it.
func withoutPoint(text string) string {
	if whole, ok := strings.CutSuffix(text, ".0"); ok && isDigits(whole) {
		return whole
	}
	return text
}

// asGUID returns a GUID, perhaps in braces, in lower case.
func asGUID(text string) (guid string, ok bool) {
	bare := strings.TrimSuffix(strings.TrimPrefix(text, "{"), "}")
	if len(bare) != len(uuid.Nil.String()) || uuid.Validate(bare) != nil {
		return "", false
	}
	return strings.ToLower(bare), true
}

// asSalesforce returns an id of Salesforce with its checksum.
func asSalesforce(text string) (id string, ok bool) {
	if !isAlphanumeric(text) {
		return "", false
	}
	switch len(text) {
	case salesforceID:
		return text + salesforceChecksum(text), true
	case checkedID:
		return text, text[salesforceID:] == salesforceChecksum(text[:salesforceID])
	}
	return "", false
}

func isAlphanumeric(text string) bool {
	for i := range len(text) {
		if c := text[i]; (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return false
		}
	}
	return text != ""
}

// salesforceChecksum returns the three characters that say which of the 15 of an id are capital
// letters, five at a time.
func salesforceChecksum(id string) string {
	const group, signs = 5, "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
	var sum [salesforceID / group]byte
	for i := range sum {
		capitals := 0
		for bit := range group {
			if c := id[i*group+bit]; c >= 'A' && c <= 'Z' {
				capitals |= 1 << bit
			}
		}
		sum[i] = signs[capitals]
	}
	return string(sum[:])
}

// salesforceKinds are what the first three characters of an id of Salesforce say; leads become
// contacts here.
var salesforceKinds = map[string]Kind{"001": Companies, "003": Contacts, "00Q": Contacts, "006": Deals}

// leads are the words for leads, who become contacts here.
var leads = map[string]bool{"lead": true, "leads": true}

// relatedKind returns the kind of what a row is related to; empty where anything may be meant. ours
// is false where it is of a kind that this program does not hold.
func (d *Draft) relatedKind() (kind Kind, ours bool) {
	if d.RelatedExternalID == "" && d.RelatedName == "" {
		return "", false
	}
	if d.RelatedType != "" {
		key := headerKey(d.RelatedType)
		if leads[key] {
			return Contacts, true
		}
		kind = kindOf[key]
		return kind, kind != "" && kind != Tasks && kind != Users
	}
	if id, ok := asSalesforce(d.RelatedExternalID); ok && !isDigits(d.RelatedExternalID) {
		return salesforceKinds[id[:salesforcePrefix]], true
	}
	return "", true
}

// HolderOf returns the record that has an external id, in whatever form it is written.
func HolderOf(id string, of map[string]Holder) (Holder, bool) {
	if id == "" || len(of) == 0 {
		return Holder{}, false
	}
	if h, ok := of[id]; ok { // nearly all
		return h, true
	}
	for _, form := range idForms(id) {
		if h, ok := of[form]; ok {
			return h, true
		}
	}
	return Holder{}, false
}

// IDForms lists the ways in which external ids may be written, each once; see IDKey.
func IDForms(ids []string) []string {
	c := newKeyCollector()
	for _, id := range ids {
		c.addID(Companies, id)
	}
	return c.ExternalIDs[Companies]
}

// domainOf returns the domain at which a company is, of a domain, an email address or the address
// of a page: https://www.acme.example/about and office@acme.example are at acme.example. ok is
// false for anything else.
func domainOf(text string) (domain string, ok bool) {
	text = strings.ToLower(strings.TrimSpace(text))
	if _, after, found := strings.Cut(text, "://"); found {
		text = after
	}
	text = strings.TrimPrefix(text, "mailto:")
	if end := strings.IndexAny(text, "/?#"); end >= 0 {
		text = text[:end]
	}
	text = text[strings.LastIndexByte(text, '@')+1:]
	if end := strings.IndexByte(text, ':'); end >= 0 {
		text = text[:end]
	}
	text = strings.TrimPrefix(strings.TrimSuffix(text, "."), "www.")
	dot := strings.LastIndexByte(text, '.')
	if dot < 1 || dot == len(text)-1 || strings.Contains(text, "..") || strings.ContainsAny(text,
		" \t\r\n,;|<>()[]\"'\\") ||
		strings.Trim(text, "0123456789.") == "" {
		return "", false
	}
	return text, true
}

// freeMail are the domains at which anybody may have an address, so that they identify no company.
var freeMail = func() map[string]bool {
	all := map[string]bool{}
	for _, domain := range strings.Fields(`
gmail.com googlemail.com outlook.com outlook.de outlook.fr outlook.es outlook.it hotmail.com hotmail.co.uk hotmail.de
hotmail.fr hotmail.es hotmail.it live.com live.co.uk live.de live.fr live.nl live.it msn.com passport.com
windowslive.com
yahoo.com yahoo.co.uk yahoo.de yahoo.fr yahoo.es yahoo.it yahoo.ca yahoo.com.br yahoo.com.mx yahoo.com.ar yahoo.com.au
yahoo.co.in yahoo.co.jp yahoo.in ymail.com rocketmail.com aol.com aol.de aim.com icloud.com me.com mac.com
proton.me protonmail.com protonmail.ch pm.me tutanota.com tutanota.de tutamail.com tuta.io hey.com fastmail.com
fastmail.fm zoho.com zohomail.com zohomail.eu gmx.de gmx.net gmx.com gmx.at gmx.ch gmx.fr gmx.us web.de freenet.de
t-online.de arcor.de mail.de mailbox.org posteo.de posteo.net online.de email.de vodafone.de 1und1.de
orange.fr wanadoo.fr free.fr laposte.net sfr.fr neuf.fr bbox.fr numericable.fr libero.it virgilio.it alice.it tin.it
tiscali.it fastwebnet.it telefonica.net terra.es ono.com terra.com.br uol.com.br bol.com.br ig.com.br
bluewin.ch hispeed.ch sunrise.ch aon.at chello.at chello.nl ziggo.nl kpnmail.nl planet.nl xs4all.nl home.nl hetnet.nl
skynet.be telenet.be proximus.be btinternet.com sky.com ntlworld.com virginmedia.com talktalk.net blueyonder.co.uk
comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net earthlink.net juno.com
rogers.com shaw.ca sympatico.ca bigpond.com optusnet.com.au telia.com telenor.no online.no
o2.pl wp.pl onet.pl interia.pl op.pl poczta.fm seznam.cz centrum.cz email.cz azet.sk freemail.hu citromail.hu abv.bg
mail.ru inbox.ru list.ru bk.ru yandex.ru yandex.com ya.ru rambler.ru ukr.net i.ua
qq.com 163.com 126.com sina.com sina.cn sohu.com yeah.net foxmail.com aliyun.com naver.com hanmail.net daum.net
rediffmail.com mail.com email.com inbox.com usa.com gawab.com walla.co.il hotmail.co.jp docomo.ne.jp ezweb.ne.jp`) {
		all[domain] = true
	}
	return all
}()
