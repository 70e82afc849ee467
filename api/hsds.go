package api

import (
	"encoding/json"
	"io"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"github.com/comuneprato/service-catalogue/docs"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/format/hsds"
	"github.com/comuneprato/service-catalogue/internal/snapshot"
)

// hsdsProfile says what of the catalogue becomes what of HSDS.
const hsdsProfile = "https://github.com/comuneprato/service-catalogue/blob/main/docs/formats/hsds.md"

// routes registers the operations.
func (h *hsdsHandlers) routes(remember func(path string, h echo.HandlerFunc)) {
	remember("/hsds", h.api)
	remember("/hsds/", h.api)
	remember("/hsds/openapi.json", h.openAPI)
	remember("/hsds/services", h.services)
	remember("/hsds/services/:id", h.service)
	remember("/hsds/organizations", h.organizations)
	remember("/hsds/organizations/:id", h.organization)
	remember("/hsds/service_at_locations", h.serviceAtLocations)
	remember("/hsds/service_at_locations/:id", h.serviceAtLocation)
	remember("/hsds/taxonomies", h.taxonomies)
	remember("/hsds/taxonomies/:id", h.taxonomy)
	remember("/hsds/taxonomy_terms", h.taxonomyTerms)
	remember("/hsds/taxonomy_terms/:id", h.taxonomyTerm)
}

// api answers what this API is.
//
//	@Summary	Get what this API is: the version of HSDS, the profile and the description
//	@Tags		HSDS
//	@ID			showHSDS
//	@Produce	json
//	@Success	200	{object}	hsds.API
//	@Success	304	"Not Modified"
//	@Failure	400	{object}	Problem
//	@Router		/hsds/ [get]
func (h *hsdsHandlers) api(c echo.Context) error {
	if err := query(c).err(); err != nil {
		return err
	}
	body, err := json.Marshal(hsds.API{Version: hsds.Version, Profile: hsdsProfile, OpenAPIURL: h.PublicURL + "/hsds/openapi.json"})
	if err != nil {
		return err
	}
	return h.document(c, echo.MIMEApplicationJSON, func() []byte { return body })
}

// openAPI answers the description of this API.
//
//	@Summary	Get this description as JSON
//	@Tags		HSDS
//	@ID			showHSDSDescription
//	@Produce	json
//	@Success	200	{object}	object
//	@Success	304	"Not Modified"
//	@Failure	400	{object}	Problem
//	@Router		/hsds/openapi.json [get]
func (h *hsdsHandlers) openAPI(c echo.Context) error {
	if err := query(c).err(); err != nil {
		return err
	}
	return h.document(c, echo.MIMEApplicationJSON, func() []byte { return docs.Served(docs.HSDSJSON, h.PublicURL) })
}

