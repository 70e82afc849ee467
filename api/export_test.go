package api

// ProblemNames lists the names of all problem types, which docs/errors.md documents.
func ProblemNames() []string {
	names := []string{internalFailure.name}
	for _, f := range failures {
		names = append(names, f.name)
	}
	for _, f := range routeFailures {
		names = append(names, f.name)
	}
	return names
}
