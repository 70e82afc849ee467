package api

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/format"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/snapshot"
)

// at returns the newest snapshot; where the request says Catalogue-Min-Position, one that has reached it. It returns
// errBehind where that takes too long.
func (s *server) at(c echo.Context) (*snapshot.Snapshot, error) {
	values := c.Request().Header[headerMinPosition]
	if len(values) == 0 {
		if found := s.Reader.Snapshot(); found != nil {
			return found, nil
		}
		return nil, errBehind
	}
	p := params{}
	position := p.parsePosition(headerMinPosition, values[0])
	if err := p.err(); err != nil {
		return nil, err
	}
	return s.reached(c, headerMinPosition, position)
}

// reached returns a snapshot that has reached a position, which a parameter names. Where that takes too long it returns
// errBehind, or an errQuery if the feed has no such position either.
func (s *server) reached(c echo.Context, parameter string, position int64) (*snapshot.Snapshot, error) {
	ctx, cancel := context.WithTimeout(c.Request().Context(), positionWait)
	defer cancel()
	if err := s.Follower.Wait(ctx, position); err == nil {
		return s.Reader.Snapshot(), nil
	}
	if last, err := s.Publishing.Position(c.Request().Context()); err == nil && last < position {
		p := params{}
		p.refuse(parameter, "position")
		return nil, p.err()
	}
	return nil, errBehind
}

