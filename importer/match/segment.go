package match

import (
	"bytes"
	"cmp"
	"hash/maphash"
	"iter"
	"slices"
	"sort"
	"strings"
	"sync"
)

// segment is an immutable set of entries with everything to find them. Entries are in the order of
// their ids.
type segment struct {
	kind      Kind
	ids       []ID
	names     string   // all names, concatenated
	nameEnds  []uint32 // of each entry
	employers []ID     // the company of each entry; zero for none
	equal     equalTable
	variants  variantTable
	latin     variantTable // the Latin spellings of names in other scripts, by the hash of their keys
	similar   *index
}

// newSegment builds a segment. learn, which may be nil, gets the forms of each entry's name. After
// it has copied the entries it does not use them, so that they can be freed while the tables are
// built.
func newSegment(k Kind, entries []Entry, learn func([]form)) *segment {
	s := &segment{kind: k, ids: make([]ID, len(entries)), nameEnds: make([]uint32, len(entries)), employers: make([]ID,
		len(entries))}
	var names strings.Builder
	names.Grow(sizeOfNames(entries))
	for i := range entries {
		names.WriteString(entries[i].Name)
		s.ids[i], s.nameEnds[i], s.employers[i] = entries[i].ID, uint32(names.Len()), entries[i].Company
	}
	s.names = names.String()
	s.equal = newEqualTable(entries)
	texts, variants, latin := s.fold(learn)
	s.latin = newVariantTable(latin)
	var work sync.WaitGroup
	work.Go(func() { s.variants = newVariantTable(variants) })
	s.similar = newIndex(texts)
	work.Wait()
	return s
}

func sizeOfNames(entries []Entry) (size int) {
	for i := range entries {
		size += len(entries[i].Name)
	}
	return size
}

// folded is the number of entries whose forms are in memory at a time while a segment is built: the
// forms need several times the memory of the result.
const folded = 1 << 16

// fold enters the forms of all names into the table of equal names, and returns the input of the
// other tables.
func (s *segment) fold(learn func([]form)) (texts []text, variants, latin []variant) {
	n := int(s.len())
	texts, variants = make([]text, 0, n+n/8), make([]variant, 0, n)
	for from := 0; from < n; from += folded {
		all := s.forms(from, min(from+folded, n))
		var work sync.WaitGroup
		if learn != nil {
			work.Go(func() {
				for _, fs := range all {
					learn(fs)
				}
			})
		}
		work.Go(func() {
			for i, fs := range all {
				variants = appendVariants(variants, s.kind, int32(from+i), fs)
			}
		})
		texts = enter(s.equal, texts, from, all)
		for i, fs := range all {
			if !isForeign(fs) {
				continue
			}
			for n, f := range latinForms(s.kind, s.name(int32(from+i))) {
				latin = append(latin, variant{uint64(hash32(f.key())), int32(from + i)})
				if n == 0 {
					texts = append(texts, text{entry: int32(from + i), bytes: strings.Clone(f.text)})
				}
			}
		}
		work.Wait()
	}
	s.equal.done(s.employers)
	return texts, variants, latin
}

// forms returns the forms of the names in a range of entries. It uses several processors if there
// are many.
func (s *segment) forms(from, to int) [][]form {
	const share = folded / 2
	all := make([][]form, to-from)
	var work sync.WaitGroup
	for first := from; first < to; first += share {
		work.Go(func() {
			for i := first; i < min(first+share, to); i++ {
				all[i-from] = forms(s.kind, s.name(int32(i)))
			}
		})
	}
	work.Wait()
	return all
}

// enter adds names to the table of equal names, and appends the texts that similarity compares.
// first is the entry of the first name. It copies the texts into one string, because a form holds
// more than its text.
func enter(equal equalTable, texts []text, first int, names [][]form) []text {
	began := len(texts)
	var joined strings.Builder
	for i, forms := range names {
		for n, f := range forms {
			if n == 0 || f.key() != forms[0].key() {
				equal.add(f.key(), int32(first+i))
			}
			if isASCII(f.text) {
				texts = append(texts, text{entry: int32(first + i), bytes: f.text})
				joined.WriteString(f.text)
			}
		}
	}
	all := joined.String()
	for i := began; i < len(texts); i++ {
		size := len(texts[i].bytes)
		texts[i].bytes, all = all[:size], all[size:]
	}
	return texts
}

func (s *segment) len() int32 { return int32(len(s.ids)) }

func (s *segment) name(at int32) string {
	from := uint32(0)
	if at > 0 {
		from = s.nameEnds[at-1]
	}
	return s.names[from:s.nameEnds[at]]
}

func (s *segment) entry(at int32) Entry {
	return Entry{ID: s.ids[at], Name: s.name(at), Company: s.employers[at]}
}

