package catalogue

import (
	_ "embed" // for the parts of the card
	"encoding/json"
	"fmt"
	"slices"

	"github.com/comuneprato/service-catalogue/internal/lang"
)

//go:embed card.json
var cardFile []byte

// CardPart is a part that the card of a service must show on a municipal portal (Modello Comuni, criterion C.SI.1.3).
type CardPart struct {
	Code  string    `json:"code"`
	Label lang.Text `json:"label"` // as the criterion calls it
}

// card is the criterion: the parts in the order in which a card must show them, and the one that only services with a
// price must have.
var card = func() (c struct {
	Parts []CardPart
	Costs CardPart
},
) {
	if err := json.Unmarshal(cardFile, &c); err != nil {
		panic(fmt.Errorf("card.json: %w", err)) // embedded: a mistake of ours
	}
	return c
}()

// The codes of the parts of the card. CardCosts is for services with a price alone.
const (
	CardCategory   = "category"
	CardTitle      = "title"
	CardStatus     = "status"
	CardSummary    = "short_description"
	CardAudience   = "audience"
	CardHowTo      = "how_to"
	CardNeeded     = "needed"
	CardObtained   = "obtained"
	CardDeadlines  = "deadlines"
	CardAccess     = "access"
	CardConditions = "conditions"
	CardContacts   = "contacts"
	CardTopics     = "topics"
	CardCosts      = "costs"
)

// CardPartView is a part of the card of a service, and whether the document has all of it.
type CardPartView struct {
	Code    string `json:"code" example:"how_to"`
	Label   string `json:"label" example:"Come fare"` // as the criterion calls it; the English is ours
	Present bool   `json:"present"`
}

// Card says of each part of the card of C.SI.1.3, in its order, whether a service has it; nil for other kinds. What a
// service costs is a part of those alone that are known to cost something.
func Card(doc Document, tag lang.Tag) []CardPartView {
	s, ok := doc.(*Service)
	if !ok {
		return nil
	}
	parts := card.Parts
	if s.paid() {
		parts = append(slices.Clone(parts), card.Costs)
	}
	missing := map[string]bool{}
	missing[CardStatus] = s.Status != StatusActive && len(s.StatusReason) == 0
	for _, p := range s.parts() {
		missing[p.Card] = missing[p.Card] || !p.Present
	}
	views := make([]CardPartView, len(parts))
	for i, p := range parts {
		label, _ := p.Label.In(tag)
		views[i] = CardPartView{Code: p.Code, Label: label, Present: !missing[p.Code]}
	}
	return views
}

// pagoPA is the national platform that fees are paid by, a code of the vocabulary platforms; paymentProof the code in
// input-output-types of what proves a payment.
const (
	pagoPA       = "pagopa"
	paymentProof = "PAYMENTDEC"
)

// paid reports whether a document shows that the service costs something on some way: by a price that is not nothing, a
// proof of payment among the evidence, or a channel where pagoPA takes one.
func (s *Service) paid() bool {
	costs, evidence := slices.Clone(s.Costs), slices.Clone(s.Evidence)
	for _, c := range s.Connections {
		costs, evidence = append(costs, c.Costs...), append(evidence, c.Evidence...)
		if c.Inline != nil && slices.Contains(c.Inline.uses(), pagoPA) {
			return true
		}
	}
	return slices.ContainsFunc(costs, func(c Cost) bool { return c.kind() != costFree }) ||
		slices.ContainsFunc(evidence, func(e Evidence) bool { return e.Type == paymentProof })
}

// statesCosts reports whether a document says what the service costs; of one that costs something, also how to pay: in
// words, or by the methods.
func (s *Service) statesCosts() bool {
	costs, inWords := slices.Clone(s.Costs), len(s.CostsText) > 0
	for _, c := range s.Connections {
		costs, inWords = append(costs, c.Costs...), inWords || len(c.CostsText) > 0
	}
	if inWords || !s.paid() {
		return inWords || len(costs) > 0
	}
	return slices.ContainsFunc(costs, func(c Cost) bool { return len(c.PaymentMethods) > 0 })
}
