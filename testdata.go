// Package testdata holds real-looking files that the tests and the demo share; README.md beside it describes them.
package testdata

import "embed"

// Files are the directory (companies.csv, contacts.csv, deals.csv, events.csv), the tasks (tasks.csv),
// what must become of each of its rows (expected.csv), and small files with one fault each (ugly/), and exports
// as the CRMs write them (presets/).
//
//go:embed *.csv ugly/* presets/*
var Files embed.FS
