package api_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	gocmp "github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/api"
	"github.com/comuneprato/service-catalogue/api/apitest"
	"github.com/comuneprato/service-catalogue/internal/identity"
	"github.com/comuneprato/service-catalogue/internal/reports"
)

func TestEveryRouteIsDescribed(t *testing.T) {
	var routes, described []string
	parameter := regexp.MustCompile(`:[A-Za-z]+|\{[A-Za-z]+\}`)
	for _, route := range api.New(api.Config{}).Routes() {
		if !slices.Contains(apitest.Undescribed, route.Path) && route.Method != http.MethodHead {
			routes = append(routes, route.Method+" "+parameter.ReplaceAllString(route.Path, "{}"))
		}
	}
	for prefix, doc := range map[string]*openapi3.T{"": apitest.Description(t), apitest.HSDSPath: apitest.HSDSDescription(t)} {
		for path, item := range doc.Paths.Map() {
			for method := range item.Operations() {
				described = append(described, method+" "+parameter.ReplaceAllString(prefix+path, "{}"))
			}
		}
	}
	slices.Sort(routes)
	slices.Sort(described)
	if diff := gocmp.Diff(routes, described); diff != "" {
		t.Errorf("docs/openapi.json and docs/hsds.json do not describe the routes (-routes +described), run go generate ./docs:\n%s", diff)
	}
}

func TestEveryGETHasItsHEAD(t *testing.T) {
	methods := map[string][]string{}
	for _, route := range api.New(api.Config{}).Routes() {
		methods[route.Path] = append(methods[route.Path], route.Method)
	}
	for path, m := range methods {
		if slices.Contains(m, http.MethodGet) != slices.Contains(m, http.MethodHead) {
			t.Errorf("%s answers %v, want GET and HEAD or neither", path, m)
		}
	}
}

func TestOperationsAreDescribedForPeople(t *testing.T) {
	doc := apitest.Description(t)
	ids := map[string]string{}
	for _, o := range operations(doc) {
		name := o.method + " " + o.path
		if o.Summary == "" || len(o.Tags) != 1 || doc.Tags.Get(o.Tags[0]) == nil {
			t.Errorf("%s has the summary %q and the tags %q, want a summary and one tag that is described", name, o.Summary, o.Tags)
		}
		if !regexp.MustCompile(`^[a-z][A-Za-z]+$`).MatchString(o.OperationID) || ids[o.OperationID] != "" {
			t.Errorf("%s has the id %q, want one in camelCase of its own", name, o.OperationID)
		}
		ids[o.OperationID] = name
		for _, p := range o.Parameters {
			if p.Value.In == "path" && p.Value.Example == nil {
				t.Errorf("%s has no example of %s", name, p.Value.Name)
			}
		}
		if o.RequestBody != nil {
			for mediaType, content := range o.RequestBody.Value.Content {
				if content.Example == nil {
					t.Errorf("%s has no example of its body in %s", name, mediaType)
				}
			}
		}
	}
	for name := range doc.Components.Schemas {
		if !regexp.MustCompile(`^[A-Z][A-Za-z0-9]+$`).MatchString(name) {
			t.Errorf("schema %q is not in PascalCase", name)
		}
	}
}

// operation is an operation of the description with where it is.
type operation struct {
	method, path string
	*openapi3.Operation
}

// byHarm are the methods, the least harmful first: what is deleted cannot be read.
var byHarm = []string{http.MethodGet, http.MethodPatch, http.MethodPut, http.MethodPost, http.MethodDelete}

func operations(doc *openapi3.T) (all []operation) {
	for path, item := range doc.Paths.Map() {
		for method, o := range item.Operations() {
			all = append(all, operation{method, path, o})
		}
	}
	slices.SortFunc(all, func(a, b operation) int {
		return cmp.Or(slices.Index(byHarm, a.method)-slices.Index(byHarm, b.method), strings.Compare(a.path, b.path))
	})
	return all
}

