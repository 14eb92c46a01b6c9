#include "textflag.h"

// The offsets of the probe's fields.
#define SHARED 8
#define FOREIGN 72

// The most notes with which another heap or block may begin.
#define NOTED 256
#define HEAP 8

// The texts of a round.
#define ROUND 32

DATA iota<>+0(SB)/4, $0
DATA iota<>+4(SB)/4, $1
DATA iota<>+8(SB)/4, $2
DATA iota<>+12(SB)/4, $3
DATA iota<>+16(SB)/4, $4
DATA iota<>+20(SB)/4, $5
DATA iota<>+24(SB)/4, $6
DATA iota<>+28(SB)/4, $7
GLOBL iota<>(SB), RODATA|NOPTR, $32

// func filterRuns512(into *notes, some, all *uint64, lengths *uint8, count, from int,
//	p *probe) int
//
// It filters eight runs at a time. The bounds of their lengths are looked up in the probe's tables;
// each table is one register.
TEXT ·filterRuns512(SB), NOSPLIT, $0-64
	MOVQ into+0(FP), DI
	MOVQ some+8(FP), SI
	MOVQ all+16(FP), R8
	MOVQ lengths+24(FP), R9
	MOVQ count+32(FP), CX
	MOVQ from+40(FP), R10
	MOVQ p+48(FP), R11

	MOVQ DI, R12
	VPBROADCASTQ (R11), Z0
	VMOVDQU64 SHARED(R11), Z1
	VMOVDQU64 FOREIGN(R11), Z2
	VPBROADCASTD R10, Y3
	VPADDD iota<>(SB), Y3, Y3
	MOVL $8, AX
	VPBROADCASTD AX, Y4
	MOVQ $0x0101010101010101, AX
	KMOVQ AX, K7
	MOVL $0xff, AX
	KMOVB AX, K1

runs:
	CMPQ CX, $8
	JGE  eight
	TESTQ CX, CX
	JLE  done
	MOVL $0xff, AX
	BZHIL CX, AX, AX
	KMOVB AX, K1

eight:
	VPMOVZXBQ.Z (R9), K1, Z5
	VPERMB.Z Z1, Z5, K7, Z6
	VPERMB.Z Z2, Z5, K7, Z7
	VMOVDQU64.Z (SI), K1, Z8
	VMOVDQU64.Z (R8), K1, Z9
	VPANDQ Z0, Z8, Z8
	VPANDNQ Z9, Z0, Z9
	VPOPCNTQ Z8, Z8
	VPOPCNTQ Z9, Z9
	VPCMPUQ $5, Z6, Z8, K1, K2
	VPCMPUQ $1, Z7, Z9, K2, K2
	VPCOMPRESSD.Z Y3, K2, Y10
	KMOVB K2, AX
	VMOVDQU Y10, (DI)
	POPCNTL AX, AX
	LEAQ (DI)(AX*4), DI
	VPADDD Y4, Y3, Y3
	ADDQ $64, SI
	ADDQ $64, R8
	ADDQ $8, R9
	SUBQ $8, CX
	JMP  runs

done:
	SUBQ R12, DI
	SHRQ $2, DI
	MOVQ DI, ret+56(FP)
	VZEROUPPER
	RET

// func filterBlocks512(into *notes, heaps *int32, count int, starts *int32, lengths *uint8,
//	some, all *uint64, p *probe) (n, used int)
//
// It filters one heap at a time. All blocks of a heap fit into a register.
TEXT ·filterBlocks512(SB), NOSPLIT, $0-80
	MOVQ into+0(FP), DI
	MOVQ heaps+8(FP), SI
	MOVQ count+16(FP), CX
	MOVQ starts+24(FP), R8
	MOVQ lengths+32(FP), R9
	MOVQ some+40(FP), R10
	MOVQ all+48(FP), R11
	MOVQ p+56(FP), R12

	VPBROADCASTQ (R12), Z0
	VMOVDQU iota<>(SB), Y3
	LEAQ (NOTED-HEAP)*4(DI), R13
	LEAQ (SI)(CX*4), R15

heaps:
	CMPQ SI, R15
	JGE  done
	CMPQ DI, R13
	JGT  done
	LEAQ 48(SI), AX
	CMPQ AX, R15
	JGE  near
	MOVL (AX), BX
	MOVL (R8)(BX*4), BX
	PREFETCHT0 (R10)(BX*8)
	PREFETCHT0 (R11)(BX*8)

