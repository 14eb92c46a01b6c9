// Package match decides whom a written name means. It normalizes names, finds the
// entries of a directory that are equal or similar by Jaro–Winkler, and decides
// between one, several and none.
package match
