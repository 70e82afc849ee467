package importing

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// objects reads the rows of a JSON array.
type objects struct {
	elements *Elements
	options  Options
}

func (o *objects) Next() (Row, error) {
	number, text, err := o.elements.Next()
	if err != nil {
		return Row{Number: number}, err
	}
	return parseRow(number, text, o.options)
}

// Elements reads the elements of a JSON array one by one, without looking into them.
type Elements struct {
	input  *bufio.Reader
	member string // of the object that may stand around the array
	most   int    // bytes of an element
	number int
	opened bool
	text   []byte
	end    error
}

// NewElements starts to read an array, or, where member is not "", an object of which that member is the array. Elements
// of more bytes than most are skipped.
func NewElements(input io.Reader, member string, most int) *Elements {
	return &Elements{input: bufio.NewReaderSize(input, 64<<10), member: member, most: most}
}

// Next returns the next element and its number, from 1. The text is good until the next call. After the last element,
// and what closes the input, it returns io.EOF. A *RowError says that an element is too long.
func (e *Elements) Next() (number int, text []byte, err error) {
	if e.end != nil {
		return 0, nil, e.end
	}
	more, err := e.step()
	if err == nil && !more {
		err = io.EOF
	}
	tooLong := false
	if err == nil {
		tooLong, err = e.value()
	}
	if err != nil {
		e.end = err
		return 0, nil, err
	}
	e.number++
	if tooLong {
		return e.number, nil, &RowError{e.number, fault(faultTooLong, e.most)}
	}
	return e.number, e.text, nil
}

// step goes to the next element; more is false at the end of the input.
func (e *Elements) step() (more bool, err error) {
	if !e.opened {
		if err := e.open(); err != nil {
			return false, err
		}
		e.opened = true
	}
	c, err := e.peek()
	switch {
	case err != nil:
		return false, err
	case c == ']':
		return false, e.close()
	case e.number == 0:
		return true, nil
	case c != ',':
		return false, fault(faultArray)
	}
	e.skip()
	_, err = e.peek()
	return true, err
}

// open goes into the array.
func (e *Elements) open() error {
	c, err := e.peek()
	if err != nil {
		return err
	}
	e.skip()
	if c == '[' {
		return nil
	}
	if c != '{' || e.member == "" {
		return fault(faultArray)
	}
	for {
		if _, err := e.value(); err != nil {
			return err
		}
		name := string(e.text)
		if err := e.expect(':'); err != nil {
			return err
		}
		if name == `"`+e.member+`"` {
			return e.expect('[')
		}
		if _, err := e.value(); err != nil {
			return err
		}
		if err := e.expect(','); err != nil {
			return err
		}
	}
}

// close reads what comes behind the array.
func (e *Elements) close() error {
	e.skip()
	if e.member != "" { // the rest of the object is of no interest
		_, err := io.Copy(io.Discard, e.input)
		return err
	}
	switch _, err := e.peek(); {
	case err == nil:
		return fault(faultTrailing)
	case isTruncated(err):
		return nil
	default:
		return err
	}
}

func (e *Elements) expect(want byte) error {
	c, err := e.peek()
	if err == nil && c != want {
		err = fault(faultArray)
	}
	if err == nil {
		e.skip()
	}
	return err
}

// peek is the next byte that is no white space.
func (e *Elements) peek() (byte, error) {
	for {
		c, err := e.input.ReadByte()
		if err != nil {
			return 0, e.broken(err)
		}
		if !isSpace(c) {
			return c, e.input.UnreadByte()
		}
	}
}

// skip goes past a byte that peek has seen.
func (e *Elements) skip() { e.input.ReadByte() } //nolint:errcheck // it is in the buffer

// value reads a value into text as far as it is not too long. It knows brackets and strings alone: whether the value is
// JSON is for others to say.
func (e *Elements) value() (tooLong bool, err error) {
	e.text = e.text[:0]
	if _, err := e.peek(); err != nil {
		return false, err
	}
	depth, inString, escaped := 0, false, false
	for {
		c, err := e.input.ReadByte()
		if err != nil {
			return false, e.broken(err)
		}
		outside := depth == 0 && !inString
		if outside && (isSpace(c) || c == ',' || c == ':' || c == ']' || c == '}') {
			return tooLong, e.input.UnreadByte()
		}
		if tooLong = tooLong || len(e.text) == e.most; !tooLong {
			e.text = append(e.text, c)
		}
		switch {
		case escaped:
			escaped = false
		case inString:
			escaped = c == '\\'
			inString = c != '"'
		case c == '"':
			inString = true
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		}
		if depth == 0 && !inString && (c == '"' || c == '}' || c == ']') {
			return tooLong, nil
		}
	}
}

// broken says that the input ends too early, or cannot be read.
func (e *Elements) broken(err error) error {
	if errors.Is(err, io.EOF) {
		return fault(faultTruncated, e.number)
	}
	return fmt.Errorf("reading element %d: %w", e.number+1, err)
}

func isTruncated(err error) bool {
	var f *InputError
	return errors.As(err, &f) && f.Rule == faultTruncated
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }
