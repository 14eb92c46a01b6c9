package importer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"taskport/importer/match"
	"taskport/importer/xlsx"
)

// File is a file that can be read more than once, with the client's choices for it.
type File struct {
	Kind    Kind
	Name    string // its ending tells the format where Cut does not
	Open    func() (io.ReadCloser, error)
	Scratch xlsx.Scratch
	Cut     CutOptions
	Recipe  Recipe
	// OnDuplicateRow says what happens to a row that stands in the file before.
	OnDuplicateRow OnDuplicateRow
}

// Read takes a file through decode → map → validate, chunk by chunk. Like an import it first makes sure that the whole file can be read, so that a file that
// breaks off gives nothing. now is what an absent created_date becomes. The error is a *FileError, a *Fault of the mapping, or that of each or of the file.
func (f File) Read(now time.Time, start func(*Plan) error, each func(*Batch) error) error {
	plan, again, err := f.survey()
	if err != nil {
		return err
	}
	if err := start(plan); err != nil {
		return err
	}
	return f.cut(nil, func(_ *Cutter, chunk Chunk) error {
		chunk.Repeats = again[chunk.Number]
		return each(plan.Read(chunk, now))
	})
}

// Survey reads the whole file once, and gives the plan by which an import would read it. The errors are those of Read.
func (f File) Survey() (*Plan, error) {
	plan, _, err := f.survey()
	return plan, err
}

