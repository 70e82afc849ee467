package catalogue

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// Member is one member of a JSON object, ready to be written.
type Member struct {
	Name  string
	Value json.RawMessage
}

// Object is a JSON object that keeps the order of its members.
type Object []Member

// MarshalJSON writes the members in their order.
func (o Object) MarshalJSON() ([]byte, error) { return o.Append(nil), nil }

// Append writes the object behind b.
func (o Object) Append(b []byte) []byte {
	b = append(b, '{')
	for i, m := range o {
		if i > 0 {
			b = append(b, ',')
		}
		b = AppendString(b, m.Name)
		b = append(b, ':')
		b = append(b, m.Value...)
	}
	return append(b, '}')
}

// Pick keeps the members of the given names.
func (o Object) Pick(names []string) Object {
	return slices.DeleteFunc(slices.Clone(o), func(m Member) bool { return !slices.Contains(names, m.Name) })
}

func quote(s string) json.RawMessage { return AppendString(nil, s) }

// AppendString writes a JSON string behind b, without the escapes that only HTML needs.
func AppendString(b []byte, s string) []byte {
	if plain(s) {
		return append(append(append(b, '"'), s...), '"')
	}
	var buffer bytes.Buffer
	e := json.NewEncoder(&buffer)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic(err) // a string
	}
	return append(b, bytes.TrimSuffix(buffer.Bytes(), []byte("\n"))...)
}

// plain reports whether a string needs no escapes. U+2028 and U+2029 would.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c == 0xE2 && (strings.HasPrefix(s[i:], "\u2028") || strings.HasPrefix(s[i:], "\u2029")) {
			return false
		}
	}
	return true
}

func instant(t time.Time) json.RawMessage { return quote(t.UTC().Format(time.RFC3339Nano)) }
