package check

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"taskport"
	"taskport/importer"
)

// referenceCase is the references of a row, and its required outcome. A value of contact_id,
// deal_id or event_id that begins with an equals sign is the external id of the record that is
// meant.
type referenceCase struct {
	Row                           map[string]string
	Contact, Company, Deal, Event string // external ids of what it is linked to
	Assignee                      string // to which it is assigned
	Reason, Field                 string
	Candidates                    []string // external id, or what is assigned to a user, and evidence
	Options                       map[string]string
}

func referenceCases(t *testing.T) []referenceCase {
	t.Helper()
	text, err := taskport.Testdata.ReadFile("testdata/references/cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []referenceCase
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// referenceDirectory is the directory of testdata/references.
func referenceDirectory(t *testing.T) *Offline {
	t.Helper()
	return referenceDirectoryWith(t, func(_ importer.Kind, data string) string { return data })
}

// referenceDirectoryWith is that directory with its files changed.
func referenceDirectoryWith(t *testing.T, change func(kind importer.Kind, data string) string) *Offline {
	t.Helper()
	o := NewOffline()
	for _, kind := range []importer.Kind{importer.Companies, importer.Contacts, importer.Deals, importer.Events,
		importer.Users} {
		data, err := taskport.Testdata.ReadFile("testdata/references/" + string(kind) + ".csv")
		if err != nil {
			t.Fatal(err)
		}
		b := load(t, kind, change(kind, string(data)))
		o.Add(kind, b)
		if len(b.Dead) > 0 {
			t.Fatalf("%s: %+v", kind, b.Dead)
		}
	}
	return o
}

// resolved takes a row through the pipeline, as a line of NDJSON.
func resolved(t *testing.T, o *Offline, n *importer.Snapshot, row map[string]string,
	options map[string]string) *importer.Batch {
	t.Helper()
	row = maps.Clone(row)
	row["title"] = "Call"
	for field, kind := range map[string]importer.Kind{"contact_id": importer.Contacts, "deal_id": importer.Deals,
		"event_id": importer.Events} {
		if id, ok := strings.CutPrefix(row[field], "="); ok {
			row[field] = offlineIDOf(kind, id).String()
		}
	}
	object := map[string]json.RawMessage{}
	for field, value := range row {
		text, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		object[field] = text
	}
	values, fault := importer.TaskValues(object)
	if fault != nil {
		t.Fatal(fault)
	}
	choices := importer.Options{OnCompanyMismatch: importer.OnCompanyMismatch(options["on_company_mismatch"]),
		OnSeveral: importer.OnSeveral(options["on_several"]),
		Mapping: importer.Mapping{OnUnknownAssignee: importer.OnUnknownAssignee(options["on_unknown_assignee"]),
			DefaultAssignee: options["default_assignee"]}}
	b, fault := choices.ReadTask(values, time.Now())
	if fault != nil {
		return &importer.Batch{Dead: []importer.DeadLetter{{Fault: *fault}}}
	}
	if err := b.Resolve(t.Context(), offlineWorkspace{o, n, o.Users(), nil}, choices); err != nil {
		t.Fatal(err)
	}
	return b
}

func TestReferencesByExample(t *testing.T) {
	t.Parallel()
	o := referenceDirectory(t)
	n := o.Snapshot()
	byID := map[uuid.UUID]string{}
	for kind, of := range o.holders.ExternalIDs {
		for id, h := range of {
			byID[h.ID] = string(kind) + " " + id
		}
	}
	for id, h := range o.holders.UserRecords {
		byID[id] = "users " + h.Assignee
	}
	for _, c := range referenceCases(t) {
		b := resolved(t, o, n, c.Row, c.Options)
		said := fmt.Sprint(c.Row)
		if len(b.Tasks) == 1 {
			d := &b.Tasks[0]
			for _, link := range []struct {
				kind importer.Kind
				id   uuid.UUID
				want string
			}{{importer.Contacts, d.ContactID, c.Contact}, {importer.Companies, d.CompanyID, c.Company},
				{importer.Deals, d.DealID, c.Deal}, {importer.Events, d.EventID, c.Event}} {
				want := ""
				if link.want != "" {
					want = string(link.kind) + " " + link.want
				}
				if got := byID[link.id]; got != want {
					t.Errorf("%s: linked to %q, want %q", said, got, want)
				}
			}
			if d.AssigneeID != c.Assignee {
				t.Errorf("%s: assigned to %q, want %q", said, d.AssigneeID, c.Assignee)
			}
			if c.Reason != "" {
				t.Errorf("%s: linked, want %s", said, c.Reason)
			}
			continue
		}
		if len(b.Dead) != 1 || string(b.Dead[0].Reason) != c.Reason || b.Dead[0].Field != c.Field &&
			c.Reason != string(importer.Orphan) {
			t.Errorf("%s: %+v, want %s of %s", said, b.Dead, c.Reason, c.Field)
			continue
		}
		var candidates []string
		for _, k := range b.Dead[0].Candidates {
			_, id, _ := strings.Cut(byID[k.ID], " ")
			candidates = append(candidates, id+" "+k.Evidence)
			if k.Kind == "" || k.Name == "" {
				t.Errorf("%s: candidate %+v has no kind or no name", said, k)
			}
		}
		slices.Sort(candidates)
		slices.Sort(c.Candidates)
		if !slices.Equal(candidates, c.Candidates) {
			t.Errorf("%s: candidates %q, want %q; %s", said, candidates, c.Candidates, b.Dead[0].Message)
		}
	}
}

// Whatever is added to a row, a link never becomes a link to another record; only the id of a
// record may do that.
func TestMoreEvidenceNeverMovesALink(t *testing.T) {
	t.Parallel()
	moreEvidence(t, false)
}

// The same holds for the assignee.
func TestMoreEvidenceNeverMovesATask(t *testing.T) {
	t.Parallel()
	moreEvidence(t, true)
}

func moreEvidence(t *testing.T, ofAssignee bool) {
	t.Helper()
	o := referenceDirectory(t)
	n := o.Snapshot()
	assigned := map[string]uuid.UUID{}
	for id, h := range o.holders.UserRecords {
		assigned[h.Assignee] = id
	}
	evidence := map[string][]string{}
	for _, c := range referenceCases(t) {
		if c.Reason == string(importer.InvalidValue) || c.Options != nil {
			continue // no link to be moved
		}
		for field, value := range c.Row {
			isID := strings.HasSuffix(field, "_id") && !strings.HasSuffix(field, "external_id")
			if !isID && strings.HasPrefix(field, "assignee_") == ofAssignee &&
				!slices.Contains(evidence[field], value) {
				evidence[field] = append(evidence[field], value)
			}
		}
	}
	names := slices.Sorted(maps.Keys(evidence))
	links := func(row map[string]string) [4]uuid.UUID {
		if ofAssignee {
			row = maps.Clone(row)
			row["contact_external_id"] = "553"
		}
		b := resolved(t, o, n, row, nil)
		if len(b.Tasks) == 0 {
			return [4]uuid.UUID{}
		}
		d := &b.Tasks[0]
		if ofAssignee {
			return [4]uuid.UUID{assigned[d.AssigneeID]}
		}
		return [4]uuid.UUID{d.ContactID, d.CompanyID, d.DealID, d.EventID}
	}
	// Of the rows with three fields every twelfth is tried: all of them take minutes.
	tried, third := 0, 0
	var extend func(row map[string]string, was [4]uuid.UUID, from, more int)
	extend = func(row map[string]string, was [4]uuid.UUID, from, more int) {
		for i, field := range names {
			if row[field] != "" || i < from {
				continue
			}
			for _, value := range evidence[field] {
				if third++; more == 1 && !ofAssignee && third%12 != 0 {
					continue
				}
				longer := maps.Clone(row)
				longer[field] = value
				now := links(longer)
				tried++
				for k := range now {
					if was[k] != uuid.Nil && now[k] != uuid.Nil && was[k] != now[k] {
						t.Errorf("%v links to %v, and with %s %q to %v", row, was, field, value, now)
					}
				}
				for _, other := range slices.Sorted(maps.Keys(longer)) { // the same row, built up in another order
					shorter := maps.Clone(longer)
					delete(shorter, other)
					if len(shorter) == 0 || other == field {
						continue
					}
					for k, before := range links(shorter) {
						if before != uuid.Nil && now[k] != uuid.Nil && before != now[k] {
							t.Errorf("%v links to %v, and with %s %q to %v", shorter, before, other, longer[other], now)
						}
					}
				}
				if more > 1 {
					extend(longer, now, i+1, more-1)
				}
			}
		}
	}
	extend(map[string]string{}, [4]uuid.UUID{}, 0, 3)
	least := 10_000
	if ofAssignee {
		least = 500
	}
	if tried < least {
		t.Errorf("%d rows were tried, want %d at least", tried, least)
	}
}

// An id may have as many bytes as any other short text.
func TestLongIDIsRefused(t *testing.T) {
	t.Parallel()
	o := referenceDirectory(t)
	b := resolved(t, o, o.Snapshot(), map[string]string{"contact_external_id": string(bytes.Repeat([]byte("x"), 600))},
		nil)
	if len(b.Dead) != 1 || b.Dead[0].Reason != importer.InvalidValue || b.Dead[0].Field != "contact_external_id" {
		t.Errorf("%+v, want invalid_value of contact_external_id", b.Dead)
	}
}

// A row that is linked by keys keeps its link however the names of the directory are shuffled. With
// a name beside them it keeps it or is rejected.
func TestKeysLinkWhateverTheNames(t *testing.T) {
	t.Parallel()
	names := map[string]bool{"contact_name": true, "company_name": true, "deal_name": true, "event_name": true,
		"related_name": true, "assignee_name": true}
	plain := referenceDirectory(t)
	of := func(o *Offline, n *importer.Snapshot, c referenceCase) map[importer.Kind]string {
		b := resolved(t, o, n, c.Row, c.Options)
		linked := map[importer.Kind]string{}
		if len(b.Tasks) == 0 {
			return linked
		}
		d := &b.Tasks[0]
		for kind, id := range map[importer.Kind]uuid.UUID{importer.Contacts: d.ContactID, importer.Companies: d.CompanyID,
			importer.Deals: d.DealID, importer.Events: d.EventID} {
			linked[kind] = o.records[id].ExternalID
		}
		linked[importer.Users] = d.AssigneeID
		return linked
	}
	before, tried := plain.Snapshot(), 0
	for seed := range uint64(20) {
		shuffled := referenceDirectoryWith(t, func(kind importer.Kind, data string) string {
			return shuffledNames(t, rand.New(rand.NewPCG(seed, 1)), kind, data)
		})
		n := shuffled.Snapshot()
		for _, c := range referenceCases(t) {
			keyed, named := false, false
			for field, value := range c.Row {
				isName := names[field] || field == "assignee_id" && strings.Contains(value, " ")
				keyed, named = keyed || !isName, named || isName
			}
			was := of(plain, before, c)
			if !keyed || len(was) == 0 {
				continue
			}
			tried++
			now := of(shuffled, n, c)
			if !named && !maps.Equal(was, now) {
				t.Errorf("seed %d: %v links to %v, and to %v once the names are shuffled", seed, c.Row, was, now)
			}
			for kind, id := range now {
				if field := string(kind); named && id != "" && was[kind] != "" && was[kind] != id && keyNames(c.Row, field) {
					t.Errorf("seed %d: %v links to %s of %s, and to %s once the names are shuffled", seed, c.Row, was[kind],
						kind, id)
				}
			}
		}
	}
	if tried < 500 {
		t.Errorf("%d rows were tried, want 500 at least", tried)
	}
}

// keyNames reports whether a row has a key that everybody knows for its record of a kind.
func keyNames(row map[string]string, kind string) bool {
	one := map[string]string{"contacts": "contact", "companies": "company", "deals": "deal", "events": "event",
		"users": "assignee"}[kind]
	return row[one+"_id"] != "" && !strings.Contains(row[one+"_id"], " ") || !slices.Contains([]string{"", "999",
		"777"}, row[one+"_external_id"])
}

// shuffledNames returns a file of the directory with the names of its records in another order.
// Companies stay the same: their names are exchanged for each other wherever they occur.
func shuffledNames(t *testing.T, r *rand.Rand, kind importer.Kind, data string) string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(data)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	header := rows[0]
	companies := []string{"Nordwind Logistik AG", "Bergmann & Söhne KG", "Acme GmbH", "Roche Holding AG", "Initech Inc",
		"Twin Bakery East", "Twin Bakery West"}
	renamed := map[string]string{}
	for i, to := range rand.New(rand.NewPCG(r.Uint64(), 2)).Perm(len(companies)) {
		renamed[companies[i]] = companies[to]
	}
	var out strings.Builder
	w := csv.NewWriter(&out)
	column := 1 // of the name
	order := r.Perm(len(rows) - 1)
	shuffled := make([][]string, len(rows))
	for i, row := range rows {
		shuffled[i] = slices.Clone(row)
		for at, name := range header {
			if kind == importer.Companies && at == column || name == "company_name" {
				shuffled[i][at] = cmp.Or(renamed[row[at]], row[at])
			}
		}
		if i > 0 && kind != importer.Companies {
			shuffled[i][column] = rows[order[i-1]+1][column]
		}
	}
	if err := w.WriteAll(shuffled); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
