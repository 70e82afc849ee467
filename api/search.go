package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/publishing"
	"github.com/comuneprato/service-catalogue/internal/search"
	"github.com/comuneprato/service-catalogue/internal/snapshot"
)

// SearchPage stands for a page of what was found, in the description; package snapshot writes it.
type SearchPage struct {
	Items       []SearchItem           `json:"items"`
	Total       int                    `json:"total" example:"3"`
	NextCursor  string                 `json:"nextCursor,omitempty"`
	DidYouMean  string                 `json:"didYouMean,omitempty" example:"carta d'identità"` // the query as it was understood, where words were misspelt
	Dropped     []string               `json:"dropped,omitempty"`                               // words of the query that what was found need not have
	Suggestions []string               `json:"suggestions,omitempty"`                           // titles that come near, where nothing was found
	Facets      map[string][]FacetItem `json:"facets,omitempty"`
}

// SearchItem stands for the summary of an entry of any kind, with where the words were found.
type SearchItem struct{}

// FacetItem is a value of a facet, and how many entries have it among what passes the other filters.
type FacetItem struct {
	Value string `json:"value" example:"anagrafe"`
	Label string `json:"label" example:"Anagrafe"`
	Count int    `json:"count" example:"12"`
}

// CompletionPage is what a reader may be about to type, the likeliest first.
type CompletionPage struct {
	Items []Completion `json:"items"`
}

// Completion is an entry by a name that fits.
type Completion struct {
	ID        string         `json:"id" format:"uuid"`
	Kind      catalogue.Kind `json:"kind" example:"service"`
	Key       string         `json:"key" example:"prato-s19"`
	Slug      string         `json:"slug" example:"carta-d-identita"`
	Title     string         `json:"title" example:"Carta d'identità"`
	Highlight string         `json:"highlight" example:"<mark>Cart</mark>a d'<mark>id</mark>entità"` // HTML
	Publisher string         `json:"publisher,omitempty" example:"Comune di Prato"`                  // its name, where another one has an entry of the same title
}

// Synonyms are what the search takes for the same.
type Synonyms struct {
	Items   []search.SynonymSet `json:"items"`
	Version int                 `json:"version"` // 0: those that come with the program
}

// maxQuery is how long a query may be, in characters; the search reads no more than a part of a longer one anyway.
const maxQuery = 1000

// words is a text to search for.
func (p *params) words(name string) string {
	text := p.one(name)
	if utf8.RuneCountInString(text) > maxQuery {
		p.refuse(name, "too_long", maxQuery)
	}
	return text
}

// facets are the facets that a request wants counted.
func (p *params) facets(known []string) []string {
	names := p.commas("facets")
	for _, name := range names {
		p.known("facets", name, known)
	}
	return names
}

// searchFilters are the filters that entries of any kind have.
var searchFilters = func() (all []string) {
	for _, kind := range catalogue.Kinds {
		for _, name := range catalogue.Filters(kind) {
			if !slices.Contains(all, name) {
				all = append(all, name)
			}
		}
	}
	return all
}()

// What a search knows beside its filters, and what it counts.
var (
	searchParameters = append([]string{"q", "kind", "facets", "explain", "limit", "cursor", "lang"}, searchFilters...)
	searchFacets     = append([]string{"kind"}, searchFilters...)
)

// kinds are the kinds that a request is about, all where it names none.
func (p *params) kinds() []catalogue.Kind {
	if !p.has("kind") {
		return catalogue.Kinds
	}
	var kinds []catalogue.Kind
	for _, value := range p.many("kind") {
		p.known("kind", value, kindNames)
		kinds = append(kinds, catalogue.Kind(value))
	}
	return kinds
}

