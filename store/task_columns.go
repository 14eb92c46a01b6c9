package store

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"taskport/importer"
	"taskport/importer/dates"
)

// taskColumn is a column of tasks. The function that returns its value determines its type, and so
// how it is written and read. An absent value is NULL.
type taskColumn struct {
	name   string
	never  bool                       // it is never absent
	kept   bool                       // an update leaves it unchanged
	given  func(*importer.Draft) bool // an update changes it only if this is true; nil for always
	isDay  bool                       // the column holds When.DayOnly
	object bool                       // the text is a JSON object, and an update merges its members
	text   func(*importer.Task) *string
	id     func(*importer.Task) *uuid.UUID
	when   func(*importer.Task) *dates.When
	moment func(*importer.Task) *time.Time
}

// taskColumns are the columns of tasks that hold a task; COPY, INSERT, SELECT and UPDATE are built
// from them. The other columns hold the workspace (workspace_id) and the source of the task
// (import_id, row_number).
var taskColumns = []taskColumn{
	{name: "id", never: true, kept: true, id: func(t *importer.Task) *uuid.UUID { return &t.ID }},
	{name: "title", never: true, text: func(t *importer.Task) *string { return &t.Title }},
	{name: "description", text: func(t *importer.Task) *string { return &t.Description }},
	{name: "status", never: true, given: func(d *importer.Draft) bool { return d.StatusGiven },
		text: func(t *importer.Task) *string { return &t.Status }},
	{name: "priority", text: func(t *importer.Task) *string { return &t.Priority }},
	{name: "task_type", text: func(t *importer.Task) *string { return &t.TaskType }},
	{name: "due_at", when: func(t *importer.Task) *dates.When { return &t.Due }},
	{name: "due_is_day", never: true, isDay: true, when: func(t *importer.Task) *dates.When { return &t.Due }},
	{name: "assignee_id", text: func(t *importer.Task) *string { return &t.AssigneeID }},
	{name: "contact_id", id: func(t *importer.Task) *uuid.UUID { return &t.ContactID }},
	{name: "company_id", id: func(t *importer.Task) *uuid.UUID { return &t.CompanyID }},
	{name: "deal_id", id: func(t *importer.Task) *uuid.UUID { return &t.DealID }},
	{name: "event_id", id: func(t *importer.Task) *uuid.UUID { return &t.EventID }},
	{name: "created_date", never: true, kept: true, text: func(t *importer.Task) *string { return &t.CreatedDate }},
	{name: "created_at", never: true, kept: true, moment: func(t *importer.Task) *time.Time { return &t.CreatedAt }},
	{name: "custom_fields", object: true, text: func(t *importer.Task) *string { return &t.CustomFields }},
	{name: "external_id", kept: true, text: func(t *importer.Task) *string { return &t.ExternalID }},
}

// copiedColumns are the columns of a COPY, in the order of appendTask.
var copiedColumns = slices.Concat([]string{"workspace_id"}, namesOf(taskColumns, (*taskColumn).column),
	[]string{"import_id", "row_number"})

// appendTask adds a task to a COPY; a single task has no import and no row.
func (c *copyData) appendTask(workspace, importID uuid.UUID, row int, t *importer.Task) {
	if c.task == nil {
		c.task = newBoundTask()
	}
	c.row(len(copiedColumns))
	c.id(workspace)
	c.buf = c.task.appendTo(c.buf, t)
	c.idOrNull(importID)
	if importID == uuid.Nil {
		c.null()
		return
	}
	c.bigint(int64(row))
}

// boundTask is a task with pointers to the values of its columns. Copying a task into it costs less
// than asking each column for its value.
type boundTask struct {
	task    importer.Task
	columns []boundColumn
}

// boundColumn points to the value of a column; one of the pointers is not nil.
type boundColumn struct {
	never  bool
	text   *string
	id     *uuid.UUID
	when   *dates.When
	isDay  *bool
	moment *time.Time
}

func newBoundTask() *boundTask {
	b := &boundTask{columns: make([]boundColumn, len(taskColumns))}
	for i, c := range taskColumns {
		to := &b.columns[i]
		to.never = c.never
		switch {
		case c.text != nil:
			to.text = c.text(&b.task)
		case c.id != nil:
			to.id = c.id(&b.task)
		case c.isDay:
			to.isDay = &c.when(&b.task).DayOnly
		case c.when != nil:
			to.when = c.when(&b.task)
		default:
			to.moment = c.moment(&b.task)
		}
	}
	return b
}

// appendTo adds the values of a task to a row of a COPY.
func (b *boundTask) appendTo(buf []byte, t *importer.Task) []byte {
	b.task = *t
	for i := range b.columns {
		switch c := &b.columns[i]; {
		case c.text != nil && (*c.text != "" || c.never):
			buf = append(binary.BigEndian.AppendUint32(buf, uint32(len(*c.text))), *c.text...)
		case c.id != nil && *c.id != uuid.Nil:
			buf = append(append(buf, 0, 0, 0, byte(len(c.id))), c.id[:]...)
		case c.isDay != nil:
			day := byte(0)
			if *c.isDay {
				day = 1
			}
			buf = append(buf, 0, 0, 0, 1, day)
		case c.when != nil && c.when.Given:
			buf = appendTime(buf, c.when.At)
		case c.moment != nil:
			buf = appendTime(buf, *c.moment)
		default:
			buf = append(buf, 0xff, 0xff, 0xff, 0xff)
		}
	}
	return buf
}

