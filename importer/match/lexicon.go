package match

import (
	"maps"
	"math"
)

// lexicon counts the words of a directory: in how many names each occurs. For a word that it does
// not have, it estimates how much the word looks like a name. So the decision can consider how
// common a name is in this workspace.
type lexicon struct {
	counts   map[string]wordCount
	changed  map[string]wordCount // overrides counts, which other lexicons share
	initials [256]int32           // how many names begin with a letter
	names    int                  // the number of names
	words    int                  // the number of words in all names
	single   int                  // the number of words that occur in one name only
	learned  *grams               // the spelling of all words and of the common names, as counts
	grams    *grams
}

// wordCount has the number of names with a word in first place, where people have their given name,
// and elsewhere.
type wordCount struct{ first, rest int32 }

func (c wordCount) all() int32 { return c.first + c.rest }

func newLexicon() *lexicon {
	learned := *knownGrams
	return &lexicon{counts: make(map[string]wordCount), learned: &learned}
}

// open returns a copy that can be changed without changing this lexicon.
func (l *lexicon) open() *lexicon {
	next := *l
	learned := *l.learned
	next.learned = &learned
	next.changed = maps.Clone(l.changed)
	if next.changed == nil {
		next.changed = map[string]wordCount{}
	}
	return &next
}

// add counts the words of a name. Of a second form only the words that differ from the first are
// counted.
func (l *lexicon) add(forms []form) { l.count(forms, 1) }

// remove reverts add.
func (l *lexicon) remove(forms []form) { l.count(forms, -1) }

func (l *lexicon) count(forms []form, n int32) {
	if len(forms) == 0 {
		return
	}
	l.names += int(n)
	l.initials[forms[0].words[0][0]] += n
	for f := range forms {
		for i, w := range forms[f].words {
			if f > 0 && i < len(forms[0].words) && forms[0].words[i] == w {
				continue
			}
			c := l.of(w)
			if i == 0 {
				c.first += n
			} else {
				c.rest += n
			}
			l.set(w, c)
		}
	}
}

// of returns how often a word occurs.
func (l *lexicon) of(word string) wordCount {
	if c, ok := l.changed[word]; ok {
		return c
	}
	return l.counts[word]
}

func (l *lexicon) set(word string, now wordCount) {
	before := l.of(word).all()
	l.words += int(now.all() - before)
	l.single += one(now.all()) - one(before)
	switch {
	case before == 0:
		l.learned.learn(word, 1)
	case now.all() == 0:
		l.learned.learn(word, -1)
	}
	if l.changed != nil {
		l.changed[word] = now
		return
	}
	l.counts[word] = now
}

func one(n int32) int {
	if n == 1 {
		return 1
	}
	return 0
}

// done closes the lexicon: afterwards it is only read.
func (l *lexicon) done() {
	ready := *l.learned
	ready.done()
	l.grams = &ready
}

// The frequency of a common name without a bearer, and the bounds of the estimated share of unknown
// words.
const (
	commonName                  = 1.0 / 500
	leastNovelty, greatestNovel = 0.05, 0.6
)

// logFrequency returns the natural logarithm of the share of the directory's people who have the
// word at this place. It is computed from the counts, less the one name that may be left out. For a
// word of no other name it is estimated from the letters. The share of all new words is that of
// words seen once (I. J. Good, 1953).
func (l *lexicon) logFrequency(word string, first bool, without int32, common bool) float64 {
	c := l.of(word).rest
	if first {
		c = l.of(word).first
	}
	if c > without {
		return math.Log(float64(c-without) / l.population())
	}
	novelty := min(greatestNovel, max(leastNovelty, float64(l.single)/float64(max(l.words, 1))))
	unseen := math.Log(novelty) + l.grams.logProbability(word)
	if common {
		return max(unseen, math.Log(min(commonName, 1/l.population())))
	}
	return unseen
}

// unlisted is the number of people with a word beyond those in the directory.
const unlisted = 0.3

// logOthers returns the logarithm of the share of people with a word, less one of them.
func (l *lexicon) logOthers(word string, first bool) float64 {
	c := l.of(word).rest
	if first {
		c = l.of(word).first
	}
	return math.Log((float64(max(c-1, 0)) + unlisted) / l.population())
}

// logInitial returns the logarithm of the share of names that begin with a letter, less one of
// them.
func (l *lexicon) logInitial(c byte) float64 {
	return math.Log((float64(max(l.initials[c]-1, 0)) + unlisted) / l.population())
}

func (l *lexicon) population() float64 { return float64(max(l.names, 1)) }
