package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"taskport/importer"
	"taskport/importer/check"
	"taskport/importer/file"
	"taskport/importer/file/xlsx"
)

// directoryFlags name the files of an offline directory.
type directoryFlags struct{ contacts, companies, deals, events, users string }

func (f *directoryFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.contacts, "contacts", "", "a file of contacts, as the load command takes it")
	cmd.Flags().StringVar(&f.companies, "companies", "", "a file of companies")
}

func (f *directoryFlags) addItems(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.deals, "deals", "", "a file of deals")
	cmd.Flags().StringVar(&f.events, "events", "", "a file of events")
	cmd.Flags().StringVar(&f.users, "users", "", "a file of users, to whom tasks are assigned")
}

// load reads the directory. It notes and leaves out rows that an import would reject.
func (f *directoryFlags) load(env *environment) (*check.Offline, error) {
	o := check.NewOffline()
	for _, of := range []struct {
		kind importer.Kind
		path string
	}{{importer.Companies, f.companies}, {importer.Contacts, f.contacts}, {importer.Deals, f.deals}, {importer.Events,
		f.events}, {importer.Users, f.users}} {
		if of.path == "" {
			continue
		}
		file, err := localFile(of.kind, of.path, readingFlags{})
		if err != nil {
			return nil, err
		}
		err = file.Read(now(), func(*importer.RowReader) error { return nil }, func(b *importer.Batch) error {
			o.Add(of.kind, b)
			for i := range b.Dead {
				env.note("%s, row %d: %s; the row is left out", filepath.Base(of.path), b.Dead[i].Row, oneLine(b.Dead[i].In(words)))
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", of.path, err)
		}
	}
	return o, nil
}

// readingFlags are the flags for reading a file.
type readingFlags struct {
	noHeader  bool
	delimiter string
	encoding  string
	sheet     string
	skipLines string
	keep      bool
	mapping   mappingFlags
}

func (f *readingFlags) add(cmd *cobra.Command) {
	f.mapping.add(cmd)
	cmd.Flags().BoolVar(&f.noHeader, "no-header", false,
		"the first line is a row; columns are named column_1, column_2, …")
	cmd.Flags().StringVar(&f.delimiter, "delimiter", "", "comma, semicolon, tab or | (default: detected)")
	cmd.Flags().StringVar(&f.encoding, "encoding", "",
		"encoding of the file, such as utf-8, utf-16, windows-1252 or latin1 (default: detected)")
	cmd.Flags().StringVar(&f.sheet, "sheet", "",
		importer.OptionTerm("sheet")+", by name or number (default: the first that is not hidden)")
	cmd.Flags().StringVar(&f.skipLines, "skip-lines", "", importer.OptionTerm("skip_lines")+" (default: detected)")
	cmd.Flags().BoolVar(&f.keep, "keep-placeholders", false,
		"read N/A, -, null and the like as text, not as empty cells")
}

// localFile returns a file on disk with its options, for the offline pipeline.
func localFile(kind importer.Kind, path string, f readingFlags) (check.File, error) {
	format, _, _ := file.FormatByName(path)
	mapping, err := f.mapping.read(kind)
	if err != nil {
		return check.File{}, err
	}
	if err := mapping.Check(kind); err != nil {
		return check.File{}, misuse(err)
	}
	cut, err := f.cut(format)
	return check.File{Kind: kind, Name: filepath.Base(path), Mapping: mapping, Cut: cut, Open: func() (io.ReadCloser,
		error) {
		return openSized(path)
	}, Scratch: scratchFile}, err
}

// cut returns the flags as options of the importer.
func (f *readingFlags) cut(format file.Format) (file.Options, error) {
	o := file.Options{Format: format, HasHeader: !f.noHeader, Delimiter: file.DelimiterNamed(f.delimiter),
		Encoding: f.encoding, Sheet: f.sheet, KeepPlaceholders: f.keep}
	var err error
	if o.SkipLines, err = file.ReadSkipLines(f.skipLines); err != nil {
		return o, misusef("--skip-lines %q: %w", f.skipLines, err)
	}
	return o, nil
}

// sizedFile is a file on disk that can be read at any offset.
type sizedFile struct {
	*os.File
	size int64
}

func (f *sizedFile) Size() int64 { return f.size }

func openSized(path string) (io.ReadCloser, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if !info.Mode().IsRegular() { // a pipe has no offsets
		return struct {
			io.Reader
			io.Closer
		}{f, f}, nil
	}
	return &sizedFile{f, info.Size()}, nil
}

// temporary is a file that Close deletes.
type temporary struct{ *os.File }

func (t *temporary) Close() error { return errors.Join(t.File.Close(), os.Remove(t.Name())) }

func scratchFile() (xlsx.File, error) {
	f, err := os.CreateTemp("", "taskport-*")
	if err != nil {
		return nil, fmt.Errorf("make a scratch file: %w", err)
	}
	return &temporary{f}, nil
}
