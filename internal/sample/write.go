package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"

	"github.com/gocarina/gocsv"
)

// file is a file of the generator; its name is relative to testdata.
type file struct {
	name string
	data []byte
}

func csvLine(cells []string) string {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	_ = w.Write(cells) // a bytes.Buffer accepts everything
	w.Flush()
	return strings.TrimSuffix(out.String(), "\n")
}

// csvFile returns a file of rows, whose tags name the columns.
func csvFile[T any](name string, rows []T) file {
	data, err := gocsv.MarshalBytes(rows)
	if err != nil {
		panic(err) // texts alone
	}
	return file{name, data}
}

type companyRow struct {
	ID     string `csv:"external_id"`
	Name   string `csv:"name"`
	Domain string `csv:"domain"`
}

func companyFile(d *directory) file {
	var rows []companyRow
	for i := range d.companies {
		c := &d.companies[i]
		rows = append(rows, companyRow{c.id, c.name(), c.domain})
	}
	return csvFile("companies.csv", rows)
}

type contactRow struct {
	ID      string `csv:"external_id"`
	Name    string `csv:"full_name"`
	Email   string `csv:"email"`
	Company string `csv:"company_name"`
}

func contactFile(d *directory) file {
	var rows []contactRow
	for i := range d.contacts {
		c := &d.contacts[i]
		company := ""
		if c.company >= 0 {
			company = d.companies[c.company].name()
		}
		rows = append(rows, contactRow{c.id, c.written(), c.email, company})
	}
	slices.SortFunc(rows, func(a, b contactRow) int { return strings.Compare(a.ID, b.ID) })
	return csvFile("contacts.csv", rows)
}

type itemRow struct {
	ID    string `csv:"external_id"`
	Title string `csv:"title"`
}

// itemFile returns deals or events: every title for two years.
func itemFile(name, prefix string, titles []string) file {
	var rows []itemRow
	for _, year := range []string{"2026", "2027"} {
		for _, t := range titles {
			rows = append(rows, itemRow{fmt.Sprintf("%s-%02d", prefix, len(rows)+1), t + " " + year})
		}
	}
	return csvFile(name, rows)
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

// expectedRow is the expected outcome of a row of tasks.csv.
type expectedRow struct {
	Row        int    `csv:"row_number"`
	Outcome    string `csv:"outcome"`
	Reason     string `csv:"reason"`
	ContactID  string `csv:"contact_external_id"`
	CompanyID  string `csv:"company_external_id"`
	Kind       string `csv:"kind"`
	Candidates string `csv:"candidates"`
}

func expectedFile(rows []row) file {
	var out []expectedRow
	for i := range rows {
		r := &rows[i]
		out = append(out, expectedRow{i + 1, r.outcome, r.reason, r.contactID, r.companyID, r.kind,
			strings.Join(r.candidates, " ")})
	}
	return csvFile("expected.csv", out)
}
