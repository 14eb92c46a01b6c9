package main

import (
	"regexp"
	"strings"
)

// rulesFile is this file, whose strings are the banned phrases.
const rulesFile = "internal/words/rules.go"

// The limits count characters; a tab is one.
const (
	maxLine         = 120 // any line of ours
	maxText         = 100 // a line of a comment or a document
	maxLongComments = 1   // percent of the comment lines of the strict directories
)

// notYetClean lists the directories (with all below them) and files whose findings do not fail the
// test yet. Take entries out as they become clean; without entries, the whole tree is strict.
var notYetClean = []string{
	"Makefile", "Dockerfile", "docker-compose.yml",
	"cmd", "console", "deploy", "importer", "intake", "store", "worker",
	"internal/batch", "internal/embedded", "internal/failpoint", "internal/sample", "internal/spool", "internal/web",
	"testdata",
}

// phrase is a phrase that we do not use, and what to write instead. Its pattern matches whole
// words, in any case, and each of its spaces matches a line break too. It has no groups.
type phrase struct {
	pattern, instead string
}

// banned holds for comments, documents and messages. Of two phrases that begin with the same words,
// the longer one comes first.
var banned = []phrase{
	{`gives? up|given up`, "disconnects, abandons"},
	{`gives? back|given back`, "releases"},
	{`gives? way`, "throttles"},
	{`gives|gave`, "returns, shows, has"},
	{`stands|stood`, "is, exists, remains"},
	{`(?:found|finds?) out`, "detected"},
	{`(?:is|are|was|were) no`, "is not a, has no, without"},
	{`of which`, "two sentences"},
	{`takes? up|taken up|took up`, "claims"},
	{`(?:has|have|had) none`, "without"},
	{`(?:is|are|was|were) there already`, "already exists"},
	{`nothing is known of`, "unknown"},
	{`not taken`, "not imported"},
	{`says? otherwise`, "overrides"},
	{`worn out`, "attempts exhausted"},
	{`mends?|mended|mending`, "correct"},
	{`anew`, "again"},
	{`garbled`, "mojibake"},
	{`recipes?`, "mapping"},
	{`shelf|shelves`, "segment"},
	{`sifts?|sifted`, "filter"},
	{`bec(?:ame|omes?) of`, "outcome"},
	{`whoever|whomever`, "name the subject"},
}

// anyBanned matches any banned phrase; each has a group, in the order of the list.
var anyBanned = regexp.MustCompile(`(?i)\b(?:` + groups(banned) + `)\b`)

// allowed are ordinary words that a banned pattern would match.
var allowed = regexp.MustCompile(`(?i)^(?:is|are|was|were)\s+no\s+(?:longer|more|fewer|less)\b`)

// functionVerbs are verbs that we do not use of a function: it returns, reports or parses.
var functionVerbs = regexp.MustCompile(`^\w+ (?:tells|says|knows)\b`)

func groups(list []phrase) string {
	var out []string
	for _, p := range list {
		out = append(out, "("+strings.ReplaceAll(p.pattern, " ", `\s+`)+")")
	}
	return strings.Join(out, "|")
}