// services answers a page of services.
//
//	@Summary		List the services
//	@Description	By title, or where `search` is given, the best hits first. All filters must hold.
//	@Tags			HSDS
//	@ID				listHSDSServices
//	@Produce		json,application/x-ndjson
//	@Param			search					query		string	false	"what to search for, as people say it"	maxlength(1000)
//	@Param			taxonomy_term_id		query		string	false	"only services with an attribute of this taxonomy term"
//	@Param			taxonomy_id				query		string	false	"only services with an attribute of any term of this taxonomy"
//	@Param			organization_id			query		string	false	"only services that this organization provides"
//	@Param			modified_after			query		string	false	"only services changed at this instant or later (RFC 3339, or a day)"
//	@Param			minimal					query		boolean	false	"only `id` and `modified_date` of each, up to 10,000 on a page"
//	@Param			full					query		boolean	false	"with all that belongs to each service, as by its id"
//	@Param			page					query		int		false	"which page"																						minimum(1)			default(1)
//	@Param			per_page				query		int		false	"how many on a page, at most 500; 10,000 with `minimal`, which has so many where this is not given"	minimum(1)			maximum(10000)	default(50)
//	@Param			format					query		string	false	"`ndjson`: all results, one on each line, without pages"											Enums(json, ndjson)	default(json)
//	@Param			lang					query		string	false	"language of the texts"																				Enums(it, en, zh, ro, sq, ur, ar, fr, es, de)
//	@Param			Accept-Language			header		string	false	"languages of the texts, where `lang` is not given (RFC 9110)"
//	@Param			If-None-Match			header		string	false	"ETag of a copy: answered by 304 if it is still right"
//	@Param			Catalogue-Min-Position	header		int		false	"wait until this node has reached the position"
//	@Success		200						{object}	hsds.ServicePage
//	@Success		304						"Not Modified"
//	@Failure		400						{object}	Problem
//	@Failure		503						{object}	Problem
//	@Router			/hsds/services [get]
func (h *hsdsHandlers) services(c echo.Context) error {
	r, err := h.read(c, "search", "taxonomy_term_id", "taxonomy_id", "organization_id", "modified_after", "minimal", "full", "page", "per_page", "format")
	if err != nil {
		return err
	}
	minimal, full, usual, most := r.flag("minimal"), r.flag("full"), hsdsUsual, hsdsMost
	if minimal {
		usual, most = hsdsMinimal, hsdsMinimal
	}
	if minimal && full {
		r.refuse("minimal", "exclusive", "full")
	}
	page := r.page(usual, most)
	wanted := r.services()
	return r.replyList(page, func(l *catalogue.Look) contents {
		entries, w := r.at.Select(wanted(l)), hsds.Writer{Look: l}
		return contents{len(entries), func(out io.Writer, i int) error {
			if minimal {
				return encode(out, w.Stamp(entries[i]))
			}
			return encode(out, w.Service(entries[i], full))
		}}
	})
}

// service answers one service.
//
//	@Summary	Get a service with all that belongs to it
//	@Tags		HSDS
//	@ID			showHSDSService
//	@Produce	json
//	@Param		id						path		string	true	"id of the service"		format(uuid)
//	@Param		lang					query		string	false	"language of the texts"	Enums(it, en, zh, ro, sq, ur, ar, fr, es, de)
//	@Param		Accept-Language			header		string	false	"languages of the texts, where `lang` is not given (RFC 9110)"
//	@Param		If-None-Match			header		string	false	"ETag of a copy: answered by 304 if it is still right"
//	@Param		Catalogue-Min-Position	header		int		false	"wait until this node has reached the position"
//	@Success	200						{object}	hsds.Service
//	@Success	304						"Not Modified"
//	@Failure	400						{object}	Problem
//	@Failure	404						{object}	Problem
//	@Failure	410						{object}	Problem
//	@Failure	503						{object}	Problem
//	@Router		/hsds/services/{id} [get]
func (h *hsdsHandlers) service(c echo.Context) error {
	r, err := h.read(c)
	if err != nil {
		return err
	}
	e, err := r.entry(catalogue.KindService)
	if err != nil {
		return err
	}
	return r.reply(func(out io.Writer, l *catalogue.Look) error {
		return encode(out, hsds.Writer{Look: l}.Service(e, true))
	})
}

