package importer

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/uuid"

	"taskport/importer/file"
	"taskport/importer/match"
)

// timedChunk returns a chunk of tasks that name the same contact and company, and its reader.
func timedChunk(b *testing.B) (*RowReader, file.Chunk) {
	b.Helper()
	cutter, err := file.NewCutter(bytes.NewReader(taskCSV(5_000, false)), file.Options{Format: file.CSV,
		HasHeader: true, ChunkBytes: 1 << 30})
	if err != nil {
		b.Fatal(err)
	}
	chunk, err := cutter.Next()
	if err != nil {
		b.Fatal(err)
	}
	reader, err := NewRowReader(Tasks, Layout{Layout: cutter.Layout()}, Mapping{})
	if err != nil {
		b.Fatal(err)
	}
	return reader, chunk
}

// perRow reports the time of a row; an operation is a whole chunk.
func perRow(b *testing.B, rows int) {
	b.Helper()
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*rows), "ns/row")
	b.ReportAllocs()
}

// BenchmarkMap picks the cells that feed fields.
func BenchmarkMap(b *testing.B) {
	reader, chunk := timedChunk(b)
	var records []file.Row
	for r := range file.Decode(reader.Layout.Layout, chunk) {
		records = append(records, r)
	}
	var values Values
	for b.Loop() {
		for i := range records {
			values = reader.values(records[i].Cells, values)
		}
	}
	perRow(b, len(records))
}

// BenchmarkValidate checks the fields of tasks.
func BenchmarkValidate(b *testing.B) {
	reader, chunk := timedChunk(b)
	var all []Values
	for r := range file.Decode(reader.Layout.Layout, chunk) {
		all = append(all, reader.values(r.Cells, nil))
	}
	now := time.Date(2031, 3, 1, 0, 0, 0, 0, time.UTC)
	drafts := make([]Draft, len(all))
	for b.Loop() {
		for i, v := range all {
			drafts[i] = Draft{}
			if fault := drafts[i].validate(v, true, now); fault != nil {
				b.Fatal(fault)
			}
		}
	}
	perRow(b, len(all))
}

// BenchmarkResolve links tasks by the names of a contact and a company, both written as the
// directory has them.
func BenchmarkResolve(b *testing.B) {
	reader, chunk := timedChunk(b)
	company := match.ID(uuid.MustParse("01900000-0000-7000-8000-000000000001"))
	person := match.ID(uuid.MustParse("01900000-0000-7000-8000-000000000002"))
	names := &Snapshot{
		People: match.NewDirectory(match.Person, []match.Entry{{ID: person, Name: "Anna-Lena Österreich",
			Company: company}}, nil),
		Companies: match.NewDirectory(match.Company, []match.Entry{{ID: company, Name: "Müller & Söhne GmbH"}}, nil),
	}
	now := time.Date(2031, 3, 1, 0, 0, 0, 0, time.UTC)
	batch := reader.Read(chunk, now)
	for b.Loop() {
		for i := range batch.Tasks {
			batch.Tasks[i].ContactID, batch.Tasks[i].CompanyID = uuid.Nil, uuid.Nil
		}
		if err := batch.link(b.Context(), &linker{ctx: b.Context(), names: names}); err != nil {
			b.Fatal(err)
		}
		if len(batch.Dead) > 0 {
			b.Fatal(batch.Dead[0].Message)
		}
	}
	perRow(b, chunk.Rows)
}

// BenchmarkRead takes the rows of a chunk through decode, map and validate.
func BenchmarkRead(b *testing.B) {
	reader, chunk := timedChunk(b)
	now := time.Date(2031, 3, 1, 0, 0, 0, 0, time.UTC)
	for b.Loop() {
		batch := reader.Read(chunk, now)
		if len(batch.Tasks) != chunk.Rows {
			b.Fatalf("%d tasks of %d rows", len(batch.Tasks), chunk.Rows)
		}
		batch.Release() // as the worker does
	}
	perRow(b, chunk.Rows)
}
