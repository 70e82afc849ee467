package api

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/identity"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/publishing"
)

// Bulk asks for one operation on many entries.
type Bulk struct {
	Operation string     `json:"operation" enums:"publish,withdraw,archive,confirm" example:"publish"`
	Atomic    bool       `json:"atomic,omitempty"`                                                      // all or nothing; each by itself where absent
	Note      string     `json:"note,omitempty" maxLength:"1000"`                                       // of publish: what changed, for the history of each, required where it changes what an entry means that was public before
	Reason    string     `json:"reason,omitempty" maxLength:"1000" example:"Il servizio è stato unito"` // of withdraw: what readers are told; required
	Items     []BulkItem `json:"items" validate:"min=1,max=500"`                                        // each entry once
}

// BulkItem names an entry of the publisher.
type BulkItem struct {
	Kind    string `json:"kind" enums:"publisher,holiday_set,timetable,place,office,channel,procedure,service" example:"service"`
	Key     string `json:"key" example:"prato-s19"`
	Version *int   `json:"version,omitempty" example:"1"` // of its draft, as `If-Match`: 412 if somebody changed it
}

// BulkResult is what became of each entry, in the order of the request.
type BulkResult struct {
	Items  []BulkOutcome `json:"items"`
	Done   int           `json:"done" minimum:"0" example:"1"`   // how many have the outcome `done`
	Failed int           `json:"failed" minimum:"0" example:"0"` // how many have the outcome `failed`
}

// BulkOutcome is what became of an entry.
type BulkOutcome struct {
	Kind         catalogue.Kind `json:"kind" enums:"publisher,holiday_set,timetable,place,office,channel,procedure,service" example:"service"`
	Key          string         `json:"key" example:"prato-s19"`
	Outcome      string         `json:"outcome" enums:"done,unchanged,failed" example:"done"` // unchanged: it was as wanted already
	DraftVersion int            `json:"draftVersion,omitempty" example:"1"`                   // unless it failed
	Problem      *ItemProblem   `json:"problem,omitempty"`                                    // why it failed
}

// ItemProblem is what the same request for the one entry would have been answered.
type ItemProblem struct {
	Type   string                  `json:"type" format:"uri" example:"https://github.com/comuneprato/service-catalogue/blob/main/docs/errors.md#not-found"` // where the error is documented
	Title  string                  `json:"title" example:"Non trovato"`                                                                                     // the same for every error of the type
	Status int                     `json:"status" example:"404"`                                                                                            // the HTTP status
	Detail string                  `json:"detail" example:"Non c'è nulla di pubblicato a questo indirizzo."`                                                // what happened, and what to do
	Errors []catalogue.FindingView `json:"errors,omitempty"`                                                                                                // everything that is wrong with the entry
}

// maxBulk is how many entries are worked on at once.
const maxBulk = 500

// bulkScopes says which scope an operation needs; the others are for whoever may use the route.
var bulkScopes = map[string]identity.Scope{
	string(catalogue.Publish): identity.Publish, string(catalogue.Withdraw): identity.Publish, string(catalogue.Archive): identity.Publish,
}

