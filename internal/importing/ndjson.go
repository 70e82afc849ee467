package importing

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// lines reads NDJSON: a row on each line.
type lines struct {
	input   *bufio.Reader
	options Options
	number  int
	line    []byte
	end     error // after the last line
}

func (l *lines) Next() (Row, error) {
	for l.end == nil {
		l.number++
		line, tooLong, err := readLine(l.input, l.line[:0])
		l.line = line
		if errors.Is(err, io.EOF) {
			l.end = io.EOF
		} else if err != nil {
			l.end = fmt.Errorf("reading line %d: %w", l.number, err)
			break
		}
		if tooLong {
			return Row{Number: l.number}, &RowError{l.number, fault(faultTooLong, MaxRow)}
		}
		if text := bytes.TrimSpace(line); len(text) > 0 {
			return parseRow(l.number, text, l.options)
		}
	}
	return Row{}, l.end
}

// readLine appends a line to buf, or skips one that is too long, of which it keeps nothing. The error is io.EOF after the
// last line.
func readLine(r *bufio.Reader, buf []byte) (line []byte, tooLong bool, err error) {
	for {
		part, err := r.ReadSlice('\n')
		if tooLong = tooLong || len(buf)+len(part) > MaxRow; tooLong {
			buf = buf[:0]
		} else {
			buf = append(buf, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return buf, tooLong, err
		}
	}
}
