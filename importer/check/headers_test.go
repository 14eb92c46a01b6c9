package check

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"

	"taskport"
	"taskport/importer"
	"taskport/importer/file"
)

// headerSets is testdata/presets/headers.json: a directory, rows that refer to it in every way with
// their outcomes, and the headers under which products write them. A header is a list of columns; a
// column is "name=slot", or "name==text" for one that is the same in every row. A slot is a
// property of a record, or a member of Cells.
type headerSets struct {
	IDs                               map[string]map[string]string // by product and record
	Users, Companies, Contacts, Deals map[string][]any
	Rows                              []headerRow
	Sets                              []headerSet
}

type headerRow struct {
	Row                                      string
	Cells                                    map[string]string // @C1 is the id of a record
	Needs                                    string            // a slot without which the row is left out
	Contact, Company, Deal, Assignee, Reason string
}

type headerSet struct {
	Name, IDs, Types                         string
	Written                                  string // how the tasks write the ids
	Encoding, Delimiter                      string
	Users, Companies, Contacts, Deals, Tasks string
}

// The exports of each product load by any of their headers, in four languages, and end as intended
// without an option.
func TestAnyHeaderOfAProduct(t *testing.T) {
	t.Parallel()
	text, err := taskport.Testdata.ReadFile("testdata/presets/headers.json")
	if err != nil {
		t.Fatal(err)
	}
	var all headerSets
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, set := range all.Sets {
		t.Run(set.Name, func(t *testing.T) { tried += all.try(t, set) })
	}
	if tried < 900 {
		t.Errorf("%d rows were tried, want 900 at least", tried)
	}
}