// find returns the entry with an id, or -1.
func (s *segment) find(id ID) int32 {
	at, ok := slices.BinarySearchFunc(s.ids, id, func(a, b ID) int { return bytes.Compare(a[:], b[:]) })
	if !ok {
		return -1
	}
	return int32(at)
}

var hashSeed = maphash.MakeSeed()

// hash32 is FNV-1a, the same in every process: collisions count as work.
func hash32(s string) uint32 {
	h := uint32(2166136261)
	for i := range len(s) {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return h
}

func hashOf(key []byte) uint64 { return maphash.Bytes(hashSeed, key) }

// equalTable finds entries by the key of one of their forms. It is a hash table with eight bits of
// each hash instead of the key; the caller compares the names. A search has at most farFrom steps.
// Entries that would be further from their place are in far, with their key.
type equalTable struct {
	slots []int32 // entry + 1; 0 is free
	tags  []uint8
	far   map[string]*crowded
}

// crowded has entries of the same key, in the order of their ids.
type crowded struct {
	entries    []int32
	byEmployer []int32 // the same entries in the order of their companies
}

// newEqualTable returns a table with enough slots for the forms of all entries.
func newEqualTable(entries []Entry) equalTable {
	n := len(entries)
	for i := range entries {
		if hasUmlaut(entries[i].Name) {
			n++
		}
	}
	size := 2
	for size <= n*3/2 { // a search ends at a free slot
		size *= 2
	}
	return equalTable{slots: make([]int32, size), tags: make([]uint8, size), far: map[string]*crowded{}}
}

// farFrom is the largest distance of an entry from its place.
const farFrom = 64

func (t equalTable) add(key string, entry int32) {
	hash := maphash.String(hashSeed, key)
	at, mask := t.first(hash)
	for range farFrom {
		if t.slots[at] == 0 {
			t.slots[at], t.tags[at] = entry+1, tagOf(hash)
			return
		}
		at = (at + 1) & mask
	}
	c := t.far[key]
	if c == nil {
		c = &crowded{}
		t.far[strings.Clone(key)] = c
	}
	c.entries = append(c.entries, entry)
}

// done closes the table; employers are the companies of the entries.
func (t equalTable) done(employers []ID) {
	for _, c := range t.far {
		c.byEmployer = slices.Clone(c.entries)
		slices.SortStableFunc(c.byEmployer, func(a, b int32) int { return bytes.Compare(employers[a][:], employers[b][:]) })
	}
}

// at returns the entries that belong to a company.
func (c *crowded) at(company ID, employers []ID) []int32 {
	from := sort.Search(len(c.byEmployer), func(i int) bool {
		return bytes.Compare(employers[c.byEmployer[i]][:],
			company[:]) >= 0
	})
	to := from
	for to < len(c.byEmployer) && employers[c.byEmployer[to]] == company {
		to++
	}
	return c.byEmployer[from:to]
}

func (t equalTable) first(hash uint64) (at, mask uint32) {
	mask = uint32(len(t.slots) - 1)
	return uint32(hash) & mask, mask
}

func tagOf(hash uint64) uint8 { return uint8(hash >> 56) }

// may returns the entries that may have a key with this hash, and few others.
func (t equalTable) may(hash uint64) iter.Seq[int32] {
	return func(yield func(int32) bool) {
		tag := tagOf(hash)
		at, mask := t.first(hash)
		for range farFrom {
			if t.slots[at] == 0 || t.tags[at] == tag && !yield(t.slots[at]-1) {
				return
			}
			at = (at + 1) & mask
		}
	}
}

// variantTable finds entries by the common part of the usual ways of writing a name: of a person
// the surname and the given name, of a company the name without abbreviations and spaces. It is
// sorted, so that all given names with one initial are together.
type variantTable struct {
	keys    []uint64
	entries []int32
}

// variant is a key of an entry.
type variant struct {
	key   uint64
	entry int32
}

func appendVariants(to []variant, k Kind, entry int32, forms []form) []variant {
	for _, f := range forms {
		for _, key := range variantKeys(k, f) {
			to = append(to, variant{key, entry})
		}
	}
	return to
}

func newVariantTable(all []variant) variantTable {
	slices.SortFunc(all, func(a, b variant) int {
		if a.key != b.key {
			return cmp.Compare(a.key, b.key)
		}
		return cmp.Compare(a.entry, b.entry)
	})
	t := variantTable{keys: make([]uint64, len(all)), entries: make([]int32, len(all))}
	for i, v := range all {
		t.keys[i], t.entries[i] = v.key, v.entry
	}
	return t
}

// each calls visit for the entries whose keys are in a range.
func (t variantTable) each(from, to uint64, visit func(entry int32)) {
	at, _ := slices.BinarySearch(t.keys, from)
	for ; at < len(t.keys) && t.keys[at] <= to; at++ {
		visit(t.entries[at])
	}
}
