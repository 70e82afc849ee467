package api

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/comuneprato/service-catalogue/internal/snapshot"
)

// Status says how the service is.
type Status struct {
	Status   string `json:"status" enums:"ok" example:"ok"`
	Position int64  `json:"position" example:"224"` // of the last change that readers see
}

// status answers how the service is, for everybody.
//
//	@Summary	Tell how the service is
//	@Tags		operation
//	@ID			showStatus
//	@Produce	json
//	@Success	200	{object}	Status
//	@Failure	400	{object}	Problem
//	@Failure	503	{object}	Problem
//	@Router		/status [get]
func (s *server) status(c echo.Context) error {
	if err := query(c).err(); err != nil {
		return err
	}
	if err := s.ready(c.Request().Context()); err != nil {
		return err
	}
	return replyPrivate(c, http.StatusOK, Status{Status: "ok", Position: s.Reader.Snapshot().Position()})
}

// livez answers that the process runs.
func (s *server) livez(c echo.Context) error { return c.String(http.StatusOK, "ok\n") }

// readyz answers whether readers see everything that is published.
func (s *server) readyz(c echo.Context) error {
	if err := s.ready(c.Request().Context()); err != nil {
		return err
	}
	return c.String(http.StatusOK, "ready\n")
}

// ready returns errBehind while readers don't see everything published, and what is wrong with the database.
func (s *server) ready(ctx context.Context) error {
	at := s.Reader.Snapshot()
	if at == nil || !s.Follower.Ready() {
		return errBehind
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	last, err := s.Publishing.Position(ctx)
	if err != nil {
		return err
	}
	if last < at.Position() { // a backup was restored, which the follower will see
		return errBehind
	}
	if s.Follower.Wait(ctx, last) != nil {
		return errBehind
	}
	if !s.Reader.Snapshot().Searchable() {
		return snapshot.ErrNotSearchable
	}
	return nil
}
