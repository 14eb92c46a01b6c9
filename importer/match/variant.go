package match

import "slices"

// variantKeys returns the keys by which an entry is found in the usual ways of writing its name.
func variantKeys(k Kind, f form) []uint64 {
	if k == Company {
		return []uint64{companyKey(essential(f))}
	}
	p, ok := personParts(f)
	if !ok {
		return nil
	}
	keys := make([]uint64, 0, len(p.surname))
	for _, surname := range p.surname {
		keys = append(keys, personKey(surname, p.given[0]))
	}
	return keys
}

func companyKey(words []string) uint64 { return uint64(hash32(squeezedCompany(words))) }

// personKey consists of the surname, the first letter of the given name, and the given name.
func personKey(surname, given string) uint64 {
	return uint64(hash32(surname))<<32 | uint64(given[0])<<24 | uint64(hash32(given)&0xffffff)
}

// eachVariant calls visit for the entries of a segment whose name the query may be a usual way of
// writing, and for others. Some come twice.
func (d *Directory) eachVariant(s *segment, f form, p Params, visit func(entry int32)) {
	one := func(key uint64) { s.variants.each(key, key, visit) }
	if d.kind == Company {
		words := essential(f)
		one(companyKey(words))
		if last := len(words) - 1; last > 0 {
			if _, ok := d.formSlip(words[last]); ok {
				one(companyKey(words[:last]))
			}
		}
		return
	}
	name, ok := personParts(f)
	if !ok {
		return
	}
	d.eachVariantOf(s, name.given[0], name.surname, p, visit)
	if len(f.words) == 2 {
		d.eachVariantOf(s, name.surname[0], name.given, p, visit)
	}
}

// eachVariantOf does the same for a given name and surnames.
func (d *Directory) eachVariantOf(s *segment, given string, surnames []string, p Params, visit func(entry int32)) {
	one := func(key uint64) { s.variants.each(key, key, visit) }
	for _, surname := range surnames {
		if isInitial(given) {
			s.variants.each(personKey(surname, given)&^0xffffff, personKey(surname, given)|0xffffff, visit)
			continue
		}
		one(personKey(surname, given))
		one(personKey(surname, initialOf(given)))
		if p.NoNicknames {
			continue
		}
		for _, full := range nicknames[given] {
			one(personKey(surname, full))
		}
		for _, short := range familiarForms[given] {
			one(personKey(surname, short))
		}
	}
}

// familiarForms has the short and familiar forms of each full name.
var familiarForms = func() map[string][]string {
	table := map[string][]string{}
	for short, names := range nicknames {
		for _, name := range names {
			if !slices.Contains(table[name], short) {
				table[name] = append(table[name], short)
			}
		}
	}
	for _, forms := range table {
		slices.Sort(forms)
	}
	return table
}()