// bulk does the same to many entries.
//
//	@Summary		Publish, withdraw, archive or confirm many entries
//	@Description	At most 500 entries of a publisher, as the same request for each would. What is published may name each other, in any order but not in a circle. Each succeeds or fails by itself, and the answer is 200 even if all fail; with `atomic` nothing is stored unless all succeed: the answer is then 409 of type `refused`, whose `items` are those that fail, each with its problem.
//	@Tags			publishing
//	@ID				createBulk
//	@Security		bearer
//	@Accept			json
//	@Produce		json
//	@Param			publisher	path		string	true	"key of the publisher"
//	@Param			bulk		body		Bulk	true	"what is to be done, and to which entries"
//	@Success		200			{object}	BulkResult
//	@Failure		400			{object}	Problem
//	@Failure		401			{object}	Problem
//	@Failure		403			{object}	Problem
//	@Failure		404			{object}	Problem
//	@Failure		409			{object}	Problem
//	@Failure		413			{object}	Problem
//	@Failure		415			{object}	Problem
//	@Failure		422			{object}	Problem
//	@Failure		503			{object}	Problem
//	@Failure		507			{object}	Problem
//	@Router			/v1/publishers/{publisher}/bulk [post]
func (s *server) bulk(c echo.Context) error {
	var want Bulk
	who, publisher, findings, err := s.publisherRequest(c, &want)
	if err != nil {
		return err
	}
	items := want.check(publisher, &findings)
	if err := findings.Err(); err != nil {
		return err
	}
	if bulkScopes[want.Operation] != "" {
		if err := s.further(c, want.Operation); err != nil {
			return err
		}
	}

	var outcomes []publishing.BulkMoved
	var position int64
	err = s.bulks.take(c, who.Prefix, func(ctx context.Context) (err error) {
		outcomes, position, err = s.Publishing.Bulk(ctx, publishing.BulkMove{
			Publisher: publisher, Items: items, Atomic: want.Atomic, Actor: who,
			Move: publishing.Move{Transition: catalogue.Transition(want.Operation), Note: want.Note, Reason: want.Reason},
		})
		return err
	})
	if err != nil {
		return err
	}

	result := BulkResult{Items: make([]BulkOutcome, len(outcomes))}
	for i, o := range outcomes {
		result.Items[i] = s.bulkOutcome(o, spoken(c), c)
		switch result.Items[i].Outcome {
		case outcomeDone:
			result.Done++
		case outcomeFailed:
			result.Failed++
		}
	}
	s.waitFor(c, position)
	return replyPrivate(c, http.StatusOK, result)
}

// check adds what is wrong with the request itself, and returns the entries that it names.
func (b Bulk) check(publisher string, findings *catalogue.Findings) []publishing.BulkEntry {
	if operation := catalogue.Transition(b.Operation); bulkScopes[b.Operation] == "" && operation != catalogue.Confirm {
		findings.AddOneOf("/operation", "publish, withdraw, archive, confirm")
	}
	if len([]rune(b.Note)) > catalogue.MaxNote {
		findings.AddTooLong("/note", catalogue.MaxNote)
	}
	if !countItems(len(b.Items), maxBulk, findings) {
		return nil
	}
	items := make([]publishing.BulkEntry, len(b.Items))
	named := map[catalogue.Ref]bool{}
	for i, item := range b.Items {
		at := catalogue.Pointer("/items").Index(i)
		ref := refOf(item.Kind, publisher, item.Key, at, findings)
		if named[ref] {
			findings.AddRepeated(at)
		}
		named[ref] = true
		items[i] = publishing.BulkEntry{Kind: ref.Kind, Key: ref.Key}
		if item.Version != nil {
			items[i].If.IfMatch = &publishing.Versions{List: []int{*item.Version}}
		}
	}
	return items
}

// The outcomes.
const (
	outcomeDone      = "done"
	outcomeUnchanged = "unchanged"
	outcomeFailed    = "failed"
)

func (s *server) bulkOutcome(o publishing.BulkMoved, tag lang.Tag, c echo.Context) BulkOutcome {
	outcome := BulkOutcome{Kind: o.Kind, Key: o.Key}
	switch {
	case o.Err != nil:
		p := s.problemOf(o.Err, failureOf(o.Err), tag, c)
		outcome.Outcome = outcomeFailed
		outcome.Problem = &ItemProblem{Type: p.Type, Title: p.Title, Status: p.Status, Detail: p.Detail, Errors: p.Errors}
	case o.Changed:
		outcome.Outcome, outcome.DraftVersion = outcomeDone, o.Result.State.DraftVersion
	default:
		outcome.Outcome, outcome.DraftVersion = outcomeUnchanged, o.Result.State.DraftVersion
	}
	return outcome
}
