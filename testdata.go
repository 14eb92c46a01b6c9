// Package taskport embeds the files of testdata, for the demo and the tests. It is at the top of
// the tree because go:embed does not reach upwards, and Go's patterns skip packages in testdata.
package taskport

import "embed"

// Testdata holds the sample (testdata/*.csv), files with one fault each (testdata/ugly) and exports
// with the headers of each CRM (testdata/presets), and tasks that refer to a small directory in
// every way (testdata/references). testdata/README.md describes them.
//
//go:embed testdata/*.csv testdata/ugly/* testdata/presets/* testdata/references/*
var Testdata embed.FS