// list answers a page of a list.
//
//	@Summary		List the published {kinds}
//	@Description	A page of summaries, or of the fields asked for, of what is public. Repeat a filter to say "or"; different filters must all hold. All statuses are listed unless `status` is given.
//	@Tags			{kinds}
//	@ID				list{Kinds}
//	@Produce		json
//	@Param			publisher				query		[]string	false	"key, id or slug of the publisher"																	collectionFormat(multi)
//	@Param			category				query		[]string	false	"code or URI of a category (vocabulary service-categories)"											collectionFormat(multi)
//	@Param			topic					query		[]string	false	"code or URI of a topic (vocabulary topics)"														collectionFormat(multi)
//	@Param			sector					query		[]string	false	"code or URI of an economic sector (vocabulary sectors), which stands for its narrower ones too"	collectionFormat(multi)
//	@Param			lifeEvent				query		[]string	false	"code or URI of a life event (vocabulary life-events)"												collectionFormat(multi)
//	@Param			businessEvent			query		[]string	false	"code or URI of a business event (vocabulary business-events)"										collectionFormat(multi)
//	@Param			audience				query		[]string	false	"code or URI of an audience (vocabulary audiences), which stands for its narrower ones too"			collectionFormat(multi)
//	@Param			flow					query		[]string	false	"code of a flow (vocabulary service-flows)"															collectionFormat(multi)
//	@Param			interactivity			query		[]string	false	"code or URI of a level (vocabulary interactivity-levels)"											collectionFormat(multi)
//	@Param			status					query		[]string	false	"code or URI of a status (vocabulary service-status)"												collectionFormat(multi)
//	@Param			organisation			query		[]string	false	"id, slug or `publisher/key` of an organisation that has a part in it"								collectionFormat(multi)
//	@Param			office					query		[]string	false	"id, slug or `publisher/key` of an office that has to do with it; of an office, its parent"			collectionFormat(multi)
//	@Param			place					query		[]string	false	"id, slug or `publisher/key` of a place where it is, or where people go for it"						collectionFormat(multi)
//	@Param			channel					query		[]string	false	"id, slug or `publisher/key` of a channel by which it can be got"									collectionFormat(multi)
//	@Param			procedure				query		[]string	false	"id, slug or `publisher/key` of a procedure that it starts"											collectionFormat(multi)
//	@Param			timetable				query		[]string	false	"id, slug or `publisher/key` of a timetable by which it is open"									collectionFormat(multi)
//	@Param			channelType				query		[]string	false	"code or URI of a type of channel (vocabulary channels), which stands for its narrower ones too"	collectionFormat(multi)
//	@Param			identity				query		[]string	false	"code or URI of a way to sign in (vocabulary authentication-types)"									collectionFormat(multi)
//	@Param			platform				query		[]string	false	"code of a platform in use (vocabulary platforms)"													collectionFormat(multi)
//	@Param			deliveryLanguage		query		[]string	false	"code of a language in which people are served (vocabulary languages), such as `it` or `ITA`"		collectionFormat(multi)
//	@Param			helpType				query		[]string	false	"code of a help that people get with digital services (vocabulary help-types)"						collectionFormat(multi)
//	@Param			accessibility			query		[]string	false	"code of a feature that the place has (vocabulary accessibility-features)"							collectionFormat(multi)
//	@Param			district				query		[]string	false	"the district where it is, or where people go for it"												collectionFormat(multi)
//	@Param			free					query		boolean		false	"whether it is known to cost nothing now, or to cost something"
//	@Param			online					query		boolean		false	"whether it can be applied for online"
//	@Param			offered					query		boolean		false	"whether it is to be had here; `false` finds what others offer instead"
//	@Param			openNow					query		boolean		false	"whether it is open now, by its timetable; of services, by any of their connections and offices. What has no timetable is neither"
//	@Param			q						query		string		false	"what to search for, as people say it: inflected, misspelt, unfinished; the best hits first unless `sort` says otherwise"	maxlength(1000)
//	@Param			facets					query		[]string	false	"which values these filters have among what is found, with exact counts that leave out the facet's own filter"				collectionFormat(csv)
//	@Param			near					query		string		false	"a point, latitude and longitude in degrees: `43.88,11.09`; only what is somewhere, with its `distance`, the nearest first"
//	@Param			radius					query		int			false	"how far from `near`, in metres"	minimum(1)	maximum(20000000)
//	@Param			updatedSince			query		string		false	"only what changed in public at this instant or later (RFC 3339, or a day)"
//	@Param			ids						query		[]string	false	"ids or slugs, at most 200: just these, in this order; what is not public is listed in `missing`"	collectionFormat(csv)
//	@Param			sort					query		string		false	"the order; with a minus the other way round"														Enums(title, -title, updatedAt, -updatedAt, publishedAt, -publishedAt, relevance, distance, -distance)	default(title)
//	@Param			limit					query		int			false	"how many entries on a page"																		minimum(1)																								maximum(200)	default(20)
//	@Param			cursor					query		string		false	"`nextCursor` of the page before"
//	@Param			fields					query		[]string	false	"members of the view to show instead of the summary"												collectionFormat(csv)
//	@Param			expand					query		[]string	false	"references among `fields` to be shown as the entries themselves, at most 10"						collectionFormat(csv)
//	@Param			lang					query		string		false	"language of the texts; `*` for all of them"														Enums(it, en, zh, ro, sq, ur, ar, fr, es, de, *)
//	@Param			text					query		string		false	"texts that may have 2,000 characters or more as CommonMark, or as HTML that is safe in any page"	Enums(markdown, html)	default(markdown)
//	@Param			Accept-Language			header		string		false	"languages of the texts, where `lang` is not given (RFC 9110)"
//	@Param			Catalogue-Min-Position	header		int			false	"wait until this node has reached the position"
//	@Success		200						{object}	Page
//	@Success		304						"Not Modified"
//	@Failure		400						{object}	Problem
//	@Failure		503						{object}	Problem
//	@Router			/v1/{kinds} [get]
func (k kindHandlers) list(c echo.Context) error {
	at, err := k.at(c)
	if err != nil {
		return err
	}
	asked, err := k.asked(c)
	if err != nil {
		return err
	}
	page, err := k.Reader.List(at, asked.Query)
	if err != nil {
		return err
	}
	if page.Next != "" {
		c.Response().Header()["Link"] = []string{asked.next + page.Next + linkNext}
	}
	k.noteSearch(asked.Query, page)
	return k.reply(c, at, asked.Lang, page.Answer)
}

// listRequest is all of a request that a list depends on.
type listRequest struct {
	kind                      catalogue.Kind
	query, languages, codings string
}

// listAnswer is what a request for a list asks for, and the beginning of the Link to the next page, up to its cursor.
type listAnswer struct {
	snapshot.Query
	next string
}

// asked reads a request for a list, or remembers what the same said before.
func (k kindHandlers) asked(c echo.Context) (*listAnswer, error) {
	header, query := c.Request().Header, c.Request().URL.RawQuery
	key := listRequest{k.kind, query, header.Get("Accept-Language"), header.Get("Accept-Encoding")}
	if known, ok := k.lists.of(key); ok {
		return known, nil
	}
	q, err := k.listQuery(c)
	if err != nil {
		return nil, err
	}
	answer := &listAnswer{q.Prepared(), k.linkToNext(c, "cursor")}
	k.lists.keep(key, len(key.query)+len(key.languages)+len(key.codings), answer)
	return answer, nil
}

