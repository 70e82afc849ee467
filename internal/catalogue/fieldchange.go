package catalogue

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"github.com/sergi/go-diff/diffmatchpatch"
	"github.com/wI2L/jsondiff"

	"github.com/comuneprato/service-catalogue/internal/lang"
)

// ChangeOf says what became of a field from one version of a document to another.
type ChangeOf string

// What can become of a field.
const (
	FieldAdded     ChangeOf = "added"
	FieldRemoved   ChangeOf = "removed"
	FieldChanged   ChangeOf = "changed"
	FieldReordered ChangeOf = "reordered" // the elements of a list are the same, in another order
)

// FieldChange is a place in which two versions of a document differ.
type FieldChange struct {
	Pointer Pointer // in the later version; of what was removed, in the earlier one
	Change  ChangeOf
	Lang    lang.Tag        // of a text, the language in which it differs
	Before  json.RawMessage // nil where there was nothing
	After   json.RawMessage // nil where there is nothing
	Words   []WordChange    // of a text that was changed, unless it is short or comes after very many others
	path    []step
}

// step leads from a value into it: to a field of an object, or to the element of a list that an item identifies.
type step struct{ field, item string }

// WordChange is a part of a changed text: words that stayed, went or came.
type WordChange struct {
	Change string `json:"change" enums:"same,removed,added" example:"added"`
	Text   string `json:"text" example:"entro 30 giorni"`
}

// FieldChanges lists in what one version of a document differs from an earlier one, in the order of the documents. Elements
// of lists are compared with their like: those with the same code, reference, address or title, wherever they stand.
func FieldChanges(before, after Document) []FieldChange {
	var d differ
	d.object(reflect.ValueOf(before).Elem(), reflect.ValueOf(after).Elem(), specOf(after.Kind()).shape, "", nil)
	return d.changes
}

// Patch is the JSON Patch (RFC 6902) that makes a later version of a document of an earlier one.
func Patch(before, after Document) (json.RawMessage, error) {
	patch, err := jsondiff.CompareJSON([]byte(Encode(before)), []byte(Encode(after)))
	if err != nil {
		return nil, fmt.Errorf("comparing two versions of a %s: %w", after.Kind(), err)
	}
	if len(patch) == 0 {
		return json.RawMessage("[]"), nil
	}
	return json.Marshal(patch)
}

// Public is a document without what is never shown in public.
func Public(doc Document) Document {
	public := MustDecode(doc.Kind(), Encode(doc))
	withoutHeldBack(public)
	walk(reflect.ValueOf(public).Elem(), specOf(doc.Kind()).shape, "", func(v reflect.Value, s *shape, _ Pointer) {
		if s.private {
			v.SetZero()
		}
	})
	return public
}

type differ struct {
	changes []FieldChange
	marked  int // bytes of texts whose words were compared
}

// maxMarked bounds the work of comparing words.
const maxMarked = 200_000

func (d *differ) object(before, after reflect.Value, s *shape, at Pointer, path []step) {
	for _, f := range s.fields {
		d.value(before.FieldByIndex(f.index), after.FieldByIndex(f.index), f.shape, at.Field(f.name), with(path, step{field: f.name}))
	}
}

// with is a longer path; what others go on from stays as it is.
func with(path []step, next step) []step { return append(slices.Clip(path), next) }

func (d *differ) value(before, after reflect.Value, s *shape, at Pointer, path []step) {
	switch {
	case reflect.DeepEqual(before.Interface(), after.Interface()):
	case s.form == formText:
		d.text(before.Interface().(lang.Text), after.Interface().(lang.Text), at, path)
	case isAbsent(before):
		d.add(FieldChange{Pointer: at, Change: FieldAdded, After: encoded(after), path: path})
	case isAbsent(after):
		d.add(FieldChange{Pointer: at, Change: FieldRemoved, Before: encoded(before), path: path})
	case s.form == formList:
		d.list(before, after, s.elem, at, path)
	case s.form == formObject:
		d.object(reflect.Indirect(before), reflect.Indirect(after), s, at, path)
	default:
		d.add(FieldChange{Pointer: at, Change: FieldChanged, Before: encoded(before), After: encoded(after), path: path})
	}
}

func (d *differ) add(c FieldChange) { d.changes = append(d.changes, c) }

// isAbsent reports whether documents leave a value out. A boolean never is: from not free to free is a change.
func isAbsent(v reflect.Value) bool {
	return v.Kind() != reflect.Bool && (v.IsZero() || v.Kind() == reflect.Slice && v.Len() == 0)
}

func encoded(v reflect.Value) json.RawMessage {
	data, err := json.Marshal(v.Interface())
	if err != nil {
		panic(err) // a document holds nothing that JSON cannot
	}
	return data
}

