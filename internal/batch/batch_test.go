package batch

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// Questions that arrive while others are being answered are answered together, each with its own
// answer.
func TestQuestionsAreGathered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var rounds []int
		g := New(1, time.Minute, func(_ context.Context, questions []int) ([]int, error) {
			time.Sleep(time.Second)
			rounds = append(rounds, len(questions))
			answers := make([]int, len(questions))
			for i, q := range questions {
				answers[i] = 2 * q
			}
			return answers, nil
		})
		var asked sync.WaitGroup
		for n := range 600 {
			asked.Go(func() {
				if got, err := g.Ask(t.Context(), n); err != nil || got != 2*n {
					t.Errorf("%d: got %d, %v", n, got, err)
				}
			})
		}
		began := time.Now()
		asked.Wait()
		if len(rounds) > 4 || time.Since(began) > 4*time.Second {
			t.Errorf("600 questions took the rounds %v and %s", rounds, time.Since(began))
		}
		if _, err := g.Ask(t.Context(), 1); err != nil {
			t.Error(err)
		}
	})
}

// An answer is never older than its question: a question during a round is answered by the next
// one.
func TestAnswersAreNotOlderThanTheirQuestions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		state := 0
		g := New(1, time.Minute, func(_ context.Context, questions []int) ([]int, error) {
			seen := state
			time.Sleep(time.Second)
			answers := make([]int, len(questions))
			for i := range answers {
				answers[i] = seen
			}
			return answers, nil
		})
		go g.Ask(t.Context(), 0)
		synctest.Wait()
		state = 1
		if got, err := g.Ask(t.Context(), 0); err != nil || got != 1 {
			t.Errorf("got %d, %v", got, err)
		}
	})
}

func TestWhatFailsFailsForAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("broken")
		for _, c := range []struct {
			answer func(ctx context.Context, questions []int) ([]int, error)
			says   string
		}{
			{func(context.Context, []int) ([]int, error) { return nil, broken }, "broken"},
			{func(context.Context, []int) ([]int, error) { panic("at the disco") }, "at the disco"},
			{func(context.Context, []int) ([]int, error) { return nil, nil }, "not every question"},
			{func(ctx context.Context, _ []int) ([]int, error) { <-ctx.Done(); return nil, ctx.Err() }, "deadline"},
		} {
			g := New(2, time.Second, c.answer)
			for range 3 { // a failed round leaves no trace
				if _, err := g.Ask(t.Context(), 1); err == nil || !strings.Contains(err.Error(), c.says) {
					t.Errorf("got %v, want %q", err, c.says)
				}
			}
		}
	})
}

// An asker that goes away early is not waited for, and does not affect the answers of others.
func TestWhoGoesAwayHarmsNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := New(1, time.Minute, func(_ context.Context, questions []int) ([]int, error) {
			time.Sleep(time.Second)
			return questions, nil
		})
		hasty, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		go func() {
			if _, err := g.Ask(hasty, 1); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
		}()
		synctest.Wait()
		if got, err := g.Ask(t.Context(), 7); err != nil || got != 7 {
			t.Errorf("got %d, %v", got, err)
		}
	})
}
