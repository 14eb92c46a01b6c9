package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"taskport/importer"
	"taskport/importer/check"
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
	file.Directory = check.NewOffline() // the server knows the users
	plan, err := file.Survey()
	if err != nil {
		return nil //nolint:nilerr // the server refuses the file and explains more
	}
	q := &questions{env: env, lines: bufio.NewScanner(env.in), mapping: mine}
	q.dates(plan)
	for _, field := range slices.Sorted(maps.Keys(plan.Layout.Unknown)) {
		q.words(field, plan.Layout.Unknown[field])
	}
	if err := q.assignees(ctx, c, plan.Layout.Assignees, file.Mapping); err != nil {
		return err
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

// assignees asks who is meant by the assignees whom the server does not know.
func (q *questions) assignees(ctx context.Context, c *client, of *importer.Assignees, m importer.Mapping) error {
	if of == nil || m.OnUnknownAssignee != "" || m.DefaultAssignee != "" {
		return nil
	}
	said := map[string]bool{}
	for text := range m.Values[importer.Assignee] {
		said[importer.UserKey(text)] = true
	}
	references := of.References()
	verdicts, err := c.resolve(ctx, references)
	if errors.Is(err, errInterrupted) {
		return err
	}
	if err != nil { // the key may not read, or the server is older: the import tells of them all the same
		q.env.note("not asked about unknown assignees: %v", err)
		return nil
	}
	rows := map[string]int{}
	for _, r := range references {
		rows[importer.UserKey(r.Value)] += r.Rows
	}
	for i, r := range references {
		key := importer.UserKey(r.Value)
		if verdicts[i].asks() && !said[key] {
			said[key] = true
			if err := q.assignee(ctx, c, importer.UnknownValue{Value: r.Value, Rows: rows[key]},
				verdicts[i].Error.text()); err != nil {
				return err
			}
		}
	}
	return nil
}

// assignee asks who is meant by an assignee, until the answer is a user of the workspace.
func (q *questions) assignee(ctx context.Context, c *client, u importer.UnknownValue, why string) error {
	q.env.note("%s", oneLine(why))
	for {
		ours := q.answer(fmt.Sprintf("assignee %s (rows: %s) means (id, address or name of a user, or %s; Enter rejects "+
			"such rows):", strconv.Quote(u.Value), grouped(u.Rows), importer.NoMeaning), func(string) bool { return true })
		if ours == "" {
			return nil
		}
		if ours = importer.Meant(ours); ours != "" {
			verdicts, err := c.resolve(ctx, []importer.AssigneeReference{{Fields: map[string]string{"assignee_id": ours}}})
			if err != nil {
				return err
			}
			if verdicts[0].Error != nil {
				q.env.note("%s", oneLine(verdicts[0].Error.text()))
				continue
			}
		}
		addValue(&q.mapping, importer.Assignee, u.Value, ours)
		q.flags = append(q.flags, valueFlag(importer.Assignee, u.Value, ours))
		return nil
	}
}

// resolvedReference is the part of the answer to a reference that questions need.
type resolvedReference struct {
	Error *struct {
		Code       string               `json:"code"`
		Candidates []importer.Candidate `json:"candidates"`
		worded
	} `json:"error"`
}

// asks reports whether a person can say who is meant: nobody is, or a name is that of several.
func (r resolvedReference) asks() bool {
	return r.Error != nil && (r.Error.Code == string(importer.CodeUnresolved) ||
		r.Error.Code == string(importer.CodeAmbiguous) && !slices.ContainsFunc(r.Error.Candidates,
			func(c importer.Candidate) bool { return c.Evidence != "name" }))
}

// mostReferences is how many references a request may have.
const mostReferences = 1000

// resolve asks the server what references mean.
func (c *client) resolve(ctx context.Context, references []importer.AssigneeReference) ([]resolvedReference, error) {
	var all []resolvedReference
	for part := range slices.Chunk(references, mostReferences) {
		fields := make([]map[string]string, len(part))
		for i, r := range part {
			fields[i] = r.Fields
		}
		text, err := json.Marshal(map[string]any{"references": fields})
		if err != nil {
			return nil, fmt.Errorf("encode the references: %w", err)
		}
		resp, err := c.do(ctx, call{method: http.MethodPost, path: "/v1/resolve",
			header: map[string]string{"Content-Type": "application/json"},
			body:   func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil }})
		if err != nil {
			return nil, err
		}
		var answer struct {
			Data []resolvedReference `json:"data"`
		}
		err = json.NewDecoder(resp.Body).Decode(&answer)
		if err = errors.Join(err, resp.Body.Close()); err != nil || len(answer.Data) != len(part) {
			return nil, fmt.Errorf("the answer does not resolve the references; check --server: %w", err)
		}
		all = append(all, answer.Data...)
	}
	return all, nil
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
