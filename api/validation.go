package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// Validation asks for a check.
type Validation struct {
	Kind      string          `json:"kind" enums:"publisher,holiday_set,timetable,place,office,channel,procedure,service" example:"service"`
	Level     string          `json:"level,omitempty" enums:"draft,publish,portal" default:"publish"`
	Publisher string          `json:"publisher,omitempty" maxLength:"128" example:"prato-comune"` // as whose entry it is checked
	Key       string          `json:"key,omitempty" maxLength:"128" example:"prato-s19"`          // as which entry of the publisher
	Document  json.RawMessage `json:"document" swaggertype:"object"`
}

// ValidationResult says what a check found.
type ValidationResult struct {
	Valid    bool                     `json:"valid"` // nothing keeps the document from the level
	Level    string                   `json:"level" enums:"draft,publish,portal"`
	Findings []catalogue.FindingView  `json:"findings"`       // errors first
	Score    catalogue.ScoreView      `json:"score"`          // how complete the document is
	Card     []catalogue.CardPartView `json:"card,omitempty"` // of a service: the parts that a municipal portal must show (Modello Comuni, C.SI.1.3), in their order; the last is there only for services with a price
}

// validate checks a document without storing it.
//
//	@Summary		Check a document
//	@Description	The same checks as PUT (level `draft`) and publication (`publish`) make, and what a municipal portal needs (`portal`). References exist if they are published. With `publisher` and `key` it is checked as that entry: a reference that leads back to it is an error, and its own public text is no copy. `score` says how complete it is, and `card` which of the 13 parts of the Modello Comuni a service has. No key is needed and nothing is stored.
//	@Tags			publishing
//	@ID				createValidation
//	@Accept			json
//	@Produce		json
//	@Param			validation	body		Validation	true	"the document, its kind and the level"
//	@Success		200			{object}	ValidationResult
//	@Failure		400			{object}	Problem
//	@Failure		413			{object}	Problem
//	@Failure		415			{object}	Problem
//	@Failure		422			{object}	Problem
//	@Failure		503			{object}	Problem
//	@Router			/v1/validations [post]
func (s *server) validate(c echo.Context) error {
	if err := query(c).err(); err != nil {
		return err
	}
	request := Validation{}
	findings, err := readRequest(c, &request)
	if err != nil {
		return err
	}
	if request.Level == "" {
		request.Level = string(catalogue.LevelPublish)
	}
	kind, err := catalogue.ParseKind(request.Kind)
	if err != nil {
		findings.AddOneOf("/kind", strings.Join(kindNames, ", "))
	}
	as := catalogue.Ref{Kind: kind, Publisher: request.Publisher, Key: request.Key}
	if (as.Publisher != "" || as.Key != "") && (!catalogue.ValidKey(as.Publisher) || !catalogue.ValidKey(as.Key)) {
		findings.AddBadReference("/key", as.String())
	}
	level := catalogue.Level(request.Level)
	if !level.Known() {
		findings.AddOneOf("/level", "draft, publish, portal")
	}
	if len(request.Document) == 0 {
		findings.AddRequired("/document")
	}
	if err := findings.Err(); err != nil {
		return err
	}
	var doc catalogue.Document
	var found catalogue.Findings
	err = s.validations.take(c, func(ctx context.Context) (err error) {
		doc, found, err = s.Publishing.Validate(ctx, as, level, request.Document)
		return err
	})
	if err != nil {
		return err
	}
	tag := spoken(c)
	return replyPrivate(c, http.StatusOK, ValidationResult{
		Valid: !found.HasErrors(), Level: request.Level, Findings: found.In(tag), Score: catalogue.ScoreOf(doc).In(tag), Card: catalogue.Card(doc, tag),
	})
}