// search answers what is found by words, among entries of all kinds.
//
//	@Summary		Search in everything published
//	@Description	The best hits first, whatever kind they are of. Words may be inflected, misspelt, unfinished (the last one), or stand for others (synonyms). `didYouMean`, `dropped` and `suggestions` say how the query was understood. The lists of each kind take `q` too, with all their filters; so does this, with those of every kind.
//	@Tags			search
//	@ID				search
//	@Produce		json
//	@Param			q						query		string		true	"what to search for, as people say it"						maxlength(1000)
//	@Param			kind					query		[]string	false	"only entries of these kinds"								collectionFormat(multi)	Enums(publisher, holiday_set, timetable, place, office, channel, procedure, service)
//	@Param			publisher				query		[]string	false	"key, id or slug of the publisher"							collectionFormat(multi)
//	@Param			category				query		[]string	false	"code or URI of a category (vocabulary service-categories)"	collectionFormat(multi)
//	@Param			topic					query		[]string	false	"code or URI of a topic (vocabulary topics)"				collectionFormat(multi)
//	@Param			audience				query		[]string	false	"code or URI of an audience (vocabulary audiences)"			collectionFormat(multi)
//	@Param			lifeEvent				query		[]string	false	"code or URI of a life event (vocabulary life-events)"		collectionFormat(multi)
//	@Param			status					query		[]string	false	"code or URI of a status (vocabulary service-status)"		collectionFormat(multi)
//	@Param			online					query		boolean		false	"whether it can be applied for online"
//	@Param			free					query		boolean		false	"whether it is known to cost nothing now, or to cost something"
//	@Param			openNow					query		boolean		false	"whether it is open now"
//	@Param			sector					query		[]string	false	"code or URI of an economic sector (vocabulary sectors), which stands for its narrower ones too"							collectionFormat(multi)
//	@Param			businessEvent			query		[]string	false	"code or URI of a business event (vocabulary business-events)"																collectionFormat(multi)
//	@Param			flow					query		[]string	false	"code of a flow (vocabulary service-flows)"																					collectionFormat(multi)
//	@Param			interactivity			query		[]string	false	"code or URI of a level (vocabulary interactivity-levels)"																	collectionFormat(multi)
//	@Param			organisation			query		[]string	false	"id, slug or `publisher/key` of an organisation that has a part in it"														collectionFormat(multi)
//	@Param			office					query		[]string	false	"id, slug or `publisher/key` of an office that has to do with it; of an office, its parent"									collectionFormat(multi)
//	@Param			place					query		[]string	false	"id, slug or `publisher/key` of a place where it is, or where people go for it"												collectionFormat(multi)
//	@Param			channel					query		[]string	false	"id, slug or `publisher/key` of a channel by which it can be got"															collectionFormat(multi)
//	@Param			procedure				query		[]string	false	"id, slug or `publisher/key` of a procedure that it starts"																	collectionFormat(multi)
//	@Param			timetable				query		[]string	false	"id, slug or `publisher/key` of a timetable by which it is open"															collectionFormat(multi)
//	@Param			channelType				query		[]string	false	"code or URI of a type of channel (vocabulary channels), which stands for its narrower ones too"							collectionFormat(multi)
//	@Param			identity				query		[]string	false	"code or URI of a way to sign in (vocabulary authentication-types)"															collectionFormat(multi)
//	@Param			platform				query		[]string	false	"code of a platform in use (vocabulary platforms)"																			collectionFormat(multi)
//	@Param			deliveryLanguage		query		[]string	false	"code of a language in which people are served (vocabulary languages), such as `it` or `ITA`"								collectionFormat(multi)
//	@Param			helpType				query		[]string	false	"code of a help that people get with digital services (vocabulary help-types)"												collectionFormat(multi)
//	@Param			accessibility			query		[]string	false	"code of a feature that the place has (vocabulary accessibility-features)"													collectionFormat(multi)
//	@Param			district				query		[]string	false	"the district where it is, or where people go for it"																		collectionFormat(multi)
//	@Param			facets					query		[]string	false	"which values these filters, or kind, have among what is found, with exact counts that leave out the facet's own filter"	collectionFormat(csv)
//	@Param			explain					query		boolean		false	"say why each hit comes where it does; with a key of scope admin"
//	@Param			limit					query		int			false	"how many entries on a page"	minimum(1)	maximum(200)	default(20)
//	@Param			cursor					query		string		false	"`nextCursor` of the page before"
//	@Param			lang					query		string		false	"language of the texts, in which the query is read first"	Enums(it, en, zh, ro, sq, ur, ar, fr, es, de, *)
//	@Param			Accept-Language			header		string		false	"languages of the texts, where `lang` is not given (RFC 9110)"
//	@Param			Catalogue-Min-Position	header		int			false	"wait until this node has reached the position"
//	@Success		200						{object}	SearchPage
//	@Success		304						"Not Modified"
//	@Failure		400						{object}	Problem
//	@Failure		401						{object}	Problem
//	@Failure		403						{object}	Problem
//	@Failure		503						{object}	Problem
//	@Router			/v1/search [get]
func (s *server) search(c echo.Context) error {
	at, err := s.at(c)
	if err != nil {
		return err
	}
	p := query(c, searchParameters...)
	q := snapshot.Query{
		Kinds: p.kinds(), Text: p.words("q"), Sort: snapshot.SortRelevance, Marks: true, Explain: p.flag("explain"),
		Facets: p.facets(searchFacets), Limit: p.number("limit", 20, 200), Cursor: p.one("cursor"),
		Lang: language(c, p), Coding: coding(c), Filters: p.filters(searchFilters),
	}
	if !p.has("q") {
		p.refuse("q", "required")
	}
	if err := p.err(); err != nil {
		return err
	}
	if q.Explain {
		if err := s.further(c, askExplain); err != nil {
			return err
		}
	}
	page, err := s.Reader.List(at, q)
	if err != nil {
		return err
	}
	s.nextLink(c, "cursor", page.Next)
	s.noteSearch(q, page)
	if q.Explain { // which is for the one who asks
		return s.replyAs(c, jsonType, at, q.Lang, varyByPosition, noStore, page.Answer)
	}
	return s.reply(c, at, q.Lang, page.Answer)
}

