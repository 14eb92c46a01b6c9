package intake_test

import (
	"fmt"
	"strings"
	"testing"

	"taskport/store"
)

// situation is a file that is loaded into a workspace with the records of before, and its outcome.
// TestSituations of package check has those that need neither a directory nor a database.
type situation struct {
	what        string
	before      []string // kind and file, in turn
	kind, file  string
	contentType string
	query       string
	want        [3]int // created, skipped, rejected
	says        string // in the answer
	count       string // a statement about the workspace $1, and what it counts
	n           int
}

// half is a file in which half of the rows share one id and differ otherwise.
func half(header, row string) string {
	var text strings.Builder
	text.WriteString(header)
	for i := range 12 {
		id := "GENERAL"
		if i%2 == 1 {
			id = fmt.Sprint("R-", i)
		}
		fmt.Fprintf(&text, row, strings.Fields("Ada Bo Cy Dee Eve Fay Gil Hal Ida Jon Kim Lou")[i], id)
	}
	return text.String()
}

const wrens = "full_name,company_name,email,external_id\nAda Wren,Wren Mills,ada@mills.example,w1\n" +
	"Ada Wren,Wren Docks,ada@docks.example,w2\nBo Sand,Wren Docks,,w3\n"

var situations = []situation{
	{what: "words for ids of contacts", kind: "contacts", file: "full_name,email,external_id\nAda Wren,,nan\n" +
		"Bo Sand,,NULL\nCy Moor,,None\nDee Fenn,,undefined\nEve Heath,,\\N\nFay Marsh,,#REF!\nGil Holt,,(not set)\n",
		want: [3]int{7, 0, 0}, says: `"not_an_id":`,
		count: `SELECT count(*) FROM contacts WHERE workspace_id = $1 AND external_id IS NULL`, n: 7},
	{what: "words for ids of companies", kind: "companies", file: "name,external_id\nWren Mills,0\nSand Docks,0\n" +
		"Moor Rail,nan\nFenn Ink,nan\n", want: [3]int{4, 0, 0}, says: `"not_an_id":4`,
		count: `SELECT count(*) FROM companies WHERE workspace_id = $1 AND external_id IS NULL`, n: 4},
	{what: "words for ids of deals", kind: "deals", file: "title,external_id\nRenewal,None\nUpgrade,None\nPilot,-1\n" +
		"Trial,-1\n", want: [3]int{4, 0, 0}, says: `"not_an_id":4`},
	{what: "one id that half of the contacts share", kind: "contacts", file: half("full_name,external_id\n",
		"%s Wren,%s\n"), want: [3]int{12, 0, 0}, says: `"not_an_id":6`},
	{what: "one id that half of the companies share", kind: "companies", file: half("name,external_id\n", "%s Ltd,%s\n"),
		want: [3]int{12, 0, 0}, says: `"not_an_id":6`},
	{what: "one id that half of the deals share", kind: "deals", file: half("title,external_id\n", "Deal %s,%s\n"),
		want: [3]int{12, 0, 0}, says: `"not_an_id":6`},
	{what: "one id that half of the users share", kind: "users", file: half("name,email,external_id\n",
		"%[1]s Wren,%[1]s@wren.example,%[2]s\n"), want: [3]int{12, 0, 0}, says: `"not_an_id":6`},
	{what: "one id that half of the tasks share", before: []string{"contacts", wrens}, kind: "tasks",
		file: half("title,contact_name,external_id\n", "%s calls,Bo Sand,%s\n"), want: [3]int{12, 0, 0},
		says: `"not_an_id":6`},
	{what: "words in references", before: []string{"contacts", wrens}, kind: "tasks",
		file: "title,contact_name,contact_external_id,company_external_id\na,Bo Sand,nan,None\nb,Bo Sand,NULL,undefined\n",
		want: [3]int{2, 0, 0}, says: `"not_an_id":`},
	{what: "namesakes with their addresses", before: []string{"contacts", wrens}, kind: "tasks",
		file: "title,contact_name,contact_email\na,Ada Wren,ada@docks.example\nb,Ada Wren,ada@mills.example\n" +
			"c,Bo Sand,ada@mills.example\nd,Ada Wren,\n", want: [3]int{2, 0, 2},
		count: `SELECT count(DISTINCT contact_id) FROM tasks WHERE workspace_id = $1`, n: 2},
	{what: "namesakes with name and address in one cell", before: []string{"contacts", wrens}, kind: "tasks",
		file: "title,contact_name\na,Ada Wren ada@docks.example\nb,\"Ada Wren, ada@mills.example\"\n" +
			"c,Ada Wren [ada@docks.example]\n", want: [3]int{3, 0, 0}},
	{what: "company and person in one cell", before: []string{"contacts", wrens}, kind: "tasks",
		file: "Title,Customer,Stage,Contact\na,\"Wren Docks, Bo Sand\",Doing,\nb,Wren Docks,Doing,Bo Sand\n",
		want: [3]int{1, 0, 1}, says: "Customer"},
	{what: "two people at one address", kind: "contacts", file: "full_name,email\nAda Wren,office@mills.example\n" +
		"Bo Sand,office@mills.example\n", want: [3]int{2, 0, 0}, says: `"shared":1`},
	{what: "an update with another's name",
		before: []string{"contacts", "full_name,email\nAda Wren,office@mills.example\n"}, kind: "contacts",
		query: "?on_duplicate=update", file: "full_name,email\nBo Sand,office@mills.example\n",
		want: [3]int{1, 0, 0}, n: 1,
		count: `SELECT count(*) FROM contacts WHERE workspace_id = $1 AND full_name = 'Ada Wren'`},
	{what: "a CSV that is sent as a workbook", before: []string{"contacts", wrens}, kind: "tasks",
		contentType: "application/vnd.ms-excel", file: "title,contact_name\na,Bo Sand\n", want: [3]int{1, 0, 0},
		says: `"format":"csv"`},
	{what: "milliseconds since 1970", before: []string{"contacts", wrens}, kind: "tasks",
		file: "title,contact_name,due_date\na,Bo Sand,1790000000000\nb,Bo Sand,1790000060000\n", want: [3]int{2, 0, 0},
		says: "milliseconds since 1970"},
	{what: "ids made numbers, again", before: []string{"contacts", wrens, "tasks",
		"title,contact_name,external_id\na,Bo Sand,501\nb,Bo Sand,502\n"}, kind: "tasks",
		file: "title,contact_name,external_id\nA,Bo Sand,501.0\nB,Bo Sand,502.0\nc,Bo Sand,503.0\n",
		want: [3]int{1, 2, 0}, says: `"cleaned":1`},
}

// TestSituations loads each file over the API, and lets a worker work on it.
func TestSituations(t *testing.T) {
	a := setup(t)
	for _, s := range situations {
		t.Run(s.what, func(t *testing.T) {
			b := *a
			b.t = t
			b.workspace, b.key = b.newWorkspace(s.what, store.Permissions()...)
			for i := 0; i < len(s.before); i += 2 {
				b.load(s.before[i], s.before[i+1])
			}
			contentType := s.contentType
			if contentType == "" {
				contentType = "text/csv"
			}
			r := b.do("POST", "/v1/import/"+s.kind+s.query, s.file, "Content-Type", contentType)
			r.wantCounts(s.want[0], 0, s.want[1], s.want[2])
			if raw := strings.ReplaceAll(r.raw, `": `, `":`); !strings.Contains(raw, s.says) {
				t.Errorf("want %q in %s", s.says, raw)
			}
			if s.count != "" {
				if n := b.query(s.count, b.workspace); n != s.n {
					t.Errorf("%s: %d, want %d", s.count, n, s.n)
				}
			}
		})
	}
}
