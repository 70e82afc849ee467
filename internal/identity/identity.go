// Package identity knows who may write: the publishers, each with a namespace of its own, and the keys with which
// programs write there. What is written is the business of package publishing, how a key travels that of package api.
package identity

import (
	"fmt"
	"slices"
	"strings"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// Scope is something that a key may do.
type Scope string

// The scopes.
const (
	Read    Scope = "read"
	Write   Scope = "write"
	Publish Scope = "publish"
	Review  Scope = "review"
	Report  Scope = "report"
	Admin   Scope = "admin"
)

// Scopes lists every scope.
var Scopes = []Scope{Read, Write, Publish, Review, Report, Admin}

// ParseScopes reads scopes separated by commas. The error lists those there are.
func ParseScopes(s string) ([]Scope, error) {
	var scopes []Scope
	for part := range strings.SplitSeq(s, ",") {
		scope := Scope(strings.TrimSpace(part))
		if !slices.Contains(Scopes, scope) {
			return nil, fmt.Errorf("no scope is called %q: give one or more of %s", scope, joinScopes(Scopes))
		}
		if !slices.Contains(scopes, scope) {
			scopes = append(scopes, scope)
		}
	}
	return scopes, nil
}

func joinScopes(scopes []Scope) string {
	parts := make([]string, len(scopes))
	for i, s := range scopes {
		parts[i] = string(s)
	}
	return strings.Join(parts, ",")
}

// Role is a usual set of scopes, by the name that organisations have for who works so.
type Role struct {
	Name   string
	Scopes []Scope
}

// Roles lists the usual roles. Only scopes are stored: a role is a word for them.
var Roles = []Role{
	{"reader", []Scope{Read, Report}},
	{"editor", []Scope{Read, Write}},
	{"approver", []Scope{Read, Review}},
	{"publisher", []Scope{Read, Write, Publish}},
	{"admin", []Scope{Admin}},
}

// Caller is whoever a key stands for.
type Caller struct {
	Name      string // of the key
	Prefix    string // of the key
	Publisher string // the key of the one publisher that the caller acts for, "" for all
	Scopes    []Scope
}

// Check returns nil if the caller may do what scope stands for in the namespace of publisher, else a ForbiddenError. An
// admin who acts for all publishers may do everything. The publisher is "" for what belongs to none: any key with the scope
// may do that, unless the scope is Admin.
func (c Caller) Check(scope Scope, publisher string) error {
	if c.Publisher == "" && slices.Contains(c.Scopes, Admin) {
		return nil
	}
	if c.Publisher != publisher && publisher != "" {
		return &ForbiddenError{Publisher: publisher}
	}
	if !slices.Contains(c.Scopes, scope) || publisher == "" && scope == Admin {
		return &ForbiddenError{Publisher: publisher, Missing: scope}
	}
	return nil
}

// ForbiddenError says why a caller may not do something. It is a catalogue.ErrForbidden.
type ForbiddenError struct {
	Publisher string // whose namespace it is
	Missing   Scope  // the scope that the key lacks, "" if the namespace is another's
}

func (e *ForbiddenError) Error() string {
	if e.Missing == "" {
		return fmt.Sprintf("%v: the key does not act for publisher %q", catalogue.ErrForbidden, e.Publisher)
	}
	return fmt.Sprintf("%v: the key lacks the scope %q", catalogue.ErrForbidden, e.Missing)
}

// Is makes errors.Is(err, catalogue.ErrForbidden) hold.
func (e *ForbiddenError) Is(target error) bool { return target == catalogue.ErrForbidden }
