package match

import "golang.org/x/sys/cpu"

// vectors reports whether the processor counts the bits of eight words at a time.
var vectors = cpu.X86.HasAVX512F && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512VL &&
	cpu.X86.HasAVX512VBMI && cpu.X86.HasAVX512VPOPCNTDQ

func filterRuns(into *notes, of *runs, from, to int, p *probe) int {
	if !vectors || from == to {
		return filterRunsPlain(into, of, from, to, p)
	}
	return filterRuns512(into, &of.some[from], &of.all[from], &of.lengths[from], to-from, from, p)
}

func filterBlocks(into *notes, heaps []int32, o *order, p *probe) (n, used int) {
	if !vectors || len(heaps) == 0 {
		return filterBlocksPlain(into, heaps, o, p)
	}
	return filterBlocks512(into, &heaps[0], len(heaps), &o.heaps.starts[0], &o.heaps.lengths[0], &o.blocks.some[0],
		&o.blocks.all[0], p)
}

func filterTexts(into *notes, blocks []int32, o *order, p *probe) (n, used int) {
	if !vectors || len(blocks) == 0 {
		return filterTextsPlain(into, blocks, o, p)
	}
	return filterTexts512(into, &blocks[0], len(blocks), &o.blocks.starts[0], &o.blocks.lengths[0], &o.signatures[0], p)
}

// These three do what the plain functions do, for count items that begin at the pointers.

//go:noescape
func filterRuns512(into *notes, some, all *uint64, lengths *uint8, count, from int, p *probe) int

//go:noescape
func filterBlocks512(into *notes, heaps *int32, count int, starts *int32, lengths *uint8, some, all *uint64,
	p *probe) (n, used int)

//go:noescape
func filterTexts512(into *notes, blocks *int32, count int, starts *int32, lengths *uint8, signatures *uint64,
	p *probe) (n, used int)
