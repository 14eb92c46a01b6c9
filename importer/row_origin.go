package importer

import (
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
)

// originColumn is the column of a report that ties each of its rows to the row of the import that it first stood in.
const originColumn = "_import"

// Origin is the row of an import that a row of its report is. The zero value is that of a row which comes from no report.
type Origin struct {
	Import uuid.UUID
	Row    int
}

// String writes an origin as a report has it; empty for none.
func (o Origin) String() string {
	if o == (Origin{}) {
		return ""
	}
	return o.Import.String() + "/" + strconv.Itoa(o.Row)
}

// key stands for the origin among external ids, none of which begins with a space.
func (o Origin) key() string {
	if o == (Origin{}) {
		return ""
	}
	return " " + o.String()
}

// Taken notes among external ids that the row of this origin is a task already; here says that it became one earlier in the same file.
func (o Origin) Taken(taken map[string]bool, here bool) {
	taken[o.key()] = true
	if here {
		taken[o.hereKey()] = true
	}
}

func (o Origin) hereKey() string { return o.key() + " here" }

// parseOrigin reads what String writes, and the mark that may stand behind it, also where the row is tied to none.
func parseOrigin(text string) (o Origin, mark string, ok bool) {
	id, rest, _ := strings.Cut(strings.TrimSpace(text), "/")
	if id == "" && rest != "" {
		return o, rest, true
	}
	if o.Import, ok = ParseID(id); !ok {
		return o, "", false
	}
	number, mark, _ := strings.Cut(rest, "/")
	row, err := strconv.Atoi(number)
	o.Row = row
	return o, mark, err == nil && row > 0
}

// originAt finds the column of the origins; -1 where there is none. Only tasks have them: the directory knows its records again by themselves.
func originAt(kind Kind, columns []string) int {
	if kind != Tasks {
		return -1
	}
	return slices.Index(columns, originColumn)
}

// readOrigin reads the origin of a row. What is none counts only in a report: elsewhere the column may be anything.
func (p *Plan) readOrigin(cells []string) (Origin, *Fault) {
	if p.origin < 0 || p.origin >= len(cells) || strings.TrimSpace(cells[p.origin]) == "" {
		return Origin{}, nil
	}
	o, _, ok := parseOrigin(cells[p.origin])
	if !ok && p.defused {
		return o, &Fault{Reason: InvalidValue, Field: originColumn,
			Message: originColumn + " must be as the report had it, not " + shown(cells[p.origin]) + "; restore it, or empty it if the row is to be a task of its own"}
	}
	if !ok {
		return Origin{}, nil
	}
	return o, nil
}

// isTied reports whether the rows are those of a report that says which rows they were.
func (p *Plan) isTied() bool { return p.origin >= 0 && p.defused }

// Origins gives the origins of the batch's tasks.
func (b *Batch) Origins() []Origin {
	var all []Origin
	for i := range b.Tasks {
		if o := b.Tasks[i].Origin; o != (Origin{}) {
			all = append(all, o)
		}
	}
	return all
}

// repeatedOrigin refuses a row whose origin stands in the file before.
func repeatedOrigin(o Origin) *Fault {
	return &Fault{Reason: Duplicate, Field: originColumn,
		Message: "row " + strconv.Itoa(o.Row) + " of import " + o.Import.String() + " stands in this report twice; remove one, or empty " + originColumn + " of the one that is to be a task of its own"}
}
