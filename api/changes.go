package api

import (
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// ChangePage is a part of the feed.
type ChangePage struct {
	Items    []catalogue.Change `json:"items"`
	Position int64              `json:"position"` // of the last item, or where there is none, the one asked for: `after` of the next request
}

// changes answers a part of the feed.
//
//	@Summary		Follow what becomes public, updated or withdrawn
//	@Description	Changes after a position, in their order, without gaps. Keep `position` and ask again with it as `after`.
//	@Tags			changes
//	@ID				listChanges
//	@Produce		json
//	@Param			after					query		int	false	"the position after which to begin"	minimum(0)	default(0)
//	@Param			limit					query		int	false	"how many changes at most"			minimum(1)	maximum(1000)	default(100)
//	@Param			Catalogue-Min-Position	header		int	false	"wait until this node has reached the position"
//	@Success		200						{object}	ChangePage
//	@Success		304						"Not Modified"
//	@Failure		400						{object}	Problem
//	@Failure		503						{object}	Problem
//	@Router			/v1/changes [get]
func (s *server) changes(c echo.Context) error {
	at, err := s.at(c)
	if err != nil {
		return err
	}
	p := query(c, "after", "limit")
	after, limit := p.position("after", 0), p.number("limit", 100, 1000)
	if err := p.err(); err != nil {
		return err
	}
	page := ChangePage{Position: after}
	if page.Position > at.Position() { // told by a node that is ahead of this one
		if at, err = s.reached(c, "after", page.Position); err != nil {
			return err
		}
	}
	// Nothing is told that a look-up on this node would not see yet.
	page.Items, err = s.Publishing.Changes(c.Request().Context(), page.Position, at.Position(), limit)
	if err != nil {
		return err
	}
	if n := len(page.Items); n > 0 {
		page.Position = page.Items[n-1].Position
		if n == limit {
			s.nextLink(c, "after", strconv.FormatInt(page.Position, 10))
		}
	}
	return s.replyJSON(c, at, page, askFirst)
}
