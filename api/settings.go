package api

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	jsonpatch "github.com/evanphx/json-patch/v5"
	"github.com/labstack/echo/v4"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/identity"
)

// ManagedPublisher is a publisher as the operators of the catalogue see it. What readers see is the entry of kind publisher.
type ManagedPublisher struct {
	Publisher string `json:"publisher" example:"publiacqua"` // its key
	catalogue.PublisherSettings
	Version   int       `json:"version" example:"1"` // counts the changes; the ETag
	CreatedAt time.Time `json:"createdAt" format:"date-time"`
}

// ManagedPublisherList is every publisher, by key.
type ManagedPublisherList struct {
	Items []ManagedPublisher `json:"items"`
	Total int                `json:"total"`
}

func managedOf(p identity.Publisher) ManagedPublisher {
	return ManagedPublisher{Publisher: p.Key, PublisherSettings: p.PublisherSettings, Version: p.Version, CreatedAt: p.CreatedAt}
}

// listSettings answers the publishers.
//
//	@Summary	List the publishers with their settings
//	@Tags		keys
//	@ID			listPublisherSettings
//	@Security	bearer
//	@Produce	json
//	@Success	200	{object}	ManagedPublisherList
//	@Failure	400	{object}	Problem
//	@Failure	401	{object}	Problem
//	@Failure	403	{object}	Problem
//	@Failure	503	{object}	Problem
//	@Router		/v1/publisher-settings [get]
func (s *server) listSettings(c echo.Context) error {
	if err := query(c).err(); err != nil {
		return err
	}
	publishers, err := s.Publishers.List(c.Request().Context())
	if err != nil {
		return err
	}
	list := ManagedPublisherList{Items: make([]ManagedPublisher, len(publishers)), Total: len(publishers)}
	for i, publisher := range publishers {
		list.Items[i] = managedOf(publisher)
	}
	return replyPrivate(c, http.StatusOK, list)
}

// getSettings answers a publisher.
//
//	@Summary	Get the settings of a publisher
//	@Tags		keys
//	@ID			showPublisherSettings
//	@Security	bearer
//	@Produce	json
//	@Param		publisher	path		string	true	"key of the publisher"
//	@Success	200			{object}	ManagedPublisher
//	@Failure	400			{object}	Problem
//	@Failure	401			{object}	Problem
//	@Failure	403			{object}	Problem
//	@Failure	404			{object}	Problem
//	@Failure	503			{object}	Problem
//	@Router		/v1/publisher-settings/{publisher} [get]
func (s *server) getSettings(c echo.Context) error {
	if err := query(c).err(); err != nil {
		return err
	}
	publisher, err := s.Publishers.Get(c.Request().Context(), c.Param("publisher"))
	if err != nil {
		return err
	}
	return replyManaged(c, http.StatusOK, publisher)
}

// putSettings makes a publisher or replaces its settings.
//
//	@Summary		Make a publisher, or replace its settings
//	@Description	What is absent becomes absent; the policy becomes `self`. Settings equal to the stored ones change nothing. The key needs the scope admin and acts for all publishers.
//	@Tags			keys
//	@ID				replacePublisherSettings
//	@Security		bearer
//	@Accept			json
//	@Produce		json
//	@Param			publisher		path		string						true	"key of the publisher"
//	@Param			If-Match		header		string						false	"ETag of the settings that are replaced: 412 if somebody changed them"
//	@Param			If-None-Match	header		string						false	"`*`: 412 if the publisher exists"
//	@Param			settings		body		catalogue.PublisherSettings	true	"the settings"
//	@Success		200				{object}	ManagedPublisher
//	@Success		201				{object}	ManagedPublisher
//	@Failure		400				{object}	Problem
//	@Failure		401				{object}	Problem
//	@Failure		403				{object}	Problem
//	@Failure		409				{object}	Problem
//	@Failure		412				{object}	Problem
//	@Failure		413				{object}	Problem
//	@Failure		415				{object}	Problem
//	@Failure		422				{object}	Problem
//	@Failure		503				{object}	Problem
//	@Failure		507				{object}	Problem
//	@Router			/v1/publisher-settings/{publisher} [put]
func (s *server) putSettings(c echo.Context) error {
	return s.changeSettings(c, echo.MIMEApplicationJSON, func(_ *identity.Publisher, body []byte) (catalogue.PublisherSettings, error) {
		return decodeSettings(body)
	})
}

