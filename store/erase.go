package store

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/text/unicode/norm"

	"taskport/importer"
	"taskport/importer/match"
)

// Person names the person to be erased: a contact, or all contacts with an email address.
type Person struct {
	ContactID uuid.UUID // or
	Email     string
}

// Erasure is what Erase found of a person, and has blanked unless it was a dry run.
type Erasure struct {
	Contacts []uuid.UUID   `json:"contacts"`
	Users    []uuid.UUID   `json:"users"`
	Places   []ErasedPlace `json:"places"`
	// Left is what may be of the person and was not touched, with what to do.
	Left []string `json:"left"`
}

// ErasedPlace is a table of the database and its number of rows about the person.
type ErasedPlace struct {
	Table string `json:"table"`
	Rows  int    `json:"rows"`
}

// erased replaces what named the person.
const erased = "[erased]"

// erasePasses is how often the tables are searched at most, because rows may be written meanwhile.
const erasePasses = 5

// Erase blanks a person in a workspace: the names, addresses and aliases of the contact, and of a
// user with the same address; cells and corrections of rejected rows, candidates, tasks that wait,
// audit, events, and every other text in which the email address or the full name occurs. A name
// that several contacts have, or that is one word, is not certain, and stays in texts. Tasks stay
// linked to the contact, which has no name any more.
// ErrNotFound: there is no such contact and, for an email address, no text with it.
func (s *Store) Erase(ctx context.Context, workspace uuid.UUID, who Person, dryRun bool) (Erasure, error) {
	found := Erasure{Contacts: []uuid.UUID{}, Users: []uuid.UUID{}, Places: []ErasedPlace{}, Left: []string{}}
	r, err := s.redactorFor(ctx, workspace, who, &found)
	if err != nil {
		return found, translate(err)
	}
	aliases, err := s.count(ctx, `SELECT count(*) FROM aliases WHERE workspace_id = $1 AND record_id = ANY ($2)`,
		workspace, r.ids)
	if err != nil {
		return found, err
	}
	found.add("contacts", len(found.Contacts))
	found.add("users", len(found.Users))
	found.add("aliases", aliases)
	if err := s.redactTables(ctx, workspace, r, dryRun, &found); err != nil {
		return found, err
	}
	// The records come last: an erasure that was interrupted finds in them whom it was about. What was
	// resolved by them meanwhile is found by the names that are known here.
	if !dryRun && len(r.ids) > 0 {
		if err := s.blankRecords(ctx, workspace, &found); err != nil {
			return found, err
		}
		if err := s.redactTables(ctx, workspace, r, dryRun, &found); err != nil {
			return found, err
		}
	}
	if err := s.leftOf(ctx, workspace, r, &found); err != nil {
		return found, translate(err)
	}
	if len(r.ids) == 0 && len(found.Places) == 0 && len(found.Left) == 0 {
		return found, ErrNotFound
	}
	return found, nil
}

// redactTables removes the person from the texts of all tables, or counts where they are.
func (s *Store) redactTables(ctx context.Context, workspace uuid.UUID, r *redactor, dryRun bool, found *Erasure) error {
	tables, err := s.textTables(ctx)
	if err != nil {
		return translate(err)
	}
	for _, t := range tables {
		for range erasePasses {
			n, err := t.erase(ctx, s, workspace, r, dryRun)
			if err != nil {
				return fmt.Errorf("%s: %w", t.name, translate(err))
			}
			found.add(t.name, n)
			if n == 0 || dryRun {
				break
			}
		}
	}
	return nil
}

func (e *Erasure) add(table string, rows int) {
	if rows == 0 {
		return
	}
	for i := range e.Places {
		if e.Places[i].Table == table {
			e.Places[i].Rows += rows
			return
		}
	}
	e.Places = append(e.Places, ErasedPlace{table, rows})
}

