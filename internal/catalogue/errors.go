package catalogue

import (
	"errors"
	"fmt"

	"github.com/google/uuid"
)

// What can go wrong, for errors.Is. Package api turns each into a status and a documented problem type (docs/errors.md).
var (
	ErrNotFound        = errors.New("not found")
	ErrGone            = errors.New("withdrawn")
	ErrMoved           = errors.New("moved")
	ErrConflict        = errors.New("conflict")
	ErrInvalid         = errors.New("invalid document")
	ErrMalformed       = errors.New("malformed JSON")
	ErrBadKey          = errors.New("a key is 1 to 128 of A-Z a-z 0-9 . _ ~ -")
	ErrStale           = errors.New("changed since it was read")
	ErrPrecondition    = errors.New("precondition required")
	ErrUnread          = errors.New("an approval says which version was read")
	ErrState           = errors.New("not possible in this state")
	ErrOwnDraft        = errors.New("the author does not approve")
	ErrReferenced      = errors.New("still referred to")
	ErrUnauthenticated = errors.New("no valid key")
	ErrForbidden       = errors.New("not allowed")
	ErrBusy            = errors.New("busy")
	ErrReadOnly        = errors.New("storage is read-only")
	ErrFull            = errors.New("storage is full")
	ErrStorage         = errors.New("storage failed")
	ErrOutcome         = errors.New("it is not known whether it was stored")
)

// InvalidError says everything that is wrong with a document. It is an ErrInvalid.
type InvalidError struct{ Findings Findings }

func (e *InvalidError) Error() string {
	if len(e.Findings) == 0 {
		return ErrInvalid.Error()
	}
	return fmt.Sprintf("%v: %d findings, first %s at %q", ErrInvalid, len(e.Findings), e.Findings[0].Rule, e.Findings[0].Pointer)
}

// Is makes errors.Is(err, ErrInvalid) hold.
func (e *InvalidError) Is(target error) bool { return target == ErrInvalid }

// MalformedError says why a body is no JSON document that can be read at all, and at which byte. It is an ErrMalformed.
type MalformedError struct {
	Rule   string // a key of the messages, such as "json.syntax"
	Offset int64  // of the byte that is wrong, from 0; the length of a body that breaks off
}

func (e *MalformedError) Error() string {
	return fmt.Sprintf("%v: %s at byte %d", ErrMalformed, e.Rule, e.Offset)
}

// Is makes errors.Is(err, ErrMalformed) hold.
func (e *MalformedError) Is(target error) bool { return target == ErrMalformed }

// MovedError names the slug that an old slug leads to. It is an ErrMoved.
type MovedError struct {
	Kind Kind
	Slug string
}

func (e *MovedError) Error() string { return fmt.Sprintf("%v to %s %q", ErrMoved, e.Kind, e.Slug) }

// Is makes errors.Is(err, ErrMoved) hold.
func (e *MovedError) Is(target error) bool { return target == ErrMoved }

// ReferencedError lists the entries that refer to one that was to be deleted. It is an ErrReferenced.
type ReferencedError struct{ By []Ref }

func (e *ReferencedError) Error() string {
	if len(e.By) == 0 {
		return ErrReferenced.Error()
	}
	return fmt.Sprintf("%v by %d entries, first %s", ErrReferenced, len(e.By), e.By[0])
}

// Is makes errors.Is(err, ErrReferenced) hold.
func (e *ReferencedError) Is(target error) bool { return target == ErrReferenced }

// StateError says which state an entry is in, from which the transition does not start. It is an ErrState.
type StateError struct {
	Transition  Transition
	Publication Publication
	Draft       Draft
}

func (e *StateError) Error() string {
	return fmt.Sprintf("%v: %s of an entry that is %s with its draft %s", ErrState, e.Transition, e.Publication, e.Draft)
}

// Is makes errors.Is(err, ErrState) hold.
func (e *StateError) Is(target error) bool { return target == ErrState }

// EntryID is the public identifier of an entry, a UUID version 7 (RFC 9562).
type EntryID = uuid.UUID
