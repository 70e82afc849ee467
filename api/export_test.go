package api

import (
	"maps"
	"slices"
	"time"
)

// ProblemNames lists the names of all problem types, which docs/errors.md documents.
func ProblemNames() []string {
	names := []string{internalFailure.name}
	for _, f := range failures {
		names = append(names, f.name)
	}
	for _, f := range slices.Concat(slices.Collect(maps.Values(routeFailures)), slices.Collect(maps.Values(headFailures))) {
		names = append(names, f.name)
	}
	return names
}

// SetExportPause changes how far a client of an export may fall behind.
func (c *Config) SetExportPause(pause time.Duration) { c.exportPause = pause }
