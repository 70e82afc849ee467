package transfer

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
)

// line is one of the file. Its check follows from the data of all lines up to this one, so that the first line that was
// changed, removed or exchanged is known.
type line struct {
	Kind  kind            `json:"line"`
	Check string          `json:"check"`
	Data  json.RawMessage `json:"data"`
}

// kind is what a line is.
type kind string

const (
	kindHeader kind = "header"
	kindTable  kind = "table" // the rows behind it are of this one
	kindRow    kind = "row"
	kindEnd    kind = "end"
)

// chain makes the checks of lines.
type chain struct{ hash hash.Hash }

func newChain() chain { return chain{sha256.New()} }

// add is the check of the next line.
func (c chain) add(kind kind, data []byte) string {
	io.WriteString(c.hash, string(kind)) //nolint:errcheck // a hash takes everything
	c.hash.Write(data)
	return hex.EncodeToString(c.hash.Sum(nil))[:16]
}

// writer writes lines.
type writer struct {
	out   *bufio.Writer
	chain chain
	data  bytes.Buffer
}

func (w *writer) line(kind kind, data any) error {
	w.data.Reset()
	to := json.NewEncoder(&w.data)
	to.SetEscapeHTML(false)
	if err := to.Encode(data); err != nil {
		return err
	}
	text := bytes.TrimSuffix(w.data.Bytes(), []byte("\n"))
	_, err := fmt.Fprintf(w.out, `{"line":"%s","check":"%s","data":%s}`+"\n", kind, w.chain.add(kind, text), text)
	return err
}

// maxLine is how long a line may be, in bytes: a document of the greatest size takes a quarter of it at most.
const maxLine = 16 << 20

// reader reads lines.
type reader struct {
	in     *bufio.Scanner
	chain  chain
	number int // of the line read last, from 1
}

func newReader(in io.Reader) *reader {
	r := &reader{in: bufio.NewScanner(in), chain: newChain()}
	r.in.Buffer(make([]byte, 0, 64<<10), maxLine)
	return r
}

var (
	errCutOff  = errors.New("the file breaks off here")
	errChanged = errors.New("not as it was written: this line was changed, or lines before it were removed, added or exchanged")
)

// next returns the next line, whose data is good until the one after it is read.
func (r *reader) next() (l line, err error) {
	r.number++
	switch {
	case r.in.Scan():
	case errors.Is(r.in.Err(), bufio.ErrTooLong):
		return l, fmt.Errorf("longer than %d bytes: %w", maxLine, errChanged)
	case r.in.Err() != nil:
		return l, r.in.Err()
	default:
		return l, errCutOff
	}
	if err := json.Unmarshal(r.in.Bytes(), &l); err != nil {
		return l, fmt.Errorf("no line of a full export: %w", err)
	}
	if l.Check != r.chain.add(l.Kind, l.Data) {
		return l, errChanged
	}
	return l, nil
}

// atEnd returns an error if there is more.
func (r *reader) atEnd() error {
	r.number++
	if r.in.Scan() {
		return errors.New("there is more behind the end")
	}
	return r.in.Err()
}
