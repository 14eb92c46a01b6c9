// Command sample writes the files of testdata. They depend on a seed only: the same program writes
// the same bytes. Run it from the top of the tree:
//
//	go run ./internal/sample
package main

import (
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
)

const (
	seed      = 20260310
	taskCount = 5000
)

// shares has the kinds of rows in tasks.csv, without the repeated ones.
var shares = []share{
	{"exact", 3410, exact},
	{"contact_only", 420, contactOnly},
	{"company_only", 180, companyOnly},
	{"created_date_valid", 15, createdDate("2026-02-03T09:30:00Z", "2026-02-03T09:30:00+01:00", "2026-02-03")},
	{"created_date_old", 15, createdDate("2003-05-17T08:00:00Z", "1999-12-31", "0001-01-01T00:00:00Z")},
	{"created_date_ahead", 15, createdDate("2199-01-01T00:00:00Z", "9999-12-31")},
	{"created_date_garbage", 15, createdDate("yesterday", "03.02.26", "2026-02-31", "1770111000", "?")},
	{"spaces", 10, spaces},
	{"case", 90, deadLetterCase},
	{"honorific", 60, honorific},
	{"legal_form", 90, legalForm},
	{"company_chooses", 80, companyChooses},
	{"accent", 60, accent},
	{"umlaut_ue", 40, umlaut},
	{"comma", 50, comma},
	{"order", 40, order},
	{"typo", 50, typo},
	{"initial_middle", 10, initialMiddle},
	{"ambiguous_equal", 115, ambiguousEqual},
	{"ambiguous_legal_form", 25, ambiguousForm},
	{"ambiguous_both", 10, ambiguousBoth},
	{"stranger", 45, stranger},
	{"near_miss", 35, nearMiss},
	{"stranger_company", 20, strangerCompany},
	{"mismatch", 20, mismatch},
	{"orphan", 14, invalid("orphan", noParent)},
	{"blank_title", 10, invalid("missing_title", blankTitle)},
	{"bad_status", 8, invalid("invalid_value", badStatus)},
	{"bad_priority", 8, invalid("invalid_value", badPriority)},
	{"bad_due_date", 8, invalid("invalid_value", badDueDate)},
	{"too_many_fields", 5, malformed(tooManyFields)},
	{"too_few_fields", 5, malformed(tooFewFields)},
	{"bare_quote", 5, malformed(bareQuote)},
}

func main() {
	if err := run(os.Args[1:], os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "sample:", err)
		os.Exit(1)
	}
}

func run(args []string, stderr io.Writer) error {
	flags := flag.NewFlagSet("sample", flag.ContinueOnError)
	flags.SetOutput(stderr)
	dir := flags.String("dir", "testdata", "directory to write into")
	if err := flags.Parse(args); err != nil {
		return err
	}
	files, err := generate()
	if err != nil {
		return err
	}
	for _, f := range files {
		path := filepath.Join(*dir, filepath.FromSlash(f.name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("make the folder of %s: %w", f.name, err)
		}
		if err := os.WriteFile(path, f.data, 0o644); err != nil {
			return fmt.Errorf("write %s: %w", f.name, err)
		}
	}
	return nil
}

// generate makes all files in memory.
func generate() ([]file, error) {
	rng := rand.New(rand.NewPCG(seed, 1))
	d := makeDirectory(rng)
	m := newMaker(rng, d)
	rows, err := m.makeRows(shares)
	if err != nil {
		return nil, err
	}
	rows = m.number(rows)
	if len(rows) != taskCount {
		return nil, fmt.Errorf("the shares and the repeated rows add up to %d rows; make it %d", len(rows), taskCount)
	}
	files := []file{companyFile(d), contactFile(d), itemFile("deals.csv", "D", dealTitles), itemFile("events.csv", "E",
		eventTitles), taskFile(rows), expectedFile(rows)}
	return append(files, uglyFiles(m)...), nil
}
