package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

// progress shows how far a long command is: a bar on a terminal, a line now and then elsewhere.
type progress struct {
	out      io.Writer
	terminal bool
	unit     string
	fraction func() float64 // that is done, from 0 to 1; nil: nobody knows
	count    int
	next     time.Time
}

// linePause is how long progress is silent where it writes lines.
const linePause = 10 * time.Second

func newProgress(w io.Writer, unit string, fraction func() float64) *progress {
	p := &progress{out: w, unit: unit, fraction: fraction, next: time.Now().Add(linePause)}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.terminal, p.next = true, time.Time{}
	}
	return p
}

// newCopying shows how far a copy is, by what it is told: how many units of all are done.
func newCopying(w io.Writer, unit string) (p *progress, tell func(done, all int)) {
	fraction := 0.0
	p = newProgress(w, unit, func() float64 { return fraction })
	return p, func(done, all int) {
		fraction = float64(done) / float64(max(all, 1))
		p.step(done - p.count)
	}
}

// step tells that the command is some units further.
func (p *progress) step(units int) {
	if p.count += units; time.Now().Before(p.next) {
		return
	}
	switch {
	case !p.terminal:
		fmt.Fprintf(p.out, "%d %s\n", p.count, p.unit)
		p.next = time.Now().Add(linePause)
	case p.fraction == nil:
		fmt.Fprintf(p.out, "\r%d %s", p.count, p.unit)
	default:
		const width = 30
		done := p.fraction()
		bar := int(width * done)
		fmt.Fprintf(p.out, "\r[%s%s] %d %% %d %s", strings.Repeat("#", bar), strings.Repeat(" ", width-bar), int(100*done), p.count, p.unit)
	}
}

func (p *progress) clear() {
	if p.terminal {
		fmt.Fprint(p.out, "\r\033[K")
	}
}
