package apitest

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/google/uuid"

	"github.com/comuneprato/service-catalogue/docs"
)

// Undescribed are the routes that the description leaves out.
var Undescribed = []string{"/docs", "/docs/", "/docs/*", "/hsds", "/livez", "/metrics", "/readyz"}

// Check compares one exchange with the description of the API.
type Check func(r *http.Request, body []byte, answer *http.Response, answerBody []byte)

// Contract returns a check that fails t where an exchange is not as docs/openapi.json says: the status, the media type,
// the headers and the body of every answer, and the parameters and the body of every request that was accepted. Bodies
// are as they were sent, compressed or not.
func Contract(t testing.TB) Check {
	t.Helper()
	c, err := theContract()
	if err != nil {
		t.Fatal(err)
	}
	return func(r *http.Request, body []byte, answer *http.Response, answerBody []byte) {
		t.Helper()
		for _, wrong := range c.check(r, body, answer, answerBody) {
			t.Errorf("%s %s, answered %d, is not as its description in docs says: %s", r.Method, r.URL.RequestURI(), answer.StatusCode, wrong)
		}
	}
}

// Description is docs/openapi.json. It fails t where that is no valid OpenAPI.
func Description(t testing.TB) *openapi3.T { return described(t, "openapi.json", docs.OpenAPIJSON) }

// HSDSPath is where the API begins that docs/hsds.json describes.
const HSDSPath = "/hsds"

// HSDSDescription is docs/hsds.json. It fails t where that is no valid OpenAPI.
func HSDSDescription(t testing.TB) *openapi3.T { return described(t, "hsds.json", docs.HSDSJSON) }

func described(t testing.TB, name string, data []byte) *openapi3.T {
	t.Helper()
	doc, err := load(name, data)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func load(name string, data []byte) (*openapi3.T, error) {
	loader := openapi3.NewLoader()
	doc, err := loader.LoadFromData(data)
	if err == nil {
		err = doc.Validate(context.Background())
	}
	if err != nil {
		return nil, fmt.Errorf("docs/%s: %w: run go generate ./docs", name, err)
	}
	return doc, nil
}

// contract is the description twice, and that of /hsds. Where a request asks for some fields only, members may be absent;
// otherwise those that the description marks with x-always must be there, and lists hold items.
type contract struct{ whole, parts, hsds *openapi3.T }

var theContract = sync.OnceValues(func() (contract, error) {
	openapi3filter.RegisterBodyDecoder("application/x-ndjson", decodeLines)
	openapi3filter.RegisterBodyDecoder("text/csv", openapi3filter.FileBodyDecoder)
	openapi3filter.RegisterBodyDecoder("text/html", openapi3filter.FileBodyDecoder)
	openapi3filter.RegisterBodyDecoder("text/calendar", openapi3filter.FileBodyDecoder) // a string, whatever it says
	openapi3filter.RegisterBodyDecoder("text/turtle", openapi3filter.FileBodyDecoder)
	parts, err := load("openapi.json", docs.OpenAPIJSON)
	if err != nil {
		return contract{}, err
	}
	whole, err := load("openapi.json", docs.OpenAPIJSON)
	if err != nil {
		return contract{}, err
	}
	hsds, err := load("hsds.json", docs.HSDSJSON)
	if err != nil {
		return contract{}, err
	}
	for _, ref := range whole.Components.Schemas {
		demand(ref.Value)
	}
	return contract{whole, parts, hsds}, nil
})

// decodeLines reads NDJSON. Where the schema is that of a line, the last one stands for all, and {} for none; what may
// be broken, since a report tells of each line, is described as a string.
func decodeLines(body io.Reader, header http.Header, schema *openapi3.SchemaRef, encoding openapi3filter.EncodingFn) (any, error) {
	if schema.Value.Type.Is("string") {
		return openapi3filter.FileBodyDecoder(body, header, schema, encoding)
	}
	var line any = map[string]any{}
	lines := json.NewDecoder(body)
	for {
		switch err := lines.Decode(&line); {
		case errors.Is(err, io.EOF):
			return line, nil
		case err != nil:
			return nil, err
		}
	}
}

func demand(s *openapi3.Schema) {
	if always, ok := s.Extensions["x-always"].([]any); ok {
		for _, name := range always {
			s.Required = append(s.Required, name.(string))
		}
	}
	if items := s.Properties["items"]; items != nil && items.Value.Items != nil && len(items.Value.Items.Value.AnyOf) > 0 {
		items.Value.Items = items.Value.Items.Value.AnyOf[0]
	}
}

// anywhere are the statuses of requests that are refused before anybody looks at what they ask for.
var anywhere = []int{http.StatusRequestURITooLong, http.StatusTooManyRequests}

// check says what is wrong with an exchange.
func (c contract) check(r *http.Request, body []byte, answer *http.Response, answerBody []byte) []string {
	doc, path := c.whole, r.URL.EscapedPath()
	if below, ok := strings.CutPrefix(path, HSDSPath+"/"); ok {
		doc, path = c.hsds, "/"+below
	} else if r.URL.Query().Has("fields") {
		doc = c.parts
	}
	var wrong []string
	report := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	answerBody, err := decoded(answer, answerBody)
	if err != nil {
		report("%v", err)
		return wrong
	}

	route, pathParams := find(doc, r.Method, path)
	switch {
	case route == nil:
		if err := checkUndescribed(doc, r, answer, answerBody); err != nil {
			report("%v", err)
		}
		return wrong
	case route.Operation == nil:
		preflight := r.Method == http.MethodOptions && answer.StatusCode == http.StatusNoContent
		if answer.StatusCode != http.StatusMethodNotAllowed && !preflight && !slices.Contains(anywhere, answer.StatusCode) {
			report("got status %d, want 405: the method is not described", answer.StatusCode)
		}
		return wrong
	}

	input := &openapi3filter.RequestValidationInput{
		Request: asGet(r, body), PathParams: pathParams, Route: route, Options: options(),
	}
	if answer.StatusCode < http.StatusBadRequest {
		if err := openapi3filter.ValidateRequest(r.Context(), input); err != nil {
			report("the request was accepted, but %v", err)
		}
	}
	described := route.Operation.Responses.Status(answer.StatusCode)
	if described == nil {
		report("got status %d, want one of %s", answer.StatusCode, statuses(route.Operation))
		return wrong
	}
	wrong = append(wrong, checkHeaders(described.Value, answer)...)
	if len(described.Value.Content) == 0 || r.Method == http.MethodHead {
		if len(answerBody) > 0 {
			report("got a body of %d bytes, want none", len(answerBody))
		}
		return wrong
	}
	output := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: answer.StatusCode, Header: answer.Header, Options: options(),
	}
	if err := openapi3filter.ValidateResponse(r.Context(), output.SetBodyBytes(answerBody)); err != nil {
		report("%v", err)
	}
	return wrong
}

