package catalogue

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
