package api

import (
	"cmp"
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/publishing"
)

// QueueList is every queue of work.
type QueueList struct {
	Items []QueueSummary `json:"items"`
}

// QueueSummary is a queue of work: what it is about, and how many entries wait in it.
type QueueSummary struct {
	Queue       string             `json:"queue" example:"review_overdue"`
	Title       string             `json:"title" example:"Revisioni scadute"`
	Todo        string             `json:"todo" example:"Rileggere la scheda: se è giusta confermarla, altrimenti correggerla."` // what to do with what waits
	URL         string             `json:"url" format:"uri" example:"https://catalogo.comune.prato.it/v1/queues/review_overdue"`
	Total       int                `json:"total" minimum:"0"`
	ByPublisher []PublisherWaiting `json:"byPublisher"` // those with the most first
	ByOffice    []OfficeWaiting    `json:"byOffice"`    // those with the most first; what names no office is in no line
}

// PublisherWaiting is how many entries of a publisher wait in a queue.
type PublisherWaiting struct {
	Publisher string `json:"publisher" example:"prato-comune"`
	Total     int    `json:"total" minimum:"1"`
}

// OfficeWaiting is how many entries that an office is responsible for wait in a queue.
type OfficeWaiting struct {
	Office Named `json:"office"`
	Total  int   `json:"total" minimum:"1"`
}

// QueuePage is a page of what waits in a queue, the longest wait first.
type QueuePage struct {
	Items      []QueueItem `json:"items"`
	Total      int         `json:"total" minimum:"0"` // of the entries on all pages
	NextCursor string      `json:"nextCursor,omitempty"`
}

// QueueItem is an entry that waits in a queue.
type QueueItem struct {
	ID        string         `json:"id" format:"uuid" example:"019aa2d1-0000-7000-8000-000000000000"`
	Kind      catalogue.Kind `json:"kind" enums:"publisher,holiday_set,timetable,place,office,channel,procedure,service" example:"service"`
	Publisher string         `json:"publisher" example:"prato-comune"`
	Key       string         `json:"key" example:"prato-s19"`
	Title     string         `json:"title" example:"Carta d'identità"`
	URL       string         `json:"url" format:"uri" example:"https://catalogo.comune.prato.it/v1/publishers/prato-comune/services/prato-s19"` // of the entry as its publisher sees it
	Owner     string         `json:"owner,omitempty" example:"Ufficio Anagrafe"`                                                                // who looks after it
	ReviewBy  string         `json:"reviewBy,omitempty" format:"date"`
	Since     time.Time      `json:"since" format:"date-time"` // when it entered the queue
	Reason    string         `json:"reason" example:"La revisione era prevista entro il 1° maggio 2026."`
	Todo      string         `json:"todo" example:"Rileggere la scheda: se è giusta confermarla, altrimenti correggerla."`
	Details   []string       `json:"details,omitempty" example:"/conditions,/topics"` // what the reason is about: JSON Pointers into the document, or languages
}

// queueParameters are the filters of queues.
var queueParameters = []string{"publisher", "office", "kind", "lang"}

// workFilter reads which part of the queues a request is about, which its caller must be allowed to see: a key
// of a publisher sees that publisher's, one that acts for all everybody's.
func (s *server) workFilter(c echo.Context, p *params) (publishing.WorkFilter, error) {
	caller, err := s.caller(c)
	if err != nil {
		return publishing.WorkFilter{}, err
	}
	f := publishing.WorkFilter{Publishers: p.many("publisher")}
	if caller.Publisher != "" {
		if len(f.Publishers) == 0 {
			f.Publishers = []string{caller.Publisher}
		}
		for _, publisher := range f.Publishers {
			if err := checkAny(caller, publisher, workReaders...); err != nil {
				return f, err
			}
		}
	}
	if p.has("kind") {
		f.Kinds = p.kinds()
	}
	for _, value := range p.many("office") {
		ref, ok := catalogue.ParseRef(catalogue.KindOffice, value)
		if !ok {
			p.refuse("office", "reference", value)
		}
		f.Offices = append(f.Offices, ref)
	}
	p.oneOf("lang", spokenNames)
	return f, nil
}

// queues answers how much work there is.
//
//	@Summary		List the queues of work, with how much waits in each
//	@Description	What somebody should look after: drafts that wait, reviews that are due, and what public entries lack. A key of a publisher sees that publisher's; one that acts for all sees everybody's.
//	@Tags			stewardship
//	@ID				listQueues
//	@Security		bearer
//	@Produce		json
//	@Param			publisher	query		[]string	false	"key of the publisher"										collectionFormat(multi)
//	@Param			office		query		[]string	false	"`publisher/key` of the responsible office"					collectionFormat(multi)
//	@Param			kind		query		[]string	false	"only entries of these kinds"								collectionFormat(multi)	Enums(publisher, holiday_set, timetable, place, office, channel, procedure, service)
//	@Param			lang		query		string		false	"language of the sentences, instead of Accept-Language's"	Enums(it, en)
//	@Success		200			{object}	QueueList
//	@Failure		400			{object}	Problem
//	@Failure		401			{object}	Problem
//	@Failure		403			{object}	Problem
//	@Failure		503			{object}	Problem
//	@Router			/v1/queues [get]
func (s *server) queues(c echo.Context) error {
	p := query(c, queueParameters...)
	filter, err := s.workFilter(c, p)
	if err != nil {
		return err
	}
	if err := p.err(); err != nil {
		return err
	}
	counts, err := s.Publishing.Work(c.Request().Context(), filter)
	if err != nil {
		return err
	}
	list := QueueList{Items: make([]QueueSummary, len(catalogue.Queues))}
	for i, queue := range catalogue.Queues {
		list.Items[i] = s.queueSummary(queue, counts, spoken(c))
	}
	return replyPrivate(c, http.StatusOK, list)
}

