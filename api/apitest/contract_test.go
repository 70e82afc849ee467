package apitest_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/comuneprato/service-catalogue/api/apitest"
)

// recorder is a test that is told of failures and goes on.
type recorder struct {
	testing.TB
	errors []string
}

func (*recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

const (
	item = `{"id":"019aa2d1-0000-7000-8000-000000000000","kind":"service","key":"k","publisher":{"kind":"publisher","key":"p"},` +
		`"slug":"s","url":"http://h/v1/services/s","title":"T","online":false,"updatedAt":"2026-01-01T00:00:00Z","lang":"it"}`
	page    = `{"items":[` + item + `],"total":1}`
	problem = `{"type":"http://h/e","title":"T","status":404,"detail":"D","instance":"urn:request:1"}`
	entry   = `{"id":"019aa2d1-0000-7000-8000-000000000000","kind":"service","publisher":"p","key":"k","slug":"s","publication":"never",` +
		`"draft":"editing","draftVersion":1,"revision":0,"updatedAt":"2026-01-01T00:00:00Z","document":{"title":{"it":"T"}}}`
)

func TestTheContractSeesWhatIsWrong(t *testing.T) {
	limits := "; RateLimit-Limit: 6000; RateLimit-Remaining: 5999; RateLimit-Reset: 60"
	public := "ETag: \"x\"; Cache-Control: public; Vary: Accept-Encoding; Catalogue-Position: 1; Last-Modified: x; Content-Language: it; Request-Id: 1; Content-Type: application/json" + limits
	unchanged := strings.NewReplacer("Last-Modified: x; ", "", "Content-Language: it; ", "").Replace(public)
	private := "ETag: \"1.0123456789abcdef\"; Cache-Control: no-store; Vary: Origin; Catalogue-Position: 1; Request-Id: 1; Content-Type: application/json" + limits
	failed := "Cache-Control: no-store; Vary: Origin; Content-Language: it; Request-Id: 1; Content-Type: application/problem+json" + limits
	for _, tt := range []struct {
		name     string
		request  string // method, path and body
		status   int
		header   string
		body     string
		mistakes string // in what is reported; "" if nothing may be
	}{
		{"a page", "GET /v1/services", 200, public, page, ""},
		{"a page's head", "HEAD /v1/services", 200, public, "", ""},
		{"some fields", "GET /v1/services?fields=slug", 200, public, `{"items":[{"slug":"s"}],"total":1}`, ""},
		{"some fields that nobody asked for", "GET /v1/services", 200, public, `{"items":[{"slug":"s"}],"total":1}`, `property "id" is missing`},
		{"a body of HEAD", "HEAD /v1/services", 200, public, page, "want none"},
		{"an unknown member", "GET /v1/services", 200, public, strings.Replace(page, `"total"`, `"sum":1,"total"`, 1), `"sum" is unsupported`},
		{"an unknown member of an item", "GET /v1/services", 200, public, strings.Replace(page, `"slug"`, `"slugs":1,"slug"`, 1), `"slugs" is unsupported`},
		{"a missing member", "GET /v1/services", 200, public, `{"items":[]}`, `property "total" is missing`},
		{"null for a list", "GET /v1/services", 200, public, `{"items":null,"total":0}`, "not nullable"},
		{"no identifier", "GET /v1/services", 200, public, strings.Replace(page, "019aa2d1-", "", 1), "format"},
		{"no instant", "GET /v1/services", 200, public, strings.Replace(page, "T00:00:00Z", "", 1), "format"},
		{"a missing header", "GET /v1/services", 200, strings.Replace(public, "ETag", "Date", 1), page, "no header ETag"},
		{"a wrong header", "GET /v1/services", 200, strings.Replace(public, "Position: 1", "Position: one", 1), page, "Catalogue-Position"},
		{"a header that is not described", "GET /v1/services", 200, public + "; X-Powered-By: us", page, "X-Powered-By"},
		{"another media type", "GET /v1/services", 200, strings.Replace(public, "application/json", "text/html", 1), page, "Content-Type"},
		{"no limits", "GET /v1/services", 200, strings.Replace(public, "RateLimit-Reset", "Date", 1), page, "no header RateLimit-Reset"},
		{"not modified", "GET /v1/services", 304, unchanged, "", ""},
		{"not modified, with a body", "GET /v1/services", 304, unchanged, page, "want none"},
		{"a status that is not described", "GET /v1/services", 418, failed, problem, "got status 418, want one of 200"},
		{"a parameter that should have been refused", "GET /v1/services?limit=9999", 200, public, page, "limit"},
		{"a problem", "GET /v1/services/x", 404, failed, problem, ""},
		{"a problem that is plain JSON", "GET /v1/services/x", 404, strings.Replace(failed, "problem+", "", 1), problem, "Content-Type"},
		{"a problem without detail", "GET /v1/services/x", 404, failed, strings.Replace(problem, `"detail":"D",`, "", 1), `property "detail" is missing`},
		{"a document", "PUT /v1/publishers/p/services/k " + `{"title":{"it":"T"},"summary":null}`, 200, private, entry, ""},
		{"a document that should have been refused", "PUT /v1/publishers/p/services/k " + `{"title":{"it":"T"},"titel":1}`, 200, private, entry, `"titel" is unsupported`},
		{"a document of another kind", "PUT /v1/publishers/p/services/k " + `{"title":{"it":"T"}}`, 200, private, strings.Replace(entry, `"service"`, `"office"`, 1), "kind"},
		{"an unknown language", "PUT /v1/publishers/p/services/k " + `{"title":{"it":"T"}}`, 200, private, strings.Replace(entry, `"it":"T"`, `"it":"T","xx":"T"`, 1), `"xx" is unsupported`},
		{"a place that is not described", "GET /v1/nothing", 200, public, page, "want 404"},
		{"a place that does not exist", "GET /v1/nothing", 404, failed, problem, ""},
		{"a method that is not described", "POST /v1/services", 200, public, page, "want 405"},
		{"a place that is left out", "GET /livez", 200, "", "ok", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			parts := append(strings.SplitN(tt.request, " ", 3), "")
			r, err := http.NewRequestWithContext(t.Context(), parts[0], "http://h"+parts[1], bytes.NewReader([]byte(parts[2])))
			if err != nil {
				t.Fatal(err)
			}
			if parts[2] != "" {
				r.Header.Set("Content-Type", "application/json")
			}
			answer := &http.Response{StatusCode: tt.status, Header: http.Header{}}
			for _, line := range strings.Split(tt.header, "; ") {
				name, value, _ := strings.Cut(line, ": ")
				answer.Header.Set(name, value)
			}
			told := &recorder{TB: t}
			apitest.Contract(told)(r, []byte(parts[2]), answer, []byte(tt.body))
			got := strings.Join(told.errors, "\n")
			if tt.mistakes == "" && got != "" || !strings.Contains(got, tt.mistakes) {
				t.Errorf("got %q, want %q in it, or nothing", got, tt.mistakes)
			}
		})
	}
}
