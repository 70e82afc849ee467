package search

// Parts is how many parts an index has.
func Parts(x *Index) int { return len(x.parts) }
