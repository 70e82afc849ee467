package hsds

// Paging is what pages say beside their contents (HSDS Page).
type Paging struct {
	TotalItems int  `json:"total_items"` // on all pages
	TotalPages int  `json:"total_pages"` // 0 where there is nothing
	PageNumber int  `json:"page_number"` // the one that was asked for, even behind the last one
	Size       int  `json:"size"`        // how many are on this page
	FirstPage  bool `json:"first_page"`  //
	LastPage   bool `json:"last_page"`   // no page has contents behind this one
	Empty      bool `json:"empty"`       // nothing is on this page
}

// PagingOf is that of a page, with the range of what stands on it, where there are so many in all and at most perPage on one.
func PagingOf(total, number, perPage int) (p Paging, from, to int) {
	pages := total / perPage
	if total%perPage > 0 {
		pages++
	}
	from, to = total, total
	if number <= pages {
		from, to = (number-1)*perPage, min(number*perPage, total)
	}
	return Paging{
		TotalItems: total, TotalPages: pages, PageNumber: number, Size: to - from,
		FirstPage: number == 1, LastPage: number >= pages, Empty: from == to,
	}, from, to
}

// ServicePage is a page of services.
type ServicePage struct {
	Paging
	Contents []Service `json:"contents"` // with `minimal`, ServiceStamps
}

// OrganizationPage is a page of organizations.
type OrganizationPage struct {
	Paging
	Contents []Organization `json:"contents"`
}

// ServiceAtLocationPage is a page of services at locations.
type ServiceAtLocationPage struct {
	Paging
	Contents []ServiceAtLocation `json:"contents"`
}

// TaxonomyPage is a page of taxonomies.
type TaxonomyPage struct {
	Paging
	Contents []Taxonomy `json:"contents"`
}

// TaxonomyTermPage is a page of taxonomy terms.
type TaxonomyTermPage struct {
	Paging
	Contents []TaxonomyTerm `json:"contents"`
}

// API says what this API is (HSDS, the endpoint `/`).
type API struct {
	Version    string `json:"version" example:"3.0"`    // of HSDS
	Profile    string `json:"profile" format:"uri"`     // what becomes what
	OpenAPIURL string `json:"openapi_url" format:"uri"` // the description of this API
}
