package catalogue

import "slices"

// FieldNames lists the names of all fields that documents of a kind have, also in objects inside them.
func FieldNames(kind Kind) (names []string) {
	var collect func(*shape)
	collect = func(s *shape) {
		switch s.form {
		case formList:
			collect(s.elem)
		case formObject:
			names = append(names, s.names()...)
			for _, f := range s.fields {
				collect(f.shape)
			}
		default:
		}
	}
	collect(specOf(kind).shape)
	return names
}

// Meaningful lists the fields of a kind whose change, in a document that is public, needs a note.
func Meaningful(kind Kind) []string { return slices.Clone(meaningful[kind]) }

// Gulpease is the index of a text.
func Gulpease(text string) int {
	sentences, words, letters := measure(text)
	return gulpease(len(sentences), words, letters)
}
