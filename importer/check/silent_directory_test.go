package check

import (
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"taskport/importer"
)

// nameCells returns names of people and companies; word is the name as it is stored.
func nameCells(r *rand.Rand, _ int) randomCell {
	all := []randomCell{{text: "Ada Wren", word: "Ada Wren"}, {text: "Wren,  Ada", word: "Ada Wren"},
		{text: " Käthe\u00a0Krämer ", word: "Käthe Krämer"}, {text: "Siobh&aacute;n O&#39;Hara", word: "Siobhán O'Hara"},
		{text: "<b>Jo</b> Doe", word: "Jo Doe"}, {text: "X Ltd", word: "X Ltd"}}
	return all[r.IntN(len(all))]
}

// addressCells returns addresses; word is the address as it is stored.
var addressCells = oneOfCells(isWord, map[string]string{"ada@wren.example": "ada@wren.example",
	"KAETHE@kr.example": "kaethe@kr.example", "mailto:jo@doe.example": "jo@doe.example", "nobody": "",
	"Ada Wren <ada@wren.example>": "ada@wren.example", "a@b.example; c@d.example": ""})

var directoryColumns = map[importer.Kind][]randomColumn{
	importer.Contacts: {{[]string{"full_name", "Name", "Kontaktname"}, odd(nameCells)},
		{[]string{"email", "E-Mail"}, addressCells}, {[]string{"external_id", "ID"}, odd(idCells)},
		{[]string{"company_name", "Firma"}, odd(companyCells)}, {[]string{"company_external_id"}, odd(idCells)},
		{[]string{"Phone"}, textCells}, {[]string{"Birthday"}, odd(dateCells)}, {[]string{""}, textCells},
		{[]string{"first_name"}, longCells}, {[]string{"last_name"}, longCells}},
	importer.Companies: {{[]string{"name", "Company"}, odd(companyCells)},
		{[]string{"external_id", "Record ID"}, odd(idCells)},
		{[]string{"domain", "Website"}, oneOfCells(isWord, map[string]string{"wren.example": "wren.example",
			"https://www.wren.example/about?x=1": "wren.example", "WREN.example": "wren.example", "none yet": "none yet"})},
		{[]string{"Employees"}, textCells}},
	importer.Deals: {{[]string{"title", "Deal Name"}, textCells}, {[]string{"external_id"}, odd(idCells)},
		{[]string{"company_name"}, odd(companyCells)}, {[]string{"contact_external_id"}, odd(idCells)},
		{[]string{"Amount"}, textCells}},
	importer.Users: {{[]string{"name"}, odd(nameCells)}, {[]string{"assignee_id"}, odd(idCells)},
		{[]string{"email"}, addressCells}, {[]string{"external_id"}, odd(idCells)},
		{[]string{"active"}, oneOfCells(isWord, map[string]string{"true": "true", "no": "false", "1": "true", "maybe": ""})},
		{[]string{"Role"}, textCells}},
}

// companyCells returns names of companies, which keep their order.
func companyCells(r *rand.Rand, form int) randomCell {
	c := nameCells(r, form)
	if strings.Contains(c.text, ",") {
		c.word = "Wren, Ada"
	}
	return c
}

// storedRecords returns the values of the records of a batch by row and field.
func storedRecords(b *importer.Batch) map[int]map[string]string {
	all := map[int]map[string]string{}
	for _, c := range b.Contacts {
		all[c.Row] = map[string]string{"full_name": c.FullName, "first_name": c.FirstName, "last_name": c.LastName,
			"email": c.Email, "company_name": c.CompanyName, "company_external_id": c.CompanyExternalID,
			"external_id": c.ExternalID}
	}
	for _, c := range b.Companies {
		all[c.Row] = map[string]string{"name": c.Name, "domain": c.Domain, "external_id": c.ExternalID}
	}
	for _, it := range b.Items {
		all[it.Row] = map[string]string{"title": it.Title, "company_name": it.CompanyName, "external_id": it.ExternalID,
			"contact_external_id": it.ContactExternalID, "company_external_id": it.CompanyExternalID}
	}
	for _, u := range b.Users {
		all[u.Row] = map[string]string{"name": u.Name, "assignee_id": u.AssigneeID, "email": u.Email,
			"external_id": u.ExternalID, "active": u.Active}
	}
	return all
}