// example is the request that an operation's examples make.
func (o operation) example(t testing.TB, token string) apitest.Request {
	t.Helper()
	path, query, header := o.path, url.Values{}, map[string]string{}
	for _, ref := range o.Parameters {
		switch p := ref.Value; {
		case p.Example == nil:
		case p.In == "path":
			path = strings.ReplaceAll(path, "{"+p.Name+"}", fmt.Sprint(p.Example))
		case p.In == "header":
			header[p.Name] = p.Example.(string)
		default:
			query.Set(p.Name, strings.Trim(strings.ReplaceAll(mustJSON(t, p.Example), `"`, ""), "[]"))
		}
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	request := apitest.Request{Method: o.method, Path: path, Token: token, Header: header}
	if o.RequestBody != nil {
		for _, content := range o.RequestBody.Value.Content {
			request.Body = content.Example
		}
	}
	return request
}

func TestExamplesWorkOnTheDemonstrationData(t *testing.T) {
	runDemo(t, func(t *testing.T, s *apitest.Server) {
		for _, o := range examples(t, s) {
			a := s.Do(o.request)
			if a.Status >= http.StatusMultipleChoices {
				t.Errorf("the example of %s, %s %s, got status %d: %s", o.OperationID, o.method, o.request.Path, a.Status, a.Body)
				continue
			}
			var list struct{ Items *[]any }
			if json.Unmarshal(a.Body, &list) == nil && list.Items != nil && len(*list.Items) == 0 {
				t.Errorf("the example of %s, %s %s, finds nothing", o.OperationID, o.method, o.request.Path)
			}
		}
	})
}

// exampled is an operation with a request that works.
type exampled struct {
	operation
	request apitest.Request
}

// examples are the examples of all operations, for which it prepares the demonstration data.
func examples(t *testing.T, s *apitest.Server) (requests []exampled) {
	t.Helper()
	s.Put(s.Admin, "/v1/publishers/"+apitest.Prato+"/stewardship", object{"archiveAfterMonths": 3}).Want(http.StatusOK)
	s.Advance(600 * 24 * time.Hour) // so that there is something to archive
	for range reports.LeastSearches {
		s.Get("/v1/search?q=carta")
	}
	if err := s.Config.Searches.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.Put(s.Prato, prato("in-revisione"), service("In revisione")).Want(http.StatusCreated)
	move(s, prato("in-revisione"), object{"transition": "submit"}).Want(http.StatusAccepted)
	administrative := regexp.MustCompile(`^/v1/(synonyms|reports|reviews|keys|publisher-settings|audit)|/(reviewer|stewardship|custody)$`)
	prefix := prefixOf(s.Key(apitest.Prato, identity.Write)) // no key of the examples is in any database
	worked, queued := importExample(t, s)
	all := operations(apitest.Description(t))
	for _, o := range all {
		if o.method == http.MethodPost && strings.HasSuffix(o.path, "/comments") { // which others read
			s.Do(o.example(t, s.Prato)).Want(http.StatusCreated)
		}
	}
	for _, o := range all {
		request := o.example(t, s.Prato)
		id := worked
		if o.OperationID == "cancelImport" {
			id = queued
		}
		request.Path = strings.Replace(request.Path, "019aa2d1-0000-7000-8000-000000000000", id, 1)
		if o.OperationID == "startImport" {
			request = upLoading(s.Prato, "", o.RequestBody.Value.Content["text/csv"].Example.(string))
			request.Header["Content-Type"] = "text/csv"
		}
		if administrative.MatchString(o.path) {
			request.Token = s.Admin
		}
		request.Path = strings.Replace(request.Path, "k3v5x2a7", prefix, 1)
		requests = append(requests, exampled{o, request})
	}
	return requests
}

// importExample starts two imports, and works one of them.
func importExample(t *testing.T, s *apitest.Server) (worked, queued string) {
	t.Helper()
	stop := s.WorkImports()
	worked = upload(t, s, s.Prato, "", ndjson(row("place", "esempio", object{"title": text("Esempio")}, true))).ID
	awaitImport(t, s, worked)
	stop()
	return worked, upload(t, s, s.Prato, "", ndjson(row("place", "altro", object{"title": text("Altro")}, true))).ID
}
