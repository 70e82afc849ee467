package main_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	traces "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/comuneprato/service-catalogue/internal/store/storetest"
)

// aside is the address of a listener for operators, as the log tells it.
func (s *server) aside(flag string) (url string) {
	s.t.Helper()
	await(s.t, "the log tells where "+flag+" is served", func() bool {
		for line := range strings.Lines(s.err.String()) {
			var said struct{ Msg, Flag, Address string }
			if json.Unmarshal([]byte(line), &said) == nil && said.Msg == "serving for operators" && said.Flag == flag {
				url = "http://" + said.Address
			}
		}
		return url != ""
	})
	return url
}

func TestMetricsAndProfilesMayBeServedApart(t *testing.T) {
	t.Parallel()
	s := serve(t, "--database", migrated(t, storetest.SQLite), "--metrics-listen", "127.0.0.1:0", "--pprof", "127.0.0.1:0")
	get := func(url string, status int) string {
		t.Helper()
		r, err := http.NewRequest(http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		a, err := send(r)
		if err != nil || a.status != status {
			t.Fatalf("%s: got status %d, %v, want %d", url, a.status, err, status)
		}
		return string(a.body)
	}
	metrics, profiles := s.aside("--metrics-listen"), s.aside("--pprof")
	if got := get(metrics+"/metrics", http.StatusOK); !strings.Contains(got, "catalogue_build_info{") {
		t.Errorf("got %q, want metrics", got)
	}
	if got := get(profiles+"/debug/pprof/goroutine?debug=1", http.StatusOK); !strings.HasPrefix(got, "goroutine profile:") {
		t.Errorf("got %q, want a profile", got)
	}
	get(s.url+"/metrics", http.StatusNotFound)
	get(s.url+"/debug/pprof/", http.StatusNotFound)
	get(metrics+"/debug/pprof/", http.StatusNotFound)
	get(metrics+"/v1/services", http.StatusNotFound)
	s.stop()
}

func TestProfilesAreShownToNoOtherMachine(t *testing.T) {
	t.Parallel()
	for address, said := range map[string]string{
		"0.0.0.0:6060": "loopback", ":6060": "loopback", "[::]:6060": "loopback", "192.0.2.7:6060": "loopback", "example.org:6060": "loopback",
		"6060": "no host and port",
	} {
		r := run(t, "serve", "--database", "catalogue.db", "--pprof", address)
		r.want(t, 1)
		r.says(t, "--pprof", address, said, "127.0.0.1:6060")
	}
}

// receiver is a collector of OpenTelemetry: what a program sends it.
type receiver struct {
	*httptest.Server
	mu    sync.Mutex
	spans []*traces.Span
	raw   bytes.Buffer
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(request.Body)
		var sent collector.ExportTraceServiceRequest
		if err == nil {
			err = proto.Unmarshal(body, &sent)
		}
		if err != nil || request.URL.Path != "/v1/traces" {
			t.Errorf("the collector was sent something else to %s: %v", request.URL.Path, err)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.raw.Write(body)
		for _, of := range sent.ResourceSpans {
			for _, in := range of.ScopeSpans {
				r.spans = append(r.spans, in.Spans...)
			}
		}
		w.Header().Set("Content-Type", "application/x-protobuf")
	}))
	t.Cleanup(r.Close)
	return r
}

// span waits for a span that is found good.
func (r *receiver) span(t *testing.T, what string, good func(*traces.Span) bool) (found *traces.Span) {
	t.Helper()
	await(t, "the span of "+what, func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		if i := slices.IndexFunc(r.spans, good); i >= 0 {
			found = r.spans[i]
		}
		return found != nil
	})
	return found
}

func TestTracesLeadFromTheCallerToTheDatabase(t *testing.T) {
	eachDatabase(t, func(t *testing.T, database string) {
		dsn := migrated(t, database)
		token := newPublisher(t, dsn)
		to := newReceiver(t)
		s := serveIn(t, setup{env: []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + to.URL, "OTEL_BSP_SCHEDULE_DELAY=20"}}, "--database", dsn)

		const trace, caller = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
		body, err := json.Marshal(place("Palazzo pretorio"))
		if err != nil {
			t.Fatal(err)
		}
		r, err := http.NewRequest(http.MethodPut, s.url+"/v1/publishers/"+publisher+"/places/p?publish=true&note=Segreto", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range map[string]string{
			"Authorization": "Bearer " + token, "Content-Type": "application/json", "Traceparent": "00-" + trace + "-" + caller + "-01",
		} {
			r.Header.Set(name, value)
		}
		if a, err := send(r); err != nil || a.status != http.StatusCreated {
			t.Fatalf("got %v, %v, want 201", a.status, err)
		}

		request := to.span(t, "the request", func(s *traces.Span) bool {
			return s.Name == "PUT /v1/publishers/:publisher/places/:key"
		})
		if hex.EncodeToString(request.TraceId) != trace || hex.EncodeToString(request.ParentSpanId) != caller {
			t.Errorf("the request is in trace %x below %x, want that of the caller", request.TraceId, request.ParentSpanId)
		}
		if got := attribute(request, "http.response.status_code"); got != "201" {
			t.Errorf("the span says status %q, want 201", got)
		}
		to.span(t, "its transaction", func(s *traces.Span) bool {
			return s.Name == "write transaction" && bytes.Equal(s.ParentSpanId, request.SpanId) && bytes.Equal(s.TraceId, request.TraceId)
		})
		to.span(t, "the follower's batch", func(s *traces.Span) bool {
			return s.Name == "follow" && attribute(s, "catalogue.changes") == "1" && len(s.ParentSpanId) == 0
		})
		to.span(t, "a job", func(s *traces.Span) bool { return strings.HasPrefix(s.Name, "job ") })
		s.stop()

		line := ""
		for l := range strings.Lines(s.err.String()) {
			if strings.Contains(l, `"msg":"request"`) && strings.Contains(l, `"method":"PUT"`) {
				line = l
			}
		}
		if want := fmt.Sprintf(`"trace_id":%q,"span_id":"%x"`, trace, request.SpanId); !strings.Contains(line, want) {
			t.Errorf("the log says %s, want %s in it", line, want)
		}
		for _, secret := range []string{token, "Segreto", "Palazzo"} {
			if bytes.Contains(to.raw.Bytes(), []byte(secret)) {
				t.Errorf("the collector was told %q", secret)
			}
		}
	})
}

// attribute is an attribute of a span as text, "" if there is none.
func attribute(s *traces.Span, name string) string {
	for _, a := range s.Attributes {
		if a.Key == name {
			if text := a.Value.GetStringValue(); text != "" {
				return text
			}
			return fmt.Sprint(a.Value.GetIntValue())
		}
	}
	return ""
}

func TestACollectorThatIsAwayHurtsNobody(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	s := serveIn(t, setup{env: []string{
		"OTEL_EXPORTER_OTLP_ENDPOINT=" + gone.URL, "OTEL_BSP_SCHEDULE_DELAY=20", "OTEL_BSP_EXPORT_TIMEOUT=50",
	}}, "--database", migrated(t, storetest.SQLite))
	await(t, "the log tells that traces are lost", func() bool {
		s.get("/v1/services", "", http.StatusOK)
		return strings.Contains(s.err.String(), "traces could not be sent")
	})
	s.stop()
}

func TestTracesAreAskedForInAWayThatThereIs(t *testing.T) {
	t.Parallel()
	r := runIn(t, setup{env: []string{"OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4317", "OTEL_EXPORTER_OTLP_PROTOCOL=grpc"}}, "serve")
	r.want(t, 1)
	r.says(t, "OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "http/protobuf")
}
