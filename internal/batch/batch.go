// Package batch answers questions that come at the same time in one go: what a database is asked or
// told costs much the same for one as for thirty.
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

// Batcher collects the questions that come while earlier ones are being answered. Nobody waits for
// others to come: a question that finds nobody at work is answered at once, together with those of
// whoever was ready to run. Every answer is found after its question was asked, so it is never
// older than the question. It is safe for concurrent use.
type Batcher[Q, A any] struct {
	answer  func(ctx context.Context, questions []Q) ([]A, error)
	timeout time.Duration
	rounds  int // that may run at a time

	mu      sync.Mutex
	running int
	waiting []*round[Q, A] // all but the last are full
}

// round is what is answered in one go.
type round[Q, A any] struct {
	questions []Q
	answers   []A
	err       error
	done      chan struct{}
}

// most is how many questions are answered in one go.
const most = 256

// New returns a batcher. answer gives an answer for each question, in their order, within the
// timeout; it is called by so many rounds at a time.
func New[Q, A any](rounds int, timeout time.Duration, answer func(ctx context.Context, questions []Q) ([]A,
	error)) *Batcher[Q, A] {
	return &Batcher[Q, A]{answer: answer, timeout: timeout, rounds: rounds}
}

// Ask returns the answer to a question. An error of answer is that of all who asked together. When
// ctx ends first, the question may be answered all the same.
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

// join puts a question into the round that gathers; one that it begins is run at once if it need
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

// run answers rounds until none waits. It lets those go first who can go on at once: they may have
// a question for the first round.
func (g *Batcher[Q, A]) run() {
	runtime.Gosched()
	for r := g.next(); r != nil; r = g.next() {
		r.answers, r.err = g.try(r.questions)
		close(r.done)
	}
}

// next returns the round that waits longest.
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

// try calls answer. Its context is nobody's own: who asked first may be gone while others wait.
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