// survey gives also the rows of each chunk that are to be rejected because they stand in the file before.
func (f File) survey() (*Plan, map[int][]int, error) {
	var layout Layout
	var seen *Survey
	rows := 0
	repeats := NewRepeats(f.Kind, Options{Recipe: f.Recipe, OnDuplicateRow: f.OnDuplicateRow})
	again := map[int][]int{}
	f.Cut.HashRows = true
	err := f.cut(func(c *Cutter) (err error) {
		seen, err = c.Watch(f.Kind, f.Recipe)
		return err
	}, func(c *Cutter, chunk Chunk) error {
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
		return nil, nil, ErrNoRows
	}
	layout.Repeated = repeats.Found()
	_, plan, err := Settle(f.Kind, layout, f.Recipe, seen)
	return plan, again, err
}

// ErrNoRows refuses a file that has nothing but a header.
var ErrNoRows = &FileError{Message: "the file has no data rows; send one with at least one row below the header"}

func (f File) cut(begin func(*Cutter) error, each func(*Cutter, Chunk) error) (err error) {
	r, err := f.Open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	c, err := Open(Input{Name: f.Name, From: r, Scratch: f.Scratch}, f.Cut)
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

// Offline is a directory that is held in memory, to check files without a server. Records get ids that depend on their external_id, or their row, alone.
type Offline struct {
	people    []match.Entry
	companies []match.Entry
	employers map[string][]Candidate // companies by their key
	spelled   map[string]uuid.UUID   // companies without an external_id, by their spelling
	taken     map[string]bool        // who is there already, by kind and external_id or email
	known     Known
	emails    map[string][]uuid.UUID
}

// NewOffline gives an empty directory.
func NewOffline() *Offline {
	return &Offline{employers: map[string][]Candidate{}, spelled: map[string]uuid.UUID{}, taken: map[string]bool{}, emails: map[string][]uuid.UUID{},
		known: Known{Contacts: {}, Companies: {}, Deals: {}, Events: {}}}
}

// Add takes the records of a batch, under the rules of a load: what is there already is skipped, a company that a contact names is added when it is not there yet. A contact
// whose company name fits several becomes a dead letter of the batch. Companies are to be added before contacts.
func (o *Offline) Add(kind Kind, b *Batch) {
	for _, c := range b.Companies {
		if _, ok := o.spelled[Spelling(c.Name)]; c.ExternalID == "" && ok || !o.isNew(Companies, c.ExternalID) {
			continue
		}
		o.addCompany(offlineID(Companies, c.ExternalID, c.Row), c.Name, c.Key, c.ExternalID)
	}
	for _, c := range b.Contacts {
		o.addContact(b, c)
	}
	for _, it := range b.Items {
		if o.isNew(kind, it.ExternalID) {
			o.known[kind][offlineID(kind, it.ExternalID, it.Row)] = true
		}
	}
}

func (o *Offline) addContact(b *Batch, c Contact) {
	fits := SameSpelling(c.CompanyName, o.employers[match.Key(match.Company, c.CompanyName)])
	if len(fits) > 1 {
		b.Reject(c.Source, AmbiguousCompany(c.CompanyName, fits))
		return
	}
	if !o.isNew(Contacts, cmp.Or(c.ExternalID, c.Email)) {
		return
	}
	e := match.Entry{ID: offlineID(Contacts, c.ExternalID, c.Row), Name: c.FullName}
	if key := match.Key(match.Company, c.CompanyName); key != "" {
		if len(fits) == 0 {
			fits = []Candidate{o.addCompany(offlineID(Companies, "name "+Spelling(c.CompanyName), 0), c.CompanyName, key, "")}
		}
		e.Company = fits[0].ID
	}
	o.known[Contacts][e.ID] = true
	if c.Email != "" {
		o.emails[c.Email] = append(o.emails[c.Email], e.ID)
	}
	if e.Name != "" {
		o.people = append(o.people, e)
	}
}

func (o *Offline) addCompany(id uuid.UUID, name, key, externalID string) Candidate {
	c := Candidate{ID: id, Name: name, Score: 1}
	o.known[Companies][id] = true
	o.companies = append(o.companies, match.Entry{ID: id, Name: name})
	o.employers[key] = append(o.employers[key], c)
	if externalID == "" {
		o.spelled[Spelling(name)] = id
	}
	return c
}

// isNew reports whether nobody of the kind bears the name yet, and notes it.
func (o *Offline) isNew(kind Kind, name string) bool {
	if name == "" {
		return true
	}
	key := string(kind) + " " + name
	is := !o.taken[key]
	o.taken[key] = true
	return is
}

// offlineIDOf gives the id that a record with an external_id has in an offline directory.
func offlineIDOf(kind Kind, externalID string) uuid.UUID { return offlineID(kind, externalID, 0) }

// offlineID derives an id (UUID version 5, RFC 9562).
func offlineID(kind Kind, externalID string, row int) uuid.UUID {
	name := string(kind) + " row " + strconv.Itoa(row)
	if externalID != "" {
		name = string(kind) + " external_id " + externalID
	}
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte("taskport:"+name))
}

// CheckQueries makes sure that every expected_id is one of the directory; the error names the row.
func (o *Offline) CheckQueries(kind Kind, queries []Query) error {
	for i, q := range queries {
		if q.Expected != "" && !o.known[kind][offlineIDOf(kind, q.Expected)] {
			return fmt.Errorf("row %d: expected_id %s is the external_id of none of the %s; correct it, or empty it where nobody must be linked", i+1, shown(q.Expected), kind)
		}
	}
	return nil
}

// Names gives the names of the directory.
func (o *Offline) Names() *Names {
	return &Names{People: match.NewDirectory(match.Person, o.people, nil), Companies: match.NewDirectory(match.Company, o.companies, nil)}
}

// Check takes batches of tasks through the pipeline as an import does, but for writing them.
type Check struct {
	Options  Options
	known    Known
	emails   map[string][]uuid.UUID
	names    *Names
	external map[string]bool // the external_ids of the rows so far
	Outcome  Outcome
}

// Outcome counts what became of rows.
type Outcome struct {
	Total, Created, Updated, Skipped, Rejected int
	ByReason                                   map[Reason]int
}

// NewCheck begins to check a file against a directory.
func NewCheck(o *Offline, names *Names, options Options) *Check {
	return &Check{Options: options, known: o.known, emails: o.emails, names: names, external: map[string]bool{}, Outcome: Outcome{ByReason: map[Reason]int{}}}
}

// Take checks a batch and counts what becomes of its rows; it gives the dead letters in the order of the file.
func (c *Check) Take(b *Batch) []DeadLetter {
	c.Outcome.Total += len(b.Tasks) + len(b.Dead)
	b.Identify(c.emails)
	_ = b.Link(context.Background(), c.known, c.names, c.Options) // which does not end
	fresh, repeats := b.SplitDuplicates(c.external, c.Options.OnDuplicate)
	for i := range fresh {
		if id := fresh[i].ExternalID; id != "" {
			c.external[id] = true
		}
		if o := fresh[i].Origin; o != (Origin{}) {
			o.Taken(c.external, true)
		}
	}
	c.Outcome.Created += len(fresh)
	if c.Options.OnDuplicate == DuplicateUpdate {
		c.Outcome.Updated += len(repeats)
	} else {
		c.Outcome.Skipped += len(repeats)
	}
	c.Outcome.Rejected += len(b.Dead)
	for i := range b.Dead {
		c.Outcome.ByReason[b.Dead[i].Reason]++
	}
	slices.SortFunc(b.Dead, func(x, y DeadLetter) int { return cmp.Compare(x.Row, y.Row) })
	return b.Dead
}
