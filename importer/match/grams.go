package match

import "math"

// grams is a model of the spelling of names: how likely a letter is after the two before it.
type grams struct {
	three [symbols * symbols * symbols]float32
	two   [symbols * symbols]float32
	one   [symbols]float32
}

// symbols are the letters, one symbol for everything else, and the edge of a word.
const symbols = 28

// knownGrams has learned the common names.
var knownGrams = func() *grams {
	g := &grams{}
	for w := range givenNames {
		g.learn(w, 1)
	}
	for w := range surnames {
		g.learn(w, 1)
	}
	return g
}()

// symbol returns the number of the i-th letter of a word; the positions beyond both ends are the
// edge.
func symbol(word string, i int) int {
	switch {
	case i < 0 || i >= len(word):
		return 0
	case word[i] >= 'a' && word[i] <= 'z':
		return int(word[i]-'a') + 1
	}
	return symbols - 1
}

// learn adds n to the counts of the letters of a word; n may be negative.
func (g *grams) learn(word string, n float32) {
	for i := range len(word) + 1 {
		a, b, c := symbol(word, i-2), symbol(word, i-1), symbol(word, i)
		g.three[(a*symbols+b)*symbols+c] += n
		g.two[b*symbols+c] += n
		g.one[c] += n
	}
}

// done turns counts into probabilities, each smoothed by that of the shorter context (I. H. Witten
// and T. C. Bell, 1991).
func (g *grams) done() {
	var uniform [symbols]float32
	for i := range uniform {
		uniform[i] = 1.0 / symbols
	}
	smooth(g.one[:], func(int) []float32 { return uniform[:] })
	smooth(g.two[:], func(int) []float32 { return g.one[:] })
	smooth(g.three[:], func(context int) []float32 { return g.two[context%symbols*symbols:][:symbols] })
}

func smooth(counts []float32, shorter func(context int) []float32) {
	for at := 0; at < len(counts); at += symbols {
		row, back := counts[at:at+symbols], shorter(at/symbols)
		var sum, kinds float32
		for _, n := range row {
			sum += n
			if n > 0 {
				kinds++
			}
		}
		for c := range row {
			if sum == 0 {
				row[c] = back[c]
				continue
			}
			row[c] = (row[c] + kinds*back[c]) / (sum + kinds)
		}
	}
}

// logProbability returns the natural logarithm of the probability of this word among words that are
// spelled as names are.
func (g *grams) logProbability(word string) float64 {
	sum := 0.0
	for i := range len(word) + 1 {
		a, b, c := symbol(word, i-2), symbol(word, i-1), symbol(word, i)
		sum += math.Log(float64(g.three[(a*symbols+b)*symbols+c]))
	}
	return sum
}
