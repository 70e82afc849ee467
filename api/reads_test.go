package api_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/comuneprato/service-catalogue/api"
	"github.com/comuneprato/service-catalogue/api/apitest"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// describedReads is how many requests the test makes where CATALOGUE_DESCRIBED_READS does not say.
const describedReads = 200

// TestEveryReadIsAnsweredAsItIsDescribed makes up requests by the schemas of the parameters, right and wrong ones, for every GET of
// both descriptions, and holds each answer to them. None is an error of the server.
func TestEveryReadIsAnsweredAsItIsDescribed(t *testing.T) {
	t.Parallel()
	onceDemo(t, func(t *testing.T, s *apitest.Server) {
		count := number(t, "CATALOGUE_DESCRIBED_READS", describedReads)
		config := s.Config
		config.Log, config.Metrics, config.MetricsApart = slog.New(slog.DiscardHandler), nil, true // the other server measures
		router, check := api.New(config), apitest.Contract(t)

		var all []read
		for prefix, doc := range map[string]*openapi3.T{"": apitest.Description(t), apitest.HSDSPath: apitest.HSDSDescription(t)} {
			for _, o := range operations(doc) {
				if o.method == http.MethodGet {
					all = append(all, read{prefix + o.path, o.Parameters})
				}
			}
		}
		m := maker{rand.New(rand.NewPCG(7, 7)), namesOf(s), []string{"", "", s.Prato, s.Admin, "cat_unknown"}}
		statuses := map[int]int{}
		told := false
		for i := range count {
			r := m.request(t, all[i%len(all)])
			w := recorder{httptest.NewRecorder()}
			router.ServeHTTP(w, r)
			statuses[w.Code]++
			if w.Code >= 500 {
				t.Errorf("%s %s %v: got %d: %s", r.Method, r.URL, r.Header, w.Code, w.Body)
			}
			body := w.Body.Bytes()
			if r.Method == http.MethodHead {
				body = nil // which net/http does not send
			}
			check(r, nil, w.Result(), body)
			if t.Failed() && !told {
				t.Logf("first of request %d: %s %s %v", i, r.Method, r.URL, r.Header)
				told = true
			}
		}
		t.Logf("%d operations, statuses %v", len(all), statuses)
		if statuses[http.StatusOK] < count/8 || statuses[http.StatusBadRequest] < count/20 {
			t.Errorf("statuses %v: too few requests are right, or wrong", statuses)
		}
	})
}

// read is an operation that reads.
type read struct {
	path       string
	parameters openapi3.Parameters
}

// maker makes requests up.
type maker struct {
	*rand.Rand
	names  map[string][]string // that entries have, by the plural of their kind
	tokens []string
}

// namesOf are ids, slugs and keys of public entries, and the ids of HSDS.
func namesOf(s *apitest.Server) map[string][]string {
	names := map[string][]string{}
	for _, kind := range catalogue.Kinds {
		var page struct {
			Items []struct{ ID, Slug, Key string }
		}
		s.Get("/v1/" + kind.Plural() + "?limit=30").Want(http.StatusOK).Into(&page)
		for _, e := range page.Items {
			names[kind.Plural()] = append(names[kind.Plural()], e.ID, e.Slug, e.Key)
		}
	}
	for _, list := range []string{"service_at_locations", "taxonomies", "taxonomy_terms"} {
		var page struct{ Contents []struct{ ID string } }
		s.Get("/hsds/" + list + "?per_page=20").Want(http.StatusOK).Into(&page)
		for _, x := range page.Contents {
			names[list] = append(names[list], x.ID)
		}
	}
	names["organizations"] = names["publishers"]
	return names
}

func one[T any](m maker, of ...T) T { return of[m.IntN(len(of))] }

