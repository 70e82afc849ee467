package metrics

import (
	"maps"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Requests measures the requests that a server answers, by the route that they go to.
type Requests struct {
	answered *prometheus.CounterVec
	duration *prometheus.HistogramVec
	bytes    *prometheus.CounterVec
	inFlight prometheus.Gauge
	problems *prometheus.CounterVec

	known map[[2]string]*route // by method and path
	other map[string]*route    // by method, for those that go nowhere
}

// other is the label of what no route takes, so that nobody can make labels by asking for what there is not.
const other = "other"

// methods are those that have a label of their own where no route takes them.
var methods = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, other,
}

// NewRequests prepares to measure requests to routes, each a method and a path as the router has it, so that nothing needs
// to be looked up by its labels for a request. Of the problems that are named there is a zero before the first, without which
// Prometheus would not see that there is one.
func NewRequests(routes [][2]string, problems ...string) *Requests {
	r := &Requests{
		answered: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "catalogue_http_requests_total", Help: "Requests that were answered, by route, method and status.",
		}, []string{"route", "method", "status"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "catalogue_http_request_duration_seconds", Help: "How long answering took, from the headers of the request until the end of the answer.",
			Buckets: []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"route", "method"}),
		bytes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "catalogue_http_response_bytes_total", Help: "Bytes of the bodies of answers, as they were sent.",
		}, []string{"route", "method"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "catalogue_http_requests_in_flight", Help: "Requests that are being answered.",
		}),
		problems: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "catalogue_http_problems_total", Help: "Requests that were answered with a problem, by its type as docs/errors.md names it.",
		}, []string{"type"}),
		known: make(map[[2]string]*route, len(routes)),
		other: map[string]*route{},
	}
	for _, problem := range problems {
		r.problems.WithLabelValues(problem)
	}
	for _, of := range routes {
		r.known[of] = &route{of: r, method: of[0], path: of[1]}
	}
	for _, method := range methods {
		r.other[method] = &route{of: r, method: method, path: other}
	}
	return r
}

// Metrics are what is measured of requests.
func (r *Requests) Metrics() []prometheus.Collector {
	return []prometheus.Collector{r.answered, r.duration, r.bytes, r.inFlight, r.problems}
}

// Problem counts a request that was answered with a problem of a type.
func (r *Requests) Problem(problem string) { r.problems.WithLabelValues(problem).Inc() }

// Begin measures a request to a path as the router has it, "" for none, until End.
func (r *Requests) Begin(method, path string) Request {
	to := r.known[[2]string{method, path}]
	if to == nil {
		if to = r.other[method]; to == nil {
			to = r.other[other]
		}
	}
	r.inFlight.Inc()
	return Request{to}
}

// Request is a request that is measured.
type Request struct{ to *route }

// Done counts the answer: its status, how long it took, and how many bytes its body had.
func (r Request) Done(status int, took time.Duration, bytes int64) {
	m := r.to.measures(status)
	m.statuses[status].Inc()
	m.duration.Observe(took.Seconds())
	m.bytes.Add(float64(bytes))
}

// End says that the request is over, answered or not.
func (r Request) End() { r.to.of.inFlight.Dec() }

// route is a method and a path. What is measured of it is there once somebody asks for it.
type route struct {
	of           *Requests
	method, path string

	mu    sync.Mutex
	ready atomic.Pointer[measures]
}

// measures are those of one route. They never change, but for what they count.
type measures struct {
	duration prometheus.Observer
	bytes    prometheus.Counter
	statuses map[int]prometheus.Counter
}

// measures are those of the route, with a counter for the status.
func (r *route) measures(status int) *measures {
	if m := r.ready.Load(); m != nil && m.statuses[status] != nil {
		return m
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	m := &measures{r.of.duration.WithLabelValues(r.path, r.method), r.of.bytes.WithLabelValues(r.path, r.method), map[int]prometheus.Counter{}}
	if old := r.ready.Load(); old != nil {
		maps.Copy(m.statuses, old.statuses)
	}
	m.statuses[status] = r.of.answered.WithLabelValues(r.path, r.method, strconv.Itoa(status))
	r.ready.Store(m)
	return m
}
