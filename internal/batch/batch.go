// Package batch joins concurrent questions to one: a database answers thirty at about the cost of
// one.
package batch

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"time"
)

// Batcher collects the questions that arrive while earlier ones are being answered. It never waits
// for further questions: if nothing is being answered, a question is answered at once, together
// with those of all goroutines that were ready to run. Every answer is computed after its question
// was asked. It is safe for concurrent use.
type Batcher[Q, A any] struct {
	answer  func(ctx context.Context, questions []Q) ([]A, error)
	timeout time.Duration
	rounds  int // that may run at a time

	mu      sync.Mutex
	running int
	waiting []*round[Q, A] // all except the last are full
}

// round is a set of questions that are answered together.
type round[Q, A any] struct {
	questions []Q
	answers   []A
	err       error
	done      chan struct{}
}

// most is the most questions of a round.
const most = 256

// New returns a batcher. answer returns an answer for each question, in their order, within the
// timeout. It is called by at most so many rounds at a time.
func New[Q, A any](rounds int, timeout time.Duration, answer func(ctx context.Context, questions []Q) ([]A,
	error)) *Batcher[Q, A] {
	return &Batcher[Q, A]{answer: answer, timeout: timeout, rounds: rounds}
}

// Ask returns the answer to a question. An error of answer is returned to all questions of the
// round. If ctx ends first, the question may still be answered.
func (g *Batcher[Q, A]) Ask(ctx context.Context, question Q) (A, error) {
	r, at := g.join(question)
	select {
	case <-r.done:
		if r.err != nil {
			var none A
			return none, r.err
		}
		return r.answers[at], nil
	case <-ctx.Done():
		var none A
		return none, ctx.Err()
	}
}

// join adds a question to the round that is collecting. It runs a new round at once if that need
// not wait.
func (g *Batcher[Q, A]) join(question Q) (r *round[Q, A], at int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if n := len(g.waiting); n > 0 && len(g.waiting[n-1].questions) < most {
		r = g.waiting[n-1]
	} else {
		r = &round[Q, A]{done: make(chan struct{})}
		g.waiting = append(g.waiting, r)
		if g.running < g.rounds {
			g.running++
			go g.run()
		}
	}
	at = len(r.questions)
	r.questions = append(r.questions, question)
	return r, at
}

// run answers rounds until none is waiting. It first yields to goroutines that are ready to run,
// which may add a question to the first round.
func (g *Batcher[Q, A]) run() {
	runtime.Gosched()
	for r := g.next(); r != nil; r = g.next() {
		r.answers, r.err = g.try(r.questions)
		close(r.done)
	}
}

// next returns the round that has waited longest.
func (g *Batcher[Q, A]) next() *round[Q, A] {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.waiting) == 0 {
		g.running--
		return nil
	}
	r := g.waiting[0]
	g.waiting = g.waiting[1:]
	return r
}

// try calls answer with a context of its own: the first asker may be gone while others wait.
func (g *Batcher[Q, A]) try(questions []Q) (answers []A, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), g.timeout)
	defer cancel()
	answers, err = g.answer(ctx, questions)
	if err == nil && len(answers) != len(questions) {
		err = errors.New("not every question was answered")
	}
	return answers, err
}
