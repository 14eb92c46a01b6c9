package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Page is a page of a list: the one that follows an entry, or the one of a number.
type Page struct {
	Number, Size int    // Number counts from 1
	After        Cursor // the Next of the page before; such a page costs the same at any depth
	Total        bool   // count all, for a list that does not always
}

// offset returns how many entries precede the page: of a list without a key, the cursor is their
// number.
func (p Page) offset() int {
	if p.After != nil {
		n, _ := strconv.Atoi(p.After[0])
		return n
	}
	return (p.Number - 1) * p.Size
}

// Cursor is the place of an entry in a list: the values that the list is ordered by. It is nil
// before the first entry and after the last.
type Cursor []string

// ErrCursor is returned for a cursor that another list has made.
var ErrCursor = errors.New("not a cursor of this list")

// Listed is a page of a list.
type Listed[R any] struct {
	Rows  []R
	Next  Cursor // the After of the next page; nil for the last page
	Total int    // of all pages, if it was asked for
}

// order is what a list is ordered by: at most two columns whose values are unique together.
type order []orderColumn

type orderColumn struct {
	sql, sqlType string // uuid, bigint, timestamptz or text
	down         bool   // the largest first
}

// newestFirst orders by an id.
func newestFirst(column string) order { return order{{column, "uuid", true}} }

func (o order) sql() string {
	all := make([]string, len(o))
	for i, c := range o {
		if all[i] = c.sql; c.down {
			all[i] += " DESC"
		}
	}
	return " ORDER BY " + strings.Join(all, ", ")
}

// check returns ErrCursor for a cursor that has not the values of the order.
func (o order) check(after Cursor) error {
	if after == nil {
		return nil
	}
	if len(after) != len(o) {
		return ErrCursor
	}
	for i, c := range o {
		var err error
		switch c.sqlType {
		case "uuid":
			_, err = uuid.Parse(after[i])
		case "bigint":
			_, err = strconv.ParseInt(after[i], 10, 64)
		case "timestamptz":
			_, err = time.Parse(time.RFC3339Nano, after[i])
		}
		if err != nil {
			return ErrCursor
		}
	}
	return nil
}

// add narrows a list to what follows a cursor.
func (o order) add(c *conditions, after Cursor) {
	if after == nil {
		return
	}
	beyond := func(down bool) string {
		if down {
			return " < "
		}
		return " > "
	}
	first := o[0]
	if len(o) == 1 {
		c.and(first.sql+beyond(first.down)+`$%d::`+first.sqlType, after[0])
		return
	}
	second := o[1]
	if first.down == second.down {
		c.and(`(`+first.sql+`, `+second.sql+`)`+beyond(first.down)+`($%d::`+first.sqlType+`, $%d::`+second.sqlType+`)`,
			after[0], after[1])
		return
	}
	c.and(first.sql+strings.TrimSpace(beyond(first.down))+`= $%[1]d::`+first.sqlType+` AND (`+first.sql+
		beyond(first.down)+`$%[1]d::`+first.sqlType+` OR `+second.sql+beyond(second.down)+`$%[2]d::`+second.sqlType+`)`,
		after[0], after[1])
}

// list is a list that a page is read of.
type list[R any] struct {
	read  string // SELECT … FROM … WHERE …
	count string // FROM … WHERE …, of the same rows
	where *conditions
	by    order
	scan  pgx.RowToFunc[R]
	key   func(R) Cursor
}

// page returns a page. Its total is counted if it was asked for.
func (l list[R]) page(ctx context.Context, s *Store, p Page) (Listed[R], error) {
	var out Listed[R]
	err := l.by.check(p.After)
	if err != nil {
		return out, err
	}
	if p.Total {
		if out.Total, err = s.count(ctx, `SELECT count(*) `+l.count+l.where.sql.String(), l.where.args...); err != nil {
			return out, err
		}
	}
	offset := 0
	if p.After == nil {
		offset = p.offset()
	}
	l.by.add(l.where, p.After)
	rows, err := s.pool.Query(ctx, l.read+l.where.sql.String()+l.by.sql()+
		fmt.Sprintf(` LIMIT %d OFFSET %d`, p.Size+1, offset), l.where.args...)
	if err != nil {
		return out, translate(err)
	}
	if out.Rows, err = pgx.CollectRows(rows, l.scan); err != nil {
		return out, translate(err)
	}
	out.cut(p.Size, l.key)
	return out, nil
}

// cut shortens rows to a page. One more was read, which shows whether a page follows.
func (l *Listed[R]) cut(size int, key func(R) Cursor) {
	if len(l.Rows) > size {
		l.Rows = l.Rows[:size]
		l.Next = key(l.Rows[size-1])
	}
}

// Placed returns a page of a list without a key, such as groups that each request counts again. Its
// cursor is the number of entries before a page.
func Placed[R any](rows []R, total int, p Page) Listed[R] {
	out := Listed[R]{Rows: rows, Total: total}
	if end := p.offset() + len(rows); len(rows) > 0 && end < total {
		out.Next = Cursor{strconv.Itoa(end)}
	}
	return out
}

// checkPlace returns ErrCursor for a cursor that does not number an entry.
func checkPlace(after Cursor) error {
	err := order{{sqlType: "bigint"}}.check(after)
	if err == nil && after != nil && strings.HasPrefix(after[0], "-") {
		err = ErrCursor
	}
	return err
}
