//go:build !amd64

package match

const vectors = false

func siftRuns(into *notes, of *runs, from, to int, p *probe) int {
	return siftRunsPlain(into, of, from, to, p)
}

func siftBlocks(into *notes, heaps []int32, o *order, p *probe) (n, used int) {
	return siftBlocksPlain(into, heaps, o, p)
}

func siftTexts(into *notes, blocks []int32, o *order, p *probe) (n, used int) {
	return siftTextsPlain(into, blocks, o, p)
}
