package api

import (
	"encoding/json"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// Validation asks for a check.
type Validation struct {
	Kind     string          `json:"kind" enums:"service,office,place,timetable,publisher" example:"service"`
	Level    string          `json:"level,omitempty" enums:"draft,publish,portal" default:"publish"`
	Document json.RawMessage `json:"document" swaggertype:"object"`
}

// ValidationResult says what a check found.
type ValidationResult struct {
	Valid    bool                    `json:"valid"` // nothing keeps the document from the level
	Level    string                  `json:"level" enums:"draft,publish,portal"`
	Findings []catalogue.FindingView `json:"findings"` // errors first
}

// validate checks a document without storing it.
//
//	@Summary		Check a document
//	@Description	The same checks as PUT (level `draft`) and publication (`publish`) make, and what a municipal portal needs (`portal`). References exist if they are published. No key is needed and nothing is stored.
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
		findings.AddOneOf("/kind", "service, office, place, timetable, publisher")
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
	found, err := s.Publishing.Validate(c.Request().Context(), kind, level, request.Document)
	if err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.JSON(http.StatusOK, ValidationResult{Valid: !found.HasErrors(), Level: request.Level, Findings: found.In(spoken(c))})
}
