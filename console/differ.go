package console

import "unicode"

// piece is a part of a text, with whether it differs from another text.
type piece struct {
	Text    string
	Differs bool
}

// longestCompared is the longest text that is compared, in characters.
const longestCompared = 200

// differing splits a text into the pieces that it has in common with another and those that differ.
// It ignores case.
func differing(text, from string) []piece {
	a, b := []rune(shown(text)), []rune(shown(from))
	if len(a) == 0 {
		return nil
	}
	if len(b) == 0 || len(a) > longestCompared || len(b) > longestCompared {
		return []piece{{Text: string(a)}}
	}
	common := inCommon(a, b)
	var out []piece
	for i, r := range a {
		if n := len(out); n > 0 && out[n-1].Differs == !common[i] {
			out[n-1].Text += string(r)
			continue
		}
		out = append(out, piece{string(r), !common[i]})
	}
	return out
}

// inCommon reports for each character of a whether it is in a longest common subsequence with b.
func inCommon(a, b []rune) []bool {
	length := make([][]int, len(a)+1)
	for i := range length {
		length[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			length[i][j] = max(length[i+1][j], length[i][j+1])
			if sameLetter(a[i], b[j]) {
				length[i][j] = max(length[i][j], length[i+1][j+1]+1)
			}
		}
	}
	common := make([]bool, len(a))
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case sameLetter(a[i], b[j]) && length[i][j] == length[i+1][j+1]+1:
			common[i] = true
			i, j = i+1, j+1
		case length[i+1][j] >= length[i][j+1]:
			i++
		default:
			j++
		}
	}
	return common
}

func sameLetter(a, b rune) bool { return unicode.ToLower(a) == unicode.ToLower(b) }
