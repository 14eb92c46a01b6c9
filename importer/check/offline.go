// Package check takes files through the pipeline without a server: against a directory in memory,
// at other thresholds, and against known answers.
package check

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"taskport/importer"
	"taskport/importer/file"
	"taskport/importer/file/xlsx"
	"taskport/importer/match"
)

// File is a file that can be read more than once, with the choices of the client.
type File struct {
	Kind    importer.Kind
	Name    string // its ending decides the format where Cut does not
	Open    func() (io.ReadCloser, error)
	Scratch xlsx.Scratch
	Cut     file.Options
	Mapping importer.Mapping
	// OnDuplicateRow is what happens to a row that repeats an earlier one.
	OnDuplicateRow importer.OnDuplicateRow
	// Directory has the users among whom the assignees of tasks are sought; nil for none.
	Directory *Offline
	OnSeveral importer.OnSeveral // what happens to a cell with several contacts
}

// Read takes a file through decode → map → validate, chunk by chunk, after it has read the whole
// file once: as in an import, a file that breaks off has no rows. It calls start with the reader,
// then each with every chunk. now replaces an absent created_date. The error is a *file.Error, a
// *Fault of the mapping, or that of start, each or the file.
func (f File) Read(now time.Time, start func(*importer.RowReader) error, each func(*importer.Batch) error) error {
	reader, again, err := f.survey()
	if err != nil {
		return err
	}
	if err := start(reader); err != nil {
		return err
	}
	return f.cut(nil, func(_ *file.Cutter, chunk file.Chunk) error {
		chunk.Repeats = again[chunk.Number]
		return each(reader.Read(chunk, now))
	})
}

// Survey reads the whole file once and returns the reader that an import would use. The errors are
// those of Read.
func (f File) Survey() (*importer.RowReader, error) {
	reader, _, err := f.survey()
	return reader, err
}

