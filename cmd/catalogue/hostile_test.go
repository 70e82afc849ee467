package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/comuneprato/service-catalogue/api"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// hostileRequests is how many requests the test makes where CATALOGUE_HOSTILE_REQUESTS does not say.
const hostileRequests = 1500

func TestNoRequestIsAnErrorOfTheServer(t *testing.T) {
	t.Parallel()
	// Without limits on how many, so that requests get as far as they can.
	s, keys := demonstration(t, t.TempDir(), "--rate-reads", "0", "--rate-writes", "0", "--log-level", "warn")
	requests, seed := number(t, "CATALOGUE_HOSTILE_REQUESTS", hostileRequests), number(t, "CATALOGUE_HOSTILE_SEED", 1)
	known := learn(t)
	known.meet(s)
	const clients = 4
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() {
			h := hostile{
				knowledge: known, chance: rand.New(rand.NewPCG(uint64(seed), uint64(i))),
				tokens: append(slices.Repeat([]string{keys["admin"]}, 6), keys["municipality"], keys["utility"], "", "cat_x"),
			}
			statuses := map[int]int{}
			for range requests / clients {
				r, sent := h.request(s.url)
				a, err := send(r)
				if err != nil {
					t.Errorf("%v: %s", err, sent)
					return
				}
				statuses[a.status]++
				if a.status >= 500 {
					t.Errorf("got status %d: %s\n%s", a.status, a.body, sent)
				}
				if kind := a.header.Get("Content-Type"); a.status >= 400 && kind != "application/problem+json" && r.Method != http.MethodHead {
					t.Errorf("got status %d as %q, want a problem: %s\n%s", a.status, kind, a.body, sent)
				}
			}
			t.Logf("client %d: %v", i, statuses)
		})
	}
	all.Wait()
	s.get("/readyz", "", http.StatusOK)
	s.stop()
}

// knowledge is what the description of the API says of requests.
type knowledge struct {
	routes     []api.Access
	operations map[string]operation // by method and path
	parameters []string             // of all operations
	values     map[string][]string  // of parameters, by name
	bodies     []any                // of all operations
}

// operation is what is described of one.
type operation struct {
	parameters []string          // of the query
	place      map[string]string // examples of what its path names
	body       any               // an example, nil where there is none
}

func learn(t *testing.T) *knowledge {
	t.Helper()
	content, err := os.ReadFile("../../docs/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	type parameter struct {
		Name, In string
		Example  any
		Schema   struct {
			Type string
			Enum []string
		}
	}
	var described struct {
		Paths map[string]map[string]struct {
			Parameters  []parameter
			RequestBody struct {
				Content map[string]struct{ Example any }
			}
		}
	}
	if err := json.Unmarshal(content, &described); err != nil {
		t.Fatal(err)
	}
	k := &knowledge{routes: api.Accesses, operations: map[string]operation{}, values: map[string][]string{}}
	for _, path := range slices.Sorted(maps.Keys(described.Paths)) {
		for _, method := range slices.Sorted(maps.Keys(described.Paths[path])) {
			o := described.Paths[path][method]
			known := operation{place: map[string]string{}}
			for _, p := range o.Parameters {
				if p.In == "query" {
					known.parameters = append(known.parameters, p.Name)
				}
				k.values[p.Name] = append(k.values[p.Name], p.Schema.Enum...)
				if examples, ok := p.Example.([]any); ok && len(examples) > 0 {
					p.Example = examples[0]
				}
				switch {
				case p.Example != nil:
					k.values[p.Name] = append(k.values[p.Name], fmt.Sprint(p.Example))
				case p.Schema.Type == "boolean":
					k.values[p.Name] = append(k.values[p.Name], "true", "false")
				case p.Schema.Type == "integer":
					k.values[p.Name] = append(k.values[p.Name], "1", "20")
				}
				if p.In == "path" {
					known.place[p.Name] = fmt.Sprint(p.Example)
				}
			}
			for _, content := range o.RequestBody.Content {
				known.body = content.Example
				k.bodies = append(k.bodies, content.Example)
			}
			k.operations[strings.ToUpper(method)+" "+path] = known
		}
	}
	k.parameters = slices.Sorted(maps.Keys(k.values))
	return k
}