// organizations answers a page of organizations.
//
//	@Summary		List the organizations
//	@Description	By name, or where `search` is given, the best hits first.
//	@Tags			HSDS
//	@ID				listHSDSOrganizations
//	@Produce		json,application/x-ndjson
//	@Param			search					query		string	false	"what to search for, as people say it"	maxlength(1000)
//	@Param			full					query		boolean	false	"with all that belongs to each organization, as by its id"
//	@Param			full_service			query		boolean	false	"`full`, with all that belongs to each of its services"
//	@Param			page					query		int		false	"which page"												minimum(1)			default(1)
//	@Param			per_page				query		int		false	"how many on a page"										minimum(1)			maximum(500)	default(50)
//	@Param			format					query		string	false	"`ndjson`: all results, one on each line, without pages"	Enums(json, ndjson)	default(json)
//	@Param			lang					query		string	false	"language of the texts"										Enums(it, en, zh, ro, sq, ur, ar, fr, es, de)
//	@Param			Accept-Language			header		string	false	"languages of the texts, where `lang` is not given (RFC 9110)"
//	@Param			If-None-Match			header		string	false	"ETag of a copy: answered by 304 if it is still right"
//	@Param			Catalogue-Min-Position	header		int		false	"wait until this node has reached the position"
//	@Success		200						{object}	hsds.OrganizationPage
//	@Success		304						"Not Modified"
//	@Failure		400						{object}	Problem
//	@Failure		503						{object}	Problem
//	@Router			/hsds/organizations [get]
func (h *hsdsHandlers) organizations(c echo.Context) error {
	r, err := h.read(c, "search", "full", "full_service", "page", "per_page", "format")
	if err != nil {
		return err
	}
	page, full, fullService := r.page(hsdsUsual, hsdsMost), r.flag("full"), r.flag("full_service")
	page.streamed = fullService
	wanted := snapshot.Selection{Kind: catalogue.KindPublisher, Text: r.words("search"), Lang: r.tag}
	return r.replyList(page, func(l *catalogue.Look) contents {
		entries, w := r.at.Select(wanted), hsds.Writer{Look: l}
		if !full && !fullService {
			return contents{len(entries), func(out io.Writer, i int) error { return encode(out, w.Organization(entries[i], false)) }}
		}
		services := map[string][]*catalogue.Entry{}
		for _, e := range r.at.Select(snapshot.Selection{Kind: catalogue.KindService}) {
			id := hsds.ID(hsds.OrganizationOf(l, e))
			services[id] = append(services[id], e)
		}
		return contents{len(entries), func(out io.Writer, i int) error {
			return writeOrganization(out, w, entries[i], services[hsds.ID(entries[i])], fullService)
		}}
	})
}

// organization answers one organization.
//
//	@Summary	Get an organization with all that belongs to it, and its services
//	@Tags		HSDS
//	@ID			showHSDSOrganization
//	@Produce	json
//	@Param		id						path		string	true	"id of the organization"	format(uuid)
//	@Param		full_service			query		boolean	false	"with all that belongs to each of its services"
//	@Param		lang					query		string	false	"language of the texts"	Enums(it, en, zh, ro, sq, ur, ar, fr, es, de)
//	@Param		Accept-Language			header		string	false	"languages of the texts, where `lang` is not given (RFC 9110)"
//	@Param		If-None-Match			header		string	false	"ETag of a copy: answered by 304 if it is still right"
//	@Param		Catalogue-Min-Position	header		int		false	"wait until this node has reached the position"
//	@Success	200						{object}	hsds.Organization
//	@Success	304						"Not Modified"
//	@Failure	400						{object}	Problem
//	@Failure	404						{object}	Problem
//	@Failure	410						{object}	Problem
//	@Failure	503						{object}	Problem
//	@Router		/hsds/organizations/{id} [get]
func (h *hsdsHandlers) organization(c echo.Context) error {
	r, err := h.read(c, "full_service")
	if err != nil {
		return err
	}
	fullService := r.flag("full_service")
	e, err := r.entry(catalogue.KindPublisher)
	if err != nil {
		return err
	}
	write := func(out io.Writer, l *catalogue.Look) error {
		services := r.at.Select(snapshot.Selection{Kind: catalogue.KindService, Keep: func(service *catalogue.Entry) bool {
			return hsds.OrganizationOf(l, service) == e
		}})
		return writeOrganization(out, hsds.Writer{Look: l}, e, services, fullService)
	}
	if fullService {
		return r.stream(jsonType, write)
	}
	return r.reply(write)
}

// writeOrganization writes an organization with its services, one after the other: it may have all of them.
func writeOrganization(out io.Writer, w hsds.Writer, e *catalogue.Entry, services []*catalogue.Entry, full bool) error {
	if len(services) == 0 {
		return encode(out, w.Organization(e, true))
	}
	head, err := json.Marshal(w.Organization(e, true))
	if err != nil {
		return err
	}
	return withList(out, head, "services", len(services), func(i int) error { return encode(out, w.ServiceIn(services[i], full)) })
}