// blankRecords removes the names and addresses of contacts and users, and their aliases. A user of
// whom nothing is left is deleted.
func (s *Store) blankRecords(ctx context.Context, workspace uuid.UUID, found *Erasure) error {
	return s.repeated(ctx, func(tx pgx.Tx) error {
		version, err := changeDirectory(ctx, tx, workspace)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE contacts SET full_name = '', first_name = '', last_name = '', email = NULL,
			external_id = NULL, version = $3 WHERE workspace_id = $1 AND id = ANY ($2)`, workspace, found.Contacts,
			version); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE users SET name = '', email = NULL, assignee_id = NULL, external_id = NULL,
			active = false, deleted_at = now(), version = $3 WHERE workspace_id = $1 AND id = ANY ($2)`, workspace,
			found.Users, version); err != nil {
			return err
		}
		ids := slices.Concat(found.Contacts, found.Users)
		if _, err := tx.Exec(ctx, `DELETE FROM aliases WHERE workspace_id = $1 AND record_id = ANY ($2)`, workspace,
			ids); err != nil {
			return err
		}
		for n, id := range ids {
			d := &AuditDetail{Kind: string(importer.Contacts), RecordID: id}
			if n >= len(found.Contacts) {
				d.Kind = string(importer.Users)
			}
			if err := note(ctx, tx, newNote(workspace, ActionErase, Actor{Name: "taskport erase"}, uuid.Nil, d)); err != nil {
				return err
			}
		}
		return nil
	})
}

// redactor recognizes a person in texts.
type redactor struct {
	ids   []uuid.UUID // of the contacts and users
	terms []*regexp.Regexp
	names [][2]string // first and last names, which a row may have in two cells
	plain []string    // the terms as they are written, in lower case
	likes []string    // patterns for LIKE: a text that has a term matches one of them
}