// TestNothingOfTheDirectoryIsChangedInSilence does so with files of the directory, whose further
// columns are named.
func TestNothingOfTheDirectoryIsChangedInSilence(t *testing.T) {
	t.Parallel()
	files := 1000
	if testing.Short() {
		files = 150
	}
	records, refused, dead, changed := 0, 0, 0, 0
	kinds := slices.Sorted(maps.Keys(directoryColumns))
	for seed := range files {
		r := rand.New(rand.NewPCG(uint64(seed), 23))
		kind := kinds[seed%len(kinds)]
		s := silentRun{t: t, file: newRandomFile(r, 2, directoryColumns[kind]), changed: map[string]map[int]bool{}}
		adjusted := importer.Adjusted{}
		f := File{Kind: kind, Name: "records.csv", Cut: s.file.options,
			Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(string(s.file.text))), nil }}
		ended := 0
		err := f.Read(silentNow, func(p *importer.RowReader) error { s.reader = p; return nil },
			func(b *importer.Batch) error {
				adjusted.Merge(b.Adjusted(importer.DuplicateSkip))
				stored := storedRecords(b)
				for row, values := range stored {
					s.compareRecord(row, values)
				}
				records, dead, ended = records+len(stored), dead+len(b.Dead), ended+len(stored)+len(b.Dead)
				return nil
			})
		if err != nil {
			refused++
			continue
		}
		if ended != len(s.file.rows) {
			s.fail(0, "%d rows ended of %d", ended, len(s.file.rows))
		}
		if changed += s.compareCounts(adjusted); t.Failed() && os.Getenv("ALL") == "" {
			t.Fatalf("seed %d, %s", seed, kind)
		}
	}
	t.Logf("%d files, %d of them refused: %d records with %d changed values, %d dead letters", files, refused, records,
		changed, dead)
	if refused > files/4 || records < files || dead < files/4 || changed < files/10 {
		t.Error("the files are of the wrong sort: too few of them say anything")
	}
}

// compareRecord compares a record with the cells of its row.
func (s *silentRun) compareRecord(row int, stored map[string]string) {
	for c, cell := range s.file.rows[row-1] {
		field := s.feeds(c)
		squeezed := strings.Join(strings.Fields(trimmed(cell.text)), " ")
		switch value := stored[field]; {
		case field == "":
			if header := s.reader.Layout.Columns[c]; !isEmptyText(cell.text) && !s.isNamed(c) && !isAbsent(header, cell.text) {
				s.fail(row, "column %q is not named", header)
			}
		case isAbsent(field, cell.text):
		case field == "email" || field == "domain" || field == "active":
			if value != cell.word && value != strings.ToLower(trimmed(cell.text)) && value != oddFlags[trimmed(cell.text)] {
				s.differs(field, row)
			}
		case value == squeezed || value == trimmed(cell.text) || cell.word != "" && value == cell.word:
		case (strings.HasSuffix(field, "name") || field == "title") && value == unmarked(squeezed):
		case strings.HasSuffix(field, "name") && value == givenFirst(unmarked(squeezed)):
		default:
			s.differs(field, row)
		}
	}
}

// oddFlags are what some odd texts mean in a column of yes and no.
var oddFlags = map[string]string{"yes": "true", "0": "false", "+1": "true"}

// givenFirst returns Ada Wren for Wren, Ada.
func givenFirst(name string) string {
	surname, given, _ := strings.Cut(name, ", ")
	return given + " " + surname
}

// unmarked returns a text without the markup in oddTexts.
func unmarked(text string) string {
	return strings.TrimSpace(strings.NewReplacer("&#039;", "'", "&lt;", "<", "<b>", "", "</b>", "", "<br>", "").Replace(
		text))
}