// try loads a set and compares the outcome of each row that it can say. It returns how many they
// are.
func (h *headerSets) try(t *testing.T, set headerSet) int {
	t.Helper()
	o := NewOffline()
	for _, f := range []struct {
		kind   importer.Kind
		header string
		of     map[string][]any
	}{{importer.Users, set.Users, h.Users}, {importer.Companies, set.Companies, h.Companies},
		{importer.Contacts, set.Contacts, h.Contacts}, {importer.Deals, set.Deals, h.Deals}} {
		rows := []map[string]string{}
		for _, id := range slices.Sorted(maps.Keys(f.of)) {
			rows = append(rows, h.properties(f.kind, set.IDs, id, f.of[id]))
		}
		b := readText(t, set.Name, f.kind, set.file(f.header, rows))
		o.Add(f.kind, b)
		if len(b.Dead) > 0 {
			t.Errorf("%s, %s: %+v", set.Name, f.kind, b.Dead)
		}
	}
	var rows []headerRow
	var cells []map[string]string
	for _, r := range h.Rows {
		if c, ok := h.cells(&set, r); ok {
			rows, cells = append(rows, r), append(cells, c)
		}
	}
	b := readText(t, set.Name, importer.Tasks, set.file(set.Tasks, cells))
	run := NewRun(o, o.Snapshot(), importer.Options{})
	dead, err := run.Take(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	got, why := map[int]string{}, map[int]string{}
	for i := range dead {
		got[dead[i].Row], why[dead[i].Row] = string(dead[i].Reason), dead[i].Message
	}
	for _, d := range b.Tasks {
		got[d.Row] = fmt.Sprintf("%q %q %q %q", o.records[d.ContactID].ExternalID, o.records[d.CompanyID].ExternalID,
			o.records[d.DealID].ExternalID, d.AssigneeID)
	}
	for n, r := range rows {
		want := r.Reason
		if want == "" {
			ids := h.IDs[set.IDs]
			want = fmt.Sprintf("%q %q %q %q", ids[r.Contact], ids[r.Company], ids[r.Deal], ids[r.Assignee])
		}
		if got[n+1] != want {
			t.Errorf("%s, %s: %s, want %s; %s", set.Name, r.Row, got[n+1], want, why[n+1])
		}
	}
	return len(rows)
}

// properties returns the slots of a record of the directory.
func (h *headerSets) properties(kind importer.Kind, product, id string, record []any) map[string]string {
	text := func(at int) string {
		if at >= len(record) {
			return ""
		}
		return fmt.Sprint(record[at])
	}
	ids := h.IDs[product]
	nameOf := func(id string) string { return h.name(id) }
	all := map[string]string{"id": ids[id], "first": text(0), "full": h.name(id)}
	company, contact := "", ""
	switch kind {
	case importer.Users:
		all["last"], all["email"], all["active"] = text(1), text(2), text(3)
	case importer.Companies:
		all["domain"] = text(1)
	case importer.Contacts:
		all["last"], all["email"] = text(1), text(2)
		company = text(3)
	case importer.Deals:
		company, contact = text(1), text(2)
	case importer.Tasks, importer.Events:
	}
	for slot, of := range map[string]string{"company": company, "contact": contact} {
		if of != "" {
			all[slot], all[slot+"_id"] = nameOf(of), ids[of]
			all[slot+"_cell"] = fmt.Sprintf("%s (%s)", nameOf(of), ids[of])
		}
	}
	return all
}

// name returns the name of a record; empty for none.
func (h *headerSets) name(id string) string {
	for _, of := range []map[string][]any{h.Companies, h.Deals} {
		if r := of[id]; r != nil {
			return fmt.Sprint(r[0])
		}
	}
	for _, of := range []map[string][]any{h.Contacts, h.Users} {
		if r := of[id]; r != nil {
			return fmt.Sprint(r[0], " ", r[1])
		}
	}
	return ""
}

// cells returns the slots of a row as a product writes them; ok is false where its header cannot
// say them.
func (h *headerSets) cells(set *headerSet, r headerRow) (cells map[string]string, ok bool) {
	has := func(slot string) bool {
		header := set.Tasks + set.Companies
		if slot == "active" {
			return strings.Contains(set.Users, "=?")
		}
		return slices.ContainsFunc(strings.Split(header, "|"), func(c string) bool { return strings.HasSuffix(c, "="+slot) })
	}
	if r.Needs != "" && !has(r.Needs) {
		return nil, false
	}
	cells = map[string]string{"title": r.Row}
	for slot, text := range r.Cells {
		switch {
		case slot == "related_type":
			words := strings.Fields(set.Types)
			at := slices.Index([]string{"company", "deal", "contact", "case", "lead"}, text)
			if !has(slot) || at >= len(words) {
				continue
			}
			text = words[at]
		case strings.HasSuffix(slot, "_id"):
			parts := strings.Split(text, ";")
			for i, p := range parts {
				id := strings.TrimSpace(p)
				parts[i] = strings.Replace(p, id, set.write(h.IDs[set.IDs][id[1:]]), 1)
			}
			text = strings.Join(parts, ";")
		}
		one, _ := strings.CutSuffix(slot, "_id")
		if cell := one + "_cell"; !has(slot) && has(cell) {
			slot, text = cell, h.cell(set, r, one)
		}
		if !has(slot) {
			return nil, false
		}
		cells[slot] = text
	}
	return cells, len(r.Cells) == 0 || len(cells) > 1
}

// cell returns a cell with names and numbers: Hans Müller (553).
func (h *headerSets) cell(set *headerSet, r headerRow, slot string) string {
	name, ids := r.Cells[slot], r.Cells[slot+"_id"]
	if ids == "" {
		return name
	}
	var all []string
	for _, id := range strings.Split(ids, ";") {
		id = strings.TrimPrefix(strings.TrimSpace(id), "@")
		of := name
		if of == "" {
			if of = h.name(id); of == "" {
				of = "Zed Zebra"
			}
		}
		all = append(all, fmt.Sprintf("%s (%s)", of, h.IDs[set.IDs][id]))
	}
	return strings.Join(all, "; ")
}

// write returns an id as the tasks of the set have it.
func (s *headerSet) write(id string) string {
	switch s.Written {
	case "short":
		return id[:15]
	case "float":
		return id + ".0"
	case "bare":
		return strings.TrimPrefix(id, "zcrm_")
	case "prefixed":
		return "zcrm_" + id
	case "upper":
		return strings.ToUpper(id)
	case "braces":
		return "{" + strings.ToUpper(id) + "}"
	case "nobraces":
		return strings.ToLower(strings.Trim(id, "{}"))
	}
	return id
}

// file returns rows under a header.
func (s *headerSet) file(header string, rows []map[string]string) string {
	var out strings.Builder
	w := csv.NewWriter(&out)
	if s.Delimiter != "" {
		w.Comma = rune(s.Delimiter[0])
	}
	var names, slots []string
	for _, column := range strings.Split(header, "|") {
		name, slot, _ := strings.Cut(column, "=")
		names, slots = append(names, name), append(slots, slot)
	}
	all := [][]string{names}
	for _, r := range rows {
		row := make([]string, len(slots))
		for i, slot := range slots {
			row[i] = r[slot]
			if text, fixed := strings.CutPrefix(slot, "="); fixed {
				row[i] = text
			}
			if words, flag := strings.CutPrefix(slot, "?"); flag {
				yes, no, _ := strings.Cut(words, "/")
				if row[i] = yes; r["active"] == "false" {
					row[i] = no
				}
			}
		}
		all = append(all, row)
	}
	_ = w.WriteAll(all) // to a buffer
	text := out.String()
	switch s.Encoding {
	case "bom":
		return "\uFEFF" + text
	case "windows-1252":
		text, _ = charmap.Windows1252.NewEncoder().String(text)
	case "utf-16":
		data := []byte{0xFF, 0xFE}
		for _, u := range utf16.Encode([]rune(text)) {
			data = append(data, byte(u), byte(u>>8))
		}
		return string(data)
	}
	return text
}

// readText reads a file by its header.
func readText(t *testing.T, set string, kind importer.Kind, text string) *importer.Batch {
	t.Helper()
	var last *importer.Batch
	f := File{Kind: kind, Name: set + ".csv", Cut: file.Options{HasHeader: true},
		Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}
	err := f.Read(time.Now(), func(*importer.RowReader) error { return nil }, func(b *importer.Batch) error {
		last = b
		return nil
	})
	if err != nil {
		t.Fatalf("%s, %s: %v", set, kind, err)
	}
	return last
}
