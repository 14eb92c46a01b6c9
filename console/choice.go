package console

import "strings"

// looks is what a person sees of a choice.
func (c choice) looks() string {
	var b strings.Builder
	for _, p := range c.Name {
		b.WriteString(p.Text)
	}
	b.WriteByte(0)
	for _, p := range c.Company {
		b.WriteString(p.Text)
	}
	return b.String() + "\x00" + c.Email + "\x00" + c.Ref
}

// tellApart names those of the choices that look the same by the end of their ids.
func tellApart(all []choice) {
	const end = 12 // of an id: its random part, which those that were made together do not share
	seen := map[string]int{}
	for _, c := range all {
		seen[c.looks()]++
	}
	for n, c := range all {
		if id := c.ID.String(); seen[c.looks()] > 1 {
			all[n].Ref = "…" + id[len(id)-end:]
		}
	}
}
