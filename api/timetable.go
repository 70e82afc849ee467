package api

import (
	"bytes"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/hours"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/snapshot"
)

// TimetableHours stands for what a timetable says day by day in the description; catalogue.Words writes it.
type TimetableHours struct {
	ID       string     `json:"id" format:"uuid"`
	Slug     string     `json:"slug" example:"orari-degli-sportelli"`
	Title    lang.Text  `json:"title"`
	URL      string     `json:"url" format:"uri"` // of the view of the timetable
	Timezone string     `json:"timezone" example:"Europe/Rome"`
	From     string     `json:"from" format:"date"`
	To       string     `json:"to" format:"date"`
	Days     []HoursDay `json:"days"`
	Lang     string     `json:"lang" example:"it"`
	Fallback []string   `json:"fallback,omitempty"` // JSON Pointers of the texts shown in Italian instead
}

// HoursDay stands for what holds on one day.
type HoursDay struct {
	Date      string          `json:"date" format:"date"`
	Period    lang.Text       `json:"period,omitempty"`  // the name of the period that counts
	Holiday   lang.Text       `json:"holiday,omitempty"` // which holiday it is, whatever holds on it
	Reason    lang.Text       `json:"reason,omitempty"`  // why the day is unlike others
	Intervals []HoursInterval `json:"intervals"`         // that begin on the day, in order; none if it is closed
}

// HoursInterval stands for a span of hours, in the time of the place.
type HoursInterval struct {
	Opens  string    `json:"opens" format:"date-time" example:"2026-01-20T09:00:00+01:00"`
	Closes string    `json:"closes" format:"date-time" example:"2026-01-20T13:00:00+01:00"` // maybe on the next day
	State  Term      `json:"state"`
	Note   lang.Text `json:"note,omitempty"`
}

// Term stands for a term of a vocabulary as readers see it.
type Term struct {
	Code  string    `json:"code"`
	URI   string    `json:"uri,omitempty" format:"uri"`
	Label lang.Text `json:"label,omitempty"`
}

// Bounds of the days that are answered at once.
const (
	usualDays = 7
	mostDays  = 400
)

// span is the days that a request asks for.
type span struct {
	from, to hours.Date
	until    time.Time // when the same request begins to mean other days, since it does not say from which; zero: never
}

// days reads from and to: by default the week that begins today in Rome.
func (s *server) days(p *params) span {
	found := span{from: hours.DateOf(s.Clock())}
	if p.has("from") {
		found.from = p.date("from")
	} else {
		found.until = (found.from + 1).Begins()
	}
	found.to = found.from + usualDays - 1
	if p.has("to") {
		found.to = p.date("to")
	}
	switch {
	case len(p.findings) > 0:
	case found.to < found.from:
		p.refuse("to", "order", found.from.String())
	case found.to-found.from >= mostDays:
		p.refuse("to", "days", mostDays)
	}
	return found
}

// hours answers what a timetable says day by day.
//
//	@Summary		Get the hours of a published timetable, day by day
//	@Description	What holds on each day, in the time of Rome with its offset from UTC, with seasons, holidays and exceptions applied.
//	@Tags			timetables
//	@ID				showTimetableHours
//	@Produce		json
//	@Param			idOrSlug				path		string	true	"id or slug"
//	@Param			from					query		string	false	"the first day; today in Rome where it is not given"					format(date)
//	@Param			to						query		string	false	"the last day, at most 400 days in all; a week where it is not given"	format(date)
//	@Param			lang					query		string	false	"language of the texts; `*` for all of them"							Enums(it, en, zh, ro, sq, ur, ar, fr, es, de, *)
//	@Param			Accept-Language			header		string	false	"languages of the texts, where `lang` is not given (RFC 9110)"
//	@Param			If-None-Match			header		string	false	"ETag of a copy: answered by 304 if it is still right"
//	@Param			Catalogue-Min-Position	header		int		false	"wait until this node has reached the position"
//	@Success		200						{object}	TimetableHours
//	@Success		301						"Moved Permanently"
//	@Success		304						"Not Modified"
//	@Failure		400						{object}	Problem
//	@Failure		404						{object}	Problem
//	@Failure		410						{object}	Problem
//	@Failure		503						{object}	Problem
//	@Router			/v1/timetables/{idOrSlug}/hours [get]
func (s *server) hours(c echo.Context) error {
	return s.timetable(c, language, func(at *snapshot.Snapshot, w catalogue.Words, e *catalogue.Entry, days span) error {
		view, err := w.Hours(e, days.from, days.to)
		if err != nil {
			return err
		}
		view.ValidUntil = days.until
		return s.reply(c, at, w.Lang, snapshot.EncodeView(view, coding(c)))
	})
}

var calendarType = []string{"text/calendar; charset=utf-8"} // RFC 5545

// calendar answers what a timetable says as iCalendar.
//
//	@Summary		Get the hours of a published timetable as a calendar
//	@Description	An event for each span of hours, and for each run of days that are closed for a reason, for calendar programs to subscribe to.
//	@Tags			timetables
//	@ID				showTimetableCalendar
//	@Produce		text/calendar
//	@Param			idOrSlug				path		string	true	"id or slug"
//	@Param			from					query		string	false	"the first day; today in Rome where it is not given"					format(date)
//	@Param			to						query		string	false	"the last day, at most 400 days in all; a week where it is not given"	format(date)
//	@Param			lang					query		string	false	"language of the texts"													Enums(it, en, zh, ro, sq, ur, ar, fr, es, de)
//	@Param			Accept-Language			header		string	false	"languages of the texts, where `lang` is not given (RFC 9110)"
//	@Param			If-None-Match			header		string	false	"ETag of a copy: answered by 304 if it is still right"
//	@Param			Catalogue-Min-Position	header		int		false	"wait until this node has reached the position"
//	@Success		200						{string}	string	"iCalendar (RFC 5545)"
//	@Success		301						"Moved Permanently"
//	@Success		304						"Not Modified"
//	@Failure		400						{object}	Problem
//	@Failure		404						{object}	Problem
//	@Failure		410						{object}	Problem
//	@Failure		503						{object}	Problem
//	@Router			/v1/timetables/{idOrSlug}/calendar [get]
func (s *server) calendar(c echo.Context) error {
	return s.timetable(c, oneLanguage, func(at *snapshot.Snapshot, w catalogue.Words, e *catalogue.Entry, days span) error {
		var body bytes.Buffer
		if err := w.WriteCalendar(&body, e, days.from, days.to); err != nil {
			return err
		}
		a := snapshot.Encode(body.Bytes(), e.UpdatedAt, days.until, coding(c))
		return s.replyAs(c, calendarType, at, w.Lang, varyByPosition, cacheUntil(a.ValidUntil, s.Clock()), a)
	})
}

// timetable reads a request about the days of a timetable, and the language in which it is to be answered.
func (s *server) timetable(c echo.Context, language func(echo.Context, *params) lang.Tag, answer func(at *snapshot.Snapshot, w catalogue.Words, e *catalogue.Entry, days span) error) error {
	at, err := s.at(c)
	if err != nil {
		return err
	}
	p := query(c, "from", "to", "lang")
	days, tag := s.days(p), language(c, p)
	if err := p.err(); err != nil {
		return err
	}
	e, err := at.Find(catalogue.KindTimetable, c.Param("idOrSlug"))
	if err != nil {
		return err
	}
	return answer(at, s.Reader.Words(at, tag), e, days)
}