func options() *openapi3filter.Options {
	return &openapi3filter.Options{
		MultiError: true, IncludeResponseStatus: true, RejectWhenRequestBodyNotSpecified: true, SkipSettingDefaults: true,
		AuthenticationFunc: openapi3filter.NoopAuthenticationFunc,
		SchemaValidationOptions: []openapi3.SchemaValidationOption{
			openapi3.EnableFormatValidation(),
			openapi3.WithStringFormatValidator("uuid", openapi3.NewCallbackValidator(func(s string) error {
				_, err := uuid.Parse(s)
				return err
			})),
			openapi3.WithStringFormatValidator("uri", openapi3.NewCallbackValidator(func(s string) error {
				u, err := url.Parse(s)
				if err == nil && !u.IsAbs() {
					err = fmt.Errorf("%q is no absolute URI", s)
				}
				return err
			})),
		},
	}
}

// decoded is the body without its content coding.
func decoded(answer *http.Response, body []byte) ([]byte, error) {
	switch coding := answer.Header.Get("Content-Encoding"); {
	case coding == "" || len(body) == 0:
		return body, nil
	case coding == "br":
		return io.ReadAll(brotli.NewReader(bytes.NewReader(body)))
	case coding != "gzip":
		return nil, fmt.Errorf("got Content-Encoding %q, want br, gzip or none", coding)
	}
	r, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("the body is said to be compressed with gzip: %w", err)
	}
	return io.ReadAll(r)
}

// asGet is the request with its body again; HEAD is answered as GET is. What a document says as null it could as well
// leave out, which is what the description knows of.
func asGet(r *http.Request, body []byte) *http.Request {
	r = r.Clone(r.Context())
	if r.Method == http.MethodHead {
		r.Method = http.MethodGet
	}
	if t := r.Header.Get("Content-Type"); strings.HasPrefix(t, "application/json") || strings.HasPrefix(t, "application/merge-patch+json") {
		var value any
		if json.Unmarshal(body, &value) == nil {
			body, _ = json.Marshal(withoutNulls(value))
		}
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	return r
}

func withoutNulls(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			if member == nil {
				delete(value, name)
			} else {
				value[name] = withoutNulls(member)
			}
		}
	case []any:
		for i := range value {
			value[i] = withoutNulls(value[i])
		}
	}
	return value
}