// request asks for something that there is, mostly.
func (m maker) request(t *testing.T, o read) *http.Request {
	t.Helper()
	path, query, header := o.path, []string{}, http.Header{}
	for _, p := range o.parameters {
		switch p := p.Value; p.In {
		case openapi3.ParameterInPath:
			path = strings.Replace(path, "{"+p.Name+"}", url.PathEscape(m.inPath(o, p)), 1)
		case openapi3.ParameterInHeader:
			if m.IntN(6) > 0 {
				continue
			}
			value := m.value(p, p.Schema.Value)
			if p.Name == "Catalogue-Min-Position" {
				value = one(m, "0", "1", "-1", "x", "") // the server waits for one that is to come
			}
			header.Set(p.Name, value)
		default:
			if p.Required || m.IntN(len(o.parameters)) < 2 {
				query = append(query, m.inQuery(p)...)
			}
		}
	}
	if m.IntN(15) == 0 {
		query = append(query, one(m, "%zz", "limit", "=", "a=b", "lang=it&lang=en", "%00=%ff", ";"))
	}
	if m.IntN(3) == 0 {
		header.Set("Accept", one(m, "*/*", "text/turtle;q=0.5, application/ld+json", "text/*", "application/json;q=0, */*;q=0.1", "image/png", "text/csv", "application/x-ndjson", "text/calendar", "x"))
	}
	if m.IntN(4) == 0 {
		header.Set("Accept-Encoding", one(m, "gzip", "br", "gzip;q=0.5, br;q=0.1", "identity;q=0", "zstd"))
	}
	if token := one(m, m.tokens...); token != "" {
		header.Set("Authorization", "Bearer "+token)
	}
	if len(query) > 0 {
		path += "?" + strings.Join(query, "&")
	}
	method := one(m, http.MethodGet, http.MethodGet, http.MethodGet, http.MethodGet, http.MethodGet, http.MethodGet, http.MethodHead, http.MethodHead, http.MethodTrace)
	r, err := http.NewRequestWithContext(t.Context(), method, path, http.NoBody)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	r.Header, r.RemoteAddr, r.RequestURI = header, "192.0.2.1:1", path
	return r
}

// inPath is the name of an entry that there is, mostly.
func (m maker) inPath(o read, p *openapi3.Parameter) string {
	var of []string
	for segment := range strings.SplitSeq(o.path, "/") {
		if names := m.names[segment]; names != nil {
			of = names
		}
	}
	switch {
	case p.Name == "publisher" && m.IntN(4) > 0:
		return apitest.Prato
	case len(of) > 0 && m.IntN(4) > 0 && p.Schema.Value.Type.Is("string"):
		return one(m, of...)
	}
	value := m.value(p, p.Schema.Value)
	if value == "" || value == "." || value == ".." { // another path
		return "x"
	}
	return value
}

// inQuery are the pairs by which a parameter is given.
func (m maker) inQuery(p *openapi3.Parameter) []string {
	schema, values := p.Schema.Value, []string{}
	if !schema.Type.Is("array") {
		return []string{url.QueryEscape(p.Name) + "=" + url.QueryEscape(m.value(p, schema))}
	}
	for range 1 + m.IntN(3) {
		values = append(values, m.value(p, schema.Items.Value))
	}
	if p.Explode != nil && !*p.Explode {
		values = []string{strings.Join(values, ",")}
	}
	for i, value := range values {
		values[i] = url.QueryEscape(p.Name) + "=" + url.QueryEscape(value)
	}
	return values
}

// value is one that the schema of a parameter allows, mostly.
func (m maker) value(p *openapi3.Parameter, schema *openapi3.Schema) string {
	if m.IntN(8) == 0 {
		return one(m, "", " ", "-1", "0", "1e9", "9223372036854775808", "NaN", "null", "*", "..", "%", "\u202e", "İ", "'", "<script>", "2026-02-30", "9999-12-31T23:59:59Z", "00000000-0000-0000-0000-000000000000", strings.Repeat("a", 1200), "a,b,,c")
	}
	if len(schema.AnyOf) > 0 {
		schema = one(m, schema.AnyOf...).Value
	}
	switch {
	case len(schema.Enum) > 0:
		return fmt.Sprint(one(m, schema.Enum...))
	case p.Example != nil && m.IntN(3) > 0:
		return exampleOf(p)
	case schema.Type.Is("boolean"):
		return strconv.FormatBool(m.IntN(2) == 0)
	case schema.Type.Is("integer"):
		least, most := bound(schema.Min, 0), bound(schema.Max, math.MaxInt64)
		return strconv.FormatInt(one(m, least, min(least+1, most), min(least+1+m.Int64N(50), most), most), 10)
	case schema.Format == "uuid":
		return one(m, one(m, m.names["services"]...), "019aa2d1-0000-7000-8000-000000000000")
	case schema.Format == "date-time":
		return one(m, "2026-01-31T10:00:00Z", "2024-02-29T23:59:59+02:00")
	case schema.Format == "date":
		return one(m, "2026-01-31", "2024-02-29")
	}
	return one(m, "carta", "it", "6", "anagrafe", "43.88,11.09", "Carta d'identità", apitest.Prato, one(m, m.names["offices"]...), one(m, m.names["services"]...))
}

func exampleOf(p *openapi3.Parameter) string {
	if list, ok := p.Example.([]any); ok && len(list) > 0 {
		return fmt.Sprint(list[0])
	}
	if said, ok := p.Example.(string); ok {
		return said
	}
	data, err := json.Marshal(p.Example)
	if err != nil {
		panic(err) // it came from JSON
	}
	return string(data)
}

func bound(said *float64, otherwise int64) int64 {
	if said == nil {
		return otherwise
	}
	return int64(*said)
}
