// Package testdata holds real-looking files that the tests and the demo share; README.md beside it describes them.
package testdata

import "embed"

// Files are the directory (companies.csv, contacts.csv, deals.csv, events.csv), the tasks (tasks.csv),
// what must become of each of its rows (expected.csv), and small files with one fault each (ugly/).
//
//go:embed *.csv ugly/*
var Files embed.FS
