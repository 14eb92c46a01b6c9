package importer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"taskport/importer/file"
)

const timingRows = 50_000

// taskCSV is a file like those that systems export: 13 columns, about 170 bytes a row.
func taskCSV(rows int, quoted bool) []byte {
	var b bytes.Buffer
	b.WriteString("title,description,status,priority,task_type,due_date,assignee_id,contact_id,company_id," +
		"contact_name,company_name,created_date,external_id\n")
	for i := range rows {
		cells := []string{
			fmt.Sprintf("Call back about invoice %d", i), "Asked for the terms, again", "open", "high", "call", "2031-04-05", "",
			"", "", "Anna-Lena Österreich", "Müller & Söhne GmbH", "2031-01-02T03:04:05Z", fmt.Sprintf("EXT-%08d", i),
		}
		for j, c := range cells {
			if j > 0 {
				b.WriteByte(',')
			}
			if quoted || strings.Contains(c, ",") {
				c = `"` + c + `"`
			}
			b.WriteString(c)
		}
		b.WriteString("\r\n")
	}
	return b.Bytes()
}

func plainCSV(rows int) []byte {
	return bytes.ReplaceAll(taskCSV(rows, false), []byte(`"Asked for the terms, again"`),
		[]byte(`Asked for the terms again`))
}

func taskNDJSON(rows int) []byte {
	var b bytes.Buffer
	out := json.NewEncoder(&b)
	for i := range rows {
		_ = out.Encode(map[string]any{ //nolint:errchkjson // strings and numbers encode
			"title": fmt.Sprintf("Call back about invoice %d", i), "description": "Asked for the terms, again",
			"status": "open", "priority": "high",
			"due_date": "2031-04-05", "contact_name": "Anna-Lena Österreich", "company_name": "Müller Söhne GmbH", "row": i,
			"external_id": fmt.Sprintf("EXT-%08d", i),
		})
	}
	return b.Bytes()
}

var timingFiles = []struct {
	name   string
	format file.Format
	file   func() []byte
}{
	{"plain", file.CSV, func() []byte { return plainCSV(timingRows) }},
	{"one_quoted", file.CSV, func() []byte { return taskCSV(timingRows, false) }},
	{"all_quoted", file.CSV, func() []byte { return taskCSV(timingRows, true) }},
	{"ndjson", file.NDJSON, func() []byte { return taskNDJSON(timingRows) }},
}

func startTiming(b *testing.B, text []byte) {
	b.Helper()
	b.ReportAllocs()
	b.SetBytes(int64(len(text)))
}

func wantTimingRows(b *testing.B, rows int) {
	b.Helper()
	if rows != timingRows {
		b.Fatalf("%d rows, want %d", rows, timingRows)
	}
}
