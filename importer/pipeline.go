// Package importer is the pipeline of a row: decode, map, validate, resolve, and then
// a task or a dead letter. It is pure: no network, no database, no clock of its own.
package importer

import (
	"bytes"
	"context"
	"time"
	"unicode/utf8"

	"taskport/importer/dates"
	"taskport/importer/file"
)

// NearTitles is how many titles before and after an unknown one are looked at for hints.
const NearTitles = 8

// This file is the pipeline of a row, from top to bottom:
//
//	decode    the bytes of a chunk become records         file.Decode, called by Read
//	map       cells become values by field                translator.mapped
//	validate  values become a task, or a fault            translator.validated
//	resolve   references become ids, repeats are found    Batch.Resolve
//	write     the batch becomes tasks and dead letters    store.Finish, in one transaction
//
// A row that fails at a stage becomes a dead letter and leaves the pipeline there.

// Read takes the rows of a chunk through decode → map → validate. now replaces an absent
// created_date.
func (p *RowReader) Read(c file.Chunk, now time.Time) *Batch {
	// The cells of a CSV file are parts of its text, those of the other formats are escaped in it.
	b := &Batch{reader: p, isText: p.Layout.Format == file.CSV && utf8.Valid(c.Data) && bytes.IndexByte(c.Data, 0) < 0}
	b.expect(p.Kind, c.Rows)
	t := p.translator()
	for rec := range file.Decode(p.Layout.Layout, c) {
		src := Source{Row: rec.Row, Line: rec.Line, Cells: rec.Cells}
		if p.defused {
			restoreAll(src.Cells)
		}
		if len(c.Known) > 0 && repeated(c.Known, rec.Row) {
			b.Known = append(b.Known, src)
			continue
		}
		if problem := p.problem(&rec); problem != "" {
			b.Reject(src, &Fault{Reason: MalformedRow, Message: problem})
			continue
		}
		if len(c.Repeats) > 0 && repeated(c.Repeats, rec.Row) {
			b.Reject(src, repeatedRow())
			continue
		}
		t.read(b, src, src.Cells, nil, now)
	}
	return b
}

// problem returns why a row cannot be mapped; empty for one that can.
func (p *RowReader) problem(rec *file.Row) string {
	sums := p.Kind == Tasks || p.Kind == Contacts || p.Kind == Users // a company, deal or event may be called Total
	switch {
	case p.Layout.Tabular() && repeatsHeader(rec.Cells, p.Layout.Columns):
		return repeatedHeader
	case p.Layout.Tabular() && (sums || rec.Problem != "") && LooksLikeTotals(rec.Cells):
		return totalsLine
	case p.isNotTask(rec.Cells):
		return notTaskRow
	case isDeleted(p, rec.Cells):
		return deletedRow
	case rec.Problem == "" && p.isUnchanged(rec.Cells):
		return unchangedRow
	}
	return rec.Problem
}

// Retried is a row that was a dead letter, with its corrections.
type Retried struct {
	Source
	Corrections map[string]string // new values by field, in the words of the API
	Replaced    bool              // the row consists of its corrections alone, without its cells
}

// Retry takes rows that were dead letters through map → validate. Their cells are as Read returned
// them.
func (p *RowReader) Retry(rows []Retried, now time.Time) *Batch {
	b := &Batch{reader: p}
	b.expect(p.Kind, len(rows))
	t := p.translator()
	for _, r := range rows {
		cells := r.Cells
		if r.Replaced {
			cells = nil
		}
		t.read(b, r.Source, cells, r.Corrections, now)
	}
	return b
}

// read takes one row through map → validate and adds it to the batch, or rejects it.
func (t *translator) read(b *Batch, src Source, cells []string, corrections map[string]string, now time.Time) {
	origin, fault := t.reader.readOrigin(cells)
	if fault == nil {
		values := t.mapped(cells, corrections)
		fault = t.validated(b, src, values, now)
	}
	if fault == nil && t.reader.Kind == Tasks {
		d := &b.Tasks[len(b.Tasks)-1]
		d.Origin = origin
		if d.replaced != "" {
			t.changed(atCreatedDate, t.whyReplaced(d.replaced))
		}
		if _, ours := d.relatedKind(); d.RelatedType != "" && !ours {
			t.changed(atRelatedType, Unused)
		}
		if d.Due.Given && !dates.IsPlausible(d.Due.At) {
			fault = t.implausible(d)
		}
		if _, corrected := corrections[FieldCustomFields]; fault == nil && !corrected {
			fault = t.keep(d, cells, b.isText)
		}
		if fault != nil {
			b.Tasks = b.Tasks[:len(b.Tasks)-1]
		}
	}
	if fault != nil {
		b.Reject(src, fault)
		return
	}
	for _, c := range t.changes {
		b.changes = append(b.changes, change{src.Row, fields[t.reader.Kind][c.field], c.how})
	}
}

// mapped returns the values of a row by field in the words of the API, with its corrections. The
// next call reuses the memory.
func (t *translator) mapped(cells []string, corrections map[string]string) Values {
	t.changes = t.changes[:0]
	t.scratch = t.reader.values(cells, t.scratch)
	t.sayUnusedTimes(cells)
	t.cleanIDs(t.scratch)
	t.translateIfForeign(t.scratch)
	t.dropNumbers(t.scratch, corrections)
	t.reader.correct(t.scratch, cells, corrections)
	return t.scratch
}

