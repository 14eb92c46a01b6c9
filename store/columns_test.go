package store_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
	"taskport/importer/dates"
	"taskport/store"
	"taskport/store/storetest"
)

// elsewhere are the columns that no list has: statements of their own set them.
var elsewhere = []string{"changed_at", "updated_at", "active", "deleted_at"}

// The lists of columns match the tables, except what the database sets itself.
func TestColumnsAreThoseOfTheTables(t *testing.T) {
	t.Parallel()
	ctx, url := t.Context(), storetest.URL(t)
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	for table, listed := range store.Columns() {
		rows, err := conn.Query(ctx, `SELECT column_name::text FROM information_schema.columns
			WHERE table_name = $1`, table)
		if err != nil {
			t.Fatal(err)
		}
		there, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range listed {
			if !slices.Contains(there, name) {
				t.Errorf("the table %s lacks %s: add a migration to store/migrations", table, name)
			}
		}
		for _, name := range there {
			if !slices.Contains(listed, name) && !slices.Contains(elsewhere, name) {
				t.Errorf("nothing writes %s of the table %s: add it in store/task_columns.go or store/record_columns.go", name,
					table)
			}
		}
	}
}

// A task with a value in every column is read as it was written, by each way of writing.
func TestEveryColumnIsWrittenAndRead(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s, err := store.Open(ctx, storetest.URL(t), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	full, bare := filled(1), sparse()
	type way = func(workspace uuid.UUID, t importer.Task) (importer.Task, error)
	copied := func(w uuid.UUID, t importer.Task) (importer.Task, error) { return s.Copied(ctx, w, t) }
	inserted := func(w uuid.UUID, t importer.Task) (importer.Task, error) { return s.Inserted(ctx, w, t) }
	updatedWith := func(with importer.Task) way {
		return func(w uuid.UUID, t importer.Task) (importer.Task, error) { return s.Updated(ctx, w, t, with) }
	}
	for name, c := range map[string]struct {
		task, want importer.Task
		write      way
	}{
		"copied":         {full, full, copied},
		"copied, bare":   {bare, bare, copied},
		"inserted":       {full, full, inserted},
		"inserted, bare": {bare, bare, inserted},
		"updated":        {filled(2), full, updatedWith(full)},
		"updated, bare":  {known(bare), full, updatedWith(full)},
		"unchanged":      {full, full, updatedWith(importer.Task{Title: full.Title})},
	} {
		t.Run(name, func(t *testing.T) {
			w, err := s.CreateWorkspace(ctx, name, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			got, err := c.write(w.ID, c.task)
			if err != nil {
				t.Fatal(err)
			}
			c.want.ID = got.ID
			// An update leaves these unchanged.
			c.want.CreatedDate, c.want.CreatedAt = c.task.CreatedDate, c.task.CreatedAt
			c.want.ExternalID = c.task.ExternalID
			if got.CreatedAt = got.CreatedAt.UTC(); got != c.want {
				t.Errorf("got %+v\nwant %+v", got, c.want)
			}
		})
	}
}

// sparse returns a task with only the required fields.
func sparse() importer.Task {
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	return importer.Task{Title: "sparse", Status: "open", ContactID: uuid.New(), CreatedDate: "2026-03-01", CreatedAt: at}
}

func known(t importer.Task) importer.Task {
	t.ExternalID = "known"
	return t
}

// filled returns a task with a distinct value in every field.
func filled(n int) importer.Task {
	t := importer.Task{Status: []string{"open", "completed"}[n%2], Priority: []string{"low", "high"}[n%2]}
	t.CustomFields = fmt.Sprintf(`{"the": "object of %d"}`, n) // as the database writes it
	v := reflect.ValueOf(&t).Elem()
	for i := range v.NumField() {
		at := time.Date(2026, time.Month(n), i+1, 4, 5, 6, 0, time.UTC)
		switch f := v.Field(i); f.Interface().(type) {
		case string:
			if f.String() == "" {
				f.SetString(v.Type().Field(i).Name + " of " + string(rune('0'+n)))
			}
		case uuid.UUID:
			f.Set(reflect.ValueOf(uuid.New()))
		case time.Time:
			f.Set(reflect.ValueOf(at))
		case dates.When:
			f.Set(reflect.ValueOf(dates.When{At: at.Truncate(24 * time.Hour), DayOnly: n == 1, Given: true}))
		}
	}
	return t
}
