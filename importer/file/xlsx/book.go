package xlsx

import (
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strconv"
	"strings"
)

// maxSheets is the most sheets of a workbook.
const maxSheets = 1000

// book describes the parts of a workbook.
type book struct {
	dir      string            // the folder to which its relations are relative
	targets  map[string]string // paths by the id of the relation
	kinds    map[string]string // paths by the kind of the relation
	sheets   []sheet
	date1904 bool
}

type sheet struct {
	name, path string
	hidden     bool
}

func readBook(p *parts) (*book, error) {
	const usual = "xl/workbook.xml"
	main := usual
	if p.find("_rels/.rels") != nil {
		_, kinds, err := relations(p, "_rels/.rels", "")
		if err != nil {
			return nil, err
		}
		if kinds["officeDocument"] != "" {
			main = kinds["officeDocument"]
		}
	}
	b := &book{dir: path.Dir(main)}
	rels := path.Join(b.dir, "_rels", path.Base(main)+".rels")
	var err error
	if b.targets, b.kinds, err = relations(p, rels, b.dir); err != nil {
		return nil, err
	}
	return b, eachElement(p, main, func(e xml.StartElement) error { return b.see(e) })
}

func (b *book) see(e xml.StartElement) error {
	switch e.Name.Local {
	case "workbookPr":
		b.date1904 = isTrue(attribute(e, "date1904"))
	case "sheet":
		target := b.targets[attribute(e, "id")]
		if len(b.sheets) == maxSheets {
			return unreadable("the workbook has more than %d sheets; save one sheet on its own", maxSheets)
		}
		// a chart has a sheet of its own
		if strings.Contains(target, "worksheets/") || !strings.Contains(target, "sheets/") {
			b.sheets = append(b.sheets, sheet{name: attribute(e, "name"), path: target, hidden: attribute(e, "state") != "" &&
				attribute(e, "state") != "visible"})
		}
	}
	return nil
}

// relations returns the paths of parts by the id and by the kind of their relation.
func relations(p *parts, file, dir string) (targets, kinds map[string]string, err error) {
	targets, kinds = map[string]string{}, map[string]string{}
	err = eachElement(p, file, func(e xml.StartElement) error {
		if e.Name.Local == "Relationship" && len(targets) < 2*maxSheets {
			target := attribute(e, "Target")
			if !strings.HasPrefix(target, "/") {
				target = path.Join(dir, target)
			}
			target = strings.TrimPrefix(target, "/")
			targets[attribute(e, "Id")] = target
			targets[attribute(e, "id")] = target
			kinds[path.Base(attribute(e, "Type"))] = target
		}
		return nil
	})
	return targets, kinds, err
}

// eachElement calls see for the start of each element of a small part.
func eachElement(p *parts, file string, see func(xml.StartElement) error) error {
	part, err := p.open(file, maxParts)
	if err != nil {
		return err
	}
	defer part.Close()
	for w := newWalk(part); ; {
		token, err := w.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if e, ok := token.(xml.StartElement); ok {
			if err := see(e); err != nil {
				return err
			}
		}
	}
}

// choose finds a sheet by its name, or else by its number. Without either it returns the first
// visible sheet.
func (b *book) choose(named string) (sheet, error) {
	if len(b.sheets) == 0 {
		return sheet{}, unreadable("the workbook has no sheet; save it again")
	}
	for _, s := range b.sheets {
		if named != "" && strings.EqualFold(strings.TrimSpace(s.name), strings.TrimSpace(named)) || named == "" && !s.hidden {
			return s, nil
		}
	}
	if named == "" {
		return b.sheets[0], nil
	}
	if n, err := strconv.Atoi(named); err == nil && n >= 1 && n <= len(b.sheets) {
		return b.sheets[n-1], nil
	}
	return sheet{}, unreadable("the workbook has no sheet %q; it has %s", clipped(named), listed(b.names()))
}

func (b *book) names() []string {
	var names []string
	for _, s := range b.sheets {
		names = append(names, s.name)
	}
	return names
}

// others returns the visible sheets that are not read.
func (b *book) others(chosen sheet) []string {
	var names []string
	for _, s := range b.sheets {
		if s.path != chosen.path && !s.hidden {
			names = append(names, s.name)
		}
	}
	return names
}

func listed(names []string) string {
	const most = 10
	var out []string
	for i, n := range names {
		if i == most {
			return strings.Join(out, ", ") + ", …"
		}
		out = append(out, strconv.Quote(clipped(n)))
	}
	return strings.Join(out, ", ")
}

func clipped(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

func isTrue(s string) bool { return s == "1" || s == "true" || s == "on" }