// noteSearch counts a search, but for its further pages and those of operators.
func (s *server) noteSearch(q snapshot.Query, page snapshot.Page) {
	if q.Text != "" && q.Cursor == "" && !q.Explain {
		s.Searches.Note(q.Text, q.Lang, page.Total)
	}
}

// autocomplete answers what a reader may be about to type.
//
//	@Summary		Complete what is being typed
//	@Description	At most ten entries of which some name, term or office has words that begin like those of `q`, in any order. `highlight` is HTML.
//	@Tags			search
//	@ID				autocomplete
//	@Produce		json
//	@Param			q						query		string		true	"what was typed so far"			maxlength(1000)
//	@Param			kind					query		[]string	false	"only entries of these kinds"	collectionFormat(multi)	Enums(publisher, holiday_set, timetable, place, office, channel, procedure, service)
//	@Param			limit					query		int			false	"how many at most"				minimum(1)				maximum(10)	default(10)
//	@Param			lang					query		string		false	"language of the reader"		Enums(it, en, zh, ro, sq, ur, ar, fr, es, de, *)
//	@Param			Accept-Language			header		string		false	"languages of the reader, where `lang` is not given (RFC 9110)"
//	@Param			Catalogue-Min-Position	header		int			false	"wait until this node has reached the position"
//	@Success		200						{object}	CompletionPage
//	@Success		304						"Not Modified"
//	@Failure		400						{object}	Problem
//	@Failure		503						{object}	Problem
//	@Router			/v1/autocomplete [get]
func (s *server) autocomplete(c echo.Context) error {
	at, err := s.at(c)
	if err != nil {
		return err
	}
	p := query(c, "q", "kind", "limit", "lang")
	text, kinds, limit, tag := p.words("q"), p.kinds(), p.number("limit", 10, 10), language(c, p)
	if !p.has("q") {
		p.refuse("q", "required")
	}
	if err := p.err(); err != nil {
		return err
	}
	answer, err := s.Reader.Completions(at, text, kinds, tag, limit, coding(c))
	if err != nil {
		return err
	}
	return s.reply(c, at, tag, answer)
}