// meet adds what there is to the values of parameters.
func (k *knowledge) meet(s *server) {
	s.t.Helper()
	for _, path := range []string{"/v1/services", "/v1/offices", "/hsds/organizations", "/hsds/service_at_locations", "/hsds/taxonomies", "/hsds/taxonomy_terms"} {
		var page struct {
			Items, Contents []struct{ ID string }
		}
		s.get(path, "", http.StatusOK).into(s.t, &page)
		for _, entry := range slices.Concat(page.Items, page.Contents)[:1] {
			k.values["id"], k.values["idOrSlug"] = append(k.values["id"], entry.ID), append(k.values["idOrSlug"], entry.ID)
		}
	}
}

// hostile makes requests that are almost right, or not at all.
type hostile struct {
	*knowledge
	chance *rand.Rand
	tokens []string // the first may do everything
	mild   bool     // the request has hardly anything wrong with it, so that it gets far
}

// nasty are values that programs have stumbled over.
var nasty = []string{
	"", " ", "0", "-1", "1", "2147483648", "9223372036854775808", "-9223372036854775809", "1e309", "0x10", "NaN", "null", "true", "*", `"1"`, `W/"1"`, `""`,
	"..", ".", "/", "%", "%00", "%zz", "\x00", "\xff\xfe", "\u202e", "é", "🏛", "İ", "ſ", "\u0300\u0301", "a\nb", "a\rb", "'", `' OR 1=1 --`, "{{7*7}}", "<script>", "${x}",
	"2026-02-30", "2026-10-25T02:30:00+02:00", "0000-00-00", "9999-12-31T23:59:59Z", "-292277022399-01-01", "P1Y", "PT0S", "P99999999999Y", "43.88,11.09", "91,181", "NaN,Inf", "it", "xx-YY-zz", "de-1996",
	"prato-comune", "prato-s19", "carta-d-identita", "00000000-0000-0000-0000-000000000000", "01a20681-0000-7000-8000-000000000000", "services", "a,b,,c", "title,,", "-title",
	strings.Repeat("a", 300), strings.Repeat("à", 3000), strings.Repeat("a ", 2000), strings.Repeat("(", 200), strings.Repeat("[", 200), "application/json", "text/csv;q=0.1,*/*", "gzip, br;q=0", "identity;q=0", "bytes=0-0,-1",
}

func pick[T any](h *hostile, from []T) T { return from[h.chance.IntN(len(from))] }

// often reports true but for once out of so many times, or seldom enough for a mild request.
func (h *hostile) often(outOf int) bool {
	if h.mild {
		outOf *= 20
	}
	return h.chance.IntN(outOf) > 0
}

// value is one for a parameter: mostly one that the description gives.
func (h *hostile) value(name string) string {
	if known := h.values[name]; len(known) > 0 && h.often(6) {
		return pick(h, known)
	}
	return pick(h, nasty)
}

