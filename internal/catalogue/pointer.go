package catalogue

import (
	"strconv"
	"strings"
)

// A Pointer is a JSON Pointer (RFC 6901); the empty one is the whole document.
type Pointer string

var (
	pointerEscaper   = strings.NewReplacer("~", "~0", "/", "~1")
	pointerUnescaper = strings.NewReplacer("~1", "/", "~0", "~")
)

// Field is the pointer to a member of the object at p.
func (p Pointer) Field(name string) Pointer { return p + "/" + Pointer(pointerEscaper.Replace(name)) }

// Index is the pointer to an element of the list at p.
func (p Pointer) Index(i int) Pointer { return p + "/" + Pointer(strconv.Itoa(i)) }

// sibling is the pointer to another member of the object that p leads into.
func (p Pointer) sibling(name string) Pointer {
	return p[:strings.LastIndexByte(string(p), '/')].Field(name)
}

// holds reports whether p is q or an ancestor of q.
func (p Pointer) holds(q Pointer) bool {
	rest, ok := strings.CutPrefix(string(q), string(p))
	return ok && (rest == "" || rest[0] == '/')
}

// Leads reports whether a pointer leads to a value of a stored document.
func (p Pointer) Leads(stored string) bool {
	root, err := parse([]byte(stored))
	return err == nil && root.at(p) != nil
}