// serviceAtLocations answers a page of services at locations.
//
//	@Summary		List where services are to be had
//	@Description	By the title of the service, or where `search` is given, the best hits first. All filters must hold. No service of the catalogue has its areas by postal codes, so `postcode` finds locations: those that have it, and with `proximity` also those within so many metres of the middle of the places that have it.
//	@Tags			HSDS
//	@ID				listHSDSServicesAtLocations
//	@Produce		json,application/x-ndjson
//	@Param			search					query		string	false	"what to search for, as people say it"	maxlength(1000)
//	@Param			taxonomy_term_id		query		string	false	"only services with an attribute of this taxonomy term"
//	@Param			taxonomy_id				query		string	false	"only services with an attribute of any term of this taxonomy"
//	@Param			organization_id			query		string	false	"only services that this organization provides"
//	@Param			modified_after			query		string	false	"only services changed at this instant or later (RFC 3339, or a day)"
//	@Param			postcode				query		string	false	"only locations with this postal code"
//	@Param			proximity				query		int		false	"how far from `postcode`, in metres"	minimum(1)	maximum(20000000)
//	@Param			full					query		boolean	false	"with all that belongs to each, as by its id"
//	@Param			page					query		int		false	"which page"												minimum(1)			default(1)
//	@Param			per_page				query		int		false	"how many on a page"										minimum(1)			maximum(500)	default(50)
//	@Param			format					query		string	false	"`ndjson`: all results, one on each line, without pages"	Enums(json, ndjson)	default(json)
//	@Param			lang					query		string	false	"language of the texts"										Enums(it, en, zh, ro, sq, ur, ar, fr, es, de)
//	@Param			Accept-Language			header		string	false	"languages of the texts, where `lang` is not given (RFC 9110)"
//	@Param			If-None-Match			header		string	false	"ETag of a copy: answered by 304 if it is still right"
//	@Param			Catalogue-Min-Position	header		int		false	"wait until this node has reached the position"
//	@Success		200						{object}	hsds.ServiceAtLocationPage
//	@Success		304						"Not Modified"
//	@Failure		400						{object}	Problem
//	@Failure		503						{object}	Problem
//	@Router			/hsds/service_at_locations [get]
func (h *hsdsHandlers) serviceAtLocations(c echo.Context) error {
	r, err := h.read(c, "search", "taxonomy_term_id", "taxonomy_id", "organization_id", "modified_after", "postcode", "proximity", "full", "page", "per_page", "format")
	if err != nil {
		return err
	}
	page, full := r.page(hsdsUsual, hsdsMost), r.flag("full")
	wanted, near := r.services(), r.near()
	return r.replyList(page, func(l *catalogue.Look) contents {
		visits, reaches, w := h.visits.of(r.at, l), near(), hsds.Writer{Look: l}
		var found []hsds.Visit
		for _, service := range r.at.Select(wanted(l)) {
			for _, v := range visits.byService[service.ID] {
				if reaches(v.Place) {
					found = append(found, v)
				}
			}
		}
		return contents{len(found), func(out io.Writer, i int) error { return encode(out, w.Visit(found[i], full)) }}
	})
}

// serviceAtLocation answers one service at a location.
//
//	@Summary	Get a service at a location with all that belongs to both
//	@Tags		HSDS
//	@ID			showHSDSServiceAtLocation
//	@Produce	json
//	@Param		id						path		string	true	"id of the service at the location"	format(uuid)
//	@Param		lang					query		string	false	"language of the texts"				Enums(it, en, zh, ro, sq, ur, ar, fr, es, de)
//	@Param		Accept-Language			header		string	false	"languages of the texts, where `lang` is not given (RFC 9110)"
//	@Param		If-None-Match			header		string	false	"ETag of a copy: answered by 304 if it is still right"
//	@Param		Catalogue-Min-Position	header		int		false	"wait until this node has reached the position"
//	@Success	200						{object}	hsds.ServiceAtLocation
//	@Success	304						"Not Modified"
//	@Failure	400						{object}	Problem
//	@Failure	404						{object}	Problem
//	@Failure	503						{object}	Problem
//	@Router		/hsds/service_at_locations/{id} [get]
func (h *hsdsHandlers) serviceAtLocation(c echo.Context) error {
	r, err := h.read(c)
	if err != nil {
		return err
	}
	if err := r.err(); err != nil {
		return err
	}
	id, err := uuid.Parse(c.Param("id"))
	v, ok := h.visits.of(r.at, r.look()).byID[id]
	if err != nil || !ok {
		return r.notFound()
	}
	return r.reply(func(out io.Writer, l *catalogue.Look) error { return encode(out, hsds.Writer{Look: l}.Visit(v, true)) })
}

