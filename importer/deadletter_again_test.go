package importer

import (
	"reflect"
	"testing"
	"time"

	"taskport/importer/file"
)

// A retry reads dead letters as the first time, also those of a report, whose cells were restored
// before.
func TestRetryReadsTheSame(t *testing.T) {
	t.Parallel()
	text := "title,contact_name,due_date,_row,_code,_reason\n" +
		"'=1+1,Hans,2026-03-10,1,x,y\n''=quoted,Hans,2026-03-11,2,x,y\n,Hans,,3,x,y\nTask,,,4,x,y\nTask,Hans,soon,5,x,y\n"
	now := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	reader, err := NewRowReader(Tasks, Layout{Layout: file.Layout{Format: file.CSV, Delimiter: ",",
		Columns: []string{"title", "contact_name", "due_date", "_row", "_code", "_reason"}}}, Mapping{})
	if err != nil {
		t.Fatal(err)
	}
	body := text[len("title,contact_name,due_date,_row,_code,_reason\n"):]
	first := reader.Read(file.Chunk{Number: 1, FirstRow: 1, FirstLine: 2, Rows: 5, Data: []byte(body)}, now)
	if len(first.Tasks) != 2 || len(first.Dead) != 3 || first.Tasks[0].Title != "=1+1" ||
		first.Tasks[1].Title != "'=quoted" {
		t.Fatalf("%+v", first)
	}
	var rows []Retried
	for _, d := range first.Tasks {
		rows = append(rows, Retried{Source: d.Source})
	}
	for _, d := range first.Dead {
		rows = append(rows, Retried{Source: d.Source})
	}
	if again := reader.Retry(rows, now); !reflect.DeepEqual(again.Tasks, first.Tasks) || !reflect.DeepEqual(again.Dead,
		first.Dead) {
		t.Errorf("again %+v, first %+v", again, first)
	}
}