// listParameters are the parameters of every list beside its filters.
var listParameters = []string{"q", "facets", "updatedSince", "ids", "sort", "limit", "cursor", "fields", "expand", "lang", "text"}

// parametersOfLists are all parameters that the lists of a kind know.
var parametersOfLists = func() map[catalogue.Kind][]string {
	all := map[catalogue.Kind][]string{}
	for _, kind := range catalogue.Kinds {
		all[kind] = slices.Concat(listParameters, catalogue.Filters(kind))
		if catalogue.HasPoints(kind) {
			all[kind] = append(all[kind], nearParameters...)
		}
	}
	return all
}()

// nearParameters are those of the lists of what is somewhere.
var nearParameters = []string{"near", "radius"}

func (k kindHandlers) listQuery(c echo.Context) (snapshot.Query, error) {
	p := query(c, parametersOfLists[k.kind]...)
	q := snapshot.Query{
		Kind: k.kind, IDs: p.commas("ids"), UpdatedSince: p.instant("updatedSince"), Text: p.words("q"), Near: p.near(),
		Filters: p.filters(catalogue.Filters(k.kind)), Facets: p.facets(catalogue.Filters(k.kind)),
		Limit: p.number("limit", 20, 200), Cursor: p.one("cursor"), Fields: k.fields(p), Expand: k.expand(p), HTML: p.html(),
		Lang: language(c, p), Coding: coding(c),
	}
	if len(q.IDs) > snapshot.MaxIDs {
		p.refuse("ids", "too_many", snapshot.MaxIDs)
	}
	q.Sort, q.Descending = k.order(p, q.Near != nil)
	return q, p.err()
}

// order is the order of a list: of what was searched for by relevance, of what is near by distance, unless sort says
// otherwise.
func (k kindHandlers) order(p *params, near bool) (by snapshot.Sort, descending bool) {
	var order string
	if p.has("sort") {
		order = p.oneOf("sort", Sorts(k.kind))
	}
	by, descending = snapshot.Sort(strings.TrimPrefix(order, "-")), strings.HasPrefix(order, "-")
	switch {
	case order == "" && p.has("q"):
		return snapshot.SortRelevance, false
	case order == "" && near:
		return snapshot.SortDistance, false
	case order == "":
		return snapshot.Sorts[0], false
	case by == snapshot.SortDistance && !near:
		p.refuse("sort", "needs", "near")
	case by == snapshot.SortRelevance && !p.has("q"):
		p.refuse("sort", "needs", "q")
	}
	return by, descending
}

// Sorts lists the values of the parameter sort of the lists of a kind: by distance only where its entries are somewhere.
func Sorts(kind catalogue.Kind) (all []string) {
	for _, s := range snapshot.Sorts {
		all = append(all, string(s), "-"+string(s))
	}
	all = append(all, string(snapshot.SortRelevance))
	if catalogue.HasPoints(kind) {
		all = append(all, string(snapshot.SortDistance), "-"+string(snapshot.SortDistance))
	}
	return all
}

// fields are the members of a view that a request asks for; none means the usual ones.
func (k kindHandlers) fields(p *params) []string {
	if !p.has("fields") {
		return nil
	}
	fields := p.commas("fields")
	known := catalogue.ViewFields(k.kind)
	for _, f := range fields {
		p.known("fields", f, known)
	}
	return fields
}

// maxExpand is how many references a request may have expanded.
const maxExpand = 10

// expand are the references that a request asks to be shown in full.
func (k kindHandlers) expand(p *params) []string {
	if !p.has("expand") {
		return nil
	}
	names := p.commas("expand")
	if len(names) > maxExpand {
		p.refuse("expand", "too_many", maxExpand)
	}
	known := catalogue.Expandable(k.kind)
	for _, name := range names {
		p.known("expand", name, known)
	}
	return names
}

// nextLink tells where the next page of a list is, if there is one (RFC 8288): at the same address with another value of a
// parameter.
func (s *server) nextLink(c echo.Context, parameter, value string) {
	if value != "" {
		c.Response().Header()["Link"] = []string{s.linkToNext(c, parameter) + value + linkNext}
	}
}

