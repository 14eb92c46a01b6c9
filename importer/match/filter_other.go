//go:build !amd64

package match

const vectors = false

func filterRuns(into *notes, of *runs, from, to int, p *probe) int {
	return filterRunsPlain(into, of, from, to, p)
}

func filterBlocks(into *notes, heaps []int32, o *order, p *probe) (n, used int) {
	return filterBlocksPlain(into, heaps, o, p)
}

func filterTexts(into *notes, blocks []int32, o *order, p *probe) (n, used int) {
	return filterTextsPlain(into, blocks, o, p)
}