// request makes a request, and describes it so that it can be made again.
func (h *hostile) request(server string) (r *http.Request, description string) {
	h.mild = h.chance.IntN(2) == 0
	route := pick(h, h.routes)
	method := route.Method
	if !h.often(20) {
		method = pick(h, []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, "PROPFIND"})
	}
	path := strings.Replace(route.Path, "{kinds}", pick(h, catalogue.Kinds).Plural(), 1)
	known := h.operations[method+" "+placeholder.ReplaceAllString(path, "{$1}")]
	target := server + placeholder.ReplaceAllStringFunc(path, func(place string) string {
		if example, ok := known.place[place[1:]]; ok && h.often(3) {
			return url.PathEscape(example)
		}
		return url.PathEscape(h.value(place[1:]))
	})
	if h.chance.IntN(2) == 0 {
		target += "?" + h.query(known.parameters)
	}
	body := h.body(method, known.body)
	r, err := http.NewRequest(method, target, bytes.NewReader(body))
	if err != nil { // an address that no client can send
		return h.request(server)
	}
	r.Header.Set("Content-Type", "application/json")
	if method == http.MethodPatch {
		r.Header.Set("Content-Type", "application/merge-patch+json")
	}
	token := pick(h, h.tokens)
	if h.mild {
		token = h.tokens[0]
	}
	if h.often(8) {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for !h.often(2) {
		name := pick(h, []string{
			"Accept", "Accept-Encoding", "Accept-Language", "Content-Type", "Content-Encoding", "If-Match", "If-None-Match", "If-Modified-Since", "Range", "Origin",
			"Idempotency-Key", "X-Request-ID", "X-Forwarded-For", "Access-Control-Request-Method", "Prefer", "Cookie",
		})
		// net/http itself refuses to send signs that end a header.
		r.Header.Set(name, strings.Map(func(c rune) rune {
			if c < ' ' || c == 0x7f {
				return -1
			}
			return c
		}, h.value(name)))
	}
	return r, fmt.Sprintf("%s %s\n%v\n%.2000q", method, target, r.Header, body)
}

// placeholder is where a path of the router names something.
var placeholder = regexp.MustCompile(`:(\w+)`)

func (h *hostile) query(known []string) string {
	query := url.Values{}
	if h.mild {
		for _, name := range known {
			if h.chance.IntN(len(known)) < 2 {
				query.Set(name, h.value(name))
			}
		}
		return query.Encode()
	}
	for range 1 + h.chance.IntN(4) {
		name := pick(h, h.parameters)
		if len(known) > 0 && h.often(8) {
			name = pick(h, known)
		}
		query.Add(name, h.value(name))
	}
	if !h.often(20) {
		return query.Encode() + pick(h, []string{"&%zz", "&;", "&=", "&&", "&a"})
	}
	return query.Encode()
}

// body is mostly an example with something changed.
func (h *hostile) body(method string, example any) []byte {
	if method == http.MethodGet || method == http.MethodHead {
		return nil
	}
	if example == nil || !h.often(20) {
		example = pick(h, h.bodies)
	}
	text, err := json.Marshal(h.changed(example))
	if err != nil {
		panic(err) // it came from JSON
	}
	if h.often(4) {
		return text
	}
	switch h.chance.IntN(3) {
	case 0:
		return text[:h.chance.IntN(len(text)+1)]
	case 1:
		text[h.chance.IntN(len(text))] = byte(h.chance.IntN(256))
	default:
		return []byte(pick(h, []string{"", "null", "[]", "{}", "0", `""`, strings.Repeat("[", 5000), `{"a":`, `{"title":{"it":"\ud800"}}`, `{"title":1e400}`, "\xef\xbb\xbf{}", `{"a":1,"a":2}`, "{}{}"}))
	}
	return text
}

// changed is a copy of a JSON value in which here and there something is another.
func (h *hostile) changed(value any) any {
	if !h.often(25) {
		return pick(h, []any{nil, true, -1, 1e18, 0.1, "", "x", []any{}, object{}, []any{nil}, object{"it": nil}, object{"": ""}, pick(h, nasty), pick(h, h.bodies)})
	}
	switch v := value.(type) {
	case object:
		copied := object{}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if h.often(20) {
				copied[name] = h.changed(v[name])
			} else if h.chance.IntN(2) == 0 {
				copied[pick(h, nasty)] = v[name]
			}
		}
		return copied
	case []any:
		var copied []any
		for _, element := range v {
			copied = append(copied, h.changed(element))
			if !h.often(6) {
				copied = append(copied, h.changed(element))
			}
		}
		return copied
	default:
		return v
	}
}
