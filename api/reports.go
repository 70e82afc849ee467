package api

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/comuneprato/service-catalogue/internal/hours"
	"github.com/comuneprato/service-catalogue/internal/reports"
)

// SearchReport is what people searched for.
type SearchReport struct {
	Items []reports.Count `json:"items"`
	From  string          `json:"from" format:"date"`
	To    string          `json:"to" format:"date"`
}

// reportDays is how many days before its last one a report begins, where the request does not say.
const reportDays = 30

// searchReport answers what people searched for.
//
//	@Summary		Report what people search for
//	@Description	Searches of a day that came at least five times, without who made them: the latest day first, and of a day the most frequent first. With `results=none` those that found nothing, which the synonyms could mend. The key needs the scope report.
//	@Tags			search
//	@ID				reportSearches
//	@Security		bearer
//	@Produce		json
//	@Param			from	query		string	false	"first day; 30 days before the last one where absent"	format(date)
//	@Param			to		query		string	false	"last day; today where absent"							format(date)
//	@Param			results	query		string	false	"`none`: only those that found nothing"					Enums(none)
//	@Param			limit	query		int		false	"how many at most"										minimum(1)	maximum(1000)	default(100)
//	@Success		200		{object}	SearchReport
//	@Failure		400		{object}	Problem
//	@Failure		401		{object}	Problem
//	@Failure		403		{object}	Problem
//	@Failure		503		{object}	Problem
//	@Router			/v1/reports/searches [get]
func (s *server) searchReport(c echo.Context) error {
	p := query(c, "from", "to", "results", "limit")
	to := s.Clock().Truncate(24 * time.Hour)
	if p.has("to") {
		to = dayOf(p.date("to"))
	}
	from := to.AddDate(0, 0, -reportDays)
	if p.has("from") {
		from = dayOf(p.date("from"))
	}
	if to.Before(from) {
		p.refuse("to", "order", from.Format(time.DateOnly))
	}
	unsuccessful, limit := p.oneOf("results", []string{"none"}) != "", p.number("limit", 100, 1000)
	if err := p.err(); err != nil {
		return err
	}
	items, err := s.Searches.Report(c.Request().Context(), from, to, unsuccessful, limit)
	if err != nil {
		return err
	}
	return replyPrivate(c, http.StatusOK, SearchReport{Items: items, From: from.Format(time.DateOnly), To: to.Format(time.DateOnly)})
}

func dayOf(d hours.Date) time.Time {
	year, month, day := d.Civil()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}
