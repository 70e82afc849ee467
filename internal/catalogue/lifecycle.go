package catalogue

import "time"

// Publication says what readers see of an entry.
type Publication string

// The states of publication.
const (
	Never     Publication = "never"
	Published Publication = "published"
	Withdrawn Publication = "withdrawn"
	Archived  Publication = "archived"
)

// Draft says how far the working document is.
type Draft string

// The states of a draft.
const (
	Clean     Draft = "clean"
	Editing   Draft = "editing"
	InReview  Draft = "in_review"
	Approved  Draft = "approved"
	Scheduled Draft = "scheduled"
)

// Transition moves an entry from one state to another.
type Transition string

// The transitions.
const (
	Submit     Transition = "submit"
	Approve    Transition = "approve"
	Reject     Transition = "reject"
	Publish    Transition = "publish"
	Unschedule Transition = "unschedule"
	Withdraw   Transition = "withdraw"
	Archive    Transition = "archive"
	Restore    Transition = "restore"
	Confirm    Transition = "confirm" // no other state: what is public is still right
)

// Transitions lists them, in the order of a document's life.
var Transitions = []Transition{Submit, Approve, Reject, Publish, Unschedule, Withdraw, Archive, Restore}

// Policy says who must agree before a document of a publisher becomes public.
type Policy string

// The policies.
const (
	PolicySelf     Policy = "self"      // whoever may publish
	PolicyFourEyes Policy = "four_eyes" // somebody else than the author
)

// ChangeType says what became of an entry in public.
type ChangeType string

// The changes that the feed tells of.
const (
	ChangePublished ChangeType = "published" // became public, for the first time or again
	ChangeUpdated   ChangeType = "updated"   // a newer revision replaced the public one
	ChangeWithdrawn ChangeType = "withdrawn" // is no longer public
	ChangeReviewed  ChangeType = "reviewed"  // somebody made sure that it is still right; nothing else changed
)

// Change is one row of the feed, at a position without gaps: what became of one entry in public, or that something was
// changed that the whole catalogue has one of, such as the synonyms of the search.
type Change struct {
	Position  int64      `json:"position"`
	At        time.Time  `json:"at"`
	Subject   string     `json:"subject" enums:"entry,synonyms"`
	Kind      Kind       `json:"kind,omitempty"` // of an entry, as the next three
	ID        EntryID    `json:"id,omitzero" swaggertype:"string" format:"uuid"`
	Publisher string     `json:"publisher,omitempty"`
	Key       string     `json:"key,omitempty"`
	Change    ChangeType `json:"change" enums:"published,updated,withdrawn,reviewed"`
	Revision  int        `json:"revision"`
}

// What changes are about.
const (
	SubjectEntry    = "entry"
	SubjectSynonyms = "synonyms"
)

// Update is a change with all that the read side needs to follow it.
type Update struct {
	Change
	Slug             string    // under which readers find the entry
	Document         string    // the revision that is public, or was last, in canonical JSON
	Outdated         Outdated  // of the document
	FirstPublishedAt time.Time // when the entry was first public
	ReviewedAt       time.Time // when somebody last made sure that it is right
	Reason           string    // of a withdrawal
	ReplacedBy       EntryID   // the entry to use instead of a withdrawn one, or zero
}
