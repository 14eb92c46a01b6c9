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

// questions are what a file leaves open, asked at a terminal before the file is sent.
type questions struct {
	env    *environment
	lines  *bufio.Scanner
	recipe importer.Mapping
	flags  []string // by which the answers can be given without being asked
}

// ask reads a file of tasks and has its open questions answered. Where it cannot be read nothing is
// asked: the server says why.
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
		return nil //nolint:nilerr // the server refuses the file, and says more
	}
	q := &questions{env: env, lines: bufio.NewScanner(env.in), recipe: mine}
	q.dates(plan)
	for _, field := range slices.Sorted(maps.Keys(plan.Layout.Unknown)) {
		q.words(field, plan.Layout.Unknown[field])
	}
	if len(q.flags) > 0 {
		env.note("not to be asked again: %s", strings.Join(q.flags, " "))
	}
	f.answered = &q.recipe
	return nil
}

// answer asks until it gets one of the answers; empty where the person would rather not say.
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
	order := q.answer("date order (dmy or mdy; Enter leaves such rows to the report):",
		func(s string) bool { return slices.Contains([]string{"dmy", "mdy", "ymd"}, s) })
	if order != "" {
		q.recipe.DateOrder = dates.Order(order)
		q.flags = append(q.flags, "--date-order "+order)
	}
}

func (q *questions) words(field string, unknown []importer.UnknownValue) {
	allowed := importer.Meanings(importer.Tasks, field)
	for _, u := range unknown {
		ours := q.answer(fmt.Sprintf("%s %s (rows: %s) means (%s; Enter leaves such rows to the report):", field,
			strconv.Quote(u.Value), grouped(u.Rows), strings.Join(allowed, ", ")),
			func(s string) bool { return slices.Contains(allowed, s) })
		if ours == "" {
			continue
		}
		ours = importer.Meant(ours)
		addValue(&q.recipe, field, u.Value, ours)
		q.flags = append(q.flags, valueFlag(field, u.Value, ours))
	}
}

// valueFlag is the flag that says what a value means, as a shell takes it.
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