// survey returns also the repeated rows to reject, by the number of their chunk.
func (f File) survey() (*importer.RowReader, map[int][]int, error) {
	var layout file.Layout
	var seen *importer.Survey
	rows := 0
	repeats := importer.NewRepeats(f.Kind, importer.Options{Mapping: f.Mapping, OnDuplicateRow: f.OnDuplicateRow})
	again := map[int][]int{}
	f.Cut.HashRows = true
	err := f.cut(func(c *file.Cutter) (err error) {
		seen, err = importer.Watch(c, f.Kind, f.Mapping)
		if err == nil && f.Kind == importer.Tasks && f.Directory != nil {
			seen.WatchAssignees()
		}
		return err
	}, func(c *file.Cutter, chunk file.Chunk) error {
		rows += chunk.Rows
		layout = c.Layout()
		if repeats.Look(c.Layout, &chunk); chunk.Repeats != nil {
			again[chunk.Number] = chunk.Repeats
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	if rows == 0 {
		return nil, nil, file.ErrNoRows
	}
	read := importer.Layout{Layout: layout, Repeated: repeats.Found()}
	_, reader, err := importer.Decide(f.Kind, read, f.Mapping, seen)
	if reader != nil {
		reader.OnSeveral = f.OnSeveral
	}
	if err == nil && f.Kind == importer.Tasks && f.Directory != nil {
		err = reader.Layout.DecideAssignees(context.Background(), f.Directory.Users(), f.Directory.allHolders, f.Mapping)
	}
	return reader, again, err
}

func (f File) cut(begin func(*file.Cutter) error, each func(*file.Cutter, file.Chunk) error) (err error) {
	r, err := f.Open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	c, err := importer.Open(file.Input{Name: f.Name, From: r, Scratch: f.Scratch}, f.Cut, f.Mapping)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	if begin != nil {
		if err := begin(c); err != nil {
			return err
		}
	}
	for {
		chunk, err := c.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := each(c, chunk); err != nil {
			return err
		}
	}
}

// Offline is a directory in memory for checks without a server. The ids of its records depend only
// on their external_id, or on their row.
type Offline struct {
	people    []match.Entry
	companies []match.Entry
	users     []match.Entry
	hasUsers  bool
	employers map[string][]importer.Candidate // companies by their key
	spelled   map[string]uuid.UUID            // companies without an external_id, by their spelling
	taken     map[string]bool                 // kind and external_id of the records
	named     map[string][]string             // names by kind and email of records without one
	known     importer.Known
	records   map[uuid.UUID]importer.Holder
	holders   importer.Holders
}

// NewOffline returns an empty directory.
func NewOffline() *Offline {
	records := map[uuid.UUID]importer.Holder{}
	return &Offline{employers: map[string][]importer.Candidate{}, spelled: map[string]uuid.UUID{},
		taken: map[string]bool{}, named: map[string][]string{}, records: records,
		holders: importer.Holders{ExternalIDs: map[importer.Kind]map[string]importer.Holder{importer.Contacts: {},
			importer.Companies: {}, importer.Deals: {}, importer.Events: {}, importer.Users: {}},
			Titles: map[importer.Kind]map[string][]importer.Holder{importer.Deals: {}, importer.Events: {}},
			Emails: map[string][]importer.Holder{}, Domains: map[string][]importer.Holder{},
			UserIDs: map[string][]importer.Holder{}, UserEmails: map[string][]importer.Holder{},
			UserRecords: map[uuid.UUID]importer.Holder{}, Items: records},
		known: importer.Known{importer.Contacts: {}, importer.Companies: {}, importer.Deals: {}, importer.Events: {}}}
}

// Add adds the records of a batch as an import does: existing records are skipped, and the company
// of a contact is added if it is missing. A contact whose company name fits several becomes a dead
// letter of the batch. Add companies before contacts.
func (o *Offline) Add(kind importer.Kind, b *importer.Batch) {
	for _, c := range b.Companies {
		if _, ok := o.spelled[importer.Spelling(c.Name)]; c.ExternalID == "" && ok || !o.isNew(importer.Companies,
			importer.IDKey(c.ExternalID)) {
			continue
		}
		o.addCompany(offlineID(importer.Companies, c.ExternalID, c.Row), c)
	}
	for _, c := range b.Contacts {
		o.addContact(b, c)
	}
	for _, it := range b.Items {
		o.addItem(kind, b, it)
	}
	for _, u := range b.Users {
		o.addUser(u)
	}
}

// addUser adds a user, unless one of the same external id, assignee id or email is there: offline,
// the users of two systems are not joined.
func (o *Offline) addUser(u importer.User) {
	key := cmp.Or(importer.IDKey(u.ExternalID), u.AssigneeID, u.Email)
	if !o.isNewPerson(importer.Users, cmp.Or(importer.IDKey(u.ExternalID), u.AssigneeID), u.Email, u.Name) {
		return
	}
	id := key
	if n := len(o.named[string(importer.Users)+" "+u.Email]); key == u.Email && n > 1 {
		id += " " + strconv.Itoa(n)
	}
	h := importer.Holder{ID: offlineID(importer.Users, id, 0), Kind: importer.Users, Name: u.Name, Email: u.Email,
		ExternalID: u.ExternalID, Assignee: cmp.Or(u.AssigneeID, u.ExternalID, u.Email), Inactive: u.Active == "false"}
	o.hasUsers = true
	o.holders.UserRecords[h.ID] = h
	for _, of := range []struct {
		all map[string][]importer.Holder
		key string
	}{{o.holders.UserIDs, u.AssigneeID}, {o.holders.UserEmails, u.Email}} {
		if of.key != "" {
			of.all[of.key] = appendHolder(of.all[of.key], h)
		}
	}
	if h.ExternalID != "" {
		o.holders.ExternalIDs[importer.Users][h.ExternalID] = h
	}
	if h.Name != "" {
		o.users = append(o.users, match.Entry{ID: h.ID, Name: h.Name})
	}
}

// Users returns a snapshot of the users.
func (o *Offline) Users() *importer.Snapshot {
	if !o.hasUsers {
		return &importer.Snapshot{}
	}
	return &importer.Snapshot{Users: match.NewDirectory(match.Person, o.users, nil)}
}

func (o *Offline) allHolders(context.Context, importer.Keys) (importer.Holders, error) {
	return o.holders, nil
}

func (o *Offline) addItem(kind importer.Kind, b *importer.Batch, it importer.Item) {
	fits := o.companiesOf(it.CompanyName, it.CompanyExternalID)
	if len(fits) > 1 {
		b.Reject(it.Source, importer.AmbiguousCompany(it.CompanyName, fits))
		return
	}
	if !o.isNew(kind, importer.IDKey(it.ExternalID)) {
		return
	}
	h := importer.Holder{ID: offlineID(kind, it.ExternalID, it.Row), Kind: kind, Name: it.Title, ExternalID: it.ExternalID}
	if len(fits) > 0 {
		h.CompanyID, h.CompanyName = fits[0].ID, fits[0].Name
	}
	if c, ok := importer.HolderOf(it.ContactExternalID, o.holders.ExternalIDs[importer.Contacts]); ok {
		h.ContactID = c.ID
	}
	o.hold(h)
	o.holders.Titles[kind][it.Key] = append(o.holders.Titles[kind][it.Key], h)
}

// companiesOf returns the company of an external id, or those of a name.
func (o *Offline) companiesOf(name, externalID string) []importer.Candidate {
	if h, ok := importer.HolderOf(externalID, o.holders.ExternalIDs[importer.Companies]); ok {
		return []importer.Candidate{{ID: h.ID, Name: h.Name}}
	}
	return importer.SameSpelling(name, o.employers[match.Key(match.Company, name)])
}

func (o *Offline) addContact(b *importer.Batch, c importer.Contact) {
	fits := o.companiesOf(c.CompanyName, c.CompanyExternalID)
	if len(fits) > 1 {
		b.Reject(c.Source, importer.AmbiguousCompany(c.CompanyName, fits))
		return
	}
	if !o.isNewPerson(importer.Contacts, importer.IDKey(c.ExternalID), c.Email, c.FullName) {
		return
	}
	e := match.Entry{ID: offlineID(importer.Contacts, c.ExternalID, c.Row), Name: c.FullName}
	h := importer.Holder{ID: e.ID, Kind: importer.Contacts, Name: c.FullName, Email: c.Email, ExternalID: c.ExternalID}
	if key := match.Key(match.Company, c.CompanyName); key != "" && len(fits) == 0 {
		fits = []importer.Candidate{o.addCompany(offlineID(importer.Companies, "name "+importer.Spelling(c.CompanyName),
			0), importer.Company{Name: c.CompanyName, Key: key})}
	}
	if len(fits) > 0 {
		e.Company, h.CompanyID, h.CompanyName = fits[0].ID, fits[0].ID, fits[0].Name
	}
	o.hold(h)
	if e.Name != "" {
		o.people = append(o.people, e)
	}
}

func (o *Offline) addCompany(id uuid.UUID, company importer.Company) importer.Candidate {
	c := importer.Candidate{ID: id, Name: company.Name, Score: 1}
	h := importer.Holder{ID: id, Kind: importer.Companies, Name: company.Name, ExternalID: company.ExternalID}
	o.hold(h)
	if company.Domain != "" {
		o.holders.Domains[company.Domain] = appendHolder(o.holders.Domains[company.Domain], h)
	}
	o.companies = append(o.companies, match.Entry{ID: id, Name: company.Name})
	o.employers[company.Key] = append(o.employers[company.Key], c)
	if company.ExternalID == "" {
		o.spelled[importer.Spelling(company.Name)] = id
	}
	return c
}

// hold makes a record known by its id, its external id and its address.
func (o *Offline) hold(h importer.Holder) {
	o.known[h.Kind][h.ID], o.records[h.ID] = true, h
	if h.ExternalID != "" {
		o.holders.ExternalIDs[h.Kind][h.ExternalID] = h
	}
	if h.Email != "" {
		o.holders.Emails[h.Email] = appendHolder(o.holders.Emails[h.Email], h)
	}
}

func appendHolder(all []importer.Holder, h importer.Holder) []importer.Holder {
	if len(all) == importer.MostHolders {
		return all
	}
	return append(all, h)
}

// isNew reports whether nobody of the kind bears the name yet, and notes it.
func (o *Offline) isNew(kind importer.Kind, name string) bool {
	if name == "" {
		return true
	}
	key := string(kind) + " " + name
	is := !o.taken[key]
	o.taken[key] = true
	return is
}

// isNewPerson is isNew for people, who are known by an id, or else by an address and a name that
// may be theirs.
func (o *Offline) isNewPerson(kind importer.Kind, id, email, name string) bool {
	if id != "" || email == "" {
		return o.isNew(kind, id)
	}
	key := string(kind) + " " + email
	if slices.ContainsFunc(o.named[key], func(other string) bool { return importer.MayBeOnePerson(name, other) }) {
		return false
	}
	o.named[key] = append(o.named[key], name)
	return true
}

// offlineIDOf returns the id of a record with an external_id in an offline directory.
func offlineIDOf(kind importer.Kind, externalID string) uuid.UUID {
	return offlineID(kind, externalID, 0)
}

// offlineID returns a derived id (UUID version 5, RFC 9562).
func offlineID(kind importer.Kind, externalID string, row int) uuid.UUID {
	name := string(kind) + " row " + strconv.Itoa(row)
	if externalID != "" {
		name = string(kind) + " external_id " + externalID
	}
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte("taskport:"+name))
}

// CheckQueries refuses queries whose expected_id is not in the directory; the error names the row.
func (o *Offline) CheckQueries(kind importer.Kind, queries []Query) error {
	for i, q := range queries {
		if q.Expected != "" && !o.known[kind][offlineIDOf(kind, q.Expected)] {
			return fmt.Errorf("row %d: expected_id %s is not the external_id of any of the %s; correct it, or empty it "+
				"where no record must be linked", i+1, file.Shown(q.Expected), kind)
		}
	}
	return nil
}

// Snapshot returns a snapshot of the directory.
func (o *Offline) Snapshot() *importer.Snapshot {
	return &importer.Snapshot{People: match.NewDirectory(match.Person, o.people, nil),
		Companies: match.NewDirectory(match.Company, o.companies, nil)}
}

// offlineWorkspace is a workspace with an offline directory and the tasks of the rows so far.
type offlineWorkspace struct {
	directory *Offline
	names     *importer.Snapshot
	users     *importer.Snapshot
	taken     map[string]bool
}

// Users returns the names of the users.
func (w offlineWorkspace) Users(context.Context) (*importer.Snapshot, error) { return w.users, nil }

// Holders returns all records that have keys.
func (w offlineWorkspace) Holders(context.Context, importer.Keys) (importer.Holders, error) {
	return w.directory.holders, nil
}

// Known returns all ids.
func (w offlineWorkspace) Known(context.Context, importer.References) (importer.Known, error) {
	return w.directory.known, nil
}

// Snapshot returns the names of the directory.
func (w offlineWorkspace) Snapshot(context.Context) (*importer.Snapshot, error) { return w.names, nil }

// Records returns the records with the ids.
func (w offlineWorkspace) Records(_ context.Context, ids importer.References) (map[uuid.UUID]importer.Holder, error) {
	found := map[uuid.UUID]importer.Holder{}
	for _, of := range ids {
		for _, id := range of {
			if h, ok := w.directory.records[id]; ok {
				found[id] = h
			}
		}
	}
	return found, nil
}

// NearTitles returns the deals and events with the next titles.
func (w offlineWorkspace) NearTitles(_ context.Context,
	titles map[importer.Kind][]string) (map[importer.Kind]map[string][]importer.Holder, error) {
	found := map[importer.Kind]map[string][]importer.Holder{}
	for kind, keys := range titles {
		found[kind] = map[string][]importer.Holder{}
		all := w.directory.holders.Titles[kind]
		sorted := slices.Sorted(maps.Keys(all))
		for _, key := range keys {
			at, _ := slices.BinarySearch(sorted, key)
			before, after := []importer.Holder{}, []importer.Holder{}
			for i := at - 1; i >= 0 && len(before) < importer.NearTitles; i-- {
				before = append(before, all[sorted[i]]...)
			}
			for i := at; i < len(sorted) && len(after) < importer.NearTitles; i++ {
				after = append(after, all[sorted[i]]...)
			}
			found[kind][key] = slices.Concat(before[:min(len(before), importer.NearTitles)],
				after[:min(len(after), importer.NearTitles)])
		}
	}
	return found, nil
}

// Taken returns the external_ids and origins of the rows so far.
func (w offlineWorkspace) Taken(context.Context, *importer.Batch) (map[string]bool, error) {
	return w.taken, nil
}

// Run takes batches of tasks through the pipeline as an import does, but writes nothing.
type Run struct {
	Options   importer.Options
	directory *Offline
	names     *importer.Snapshot
	users     *importer.Snapshot
	external  map[string]bool          // the external_ids of the rows so far
	looks     map[string]importer.Look // of the rows with an external_id
	Outcome   Outcome
}

// Outcome counts rows by outcome.
type Outcome struct {
	Total, Created, Updated, Skipped, Rejected int
	ByReason                                   map[importer.Reason]int
	Adjusted                                   importer.Adjusted
	SkippedRows                                []importer.SkippedRow // the first
	Different                                  importer.DifferentRows
}

// mostSkipped bounds the skipped rows of an Outcome.
const mostSkipped = 100

// NewRun begins the check of a file against a directory.
func NewRun(o *Offline, names *importer.Snapshot, options importer.Options) *Run {
	return &Run{Options: options, directory: o, names: names, users: o.Users(), external: map[string]bool{},
		looks:   map[string]importer.Look{},
		Outcome: Outcome{ByReason: map[importer.Reason]int{}, Adjusted: importer.Adjusted{}}}
}

// skip counts rows that are skipped, and compares them with those that they repeat.
func (c *Run) skip(repeats []importer.Draft) {
	c.Outcome.Skipped += len(repeats)
	for i := range repeats {
		d := &repeats[i]
		is := c.looks[d.ExternalID]
		row := importer.SkippedRow{Row: d.Row, ExternalID: d.ExternalID, Repeats: importer.Repeated{Row: is.Row}}
		if is.Row > 0 {
			row.Differs = d.Look(0).Differs(is)
		}
		if len(row.Differs) > 0 {
			c.Outcome.Different.Add(d.Row)
		}
		if len(c.Outcome.SkippedRows) < mostSkipped {
			c.Outcome.SkippedRows = append(c.Outcome.SkippedRows, row)
		}
	}
}

// Take resolves a batch and counts the outcomes of its rows. It returns the dead letters in the
// order of the file. The error is that of ctx.
func (c *Run) Take(ctx context.Context, b *importer.Batch) ([]importer.DeadLetter, error) {
	rows := len(b.Tasks) + len(b.Dead)
	workspace := offlineWorkspace{c.directory, c.names, c.users, c.external}
	if err := b.Resolve(ctx, workspace, c.Options); err != nil {
		return nil, err
	}
	if err := importer.CompleteCandidates(ctx, b.Dead, workspace.Records); err != nil {
		return nil, err
	}
	for i := range b.Tasks {
		if id := b.Tasks[i].ExternalID; id != "" {
			c.external[id] = true
			c.looks[id] = b.Tasks[i].Look(b.Tasks[i].Row)
		}
		if o := b.Tasks[i].Origin; o != (importer.Origin{}) {
			o.Taken(c.external, true)
		}
	}
	c.Outcome.Adjusted.Merge(b.Adjusted(c.Options.OnDuplicate))
	c.Outcome.Total += rows
	c.Outcome.Created += len(b.Tasks)
	if c.Options.OnDuplicate == importer.DuplicateUpdate {
		c.Outcome.Updated += len(b.Repeats)
	} else {
		c.skip(b.Repeats)
	}
	c.Outcome.Rejected += len(b.Dead)
	for i := range b.Dead {
		c.Outcome.ByReason[b.Dead[i].Reason]++
	}
	slices.SortFunc(b.Dead, func(x, y importer.DeadLetter) int { return cmp.Compare(x.Row, y.Row) })
	return b.Dead, nil
}