// validated adds a row with these values to the batch, or returns its fault.
func (t *translator) validated(b *Batch, src Source, values Values, now time.Time) *Fault {
	if fault := t.checkIDs(values); fault != nil {
		return fault
	}
	fault := b.add(t.reader.Kind, src, values, now)
	if fault == nil && t.reader.Kind == Tasks {
		fault = b.oneContact(t.reader.OnSeveral)
	}
	if fault == nil {
		return nil
	}
	return t.reader.explain(fault, values)
}

// ReadTask validates a single task, whose values are already those of the API.
func ReadTask(v Values, now time.Time) (*Batch, *Fault) { return (&Options{}).ReadTask(v, now) }

// ReadTask is the function ReadTask with the options of the request.
func (o *Options) ReadTask(v Values, now time.Time) (*Batch, *Fault) {
	b := &Batch{}
	fault := b.add(Tasks, Source{Row: 1}, v, now)
	if fault == nil {
		fault = b.oneContact(o.OnSeveral)
	}
	return b, fault
}

// ReadTasks validates single tasks, which are lines of TaskLine: line n becomes row n+1 of the
// batch. Each of nows replaces an absent created_date of its line. The error is that of an
// unreadable line.
func (o *Options) ReadTasks(lines [][]byte, nows []time.Time) (*Batch, error) {
	b := &Batch{Tasks: make([]Draft, 0, len(lines))}
	for n, line := range lines {
		object, err := ReadObject(line)
		if err != nil {
			return nil, err
		}
		values, fault := TaskValues(object)
		src := Source{Row: n + 1, Line: n + 1}
		if fault == nil {
			fault = b.add(Tasks, src, values, nows[n])
		}
		if fault == nil {
			fault = b.oneContact(o.OnSeveral)
		}
		if fault != nil {
			b.Reject(src, fault)
		}
	}
	return b, nil
}

// Workspace is what Resolve needs of the workspace of the tasks.
type Workspace interface {
	// Holders returns the records that have the keys.
	Holders(ctx context.Context, keys Keys) (Holders, error)
	// Users returns the names of its users.
	Users(ctx context.Context) (*Snapshot, error)
	// Known returns which of the ids exist.
	Known(ctx context.Context, ids References) (Known, error)
	// Snapshot returns its directory.
	Snapshot(ctx context.Context) (*Snapshot, error)
	// NearTitles returns the deals and events whose titles, as TitleKey returns them, are next to
	// these in the order of their bytes: of each title at most NearTitles before and NearTitles after.
	NearTitles(ctx context.Context, titles map[Kind][]string) (map[Kind]map[string][]Holder, error)
	// Taken returns the external_ids and origins of a batch that already exist as tasks; see
	// Origin.Taken.
	Taken(ctx context.Context, b *Batch) (map[string]bool, error)
}

// Resolve takes the tasks of a batch through resolve. Explicit ids must be known; external ids,
// addresses, domains and names must mean one record each; then the tasks whose external id is taken
// go from Tasks to Repeats. What fails becomes a dead letter. When ctx ends, also between two rows,
// Resolve returns its error; after an error the batch is of no use.
func (b *Batch) Resolve(ctx context.Context, w Workspace, o Options) error {
	l := linker{ctx: ctx, options: o, reader: b.reader}
	var err error
	if b.NeedsNames() {
		if l.names, err = w.Snapshot(ctx); err != nil {
			return err
		}
	}
	// After the names: what is known now holds for their version, or a later one is noticed when
	// the links are written.
	keys := b.Keys()
	if b.needsUsers() {
		users, err := w.Users(ctx)
		if err != nil {
			return err
		}
		if l.assignees = newAssignees(users, o); users.Users != nil {
			l.userKeys(b, &keys)
		}
	}
	if l.interrupted != nil {
		return l.interrupted
	}
	if !keys.IsEmpty() {
		if l.holders, err = w.Holders(ctx, keys); err != nil {
			return err
		}
	}
	if ids := b.References(); len(ids) > 0 {
		if l.known, err = w.Known(ctx, ids); err != nil {
			return err
		}
	}
	if err := b.link(ctx, &l); err != nil {
		return err
	}
	if err := b.addNearTitles(ctx, w); err != nil {
		return err
	}
	taken, err := w.Taken(ctx, b)
	if err != nil {
		return err
	}
	b.splitRepeats(taken, o.OnDuplicate)
	return nil
}

// ctxEvery is the number of rows between two checks of the context; the last row is always followed
// by one.
const ctxEvery = 8

// link checks the explicit ids of the tasks and replaces their keys and names by ids.
func (b *Batch) link(ctx context.Context, l *linker) error {
	kept := 0
	for i := range b.Tasks {
		d := &b.Tasks[i]
		fault := l.link(d)
		if l.interrupted != nil {
			return l.interrupted
		}
		if i%ctxEvery == 0 || i == len(b.Tasks)-1 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		if fault != nil {
			b.Reject(d.Source, fault)
			continue
		}
		if kept < i {
			b.Tasks[kept] = *d
		}
		kept++
	}
	b.Tasks, b.read = b.Tasks[:kept], len(b.changes)
	b.changes = append(b.changes, l.changes...)
	return nil
}