// redactorFor finds the contacts of the person, and what names them for certain.
func (s *Store) redactorFor(ctx context.Context, workspace uuid.UUID, who Person, found *Erasure) (*redactor, error) {
	r := &redactor{}
	who.Email = strings.TrimSpace(who.Email)
	rows, err := s.pool.Query(ctx, `SELECT id, false, full_name, first_name, last_name, coalesce(email, '') FROM contacts
		WHERE workspace_id = $1 UNION ALL SELECT id, true, name, '', '', email FROM users WHERE workspace_id = $1
		AND email IS NOT NULL ORDER BY 2, 1`, workspace)
	if err != nil {
		return nil, err
	}
	type contact struct{ full, first, last, email string }
	var of []contact
	namesakes, sharing := map[string]int{}, map[string]int{}
	var id uuid.UUID
	var c contact
	var isUser bool
	addresses := map[string]bool{strings.ToLower(who.Email): who.Email != ""}
	_, err = pgx.ForEachRow(rows, []any{&id, &isUser, &c.full, &c.first, &c.last, &c.email}, func() error {
		if isUser {
			if addresses[strings.ToLower(c.email)] {
				found.Users, of = append(found.Users, id), append(of, c)
			}
			return nil
		}
		namesakes[match.Key(match.Person, c.full)]++
		sharing[strings.ToLower(c.email)]++
		if id == who.ContactID || who.Email != "" && strings.EqualFold(c.email, who.Email) {
			found.Contacts, of = append(found.Contacts, id), append(of, c)
			addresses[strings.ToLower(c.email)] = c.email != ""
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if who.ContactID != uuid.Nil && len(of) == 0 {
		return nil, ErrNotFound
	}
	r.ids = slices.Concat(found.Contacts, found.Users)
	if who.Email != "" {
		r.addTerm(who.Email, regexp.QuoteMeta(who.Email))
	}
	for _, c := range of {
		switch {
		case c.email == "" || who.Email != "":
		case sharing[strings.ToLower(c.email)] > 1:
			found.Left = append(found.Left, "other contacts have the same email address; texts with it were left")
		default:
			r.addTerm(c.email, regexp.QuoteMeta(c.email))
		}
		words := strings.Fields(c.full)
		switch {
		case len(words) < 2 && c.full != "":
			found.Left = append(found.Left, "the name is a single word; texts with it were left")
		case namesakes[match.Key(match.Person, c.full)] > 1:
			found.Left = append(found.Left, "other contacts have the same name; texts with it were left")
		case len(words) >= 2:
			r.addName(words, c.first, c.last)
		}
	}
	return r, nil
}

// addName adds a full name: as it is, with the last name first, and as the key by which names are
// compared; each with and without accents, and as a part of a file name or an address.
func (r *redactor) addName(words []string, first, last string) {
	const between = `[\s_.+-]+`
	text, n := strings.Join(words, " "), len(words)-1
	patterns := make([]string, len(words))
	for i, w := range words {
		patterns[i] = accented(w)
	}
	r.addTerm(text, strings.Join(patterns, between)+`|`+patterns[n]+`(?:\s*,\s*|`+between+`)`+
		strings.Join(patterns[:n], between))
	if key := match.Key(match.Person, text); strings.Contains(key, " ") {
		r.addTerm(key, regexp.QuoteMeta(key))
	}
	if first != "" && last != "" {
		r.names = append(r.names, [2]string{first, last})
	}
}

// accented returns a pattern for a word whose accents may be missing.
func accented(word string) string {
	var b strings.Builder
	for _, c := range norm.NFC.String(word) {
		plain, _ := utf8.DecodeRuneInString(norm.NFD.String(string(c)))
		if plain == c {
			b.WriteString(regexp.QuoteMeta(string(c)))
		} else {
			fmt.Fprintf(&b, "(?:%c|%ce?)", c, plain)
		}
	}
	return b.String()
}

func (r *redactor) addTerm(text, pattern string) {
	r.terms, r.plain = append(r.terms, regexp.MustCompile(`(?i)`+pattern)), append(r.plain, strings.ToLower(text))
	// Letters beyond ASCII may be written in several ways, also by the database: the longest run of
	// others is enough to find candidates.
	longest := ""
	for _, run := range strings.FieldsFunc(text, func(c rune) bool {
		return c >= utf8.RuneSelf || !unicode.IsLetter(c) && !unicode.IsDigit(c)
	}) {
		if len(run) > len(longest) {
			longest = run
		}
	}
	r.likes = append(r.likes, containing(longest))
}

// text returns a text without the person, and whether it named them.
func (r *redactor) text(s string) (string, bool) {
	out := norm.NFC.String(s)
	changed := false
	for _, term := range r.terms {
		var b strings.Builder
		last := 0
		for _, at := range term.FindAllStringIndex(out, -1) {
			if inWord(out, at[0], at[1]) {
				continue
			}
			b.WriteString(out[last:at[0]] + erased)
			last = at[1]
		}
		if last > 0 {
			b.WriteString(out[last:])
			out, changed = b.String(), true
		}
	}
	if !changed {
		return s, false
	}
	return out, true
}

// inWord reports whether a part of a text goes on as a word before or behind it.
func inWord(s string, from, to int) bool {
	wordy := func(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) }
	before, _ := utf8.DecodeLastRuneInString(s[:from])
	after, size := utf8.DecodeRuneInString(s[to:])
	if (after == '.' || after == '-') && to+size < len(s) { // ann@x.de in ann@x.de.example
		after, _ = utf8.DecodeRuneInString(s[to+size:])
		return wordy(before) || strings.ContainsRune(".-_+", before) || s[to] == '.' && wordy(after) &&
			strings.Contains(s[from:to], "@")
	}
	return wordy(before) || wordy(after) || strings.ContainsRune(".-_+", before) && strings.Contains(s[from:to], "@")
}

// identifying are the keys of an object about a record that name it.
var identifying = []string{"name", "full_name", "first_name", "last_name", "email", "external_id"}

// value removes the person from a JSON value, in place where it can.
func (r *redactor) value(v any) (any, bool) {
	changed := false
	switch v := v.(type) {
	case string:
		return r.text(v)
	case []any:
		for i := range v {
			var is bool
			v[i], is = r.value(v[i])
			changed = changed || is
		}
	case map[string]any:
		about := r.isPerson(v["id"]) || r.isPerson(v["record_id"])
		parts := r.partsOfName(v)
		for key, old := range maps.Clone(v) {
			next, is := r.value(old)
			if slices.Contains(parts, key) {
				next, is = erased, true
			}
			if named, so := r.text(key); so { // such as a value mapping of names
				delete(v, key)
				for key = named; v[key] != nil; {
					key += "'"
				}
				is = true
			}
			if text, isText := old.(string); isText && about && text != "" && text != erased &&
				slices.Contains(identifying, key) {
				next, is = erased, true
			}
			if list, isList := next.([]any); isList && (key == "samples" && r.blankSamples(list) ||
				key == "problems" && r.blankProblems(list)) {
				is = true
			}
			v[key], changed = next, changed || is
		}
	}
	return v, changed
}

// blankProblems blanks the samples in quotes that the problems of a column have, if they are a
// first or a last name. A problem is a text, or an object with one.
func (r *redactor) blankProblems(problems []any) (changed bool) {
	without := func(v any) (string, bool) {
		text, _ := v.(string)
		before := text
		for _, n := range r.names {
			for _, name := range n {
				text = regexp.MustCompile(`(?i)"`+regexp.QuoteMeta(name)+`"`).ReplaceAllString(text, `"`+erased+`"`)
			}
		}
		return text, text != before
	}
	for i, problem := range problems {
		if of, is := problem.(map[string]any); is {
			if text, named := without(of["text"]); named {
				of["text"], changed = text, true
			}
		} else if text, named := without(problem); named {
			problems[i], changed = text, true
		}
	}
	return changed
}

// partsOfName returns the keys under which an object has the first and the last name of the person;
// nil unless it has both.
func (r *redactor) partsOfName(v map[string]any) (keys []string) {
	under := func(name string) (keys []string) {
		for key, value := range v {
			if text, is := value.(string); is && strings.EqualFold(strings.TrimSpace(text), name) {
				keys = append(keys, key)
			}
		}
		return keys
	}
	for _, n := range r.names {
		if first, last := under(n[0]), under(n[1]); len(first) > 0 && len(last) > 0 {
			keys = append(append(keys, first...), last...)
		}
	}
	return keys
}

// cutSample is the least length of a part of a term at the end of a sample that was shortened.
const cutSample = 5

// blankSamples blanks the samples of a column that are a first or a last name, or that were cut off
// within a term.
func (r *redactor) blankSamples(samples []any) (changed bool) {
	for i, sample := range samples {
		text, _ := sample.(string)
		gone := slices.ContainsFunc(r.names, func(n [2]string) bool {
			return strings.EqualFold(text, n[0]) || strings.EqualFold(text, n[1])
		})
		if short, cut := strings.CutSuffix(strings.ToLower(text), "…"); cut {
			for _, term := range r.plain {
				for n := len(term) - 1; n >= cutSample; n-- {
					gone = gone || strings.HasSuffix(short, term[:n])
				}
			}
		}
		if gone {
			samples[i], changed = erased, true
		}
	}
	return changed
}

func (r *redactor) isPerson(v any) bool {
	text, _ := v.(string)
	id, err := uuid.Parse(text)
	return err == nil && slices.Contains(r.ids, id)
}

// json removes the person from a JSON text.
func (r *redactor) json(text string) (string, bool, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return text, false, err
	}
	v, changed := r.value(v)
	if !changed {
		return text, false, nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return b.String(), true, err
}

// cells removes the person from the cells of a rejected row. A row with a cell that is the person's
// address or name, or with two that are the first and the last name, is about the person: whole is
// true, and all its cells become empty.
func (r *redactor) cells(packed []byte) (out []byte, changed, whole bool, err error) {
	cells, err := importer.UnpackCells(packed)
	if err != nil {
		return nil, false, false, err
	}
	has := func(name string) bool {
		return slices.ContainsFunc(cells, func(c string) bool { return strings.EqualFold(strings.TrimSpace(c), name) })
	}
	for i, c := range cells {
		text, is := r.text(c)
		whole = whole || is && strings.TrimSpace(text) == erased
		cells[i], changed = text, changed || is
	}
	for _, n := range r.names {
		whole = whole || has(n[0]) && has(n[1])
	}
	if whole {
		clear(cells)
	}
	return importer.PackCells(nil, cells), changed || whole, whole, nil
}