func (d *differ) text(before, after lang.Text, at Pointer, path []step) {
	for _, tag := range lang.Tags {
		was, is := before[tag], after[tag]
		if was == is {
			continue
		}
		c := FieldChange{Pointer: at.Field(string(tag)), Change: FieldChanged, Lang: tag, path: path}
		if was == "" {
			c.Change = FieldAdded
		} else {
			c.Before = quote(was)
		}
		if is == "" {
			c.Change = FieldRemoved
		} else {
			c.After = quote(is)
		}
		if long := max(len(was), len(is)); c.Change == FieldChanged && long > shortText && d.marked < maxMarked {
			d.marked += long
			c.Words = ChangedWords(was, is)
		}
		d.add(c)
	}
}

// shortText is how long texts are, in bytes, that people compare at a glance.
const shortText = 80

// identifying are the fields that tell elements of a list apart, those that say most first.
var identifying = []string{
	"code", "key", "channel", "organisation", "office", "platform", "feature", "value", "day", "url", "files", "title", "label", "reason", "type", "from",
}

// identity is what identifies an element of a list, for comparing, and for people.
func identity(v reflect.Value, s *shape) (of, item string) {
	switch s.form {
	case formText:
		item, _ = v.Interface().(lang.Text).In(lang.Italian)
		return item, item
	case formObject:
		for _, name := range identifying {
			f, ok := s.field(name)
			if !ok || isAbsent(v.FieldByIndex(f.index)) {
				continue
			}
			field := v.FieldByIndex(f.index)
			if f.shape.form == formText || f.shape.form == formTerm || f.shape.form == formReference || f.shape.form == formString {
				of, item = identity(field, f.shape)
			} else {
				of = string(encoded(field))
			}
			return name + " " + of, item
		}
		return "", ""
	default:
		item = strings.Trim(string(encoded(v)), `"`)
		return item, item
	}
}

// list compares elements with their like: equal ones first, then those with the same identity.
func (d *differ) list(before, after reflect.Value, s *shape, at Pointer, path []step) {
	was := make([]int, after.Len()) // the place in before of each element of after, or -1
	used := make([]bool, before.Len())
	for i := range was {
		was[i] = -1
	}
	pair := func(name func(reflect.Value) string) {
		places := map[string][]int{}
		for i := range before.Len() {
			if !used[i] {
				n := name(before.Index(i))
				places[n] = append(places[n], i)
			}
		}
		for j := range after.Len() {
			if was[j] >= 0 {
				continue
			}
			n := name(after.Index(j))
			if left := places[n]; len(left) > 0 {
				was[j], used[left[0]], places[n] = left[0], true, left[1:]
			}
		}
	}
	pair(func(v reflect.Value) string { return string(encoded(v)) })
	pair(func(v reflect.Value) string {
		of, _ := identity(v, s)
		return of
	})

	element := func(v reflect.Value) []step {
		_, item := identity(v, s)
		return with(path, step{item: item})
	}
	for i := range before.Len() {
		if !used[i] {
			d.add(FieldChange{Pointer: at.Index(i), Change: FieldRemoved, Before: encoded(before.Index(i)), path: element(before.Index(i))})
		}
	}
	last, reordered := -1, false
	for j := range after.Len() {
		switch i := was[j]; {
		case i < 0:
			d.add(FieldChange{Pointer: at.Index(j), Change: FieldAdded, After: encoded(after.Index(j)), path: element(after.Index(j))})
		default:
			d.value(before.Index(i), after.Index(j), s, at.Index(j), element(after.Index(j)))
			reordered = reordered || i < last
			last = i
		}
	}
	if reordered {
		d.add(FieldChange{Pointer: at, Change: FieldReordered, path: path})
	}
}

// firstRune is where the numbers of words begin, behind the code points that no text may have.
const firstRune = 0xE000

// ChangedWords cuts a text and what became of it into the words that stayed, those that went and those that came.
func ChangedWords(before, after string) []WordChange {
	numbers, words := map[string]rune{}, []string{}
	numbered := func(text string) (line []rune) {
		for _, word := range splitWords(text) {
			n, known := numbers[word]
			if !known {
				n = firstRune + rune(len(words)) //nolint:gosec // a text has some thousand words
				numbers[word], words = n, append(words, word)
			}
			line = append(line, n)
		}
		return line
	}
	differ := diffmatchpatch.New()
	differ.DiffTimeout = 0 // the same answer however busy the machine is
	changes := map[diffmatchpatch.Operation]string{
		diffmatchpatch.DiffEqual: "same", diffmatchpatch.DiffDelete: "removed", diffmatchpatch.DiffInsert: "added",
	}
	var parts []WordChange
	for _, part := range differ.DiffMainRunes(numbered(before), numbered(after), false) {
		var text strings.Builder
		for _, n := range part.Text {
			text.WriteString(words[n-firstRune])
		}
		parts = append(parts, WordChange{changes[part.Type], text.String()})
	}
	return parts
}

// splitWords cuts a text before every word, so that what is between words stays with the one before.
func splitWords(text string) (words []string) {
	start, space := 0, false
	for i, r := range text {
		if unicode.IsSpace(r) {
			space = true
		} else if space {
			words = append(words, text[start:i])
			start, space = i, false
		}
	}
	if start < len(text) {
		words = append(words, text[start:])
	}
	return words
}
