package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"taskport/importer"
	"taskport/importer/dates"
)

// questions asks at a terminal what a file leaves open, before the file is sent.
type questions struct {
	env     *environment
	lines   *bufio.Scanner
	mapping importer.Mapping
	flags   []string // that answer the same questions
}

// ask reads a file of tasks and asks its open questions. It asks nothing about an unreadable file:
// the server explains what is wrong.
func (f *uploadFlags) ask(ctx context.Context, env *environment, c *client, kind, path string) error {
	if kind != string(importer.Tasks) || env.in == nil || !env.inIsTerminal || !env.terminal || f.quiet || f.asJSON {
		return nil
	}
	file, err := localFile(importer.Tasks, path, f.reading)
	if err != nil {
		return err
	}
	mine := file.Mapping
	if f.mappingName != "" {
		saved, err := c.mapping(ctx, f.mappingName)
		if err != nil {
			return err
		}
		file.Mapping = mine.Over(saved.Mapping)
	}
	plan, err := file.Survey()
	if err != nil {
		return nil //nolint:nilerr // the server refuses the file and explains more
	}
	q := &questions{env: env, lines: bufio.NewScanner(env.in), mapping: mine}
	q.dates(plan)
	for _, field := range slices.Sorted(maps.Keys(plan.Layout.Unknown)) {
		q.words(field, plan.Layout.Unknown[field])
	}
	if len(q.flags) > 0 {
		env.note("flags that answer these questions: %s", strings.Join(q.flags, " "))
	}
	f.answered = &q.mapping
	return nil
}

// answer asks until it gets an allowed answer; it returns "" for an empty line or the end of input.
func (q *questions) answer(question string, allowed func(string) bool) string {
	for {
		_, _ = fmt.Fprint(q.env.err, question+" ")
		if !q.lines.Scan() {
			_, _ = fmt.Fprintln(q.env.err)
			return ""
		}
		if text := strings.TrimSpace(q.lines.Text()); text == "" || allowed(text) {
			return text
		}
	}
}

func (q *questions) dates(plan *importer.RowReader) {
	unsure := false
	for _, c := range plan.Layout.Profile {
		if plan.Layout.Dates[c.Feeds] == dates.Unsure {
			unsure = true
			for _, p := range c.Problems {
				q.env.note("%s", oneLine(p.In(words)))
			}
		}
	}
	if !unsure {
		return
	}
	order := q.answer("date order (dmy, mdy or ymd; Enter rejects such rows):",
		func(s string) bool { return slices.Contains([]string{"dmy", "mdy", "ymd"}, s) })
	if order != "" {
		q.mapping.DateOrder = dates.Order(order)
		q.flags = append(q.flags, "--date-order "+order)
	}
}

func (q *questions) words(field string, unknown []importer.UnknownValue) {
	allowed := importer.Meanings(importer.Tasks, field)
	for _, u := range unknown {
		ours := q.answer(fmt.Sprintf("%s %s (rows: %s) means (%s; Enter rejects such rows):", field,
			strconv.Quote(u.Value), grouped(u.Rows), strings.Join(allowed, ", ")),
			func(s string) bool { return slices.Contains(allowed, s) })
		if ours == "" {
			continue
		}
		ours = importer.Meant(ours)
		addValue(&q.mapping, field, u.Value, ours)
		q.flags = append(q.flags, valueFlag(field, u.Value, ours))
	}
}

// valueFlag returns the flag that maps a value, quoted for a shell.
func valueFlag(field, theirs, ours string) string {
	return "--value " + quoted(field+":"+theirs+"="+ours)
}

// mapping fetches a saved mapping.
func (c *client) mapping(ctx context.Context, name string) (importer.SavedMapping, error) {
	raw, err := c.get(ctx, mappingPath(name), nil)
	if err != nil {
		return importer.SavedMapping{}, err
	}
	var answer struct {
		Data importer.SavedMapping `json:"data"`
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return importer.SavedMapping{}, fmt.Errorf("the answer is not a mapping; check --server: %w", err)
	}
	return answer.Data, nil
}