// taxonomies answers a page of taxonomies.
//
//	@Summary		List the taxonomies
//	@Description	The vocabularies that attributes take their terms from.
//	@Tags			HSDS
//	@ID				listHSDSTaxonomies
//	@Produce		json,application/x-ndjson
//	@Param			search					query		string	false	"only those with this in their name, whatever its case and accents"	maxlength(1000)
//	@Param			page					query		int		false	"which page"														minimum(1)			default(1)
//	@Param			per_page				query		int		false	"how many on a page"												minimum(1)			maximum(500)	default(50)
//	@Param			format					query		string	false	"`ndjson`: all results, one on each line, without pages"			Enums(json, ndjson)	default(json)
//	@Param			lang					query		string	false	"language of the texts"												Enums(it, en, zh, ro, sq, ur, ar, fr, es, de)
//	@Param			Accept-Language			header		string	false	"languages of the texts, where `lang` is not given (RFC 9110)"
//	@Param			If-None-Match			header		string	false	"ETag of a copy: answered by 304 if it is still right"
//	@Param			Catalogue-Min-Position	header		int		false	"wait until this node has reached the position"
//	@Success		200						{object}	hsds.TaxonomyPage
//	@Success		304						"Not Modified"
//	@Failure		400						{object}	Problem
//	@Failure		503						{object}	Problem
//	@Router			/hsds/taxonomies [get]
func (h *hsdsHandlers) taxonomies(c echo.Context) error {
	r, err := h.read(c, "search", "page", "per_page", "format")
	if err != nil {
		return err
	}
	page, named := r.page(hsdsUsual, hsdsMost), hsds.Named(r.words("search"))
	return r.replyList(page, func(l *catalogue.Look) contents {
		var found []hsds.Taxonomy
		for _, scheme := range hsds.Taxonomies() {
			if told := (hsds.Writer{Look: l}).Taxonomy(scheme); named(told.Name) {
				found = append(found, told)
			}
		}
		return contents{len(found), func(out io.Writer, i int) error { return encode(out, found[i]) }}
	})
}

// taxonomy answers one taxonomy.
//
//	@Summary	Get a taxonomy
//	@Tags		HSDS
//	@ID			showHSDSTaxonomy
//	@Produce	json
//	@Param		id						path		string	true	"id of the taxonomy"	format(uuid)
//	@Param		lang					query		string	false	"language of the texts"	Enums(it, en, zh, ro, sq, ur, ar, fr, es, de)
//	@Param		Accept-Language			header		string	false	"languages of the texts, where `lang` is not given (RFC 9110)"
//	@Param		If-None-Match			header		string	false	"ETag of a copy: answered by 304 if it is still right"
//	@Param		Catalogue-Min-Position	header		int		false	"wait until this node has reached the position"
//	@Success	200						{object}	hsds.Taxonomy
//	@Success	304						"Not Modified"
//	@Failure	400						{object}	Problem
//	@Failure	404						{object}	Problem
//	@Failure	503						{object}	Problem
//	@Router		/hsds/taxonomies/{id} [get]
func (h *hsdsHandlers) taxonomy(c echo.Context) error {
	r, err := h.read(c)
	if err != nil {
		return err
	}
	scheme := hsds.FindTaxonomy(c.Param("id"))
	if scheme == nil {
		return r.notFound()
	}
	return r.reply(func(out io.Writer, l *catalogue.Look) error {
		return encode(out, hsds.Writer{Look: l}.Taxonomy(scheme))
	})
}