near:
	MOVL (SI), BX
	MOVL (R8)(BX*4), DX
	MOVL 4(R8)(BX*4), CX
	SUBL DX, CX
	MOVL $0xff, AX
	BZHIL CX, AX, AX
	KMOVB AX, K1
	MOVBLZX (R9)(BX*1), BX
	ANDL $63, BX
	MOVBLZX SHARED(R12)(BX*1), AX
	MOVBLZX FOREIGN(R12)(BX*1), BX
	VPBROADCASTQ AX, Z6
	VPBROADCASTQ BX, Z7
	VMOVDQU64.Z (R10)(DX*8), K1, Z8
	VMOVDQU64.Z (R11)(DX*8), K1, Z9
	VPANDQ Z0, Z8, Z8
	VPANDNQ Z9, Z0, Z9
	VPOPCNTQ Z8, Z8
	VPOPCNTQ Z9, Z9
	VPCMPUQ $5, Z6, Z8, K1, K2
	VPCMPUQ $1, Z7, Z9, K2, K2
	VPBROADCASTD DX, Y10
	VPADDD Y3, Y10, Y10
	VPCOMPRESSD.Z Y10, K2, Y10
	KMOVB K2, AX
	VMOVDQU Y10, (DI)
	POPCNTL AX, AX
	LEAQ (DI)(AX*4), DI
	ADDQ $4, SI
	JMP  heaps

done:
	SUBQ into+0(FP), DI
	SHRQ $2, DI
	MOVQ DI, n+64(FP)
	SUBQ heaps+8(FP), SI
	SHRQ $2, SI
	MOVQ SI, used+72(FP)
	VZEROUPPER
	RET

// filter filters those of the eight texts at an offset of R11 whose bits are set in the low byte of
// BX. The number of the first text is in the first lane of Y10.
#define filter(offset) \
	KMOVB BX, K1 \
	SHRQ $8, BX \
	VMOVDQU64.Z offset(R11), K1, Z9 \
	VPANDQ Z0, Z9, Z8 \
	VPANDNQ Z9, Z0, Z9 \
	VPOPCNTQ Z8, Z8 \
	VPOPCNTQ Z9, Z9 \
	VPCMPUQ $5, Z6, Z8, K1, K2 \
	VPCMPUQ $1, Z7, Z9, K2, K2 \
	VPCOMPRESSD.Z Y10, K2, Y11 \
	KMOVB K2, AX \
	VMOVDQU Y11, (DI) \
	POPCNTL AX, AX \
	LEAQ (DI)(AX*4), DI \
	VPADDD Y4, Y10, Y10

// func filterTexts512(into *notes, blocks *int32, count int, starts *int32, lengths *uint8,
//	signatures *uint64, p *probe) (n, used int)
//
// It filters one block at a time, in rounds of ROUND texts. Nearly all blocks have at most that
// many. A loop over eights would end at a different place for each block, which the processor
// cannot predict.
TEXT ·filterTexts512(SB), NOSPLIT, $0-72
	MOVQ into+0(FP), DI
	MOVQ blocks+8(FP), SI
	MOVQ count+16(FP), CX
	MOVQ starts+24(FP), R8
	MOVQ lengths+32(FP), R9
	MOVQ signatures+40(FP), R10
	MOVQ p+48(FP), R12

	VPBROADCASTQ (R12), Z0
	VMOVDQU iota<>(SB), Y3
	MOVL $8, AX
	VPBROADCASTD AX, Y4
	LEAQ NOTED*4(DI), R13
	LEAQ (SI)(CX*4), R15

blocks:
	CMPQ SI, R15
	JGE  done
	LEAQ 32(SI), AX
	CMPQ AX, R15
	JGE  near
	MOVL (AX), BX
	MOVL (R8)(BX*4), BX
	LEAQ (R10)(BX*8), BX
	PREFETCHT0 (BX)
	PREFETCHT0 64(BX)
	PREFETCHT0 128(BX)
	PREFETCHT0 192(BX)

near:
	MOVL (SI), BX
	MOVL (R8)(BX*4), DX
	MOVL 4(R8)(BX*4), CX
	SUBL DX, CX
	LEAQ (DI)(CX*4), AX
	CMPQ AX, R13
	JGT  done
	MOVBLZX (R9)(BX*1), BX
	ANDL $63, BX
	MOVBLZX SHARED(R12)(BX*1), AX
	MOVBLZX FOREIGN(R12)(BX*1), BX
	VPBROADCASTQ AX, Z6
	VPBROADCASTQ BX, Z7
	VPBROADCASTD DX, Y10
	VPADDD Y3, Y10, Y10
	LEAQ (R10)(DX*8), R11

round:
	MOVQ $-1, AX
	MOVL $ROUND, DX
	CMPL CX, DX
	CMOVLLT CX, DX
	BZHIQ DX, AX, BX
	filter(0)
	filter(64)
	filter(128)
	filter(192)
	ADDQ $(ROUND*8), R11
	SUBL $ROUND, CX
	JGT  round

	ADDQ $4, SI
	JMP  blocks

done:
	SUBQ into+0(FP), DI
	SHRQ $2, DI
	MOVQ DI, n+56(FP)
	SUBQ blocks+8(FP), SI
	SHRQ $2, SI
	MOVQ SI, used+64(FP)
	VZEROUPPER
	RET