func appendTime(buf []byte, at time.Time) []byte {
	return binary.BigEndian.AppendUint64(append(buf, 0, 0, 0, 8), uint64(at.UnixMicro()-postgresEpoch))
}

func (c *taskColumn) column() string { return c.name }

// sqlType returns the type of the column.
func (c *taskColumn) sqlType() string {
	switch {
	case c.text != nil:
		return "text"
	case c.id != nil:
		return "uuid"
	case c.isDay:
		return "bool"
	}
	return "timestamptz"
}

// array returns the values of the column, one for each task, in a type that pgx encodes without
// reflection.
func (c *taskColumn) array(tasks []*importer.Task) any {
	switch {
	case c.text != nil:
		return collectFrom(tasks, func(t *importer.Task) string { return *c.text(t) })
	case c.id != nil:
		ids := collectFrom(tasks, func(t *importer.Task) pgtype.UUID { return idOrNull(*c.id(t)) })
		return pgtype.FlatArray[pgtype.UUID](ids)
	case c.moment != nil:
		return collectFrom(tasks, func(t *importer.Task) time.Time { return *c.moment(t) })
	case c.isDay:
		return collectFrom(tasks, func(t *importer.Task) bool { return c.when(t).DayOnly })
	}
	return pgtype.FlatArray[pgtype.Timestamptz](collectFrom(tasks, func(t *importer.Task) pgtype.Timestamptz {
		return pgtype.Timestamptz{Time: c.when(t).At, Valid: c.when(t).Given}
	}))
}

// fromArray returns the SQL of the column's value in a row of arrays, in which an absent text is
// empty.
func (c *taskColumn) fromArray() string {
	if c.object {
		return "nullif(n." + c.name + ", '')::json"
	}
	if c.text != nil && !c.never {
		return "nullif(n." + c.name + ", '')"
	}
	return "n." + c.name
}

// selected returns the SQL that reads the column for scanned.
func (c *taskColumn) selected() string {
	switch {
	case c.never || c.when != nil:
		return c.name
	case c.id != nil:
		return "coalesce(" + c.name + ", '" + uuid.Nil.String() + "')"
	case c.object:
		return "coalesce(" + c.name + "::text, '')"
	}
	return "coalesce(" + c.name + ", '')"
}

// scanned returns the destination of a selected value.
func (c *taskColumn) scanned(t *importer.Task) any {
	switch {
	case c.text != nil:
		return c.text(t)
	case c.id != nil:
		return c.id(t)
	case c.moment != nil:
		return c.moment(t)
	case c.isDay:
		return &c.when(t).DayOnly
	}
	return dueScanner{c.when(t)}
}

// dueScanner scans the instant of a date, which may be NULL.
type dueScanner struct{ *dates.When }

// ScanTimestamptz implements pgtype.TimestamptzScanner.
func (d dueScanner) ScanTimestamptz(v pgtype.Timestamptz) error {
	if d.Given = v.Valid; v.Valid {
		d.At = v.Time.UTC()
	}
	return nil
}

// updated returns the value of the column in an update; nil leaves the column unchanged.
func (c *taskColumn) updated(d *importer.Draft) any {
	switch {
	case c.given != nil && !c.given(d), c.when != nil && !c.when(&d.Task).Given:
		return nil
	case c.text != nil:
		return orNull(*c.text(&d.Task))
	case c.id != nil:
		return idOrNull(*c.id(&d.Task))
	case c.moment != nil:
		return *c.moment(&d.Task)
	case c.isDay:
		return c.when(&d.Task).DayOnly
	}
	return c.when(&d.Task).At
}

// updatedColumns are the columns that an update may change.
var updatedColumns = slices.DeleteFunc(slices.Clone(taskColumns), func(c taskColumn) bool { return c.kept })

// updateTask updates a task. Its parameters are the workspace, the external_id, the import and the
// task of the origin, and from setsFrom on the updatedColumns.
var updateTask = `UPDATE tasks SET ` + setList(namesOf(updatedColumns, (*taskColumn).column), setsFrom,
	importer.FieldCustomFields) + `,
	changed_at = CASE WHEN import_id = $3 THEN changed_at ELSE now() END, updated_at = now()
	WHERE workspace_id = $1 AND id = (SELECT id FROM tasks WHERE workspace_id = $1 AND external_id = $2
		UNION ALL SELECT id FROM tasks WHERE workspace_id = $1 AND id = $4 LIMIT 1)`

const setsFrom = 5

// setList returns assignments of columns to parameters; NULL leaves a column unchanged. Those of
// objects change only the given members.
func setList(columns []string, from int, objects ...string) string {
	sets := make([]string, len(columns))
	for i, name := range columns {
		value := fmt.Sprintf("$%d", from+i)
		if slices.Contains(objects, name) {
			value = fmt.Sprintf("(coalesce(%s, '{}')::jsonb || %s::text::jsonb)::json", name, value)
		}
		sets[i] = fmt.Sprintf("%s = coalesce(%s, %s)", name, value, name)
	}
	return strings.Join(sets, ", ")
}

// namesOf returns a text of each column.
func namesOf[C any](columns []C, name func(*C) string) []string {
	all := make([]string, len(columns))
	for i := range columns {
		all[i] = name(&columns[i])
	}
	return all
}

func collectFrom[T any](tasks []*importer.Task, value func(*importer.Task) T) []T {
	all := make([]T, len(tasks))
	for i, t := range tasks {
		all[i] = value(t)
	}
	return all
}
