// Package importer is the pipeline of a row: decode, map, validate, resolve, and then
// a task or a dead letter. It is pure: no network, no database, no clock of its own.
package importer
