package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"taskport/importer"
	"taskport/importer/check"
	"taskport/importer/dates"
	filepkg "taskport/importer/file"
)

// question is something that a file leaves open: the order of its dates, or what a value means.
type question struct {
	text    string
	choices []string
	field   string // of the value; empty for the order of dates
	value   string
	rows    int
	// accept returns what is wrong with an answer in free text; nil where the answer is a choice.
	accept func(ctx context.Context, typed string) (problem string, err error)
	answer string // empty rejects the rows
}

// ask reads a file of tasks and asks its open questions. It asks nothing about an unreadable file:
// the server explains what is wrong.
func (f *uploadFlags) ask(ctx context.Context, env *environment, c *client, kind, path string) error {
	if kind != string(importer.Tasks) || !env.mayAsk() || f.quiet || f.asJSON {
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
	if known, err := f.recalled(ctx, c, mine, plan.Layout.Layout); err != nil {
		return err
	} else if known != nil {
		file.Mapping = mine.Over(*known)
		if plan, err = file.Survey(); err != nil {
			return nil //nolint:nilerr // as above
		}
	}
	all := questions(plan)
	assignees, err := assigneeQuestions(ctx, env, c, plan.Layout.Assignees, file.Mapping)
	if err != nil {
		return err
	}
	all = append(all, assignees...)
	if len(all) == 0 {
		return nil
	}
	if err := f.askIfKnown(ctx, env, c, file); err != nil {
		return err
	}
	err = env.askAll(ctx, all)
	flags := answers(all, &mine)
	if len(flags) > 0 {
		env.note("flags that answer these questions:\n  %s", strings.Join(flags, " "))
	}
	if err != nil {
		return fmt.Errorf("%w; nothing was sent", err)
	}
	f.answered, f.remember = &mine, f.remember || len(flags) > 0
	return nil
}

// recalled returns the mapping that the server remembers for the header, and will use; nil without
// one.
func (f *uploadFlags) recalled(ctx context.Context, c *client, mine importer.Mapping,
	l filepkg.Layout) (*importer.Mapping, error) {
	key := importer.HeaderKey(l)
	if f.mappingName != "" || key == "" || mine.SaysColumns() {
		return nil, nil //nolint:nilnil // it is the documented answer
	}
	raw, err := c.get(ctx, "/v1/import/mappings", url.Values{"header": {key}})
	if errors.Is(err, errInterrupted) {
		return nil, err
	}
	var answer struct {
		Data []importer.SavedMapping `json:"data"`
	}
	if err != nil || json.Unmarshal(raw, &answer) != nil {
		return nil, nil //nolint:nilerr,nilnil // the key may not read mappings; the import says what was used
	}
	for _, m := range answer.Data {
		if m.Kind == importer.Tasks {
			return &m.Mapping, nil
		}
	}
	return nil, nil //nolint:nilnil // it is the documented answer
}

// askIfKnown asks whether to go on with a file that seems to be imported already: an import of the
// workspace had a file of this name with as many rows. It is the first question, so that nobody
// answers the others in vain; the server compares the rows themselves.
func (f *uploadFlags) askIfKnown(ctx context.Context, env *environment, c *client, file check.File) error {
	if f.onSameFile != "" || f.dryRun {
		return nil
	}
	jobs, _, err := c.jobs(ctx, url.Values{"kind": {string(importer.Tasks)}, "per_page": {"100"}})
	if errors.Is(err, errInterrupted) {
		return err
	}
	jobs = slices.DeleteFunc(jobs, func(j job) bool {
		return j.FileName != file.Name || j.DryRun || j.ended() && (j.Status != "completed" || j.Created+j.Updated == 0)
	})
	if err != nil || len(jobs) == 0 {
		return nil //nolint:nilerr // the key may not list jobs; the server compares the file anyway
	}
	rows, err := rowsOf(file)
	at := slices.IndexFunc(jobs, func(j job) bool { return j.Total == rows })
	if err != nil || at < 0 {
		return nil //nolint:nilerr // the server explains what is wrong
	}
	j := jobs[at]
	again, err := env.confirmed(ctx, fmt.Sprintf("A file %s with %s was imported on %s: job %s, %s, %s created, "+
		"%s rejected.\nImport it again?", oneLine(j.FileName), rowsText(rows), j.CreatedAt.Local().Format(time.DateTime),
		j.JobID, j.Status, grouped(j.Created), grouped(j.Rejected)))
	if err != nil {
		return err
	}
	if !again {
		return fmt.Errorf("nothing was sent; `taskport jobs %s` shows the earlier import", j.JobID)
	}
	f.onSameFile = string(importer.SameFileAll)
	return nil
}

// rowsOf counts the rows of a file.
func rowsOf(file check.File) (rows int, err error) {
	err = file.Read(now(), func(*importer.RowReader) error { return nil }, func(b *importer.Batch) error {
		rows += len(b.Tasks) + len(b.Repeats) + len(b.Dead)
		return nil
	})
	return rows, err
}

// questions returns what a file leaves open: the order of dates first, then the values with the
// most rows.
func questions(plan *importer.RowReader) []question {
	var all []question
	for field, unknown := range plan.Layout.Unknown {
		for _, u := range unknown {
			all = append(all, question{field: field, value: u.Value, rows: u.Rows,
				choices: importer.Meanings(importer.Tasks, field),
				text:    fmt.Sprintf("what does %s %s mean (%s)?", field, strconv.Quote(u.Value), rowsText(u.Rows))})
		}
	}
	slices.SortFunc(all, func(a, b question) int {
		return cmp.Or(cmp.Compare(b.rows, a.rows), cmp.Compare(a.field, b.field), cmp.Compare(a.value, b.value))
	})
	var about []string
	for _, c := range plan.Layout.Profile {
		if plan.Layout.Dates[c.Feeds] == dates.Unsure {
			for _, p := range c.Problems {
				if p.Remedy.Code == importer.RemedyDateOrder { // the other problems follow from it
					about = append(about, oneLine(p.Text))
				}
			}
		}
	}
	if len(about) > 0 {
		all = slices.Insert(all, 0, question{choices: []string{"dmy", "mdy", "ymd"},
			text: strings.Join(about, "; ") + "; in which order are day, month and year?"})
	}
	return all
}

// askAll asks the questions in turn. An empty answer leaves the rows to be rejected, "back" returns
// to the question before. The answers stay when the input ends or the person interrupts.
func (e *environment) askAll(ctx context.Context, all []question) error {
	e.note("Answer with a number or the beginning of a word; Enter rejects the rows, " +
		"\"back\" returns to the question before.")
	for n := 0; n < len(all); {
		q := &all[n]
		e.note("%d of %d: %s", n+1, len(all), q.text)
		for i, c := range q.choices {
			_, _ = fmt.Fprintf(e.err, "  %d %s", i+1, c)
		}
		_, _ = fmt.Fprint(e.err, "\n> ")
		typed, err := e.readLine(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if typed == "back" {
			n = max(n-1, 0)
			continue
		}
		chosen, problem := typed, ""
		switch {
		case q.accept == nil:
			chosen, problem = choose(typed, q.choices)
		case typed != "":
			if problem, err = q.accept(ctx, typed); err != nil {
				return err
			}
		}
		if problem != "" {
			e.warn("%s", problem)
			continue
		}
		q.answer = chosen
		n++
	}
	return nil
}

// choose returns the choice that is meant by its number, the whole of it, or a beginning that no
// other has; nothing for an empty text. Otherwise problem says what is wrong.
func choose(typed string, choices []string) (chosen, problem string) {
	if typed == "" {
		return "", ""
	}
	if n, err := strconv.Atoi(typed); err == nil {
		if n < 1 || n > len(choices) {
			return "", fmt.Sprintf("choose a number from 1 to %d, not %d", len(choices), n)
		}
		return choices[n-1], ""
	}
	var fits []string
	for _, c := range choices {
		if strings.EqualFold(c, typed) {
			return c, ""
		}
		if strings.HasPrefix(c, strings.ToLower(typed)) {
			fits = append(fits, c)
		}
	}
	switch len(fits) {
	case 0:
		return "", fmt.Sprintf("%s is not one of %s", strconv.Quote(typed), strings.Join(choices, ", "))
	case 1:
		return fits[0], ""
	}
	return "", fmt.Sprintf("%s is the beginning of %s; type more of it", strconv.Quote(typed),
		strings.Join(fits, " and "))
}

// answers adds the answers to a mapping and returns the flags that say the same.
func answers(all []question, to *importer.Mapping) (flags []string) {
	for _, q := range all {
		switch {
		case q.answer == "":
		case q.field == "":
			to.DateOrder = dates.Order(q.answer)
			flags = append(flags, "--date-order "+q.answer)
		default:
			meant := importer.Meant(q.answer)
			addValue(to, q.field, q.value, meant)
			flags = append(flags, valueFlag(q.field, q.value, meant))
		}
	}
	return flags
}

// assigneeQuestions returns the questions about assignees whom the server does not know, those with
// the most rows first.
func assigneeQuestions(ctx context.Context, env *environment, c *client, of *importer.Assignees,
	m importer.Mapping) ([]question, error) {
	if of == nil || m.OnUnknownAssignee != "" || m.DefaultAssignee != "" {
		return nil, nil
	}
	said := map[string]bool{}
	for text := range m.Values[importer.Assignee] {
		said[importer.UserKey(text)] = true
	}
	references := of.References()
	verdicts, err := c.resolve(ctx, references)
	if errors.Is(err, errInterrupted) {
		return nil, err
	}
	if err != nil { // the key may not read, or the server is older: the import tells of them all the same
		env.note("not asked about unknown assignees: %v", err)
		return nil, nil
	}
	rows := map[string]int{}
	for _, r := range references {
		rows[importer.UserKey(r.Value)] += r.Rows
	}
	var all []question
	for i, r := range references {
		key := importer.UserKey(r.Value)
		if !verdicts[i].asks() || said[key] {
			continue
		}
		said[key] = true
		all = append(all, question{field: importer.Assignee, value: r.Value, rows: rows[key],
			text: fmt.Sprintf("%s; who is assignee %s (%s)? Give the id, address or name of a user, or %s",
				oneLine(verdicts[i].Error.text()), strconv.Quote(r.Value), rowsText(rows[key]), importer.NoMeaning),
			accept: c.isAssignee})
	}
	slices.SortStableFunc(all, func(a, b question) int { return cmp.Compare(b.rows, a.rows) })
	return all, nil
}

// isAssignee returns what is wrong with an answer that must be a user of the workspace; nothing for
// one, and for nobody.
func (c *client) isAssignee(ctx context.Context, typed string) (problem string, err error) {
	meant := importer.Meant(typed)
	if meant == "" {
		return "", nil
	}
	verdicts, err := c.resolve(ctx, []importer.AssigneeReference{{Fields: map[string]string{"assignee_id": meant}}})
	if err != nil || verdicts[0].Error == nil {
		return "", err
	}
	return oneLine(verdicts[0].Error.text()), nil
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
