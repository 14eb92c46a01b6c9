package importer

import (
	"testing"
	"time"

	"taskport/importer/file"
)

// Rows that a product marks as deleted are not imported in silence, in files of every kind; a
// mapping that names the column imports them.
func TestDeletedRowsAreRejected(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind   Kind
		header []string
		rows   string // the second and the third are deleted
	}{
		{Tasks, []string{"Id", "Subject", "WhoId", "IsDeleted"}, "a,Call,x,0\nb,Call,x,1\nc,Call,x,true\n"},
		{Contacts, []string{"Id", "LastName", "AccountId", "IsDeleted"}, "a,Vogt,x,falsch\nb,Vogt,x,WAHR\nc,Vogt,x,vrai\n"},
		{Companies, []string{"id", "name", "deleted"}, "a,Acme,0\nb,Acme,1\nc,Acme,Yes\n"},
		{Deals, []string{"Id", "Name", "StageName", "IsDeleted"}, "a,Renewal,x,0\nb,Renewal,x,1\nc,Renewal,x,1\n"},
		{Users, []string{"id", "email", "deleted"}, "a,a@ours.example,0\nb,b@ours.example,1\nc,c@ours.example,1\n"},
	} {
		column := c.header[len(c.header)-1]
		for _, mapped := range []bool{false, true} {
			var m Mapping
			if mapped {
				m.ByColumn = map[string]string{column: ""}
			}
			_, p, err := Decide(c.kind, csvLayout(c.header...), m, nil)
			if err != nil {
				t.Fatal(err)
			}
			b := p.Read(file.Chunk{FirstRow: 1, FirstLine: 2, Rows: 3, Data: []byte(c.rows)}, time.Now())
			if mapped {
				if len(b.Dead) != 0 {
					t.Errorf("%s, with %s ignored: got %+v, want no dead letter", c.kind, column, b.Dead)
				}
				continue
			}
			if len(b.Dead) != 2 || b.Dead[0].Row != 2 || b.Dead[1].Row != 3 || b.Dead[0].Reason != MalformedRow ||
				b.Dead[0].Message != deletedRow {
				t.Errorf("%s: got %+v, want rows 2 and 3 as deleted", c.kind, b.Dead)
			}
		}
	}
}
