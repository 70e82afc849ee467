// Package logging makes the program's loggers. What is worth a line is decided where it happens.
package logging

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"os"
	"regexp"
	"sync"
	"time"

	"golang.org/x/term"
)

// delay is how long a line that nobody waits for may stay in memory.
const delay = 200 * time.Millisecond

// most is how many bytes of lines stay in memory.
const most = 64 << 10

// New makes a logger that writes lines for people on a terminal, and JSON elsewhere.
func New(level slog.Level, w io.Writer) *slog.Logger {
	if isTerminal(w) {
		return slog.New(slog.NewTextHandler(withoutSecrets{w}, &slog.HandlerOptions{Level: level}))
	}
	return slog.New(slog.NewJSONHandler(withoutSecrets{w}, &slog.HandlerOptions{Level: level}))
}

// NewBuffered is New for a server: where nobody watches, a line below level Warn is written within delay together with
// others, since a system call for each request would cost more than the request; a graver one goes out at once, behind
// all that came before it. Call flush before the program ends.
func NewBuffered(level slog.Level, w io.Writer) (log *slog.Logger, flush func()) {
	if isTerminal(w) {
		return New(level, w), func() {}
	}
	b := &buffer{to: withoutSecrets{w}}
	return slog.New(handler{slog.NewJSONHandler(b, &slog.HandlerOptions{Level: level}), b}), b.flush
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// token is what a key looks like: its mark and prefix, which say whose it is, and its secret.
var token = regexp.MustCompile(`(cat_\w{8}_)[\w-]{20,}`)

// withoutSecrets writes whole lines, but not the secrets of keys in them: people put keys into addresses by mistake.
type withoutSecrets struct{ to io.Writer }

func (w withoutSecrets) Write(lines []byte) (int, error) {
	safe := lines
	if bytes.Contains(lines, []byte("cat_")) {
		safe = token.ReplaceAll(lines, []byte("${1}…"))
	}
	if _, err := w.to.Write(safe); err != nil {
		return 0, err
	}
	return len(lines), nil
}

// handler is a handler that writes into a buffer, which does not keep what is grave.
type handler struct {
	slog.Handler
	buffer *buffer
}

func (h handler) Handle(ctx context.Context, r slog.Record) error {
	err := h.Handler.Handle(ctx, r)
	if r.Level >= slog.LevelWarn {
		h.buffer.flush()
	}
	return err
}

func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return handler{h.Handler.WithAttrs(attrs), h.buffer}
}

func (h handler) WithGroup(name string) slog.Handler {
	return handler{h.Handler.WithGroup(name), h.buffer}
}

// buffer writes lines some time after it got them. Lines that cannot be written are lost, as they are without a buffer.
type buffer struct {
	mu      sync.Mutex
	to      io.Writer
	lines   []byte
	waiting bool // for the delay to be over
}

func (b *buffer) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.lines)+len(line) > most {
		b.write()
	}
	b.lines = append(b.lines, line...)
	if !b.waiting {
		b.waiting = true
		time.AfterFunc(delay, b.flush)
	}
	return len(line), nil
}

func (b *buffer) flush() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waiting = false
	b.write()
}

// write needs mu.
func (b *buffer) write() {
	if len(b.lines) > 0 {
		b.to.Write(b.lines) //nolint:errcheck // there is nobody to tell
		b.lines = b.lines[:0]
	}
}
