package match

import (
	"encoding/binary"
	"math/bits"
)

// longTexts are the texts that are too long for the index. Few are compared: the lengths, the
// signatures and then the counts of letters bound the matches.
type longTexts struct {
	texts  []text
	bounds []longBound
}

// longBound has what bounds a text's score.
type longBound struct {
	prefix    uint32
	rest      int32 // letters without a bit in the signature
	signature uint64
	letters   letterCounts
}

// letterCounts counts the letters of a text; symbol tells them apart.
type letterCounts [symbols]uint16

func countLetters(text string) (c letterCounts) {
	for i := range len(text) {
		c[symbol(text, i)]++
	}
	return c
}

// common returns an upper bound of the number of letters that two texts have in common.
func (c *letterCounts) common(o *letterCounts) (n int) {
	for i := range c {
		n += int(min(c[i], o[i]))
	}
	return n
}

func boundOf(text string) longBound {
	p := prefixOf(text)
	signature, rest := commonLetters.signature(text)
	return longBound{binary.BigEndian.Uint32(p[:]), int32(rest), signature, countLetters(text)}
}

func (l *longTexts) len() int { return len(l.texts) }

func (l *longTexts) add(t text) {
	l.texts, l.bounds = append(l.texts, t), append(l.bounds, boundOf(t.bytes))
}

// visit compares a visitor's query with the texts that can reach the minimum score.
func (l *longTexts) visit(v *visitor) {
	q, length := v.search.longQuery(), len(v.query.text)
	var least [prefixSize + 1]float64 // the minimum share of matches, by common prefix; see needs
	for p := range least {
		least[p] = 3*neededJaro(v.least, p) - 1
	}
	for i := range l.texts {
		t, b := &l.texts[i], &l.bounds[i]
		prefix := bits.LeadingZeros32(b.prefix^q.bound.prefix) / 8
		other := len(t.bytes)
		need := int(least[prefix]*float64(length*other)/float64(length+other) - slack)
		if min(length, other) < need || bits.OnesCount64(b.signature&q.bound.signature)+int(min(b.rest,
			q.bound.rest)) < need || v.skip[t.entry] {
			continue
		}
		if !v.search.effort.spend(1) {
			return
		}
		if q.bound.letters.common(&b.letters) < need {
			continue
		}
		if !v.search.effort.spend(pairUnits(length, other)) {
			return
		}
		if score := q.score(t.bytes, prefix, need); score >= v.least {
			v.report(t.entry, score)
		}
	}
}

// longQuery is a query of any length, prepared to be compared with long texts.
type longQuery struct {
	text    string
	bound   longBound
	row     [256]uint8 // the number of each letter of the text, from 1
	words   int        // of 64 bits, one bit for each letter of the text
	rows    []uint64   // of each letter, the bits of its places
	free    []uint64   // the letters without a partner so far
	matched []byte     // the letters of the other text that have a partner
}

func newLongQuery(text string) *longQuery {
	q := &longQuery{text: text, bound: boundOf(text), words: (len(text) + 63) / 64}
	q.free = make([]uint64, q.words)
	q.rows = make([]uint64, q.words) // the row of letters that the text lacks
	for i := range len(text) {
		row := q.row[text[i]]
		if row == 0 {
			row = uint8(len(q.rows) / q.words)
			q.row[text[i]] = row
			q.rows = append(q.rows, make([]uint64, q.words)...)
		}
		q.rows[int(row)*q.words+i/64] |= 1 << (i % 64)
	}
	return q
}

// score returns the score of a text whose common prefix with the query has so many bytes, or 0 if
// it has fewer matches than needed. It counts as query.matches and query.score do, with as many
// words of 64 bits as necessary.
func (q *longQuery) score(other string, prefix, need int) float64 {
	reach := max(0, max(len(q.text), len(other))/2-1)
	for i := range q.free {
		q.free[i] = ^uint64(0)
	}
	q.matched = q.matched[:0]
	for i := range len(other) {
		if at := q.partner(other[i], i-reach, i+reach); at >= 0 {
			q.free[at/64] &^= 1 << (at % 64)
			q.matched = append(q.matched, other[i])
		}
	}
	m := len(q.matched)
	if m == 0 || m < need {
		return 0
	}
	unaligned, n := 0, 0
	for i, free := range q.free {
		for taken := ^free; taken != 0; taken &= taken - 1 {
			if q.text[i*64+bits.TrailingZeros64(taken)] != q.matched[n] {
				unaligned++
			}
			n++
		}
	}
	return scoreOf(m, unaligned, len(q.text), len(other), prefix)
}

// partner returns the first place in a range, both ends included, of a letter without a partner, or
// -1.
func (q *longQuery) partner(letter byte, from, to int) int {
	from, to = max(from, 0), min(to, len(q.text)-1)
	if from > to || q.row[letter] == 0 {
		return -1
	}
	row := q.rows[int(q.row[letter])*q.words:][:q.words]
	for at := from / 64; at <= to/64; at++ {
		open := row[at] & q.free[at]
		if at == from/64 {
			open &= ^uint64(0) << (from % 64)
		}
		if open != 0 {
			if place := at*64 + bits.TrailingZeros64(open); place <= to {
				return place
			}
			return -1
		}
	}
	return -1
}