func (s *server) queueSummary(queue catalogue.Queue, counts []publishing.WorkCount, tag lang.Tag) QueueSummary {
	summary := QueueSummary{
		Queue: string(queue), Title: lang.Message(tag, "queue."+string(queue)+".title"), Todo: lang.Message(tag, "queue."+string(queue)+".todo"),
		URL: s.PublicURL + "/v1/queues/" + string(queue), ByPublisher: []PublisherWaiting{}, ByOffice: []OfficeWaiting{},
	}
	publishers, offices := map[string]int{}, map[catalogue.Ref]int{}
	for _, count := range counts {
		if count.Queue != queue {
			continue
		}
		summary.Total += count.Entries
		publishers[count.Publisher] += count.Entries
		if count.Office != nil {
			offices[*count.Office] += count.Entries
		}
	}
	for publisher, n := range publishers {
		summary.ByPublisher = append(summary.ByPublisher, PublisherWaiting{publisher, n})
	}
	slices.SortFunc(summary.ByPublisher, func(a, b PublisherWaiting) int {
		return cmp.Or(b.Total-a.Total, strings.Compare(a.Publisher, b.Publisher))
	})
	for office, n := range offices {
		summary.ByOffice = append(summary.ByOffice, OfficeWaiting{s.named(office), n})
	}
	slices.SortFunc(summary.ByOffice, func(a, b OfficeWaiting) int {
		return cmp.Or(b.Total-a.Total, strings.Compare(a.Office.Publisher, b.Office.Publisher), strings.Compare(a.Office.Key, b.Office.Key))
	})
	return summary
}

// queue answers what waits in a queue.
//
//	@Summary		List what waits in a queue of work
//	@Description	Each entry with why it is there, since when, and what to do; the longest wait first.
//	@Tags			stewardship
//	@ID				listQueue
//	@Security		bearer
//	@Produce		json
//	@Param			queue		path		string		true	"name of the queue"
//	@Param			publisher	query		[]string	false	"key of the publisher"										collectionFormat(multi)
//	@Param			office		query		[]string	false	"`publisher/key` of the responsible office"					collectionFormat(multi)
//	@Param			kind		query		[]string	false	"only entries of these kinds"								collectionFormat(multi)	Enums(publisher, holiday_set, timetable, place, office, channel, procedure, service)
//	@Param			lang		query		string		false	"language of the sentences, instead of Accept-Language's"	Enums(it, en)
//	@Param			limit		query		int			false	"how many entries on a page"								minimum(1)	maximum(200)	default(20)
//	@Param			cursor		query		string		false	"`nextCursor` of the page before"
//	@Success		200			{object}	QueuePage
//	@Failure		400			{object}	Problem
//	@Failure		401			{object}	Problem
//	@Failure		403			{object}	Problem
//	@Failure		404			{object}	Problem
//	@Failure		503			{object}	Problem
//	@Router			/v1/queues/{queue} [get]
func (s *server) queue(c echo.Context) error {
	p := query(c, append([]string{"limit", "cursor"}, queueParameters...)...)
	filter, err := s.workFilter(c, p)
	if err != nil {
		return err
	}
	page := publishing.WorkPage{
		Queue: catalogue.Queue(c.Param("queue")), Filter: filter, Limit: p.number("limit", 20, 200), After: p.waiting("cursor"),
	}
	if err := p.err(); err != nil {
		return err
	}
	waiting, next, total, err := s.Publishing.WorkItems(c.Request().Context(), page)
	if err != nil {
		return err
	}
	answer := QueuePage{Items: make([]QueueItem, len(waiting)), Total: total}
	for i, item := range waiting {
		answer.Items[i] = s.queueItem(page.Queue, item, spoken(c))
	}
	if next != nil {
		answer.NextCursor = waitingCursor(*next)
	}
	s.nextLink(c, "cursor", answer.NextCursor)
	return replyPrivate(c, http.StatusOK, answer)
}

func (s *server) queueItem(queue catalogue.Queue, item publishing.WorkItem, tag lang.Tag) QueueItem {
	title, _ := item.Title.In(tag)
	x := QueueItem{
		ID: item.ID.String(), Kind: item.Ref.Kind, Publisher: item.Ref.Publisher, Key: item.Ref.Key, Title: title,
		URL: s.PublicURL + "/v1/publishers/" + item.Ref.Publisher + "/" + item.Ref.Kind.Plural() + "/" + item.Ref.Key, Owner: item.Owner, Since: item.Since,
		Reason: lang.Message(tag, "queue."+string(queue)+".reason", strings.Join(item.Details, ", ")), Details: item.Details,
		Todo: lang.Message(tag, "queue."+string(queue)+".todo"),
	}
	if item.ReviewBy != nil {
		x.ReviewBy = item.ReviewBy.Format(time.DateOnly)
	}
	return x
}

// waitingCursor is the cursor of the page behind a place in a queue.
func waitingCursor(w publishing.Waiting) string {
	return base64.RawURLEncoding.EncodeToString([]byte(w.Since.UTC().Format(time.RFC3339Nano) + " " + w.ID.String()))
}

// waiting reads a cursor of waitingCursor; nil where it is not given.
func (p *params) waiting(name string) *publishing.Waiting {
	if !p.has(name) {
		return nil
	}
	text, err := base64.RawURLEncoding.DecodeString(p.one(name))
	since, id, _ := strings.Cut(string(text), " ")
	at, wrongTime := time.Parse(time.RFC3339Nano, since)
	entry, wrongID := uuid.Parse(id)
	if errors.Join(err, wrongTime, wrongID) != nil {
		p.refuse(name, "cursor")
	}
	return &publishing.Waiting{Since: at, ID: entry}
}
