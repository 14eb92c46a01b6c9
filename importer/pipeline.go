package importer

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// Source is where a row came from, and what it looked like there.
type Source struct {
	Row   int
	Line  int
	Cells []string
}

// Batch is what the rows of a chunk have become. Every row stands in exactly one of its lists.
type Batch struct {
	Tasks     []Draft
	Contacts  []Contact
	Companies []Company
	Items     []Item // deals or events
	Dead      []DeadLetter
}

// Read takes the rows of a chunk through decode → map → validate. now is what an absent created_date becomes.
func (p *Plan) Read(c Chunk, now time.Time) *Batch {
	b := &Batch{}
	b.expect(p.Kind, c.Rows)
	t := p.translator()
	for rec := range DecodeChunk(p.Layout, c) {
		src := Source{Row: rec.Row, Line: rec.Line, Cells: rec.Cells}
		if p.defused {
			restoreAll(src.Cells)
		}
		if problem := p.problem(&rec); problem != "" {
			b.Reject(src, &Fault{Reason: MalformedRow, Message: problem})
			continue
		}
		if len(c.Repeats) > 0 && repeated(c.Repeats, rec.Row) {
			b.Reject(src, repeatedRow())
			continue
		}
		t.room = p.values(src.Cells, t.room)
		t.take(b, src, src.Cells, nil, now)
	}
	return b
}

// Again is a row that was a dead letter, with what operators have decided about it since.
type Again struct {
	Source
	Mends map[string]string // new values by field, in the words of the API
	Anew  bool              // the cells are not used
}

// ReadAgain takes rows that were dead letters through map → validate once more; their cells are as Read left them.
func (p *Plan) ReadAgain(rows []Again, now time.Time) *Batch {
	b := &Batch{}
	b.expect(p.Kind, len(rows))
	t := p.translator()
	for _, r := range rows {
		cells := r.Cells
		if r.Anew {
			cells = nil
		}
		t.room = p.values(cells, t.room)
		t.take(b, r.Source, cells, r.Mends, now)
	}
	return b
}

// take translates, renews and validates the values in the room, which are those of a row with these cells.
func (t *translator) take(b *Batch, src Source, cells []string, mends map[string]string, now time.Time) {
	origin, fault := t.plan.readOrigin(cells)
	if fault == nil {
		fault = t.keep(b, src, cells, mends, now)
	}
	if fault != nil {
		b.Reject(src, fault)
	} else if t.plan.origin >= 0 {
		b.Tasks[len(b.Tasks)-1].Origin = origin
	}
}

// keep adds the row to the batch, or says why it cannot.
func (t *translator) keep(b *Batch, src Source, cells []string, mends map[string]string, now time.Time) *Fault {
	if t.eager {
		t.row(t.room)
	}
	t.plan.renew(t.room, cells, mends)
	if fault := t.checkExternalID(); fault != nil {
		return fault
	}
	fault := b.add(t.plan.Kind, src, t.room, now)
	if fault != nil && !t.eager && fault.Reason == InvalidValue {
		t.row(t.room)
		t.plan.renew(t.room, cells, mends)
		fault = b.add(t.plan.Kind, src, t.room, now)
	}
	switch {
	case fault == nil:
		return nil
	case len(mends) == 0 && hasNothing(cells):
		fault.Message = emptyRow
		return fault
	}
	return t.plan.explain(fault, t.room)
}

// problem says why a row is none that could be mapped; empty for one that can.
func (p *Plan) problem(rec *Record) string {
	sums := p.Kind == Tasks || p.Kind == Contacts // a company, a deal or an event may well be called Total
	switch {
	case p.Layout.Tabular() && repeatsHeader(rec.Cells, p.Layout.Columns):
		return repeatedHeader
	case p.Layout.Tabular() && (sums || rec.Problem != "") && looksLikeTotals(rec.Cells):
		return totalsLine
	case rec.Problem == "" && p.isUnmended(rec.Cells):
		return unmendedRow
	}
	return rec.Problem
}

// ReadTask takes a single task through validate; it is the first half of what Read does to a row.
func ReadTask(v Values, now time.Time) (*Batch, *Fault) {
	b := &Batch{}
	fault := b.add(Tasks, Source{Row: 1}, v, now)
	return b, fault
}

// Link takes the tasks of a batch through resolve: explicit ids must be known, names must mean one record.
// What fails becomes a dead letter. When the context ends first, the error is its own, and the batch is of no more use: some of its rows were linked, and
// none was refused for that reason.
func (b *Batch) Link(ctx context.Context, known Known, names *Names, o Options) error {
	kept := 0
	for i := range b.Tasks {
		if err := ctx.Err(); err != nil {
			return err
		}
		d := &b.Tasks[i]
		fault := known.check(d)
		if fault == nil {
			var err error
			if fault, err = names.resolve(ctx, d, o); err != nil {
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
	b.Tasks = b.Tasks[:kept]
	return nil
}

// expect makes room for so many rows.
func (b *Batch) expect(kind Kind, rows int) {
	switch kind {
	case Tasks:
		b.Tasks = make([]Draft, 0, rows)
	case Contacts:
		b.Contacts = make([]Contact, 0, rows)
	case Companies:
		b.Companies = make([]Company, 0, rows)
	case Deals, Events:
		b.Items = make([]Item, 0, rows)
	}
}

// add validates a row and keeps it.
func (b *Batch) add(kind Kind, src Source, v Values, now time.Time) *Fault {
	switch kind {
	case Tasks:
		n := len(b.Tasks)
		b.Tasks = append(b.Tasks, Draft{Source: src})
		if fault := b.Tasks[n].validate(v, now); fault != nil {
			b.Tasks = b.Tasks[:n]
			return fault
		}
	case Contacts:
		c, fault := validateContact(v)
		if fault != nil {
			return fault
		}
		c.Source = src
		b.Contacts = append(b.Contacts, c)
	case Companies:
		c, fault := validateCompany(v)
		if fault != nil {
			return fault
		}
		c.Source = src
		b.Companies = append(b.Companies, c)
	case Deals, Events:
		it, fault := validateItem(kind, v)
		if fault != nil {
			return fault
		}
		it.Source = src
		b.Items = append(b.Items, it)
	}
	return nil
}

// Reject turns a row into a dead letter; the caller takes it out of the list it stood in.
func (b *Batch) Reject(src Source, fault *Fault) {
	b.Dead = append(b.Dead, DeadLetter{Source: src, Fault: *fault})
}

// References are the ids that tasks name explicitly, by kind, each once.
type References map[Kind][]uuid.UUID

// References collects the explicit ids of the batch.
func (b *Batch) References() References {
	refs := References{}
	seen := map[uuid.UUID]bool{}
	for i := range b.Tasks {
		for _, link := range b.Tasks[i].links() {
			if *link.id != uuid.Nil && !seen[*link.id] {
				seen[*link.id] = true
				refs[link.kind] = append(refs[link.kind], *link.id)
			}
		}
	}
	return refs
}

// NeedsNames reports whether some task names a record instead of giving its id.
func (b *Batch) NeedsNames() bool {
	for i := range b.Tasks {
		if d := &b.Tasks[i]; d.ContactName != "" || d.CompanyName != "" {
			return true
		}
	}
	return false
}