// patchSettings changes settings of a publisher.
//
//	@Summary		Change settings of a publisher
//	@Description	The body is a JSON Merge Patch (RFC 7396): members replace, null removes. The key needs the scope admin and acts for all publishers.
//	@Tags			keys
//	@ID				updatePublisherSettings
//	@Security		bearer
//	@Accept			application/merge-patch+json
//	@Produce		json
//	@Param			publisher	path		string	true	"key of the publisher"
//	@Param			If-Match	header		string	false	"ETag of the settings that are changed: 412 if somebody changed them"
//	@Param			patch		body		object	true	"the merge patch"
//	@Success		200			{object}	ManagedPublisher
//	@Failure		400			{object}	Problem
//	@Failure		401			{object}	Problem
//	@Failure		403			{object}	Problem
//	@Failure		404			{object}	Problem
//	@Failure		412			{object}	Problem
//	@Failure		413			{object}	Problem
//	@Failure		415			{object}	Problem
//	@Failure		422			{object}	Problem
//	@Failure		503			{object}	Problem
//	@Failure		507			{object}	Problem
//	@Router			/v1/publisher-settings/{publisher} [patch]
func (s *server) patchSettings(c echo.Context) error {
	return s.changeSettings(c, mimeMergePatch, func(current *identity.Publisher, patch []byte) (catalogue.PublisherSettings, error) {
		if current == nil {
			return catalogue.PublisherSettings{}, catalogue.ErrNotFound
		}
		// Merging would lose a name that stands twice, and one that is removed but that there is not.
		if _, err := decodeSettings(patch); err != nil {
			return catalogue.PublisherSettings{}, err
		}
		stored, err := json.Marshal(current.PublisherSettings)
		if err != nil {
			return catalogue.PublisherSettings{}, err
		}
		merged, err := jsonpatch.MergePatch(stored, patch)
		if err != nil {
			return catalogue.PublisherSettings{}, &catalogue.MalformedError{Rule: "json.patch"}
		}
		return decodeSettings(merged)
	})
}

func decodeSettings(body []byte) (settings catalogue.PublisherSettings, err error) {
	findings, err := catalogue.DecodeRequest(body, &settings)
	if err != nil {
		return settings, err
	}
	return settings, findings.Err()
}

// changeSettings is what PUT and PATCH have in common.
func (s *server) changeSettings(c echo.Context, mediaType string, change func(current *identity.Publisher, body []byte) (catalogue.PublisherSettings, error)) error {
	who, err := s.may(c)
	if err != nil {
		return err
	}
	p := query(c)
	condition := precondition(c, p)
	if err := p.err(); err != nil {
		return err
	}
	body, err := readBody(c, mediaType)
	if err != nil {
		return err
	}
	publisher, created, err := s.Publishers.Change(c.Request().Context(), who, c.Param("publisher"), func(current *identity.Publisher) (catalogue.PublisherSettings, error) {
		version := 0
		if current != nil {
			version = current.Version
		}
		if err := condition.Check(version); err != nil {
			return catalogue.PublisherSettings{}, err
		}
		return change(current, body)
	})
	switch {
	case err != nil:
		return err
	case created:
		c.Response().Header().Set(echo.HeaderLocation, s.PublicURL+"/v1/publisher-settings/"+publisher.Key)
		return replyManaged(c, http.StatusCreated, publisher)
	default:
		return replyManaged(c, http.StatusOK, publisher)
	}
}

func replyManaged(c echo.Context, status int, publisher identity.Publisher) error {
	c.Response().Header().Set("ETag", strconv.Quote(strconv.Itoa(publisher.Version)))
	return replyPrivate(c, status, managedOf(publisher))
}