// linkToNext is the beginning of a Link to the next page, behind which the value of the parameter and linkNext stand.
func (s *server) linkToNext(c echo.Context, parameter string) string {
	values := url.Values{}
	for name, v := range c.QueryParams() {
		if name != parameter {
			values[name] = v
		}
	}
	others := values.Encode()
	if others != "" {
		others += "&"
	}
	return "<" + s.PublicURL + c.Request().URL.Path + "?" + others + parameter + "="
}

const linkNext = `>; rel="next"`

// get answers one view.
//
//	@Summary		Get a published {kind}
//	@Description	The view of what is public: texts in one language, terms and references resolved. `fallback` lists the places shown in Italian instead. An old slug redirects to the new one. With `asOf`, as it was public then: references lead to what was public at that time, and what is computed is as it was; 404 before it was first published, 410 while it was withdrawn.
//	@Tags			{kinds}
//	@ID				show{Kind}
//	@Produce		json
//	@Param			idOrSlug				path		string		true	"id or slug"
//	@Param			fields					query		[]string	false	"only these members of the view"																	collectionFormat(csv)
//	@Param			expand					query		[]string	false	"references to be shown as the entries themselves, at most 10"										collectionFormat(csv)
//	@Param			lang					query		string		false	"language of the texts; `*` for all of them"														Enums(it, en, zh, ro, sq, ur, ar, fr, es, de, *)
//	@Param			text					query		string		false	"texts that may have 2,000 characters or more as CommonMark, or as HTML that is safe in any page"	Enums(markdown, html)	default(markdown)
//	@Param			format					query		string		false	"the representation, where Accept does not choose it"												Enums(json)				default(json)
//	@Param			asOf					query		string		false	"an instant in the past (RFC 3339), or the beginning of a day: the view of that time"
//	@Param			Accept-Language			header		string		false	"languages of the texts, where `lang` is not given (RFC 9110)"
//	@Param			If-None-Match			header		string		false	"ETag of a copy: answered by 304 if it is still right"
//	@Param			Catalogue-Min-Position	header		int			false	"wait until this node has reached the position"
//	@Success		200						{object}	View
//	@Success		301						"Moved Permanently"
//	@Success		304						"Not Modified"
//	@Failure		400						{object}	Problem
//	@Failure		404						{object}	Problem
//	@Failure		406						{object}	Problem
//	@Failure		410						{object}	Problem
//	@Failure		503						{object}	Problem
//	@Router			/v1/{kinds}/{idOrSlug} [get]
func (k kindHandlers) get(c echo.Context) error {
	at, err := k.at(c)
	if err != nil {
		return err
	}
	show, tag, asOf, err := k.shown(c)
	if err != nil {
		return err
	}
	if !asOf.IsZero() {
		return k.asOf(c, at, asOf, tag, show)
	}
	answer, err := k.Reader.View(at, k.kind, c.Param("idOrSlug"), tag, coding(c), show)
	if err != nil {
		return err
	}
	return k.replyAs(c, mediaTypes[show.Format], at, tag, varyByFormat, cacheUntil(answer.ValidUntil, k.Clock()), answer)
}

// shown reads what of an entry a request asks for, in which format and language, and as of which instant; zero for now.
func (k kindHandlers) shown(c echo.Context) (show snapshot.Shown, tag lang.Tag, asOf time.Time, err error) {
	if c.Request().URL.RawQuery == "" { // as most
		show.Format, err = k.acceptedFormat(c)
		return show, show.Language(accepted(c)), time.Time{}, err
	}
	p := query(c, "fields", "expand", "lang", "text", "asOf", "format")
	show, tag, asOf = snapshot.Shown{Fields: k.fields(p), Expand: k.expand(p), HTML: p.html()}, language(c, p), p.instant("asOf")
	switch ofView := p.has("fields") || p.has("expand") || p.has("text"); {
	case p.has("format"):
		show.Format = format.Named(k.kind, p.oneOf("format", format.Names(k.kind)))
		if ofView && show.Format != format.View {
			p.refuse("format", "exclusive", "fields, expand, text")
		}
	case ofView: // whatever else the client takes
		show.Format = format.View
	default:
		if show.Format, err = k.acceptedFormat(c); err != nil {
			return show, tag, asOf, err
		}
	}
	if asOf.After(k.Clock()) {
		p.refuse("asOf", "future")
	}
	return show, show.Language(tag), asOf, p.err()
}