// synonyms answers the synonyms in force.
//
//	@Summary	Get the synonyms of the search
//	@Tags		search
//	@ID			showSynonyms
//	@Produce	json
//	@Success	200	{object}	Synonyms
//	@Failure	400	{object}	Problem
//	@Failure	503	{object}	Problem
//	@Router		/v1/synonyms [get]
func (s *server) synonyms(c echo.Context) error {
	if err := query(c).err(); err != nil {
		return err
	}
	setting, err := s.Publishing.Setting(c.Request().Context(), catalogue.SubjectSynonyms)
	if err != nil {
		return err
	}
	return replySynonyms(c, setting)
}

// replySynonyms writes the synonyms of a setting, those of the program where it was never set.
func replySynonyms(c echo.Context, setting publishing.Setting) error {
	answer := Synonyms{Items: search.DefaultSynonyms(), Version: setting.Version}
	if setting.Version > 0 {
		answer.Items = []search.SynonymSet{}
		if err := json.Unmarshal([]byte(setting.Document), &answer.Items); err != nil {
			return fmt.Errorf("reading the stored synonyms: %w", err)
		}
	}
	c.Response().Header().Set("ETag", strconv.Quote(strconv.Itoa(setting.Version)))
	c.Response().Header()["Cache-Control"] = askFirst
	return c.JSON(http.StatusOK, answer)
}

// SynonymsInput is the body of a PUT of synonyms.
type SynonymsInput struct {
	Items []search.SynonymSet `json:"items"`
}

// putSynonyms replaces the synonyms.
//
//	@Summary		Replace the synonyms of the search
//	@Description	All of them: what is not in the body is no synonym any more. They are in force at once, on every node, by a change in the feed. The key needs the scope admin.
//	@Tags			search
//	@ID				replaceSynonyms
//	@Security		bearer
//	@Accept			json
//	@Produce		json
//	@Param			If-Match	header		string			false	"ETag of the synonyms that are replaced: 412 if somebody changed them"
//	@Param			synonyms	body		SynonymsInput	true	"the synonyms"
//	@Success		200			{object}	Synonyms
//	@Failure		400			{object}	Problem
//	@Failure		401			{object}	Problem
//	@Failure		403			{object}	Problem
//	@Failure		412			{object}	Problem
//	@Failure		413			{object}	Problem
//	@Failure		415			{object}	Problem
//	@Failure		422			{object}	Problem
//	@Failure		503			{object}	Problem
//	@Failure		507			{object}	Problem
//	@Router			/v1/synonyms [put]
func (s *server) putSynonyms(c echo.Context) error {
	who, err := s.may(c)
	if err != nil {
		return err
	}
	p := query(c)
	w := publishing.Write{Actor: who, If: precondition(c, p)}
	if err := p.err(); err != nil {
		return err
	}
	var input SynonymsInput
	findings, err := readRequest(c, &input)
	if err != nil {
		return err
	}
	if len(input.Items) > search.MaxSynonymSets {
		findings.AddTooMany("/items", search.MaxSynonymSets)
	}
	if !findings.HasErrors() {
		for i, err := range search.CheckSynonyms(input.Items) {
			findings.AddSynonyms(catalogue.Pointer("/items").Index(i), err.Error())
		}
	}
	if err := findings.Err(); err != nil {
		return err
	}
	document, err := json.Marshal(append([]search.SynonymSet{}, input.Items...))
	if err != nil {
		return err
	}
	setting, position, err := s.Publishing.PutSetting(c.Request().Context(), catalogue.SubjectSynonyms, string(document), w)
	if err != nil {
		return err
	}
	s.waitFor(c, position)
	return replySynonyms(c, setting)
}
