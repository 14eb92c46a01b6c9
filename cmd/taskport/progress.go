package main

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
)

// progress shows the progress of an import.
type progress interface {
	upload(sent, size int64)
	rows(done, total int)
	done()
}

// newProgress returns a bar for a terminal, and plain lines elsewhere.
func (e *environment) newProgress() progress {
	if e.terminal {
		return &barProgress{w: bare(e.err)}
	}
	return &lineProgress{w: e.err, started: time.Now(), now: time.Now}
}

// barProgress draws a bar of bytes during the upload and then one of rows, with rate and time left.
type barProgress struct {
	w    io.Writer
	bar  *progressbar.ProgressBar
	what string
}

func (p *barProgress) show(what string, done, total int64, options ...progressbar.Option) {
	if p.what != what || p.bar.IsFinished() && done < total { // the latter is a retried upload
		p.done()
		p.what = what
		p.bar = progressbar.NewOptions64(total, append(options, progressbar.OptionSetWriter(p.w),
			progressbar.OptionSetDescription(what),
			progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true), progressbar.OptionFullWidth(),
			progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionOnCompletion(func() { _, _ = fmt.Fprintln(p.w) }))...)
	}
	_ = p.bar.Set64(done) // a bar that cannot be drawn stops nothing
}

func (p *barProgress) upload(sent, size int64) {
	p.show("upload", sent, size, progressbar.OptionShowBytes(true))
}

func (p *barProgress) rows(done, total int) {
	if total > 0 {
		p.show("import", int64(done), int64(total), progressbar.OptionShowIts(), progressbar.OptionSetItsString("rows"))
	}
}

func (p *barProgress) done() {
	if p.bar != nil && !p.bar.IsFinished() {
		_ = p.bar.Exit() // ends the line too
	}
	p.bar, p.what = nil, ""
}

// lineEvery is how often a line is written without a terminal.
const lineEvery = 5 * time.Second

// rateAfter is how long rows must have been counted before the time left is estimated: rows that
// were done before count as done at once.
const rateAfter = time.Second

// lineProgress writes a line now and then.
type lineProgress struct {
	w       io.Writer
	started time.Time
	last    time.Time
	ended   bool // the line of the last row is written
	now     func() time.Time
}

func (p *lineProgress) due() bool {
	now := p.now()
	if now.Sub(p.last) < lineEvery && !p.last.IsZero() {
		return false
	}
	p.last = now
	return true
}

func (p *lineProgress) upload(sent, size int64) {
	const mb = 1 << 20
	if p.last.IsZero() {
		p.last = p.now() // no line for a small file
	}
	if sent < size && p.due() {
		_, _ = fmt.Fprintf(p.w, "uploading: %d of %d MB\n", sent/mb, size/mb)
	}
	if sent >= size {
		p.started, p.last = p.now(), time.Time{}
	}
}

func (p *lineProgress) rows(done, total int) {
	if total == 0 || p.ended || done < total && !p.due() {
		return
	}
	p.ended = done >= total
	text := fmt.Sprintf("%s of %s rows", grouped(done), grouped(total))
	if passed := p.now().Sub(p.started); done > 0 && passed > 0 && (done >= total || passed >= rateAfter) {
		rate := float64(done) / passed.Seconds()
		text += fmt.Sprintf(", %s rows/s", grouped(int(rate)))
		if done < total {
			text += fmt.Sprintf(", %d s left", int(float64(total-done)/rate)+1)
		}
	}
	_, _ = fmt.Fprintln(p.w, text)
}

func (p *lineProgress) done() {}

// silent shows nothing.
type silent struct{}

func (silent) upload(int64, int64) {}
func (silent) rows(int, int)       {}
func (silent) done()               {}
