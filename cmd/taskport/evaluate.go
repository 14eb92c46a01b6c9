package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/gocarina/gocsv"
	"github.com/spf13/cobra"

	"taskport/importer"
	"taskport/importer/check"
)

// evaluateFlags are the flags of evaluate.
type evaluateFlags struct {
	directory   directoryFlags
	settings    importer.NameSettings
	noNicknames bool
	show        int
	asJSON      bool
}

func newEvaluateCommand(env *environment) *cobra.Command {
	f := &evaluateFlags{}
	cmd := &cobra.Command{Use: "evaluate QUERIES",
		Short: "Measure the resolution of names, on names with known answers",
		Long: "Measure the resolution of names, offline.\n\n" +
			"QUERIES is a CSV with the columns name, company, expected_id and, for a breakdown, kind.\n" +
			"expected_id is the external_id of the right record; if it is empty, the name must not be linked.\n" +
			"With --contacts the names are those of people; with --companies alone, those of companies.",
		Example: "  taskport evaluate queries.csv --contacts contacts.csv --companies companies.csv --show 10",
		Args:    cobra.ExactArgs(1),
		RunE:    func(_ *cobra.Command, args []string) error { return f.run(env, args[0]) }}
	f.directory.add(cmd)
	cmd.Flags().Float64Var(&f.settings.Threshold, "threshold", 0,
		"least score of a match, .80 to 1 (default: as in an import)")
	cmd.Flags().Float64Var(&f.settings.Margin, "margin", 0,
		"distance from the best score within which others are candidates (default: as in an import)")
	cmd.Flags().Float64Var(&f.settings.Certainty, "certainty", 0,
		"how many times likelier the record must be than a namesake, 1 or more (default: as in an import)")
	cmd.Flags().BoolVar(&f.noNicknames, "no-nicknames", false, "do not match Bob with Robert")
	cmd.Flags().IntVar(&f.show, "show", 0, "list this many of the wrong links and of the missed names")
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print the figures as JSON")
	return cmd
}

func (f *evaluateFlags) run(env *environment, path string) error {
	kind := importer.Contacts
	switch {
	case f.directory.contacts == "" && f.directory.companies == "":
		return misusef("evaluate needs a directory; add --contacts FILE, or --companies FILE for names of companies")
	case f.directory.contacts == "":
		kind = importer.Companies
	}
	settings := importer.Settings{Contacts: f.settings, NoNicknames: f.noNicknames}
	if kind == importer.Companies {
		settings = importer.Settings{Companies: f.settings}
	}
	if err := settings.Validate(); err != nil {
		return misuse(err)
	}
	directory, err := f.directory.load(env)
	if err != nil {
		return err
	}
	queries, err := readQueries(path)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := directory.CheckQueries(kind, queries); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	names := directory.Snapshot()
	names.Settings = settings
	e := check.Evaluate(names, kind, queries)
	if f.asJSON {
		return writeJSON(env.out, e)
	}
	printEvaluation(env.out, e, f.show)
	return nil
}

// readQueries reads labelled names.
func readQueries(path string) ([]check.Query, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var queries []check.Query
	if err := gocsv.UnmarshalCSV(queryReader{gocsv.LazyCSVReader(file)}, &queries); err != nil {
		return nil, err
	}
	for i := range queries {
		queries[i].Expected = strings.TrimSpace(queries[i].Expected)
	}
	return queries, nil
}

// queryReader ignores the case of the header, and names a missing column.
type queryReader struct{ gocsv.CSVReader }

func (r queryReader) ReadAll() ([][]string, error) {
	rows, err := r.CSVReader.ReadAll()
	if err != nil {
		return nil, err
	}
	if len(rows) < 2 {
		return nil, errors.New("the file has no queries; it must be a CSV with the columns name, company, expected_id " +
			"and at least one row")
	}
	header := make([]string, len(rows[0]))
	for i, column := range rows[0] {
		header[i] = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(column, "\uFEFF")))
	}
	for _, needed := range []string{"name", "expected_id"} {
		if !slices.Contains(header, needed) {
			return nil, fmt.Errorf("the column %s is missing; the columns are %s; add it, empty in rows without a match",
				needed, strings.Join(rows[0], ", "))
		}
	}
	rows[0] = header
	return rows, nil
}

func printEvaluation(w io.Writer, e *check.Evaluation, show int) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "kind\tqueries\tlinked\tright\twrong\tambiguous\tunresolved\tprecision\trecall\twrong rate\t")
	for _, kind := range slices.Sorted(maps.Keys(e.Kinds)) {
		printScore(t, oneLine(kind), e.Kinds[kind])
	}
	printScore(t, "all", &e.Score)
	_ = t.Flush() // a failed print to the terminal cannot be reported
	fmt.Fprintf(w, "threshold %.3g, margin %.3g, certainty %.3g\n", e.Threshold, e.Margin, e.Certainty)
	for _, list := range []struct {
		what   string
		judged []check.Judged
	}{{"wrong", e.WrongOnes}, {"missed", e.Missed}} {
		for _, j := range list.judged[:min(max(show, 0), len(list.judged))] {
			fmt.Fprintf(w, "%s: %q, meant is %q: %s, best %.3f, second %.3f%s\n", list.what, j.Name, j.Expected,
				j.Verdict.Rule, j.Verdict.Best, j.Verdict.Second, nearestOf(&j))
		}
	}
}

func nearestOf(j *check.Judged) string {
	switch {
	case j.Linked() != "":
		return fmt.Sprintf(", linked to %q", j.Linked())
	case len(j.Verdict.Candidates) > 0:
		return fmt.Sprintf(", nearest %q", j.Verdict.Candidates[0].Name)
	}
	return ""
}

func printScore(w io.Writer, kind string, s *check.Score) {
	fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%s\t%s\t%s\t\n", kind, s.Queries, s.Linked, s.Right, s.Wrong,
		s.Ambiguous, s.Unresolved, share(s.Precision), share(s.Recall), share(s.WrongRate))
}

func share(r *float64) string {
	if r == nil {
		return "-"
	}
	return fmt.Sprintf("%.4f", *r)
}
