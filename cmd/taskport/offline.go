package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"taskport/importer"
)

// directoryFlags name the files of an offline directory.
type directoryFlags struct{ contacts, companies, deals, events string }

func (f *directoryFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.contacts, "contacts", "", "a file of contacts, as the load command takes it")
	cmd.Flags().StringVar(&f.companies, "companies", "", "a file of companies")
}

func (f *directoryFlags) addItems(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.deals, "deals", "", "a file of deals")
	cmd.Flags().StringVar(&f.events, "events", "", "a file of events")
}

// load reads the directory. Rows of it that an import would reject are noted and left out.
func (f *directoryFlags) load(env *environment) (*importer.Offline, error) {
	o := importer.NewOffline()
	for _, of := range []struct {
		kind importer.Kind
		path string
	}{{importer.Companies, f.companies}, {importer.Contacts, f.contacts}, {importer.Deals, f.deals}, {importer.Events, f.events}} {
		if of.path == "" {
			continue
		}
		file, err := localFile(of.kind, of.path, readingFlags{})
		if err != nil {
			return nil, err
		}
		err = file.Read(now(), func(*importer.Plan) error { return nil }, func(b *importer.Batch) error {
			o.Add(of.kind, b)
			for i := range b.Dead {
				env.note("%s, row %d: %s; the row is left out", filepath.Base(of.path), b.Dead[i].Row, oneLine(b.Dead[i].Message))
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", of.path, unreadable(err))
		}
	}
	return o, nil
}

// readingFlags say how a file is read.
type readingFlags struct {
	noHeader  bool
	delimiter string
	mapping   []string
	mapped    []string // what came as --map
}

func (f *readingFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&f.mapping, "mapping", nil, "what a column feeds, as COLUMN=field, repeated; an empty field ignores the column")
	cmd.Flags().StringArrayVar(&f.mapped, "map", nil, "short for --mapping")
	cmd.Flags().BoolVar(&f.noHeader, "no-header", false, "the first line is a row; columns are called column_1, column_2, …")
	cmd.Flags().StringVar(&f.delimiter, "delimiter", "", "comma, semicolon, tab or | (default: found out)")
}

// columns gives the mapping; nil when there is none.
func (f *readingFlags) columns() (map[string]string, error) {
	var mapping map[string]string
	for _, m := range append(append([]string{}, f.mapping...), f.mapped...) {
		at := strings.LastIndexByte(m, '=')
		if at < 1 {
			return nil, fmt.Errorf("--mapping takes COLUMN=field, not %q", m)
		}
		if mapping == nil {
			mapping = map[string]string{}
		}
		mapping[m[:at]] = m[at+1:]
	}
	return mapping, nil
}

// localFormats are the formats of files that are read here, by their endings.
var localFormats = map[string]importer.Format{".csv": importer.CSV, ".txt": importer.CSV, ".tsv": importer.CSV, ".ndjson": importer.NDJSON, ".jsonl": importer.NDJSON}

// localFile gives a file from disk as the pipeline reads it.
func localFile(kind importer.Kind, path string, f readingFlags) (importer.File, error) {
	format, ok := localFormats[strings.ToLower(filepath.Ext(path))]
	if !ok {
		return importer.File{}, fmt.Errorf("%s: the ending must be one of .csv, .tsv, .txt, .ndjson and .jsonl", path)
	}
	mapping, err := f.columns()
	if err != nil {
		return importer.File{}, err
	}
	if err := importer.CheckMapping(kind, mapping); err != nil {
		return importer.File{}, err
	}
	delimiter := f.delimiter
	if named := map[string]string{"tab": "\t", "comma": ",", "semicolon": ";"}[delimiter]; named != "" {
		delimiter = named
	}
	if strings.EqualFold(filepath.Ext(path), ".tsv") && delimiter == "" {
		delimiter = "\t"
	}
	return importer.File{Kind: kind, Mapping: mapping, Cut: importer.CutOptions{Format: format, HasHeader: !f.noHeader, Delimiter: delimiter},
		Open: func() (io.ReadCloser, error) { return os.Open(path) }}, nil
}

// unreadable names the line at which a file cannot be read.
func unreadable(err error) error {
	var file *importer.FileError
	if errors.As(err, &file) && file.Line > 0 {
		return fmt.Errorf("line %d: %w", file.Line, err)
	}
	return err
}