// find returns the route that is described for a method and a path, without an operation where its method is not; nil where its
// path is not. Of two paths the one with the earlier fixed segment counts, as echo has it.
func find(doc *openapi3.T, method, requested string) (*routers.Route, map[string]string) {
	var (
		best   *routers.Route
		values map[string]string
		rank   string
	)
	for _, path := range doc.Paths.InMatchingOrder() {
		found, order, ok := match(path, requested)
		if !ok || best != nil && order <= rank {
			continue
		}
		item := doc.Paths.Value(path)
		if method == http.MethodHead {
			method = http.MethodGet
		}
		best = &routers.Route{Spec: doc, Path: path, PathItem: item, Method: method, Operation: item.GetOperation(method)}
		values, rank = found, order
	}
	return best, values
}

// match reads the values of a path's parameters; the order of fixed paths is greater.
func match(template, path string) (values map[string]string, order string, ok bool) {
	wanted, got := strings.Split(template, "/"), strings.Split(path, "/")
	if len(wanted) != len(got) {
		return nil, "", false
	}
	values = map[string]string{}
	for i, segment := range wanted {
		value, err := url.PathUnescape(got[i])
		if err != nil {
			return nil, "", false
		}
		switch {
		case strings.HasPrefix(segment, "{") && value != "":
			values[strings.Trim(segment, "{}")] = value
			order += "0"
		case segment == value:
			order += "1"
		default:
			return nil, "", false
		}
	}
	return values, order, true
}

// checkUndescribed checks an answer of a path that the description does not have.
func checkUndescribed(doc *openapi3.T, r *http.Request, answer *http.Response, body []byte) error {
	for _, path := range Undescribed {
		if prefix, ok := strings.CutSuffix(path, "*"); r.URL.Path == path || ok && strings.HasPrefix(r.URL.Path, prefix) {
			return nil
		}
	}
	if answer.StatusCode != http.StatusNotFound && !slices.Contains(anywhere, answer.StatusCode) {
		return fmt.Errorf("got status %d, want 404: the path is not described", answer.StatusCode)
	}
	if r.Method == http.MethodHead {
		return nil
	}
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return err
	}
	return doc.Components.Schemas["Problem"].Value.VisitJSON(value, openapi3.MultiErrors())
}

// ordinary are the headers that answers of every operation may have: those of HTTP itself and of browsers' safety.
// Accept, of 415, is not to be described: OpenAPI leaves it to the media types of the request.
var ordinary = []string{
	"Accept",
	"Content-Length", "Content-Type", "Content-Encoding", "Date",
	"X-Content-Type-Options", "Referrer-Policy", "Content-Security-Policy", "Strict-Transport-Security",
	"Access-Control-Allow-Origin", "Access-Control-Expose-Headers", "Connection",
}

// checkHeaders wants the described headers that are required, those of the limits that every server of tests has, and no
// others than those described.
func checkHeaders(described *openapi3.Response, answer *http.Response) (wrong []string) {
	for name, header := range described.Headers {
		value := answer.Header.Get(name)
		if value == "" {
			if header.Value.Required || strings.HasPrefix(name, "RateLimit-") {
				wrong = append(wrong, "no header "+name)
			}
			continue
		}
		var parsed any = value
		if header.Value.Schema.Value.Type.Is("integer") {
			parsed = json.Number(value)
		}
		if err := header.Value.Schema.Value.VisitJSON(parsed, options().SchemaValidationOptions...); err != nil {
			wrong = append(wrong, fmt.Sprintf("header %s: %v", name, err))
		}
	}
	for name := range answer.Header {
		if described.Headers[name] == nil && !slices.Contains(ordinary, name) && !hasHeader(described, name) {
			wrong = append(wrong, fmt.Sprintf("header %s: %s is not described", name, answer.Header.Get(name)))
		}
	}
	slices.Sort(wrong)
	return wrong
}

func hasHeader(described *openapi3.Response, name string) bool {
	for known := range described.Headers {
		if strings.EqualFold(known, name) {
			return true
		}
	}
	return false
}

func statuses(operation *openapi3.Operation) string {
	var known []string
	for status := range operation.Responses.Map() {
		known = append(known, status)
	}
	slices.Sort(known)
	return strings.Join(known, ", ")
}

// Transport passes requests on and checks every exchange.
type Transport struct {
	Check Check
	Next  http.RoundTripper // nil: http.DefaultTransport
}

// RoundTrip makes Transport an http.RoundTripper.
func (t Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	next := t.Next
	if next == nil {
		next = http.DefaultTransport
	}
	answer, err := next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	answerBody, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	answer.Body = io.NopCloser(bytes.NewReader(answerBody))
	t.Check(r, body, answer, answerBody)
	return answer, nil
}