// taxonomyTerms answers a page of taxonomy terms.
//
//	@Summary	List the taxonomy terms
//	@Tags		HSDS
//	@ID			listHSDSTaxonomyTerms
//	@Produce	json,application/x-ndjson
//	@Param		search					query		string	false	"only those with this in their name, whatever its case and accents"	maxlength(1000)
//	@Param		taxonomy_id				query		string	false	"only terms of this taxonomy"
//	@Param		top_only				query		boolean	false	"only terms without a broader one"
//	@Param		parent_id				query		string	false	"only the terms right below this one"
//	@Param		page					query		int		false	"which page"												minimum(1)			default(1)
//	@Param		per_page				query		int		false	"how many on a page"										minimum(1)			maximum(500)	default(50)
//	@Param		format					query		string	false	"`ndjson`: all results, one on each line, without pages"	Enums(json, ndjson)	default(json)
//	@Param		lang					query		string	false	"language of the texts"										Enums(it, en, zh, ro, sq, ur, ar, fr, es, de)
//	@Param		Accept-Language			header		string	false	"languages of the texts, where `lang` is not given (RFC 9110)"
//	@Param		If-None-Match			header		string	false	"ETag of a copy: answered by 304 if it is still right"
//	@Param		Catalogue-Min-Position	header		int		false	"wait until this node has reached the position"
//	@Success	200						{object}	hsds.TaxonomyTermPage
//	@Success	304						"Not Modified"
//	@Failure	400						{object}	Problem
//	@Failure	503						{object}	Problem
//	@Router		/hsds/taxonomy_terms [get]
func (h *hsdsHandlers) taxonomyTerms(c echo.Context) error {
	r, err := h.read(c, "search", "taxonomy_id", "top_only", "parent_id", "page", "per_page", "format")
	if err != nil {
		return err
	}
	page, named, topOnly := r.page(hsdsUsual, hsdsMost), hsds.Named(r.words("search")), r.flag("top_only")
	taxonomy, parent := r.id("taxonomy_id"), r.id("parent_id")
	return r.replyList(page, func(l *catalogue.Look) contents {
		var found []hsds.TaxonomyTerm
		for _, scheme := range hsds.Taxonomies() {
			for i := range scheme.Terms {
				told := hsds.Writer{Look: l}.Term(scheme, &scheme.Terms[i])
				if (taxonomy == "" || told.TaxonomyID == taxonomy) && (parent == "" || told.ParentID == parent) && (!topOnly || told.ParentID == "") && named(told.Name) {
					found = append(found, told)
				}
			}
		}
		return contents{len(found), func(out io.Writer, i int) error { return encode(out, found[i]) }}
	})
}

// taxonomyTerm answers one taxonomy term.
//
//	@Summary	Get a taxonomy term
//	@Tags		HSDS
//	@ID			showHSDSTaxonomyTerm
//	@Produce	json
//	@Param		id						path		string	true	"id of the taxonomy term"	format(uuid)
//	@Param		lang					query		string	false	"language of the texts"		Enums(it, en, zh, ro, sq, ur, ar, fr, es, de)
//	@Param		Accept-Language			header		string	false	"languages of the texts, where `lang` is not given (RFC 9110)"
//	@Param		If-None-Match			header		string	false	"ETag of a copy: answered by 304 if it is still right"
//	@Param		Catalogue-Min-Position	header		int		false	"wait until this node has reached the position"
//	@Success	200						{object}	hsds.TaxonomyTerm
//	@Success	304						"Not Modified"
//	@Failure	400						{object}	Problem
//	@Failure	404						{object}	Problem
//	@Failure	503						{object}	Problem
//	@Router		/hsds/taxonomy_terms/{id} [get]
func (h *hsdsHandlers) taxonomyTerm(c echo.Context) error {
	r, err := h.read(c)
	if err != nil {
		return err
	}
	scheme, term := hsds.FindTerm(c.Param("id"))
	if term == nil {
		return r.notFound()
	}
	return r.reply(func(out io.Writer, l *catalogue.Look) error {
		return encode(out, hsds.Writer{Look: l}.Term(scheme, term))
	})
}
