package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// file is one of the files that the generator writes; its name is relative to testdata.
type file struct {
	name string
	data []byte
}

func csvLine(cells []string) string {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	_ = w.Write(cells) // a bytes.Buffer takes everything
	w.Flush()
	return strings.TrimSuffix(out.String(), "\n")
}

func csvFile(name string, header []string, rows [][]string) file {
	var out bytes.Buffer
	for _, cells := range append([][]string{header}, rows...) {
		out.WriteString(csvLine(cells) + "\n")
	}
	return file{name, out.Bytes()}
}

func companyFile(d *directory) file {
	var rows [][]string
	for i := range d.companies {
		c := &d.companies[i]
		rows = append(rows, []string{c.id, c.name(), c.domain})
	}
	return csvFile("companies.csv", []string{"external_id", "name", "domain"}, rows)
}

func contactFile(d *directory) file {
	var rows [][]string
	for i := range d.contacts {
		c := &d.contacts[i]
		company := ""
		if c.company >= 0 {
			company = d.companies[c.company].name()
		}
		rows = append(rows, []string{c.id, c.written(), c.email, company})
	}
	slices.SortFunc(rows, func(a, b []string) int { return strings.Compare(a[0], b[0]) })
	return csvFile("contacts.csv", []string{"external_id", "full_name", "email", "company_name"}, rows)
}

// itemFile writes deals or events: every title for two years.
func itemFile(name, prefix string, titles []string) file {
	var rows [][]string
	for _, year := range []string{"2026", "2027"} {
		for _, t := range titles {
			rows = append(rows, []string{fmt.Sprintf("%s-%02d", prefix, len(rows)+1), t + " " + year})
		}
	}
	return csvFile(name, []string{"external_id", "title"}, rows)
}

func soundLine(t *task) string { return csvLine(t.cells()) }

func taskFile(rows []row) file {
	var out bytes.Buffer
	out.WriteString(csvLine(header) + "\n")
	for i := range rows {
		line := soundLine
		if rows[i].line != nil {
			line = rows[i].line
		}
		out.WriteString(line(&rows[i].task) + "\n")
	}
	return file{"tasks.csv", out.Bytes()}
}

func expectedFile(rows []row) file {
	var out [][]string
	for i := range rows {
		r := &rows[i]
		out = append(out, []string{strconv.Itoa(i + 1), r.outcome, r.reason, r.contactID, r.companyID, r.kind, strings.Join(r.candidates, " ")})
	}
	return csvFile("expected.csv", []string{"row_number", "outcome", "reason", "contact_external_id", "company_external_id", "kind", "candidates"}, out)
}
