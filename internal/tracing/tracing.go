// Package tracing tells an OpenTelemetry collector where time goes: it makes spans, and sends them by OTLP over HTTP.
// Which work has a span is decided where the work is done.
//
// A context says whether there is somebody to tell: where With did not put a provider into it, Begin makes nothing and
// costs a look into the context.
package tracing

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
)

// scope is what OpenTelemetry calls the part of a program that makes spans.
const scope = "github.com/comuneprato/service-catalogue"

// Asked reports whether the environment asks for traces, as the OpenTelemetry specification says: by the address of a
// collector, and without a word against it.
func Asked() bool {
	endpoint := os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") + os.Getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
	return endpoint != "" && !strings.EqualFold(os.Getenv("OTEL_SDK_DISABLED"), "true") && os.Getenv("OTEL_TRACES_EXPORTER") != "none"
}

// Provider sends the spans that are made of it.
type Provider struct{ sdk *sdktrace.TracerProvider }

// New makes a provider as the variables OTEL_… of the environment describe it. Spans are sent in the background; those
// that a collector does not take are dropped, and the log told. The error is about the settings alone: that the
// collector answers is not asked.
func New(ctx context.Context, version string, log *slog.Logger) (*Provider, error) {
	if protocol := os.Getenv("OTEL_EXPORTER_OTLP_PROTOCOL"); protocol != "" && protocol != "http/protobuf" {
		return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_PROTOCOL is %q: traces are sent by http/protobuf only, usually to port 4318", protocol)
	}
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("preparing the export of traces: look at the variables OTEL_EXPORTER_OTLP_…: %w", err)
	}
	about, err := resource.New(ctx, resource.WithTelemetrySDK(),
		resource.WithAttributes(semconv.ServiceName("catalogue"), semconv.ServiceVersion(version)), resource.WithFromEnv())
	if err != nil {
		return nil, errors.Join(fmt.Errorf("reading OTEL_RESOURCE_ATTRIBUTES: %w", err), exporter.Shutdown(ctx))
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
		log.WarnContext(ctx, "traces could not be sent and are lost, the service goes on: look at the collector", "err", err)
	}))
	return &Provider{sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(about))}, nil
}

// Shutdown sends what is left, until ctx is done. What a collector does not take then is told to nobody but the log.
func (p *Provider) Shutdown(ctx context.Context) {
	if err := p.sdk.Shutdown(ctx); err != nil {
		otel.Handle(err)
	}
}

type providerKey struct{}

// With lets spans be made of a provider in all that is done with the context.
func With(ctx context.Context, p *Provider) context.Context {
	return context.WithValue(ctx, providerKey{}, p.sdk.Tracer(scope))
}

// tracerOf is nil where nobody wants traces.
func tracerOf(ctx context.Context) trace.Tracer {
	tracer, _ := ctx.Value(providerKey{}).(trace.Tracer)
	return tracer
}

// Begin begins a span within the one that the context is in. What is done with the returned context is within it; end
// ends it, with the error that the work ended with.
func Begin(ctx context.Context, name string, attributes ...attribute.KeyValue) (_ context.Context, end func(error)) {
	tracer := tracerOf(ctx)
	if tracer == nil {
		return ctx, ignore
	}
	ctx, span := tracer.Start(ctx, name, trace.WithAttributes(attributes...))
	return ctx, func(err error) {
		if err != nil {
			span.SetStatus(codes.Error, err.Error())
		}
		span.End()
	}
}

func ignore(error) {}

// Request is the span of a request; the zero value is none.
type Request struct{ span trace.Span }

// BeginRequest begins the span of a request to a route, within that of the caller if the request tells of one (W3C Trace
// Context, header traceparent). It returns the request with it, or the same request where nobody wants traces.
func BeginRequest(r *http.Request, route string) (*http.Request, Request) {
	tracer := tracerOf(r.Context())
	if tracer == nil {
		return r, Request{}
	}
	ctx := propagation.TraceContext{}.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
	// The path, but not the query: people type names there.
	ctx, span := tracer.Start(ctx, r.Method+" "+route, trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(
		semconv.HTTPRequestMethodKey.String(r.Method), semconv.HTTPRoute(route), semconv.URLPath(r.URL.Path)))
	return r.WithContext(ctx), Request{span}
}

// End ends the span with the status that the request was answered with.
func (r Request) End(status int) {
	if r.span == nil {
		return
	}
	r.span.SetAttributes(semconv.HTTPResponseStatusCode(status))
	if status >= http.StatusInternalServerError {
		r.span.SetStatus(codes.Error, "")
	}
	r.span.End()
}

// Logger makes a logger that adds to each line the trace that it belongs to.
func Logger(log *slog.Logger) *slog.Logger { return slog.New(handler{log.Handler()}) }

type handler struct{ slog.Handler }

func (h handler) Handle(ctx context.Context, r slog.Record) error {
	if in := trace.SpanContextFromContext(ctx); in.IsValid() {
		r = r.Clone()
		r.AddAttrs(slog.String("trace_id", in.TraceID().String()), slog.String("span_id", in.SpanID().String()))
	}
	return h.Handler.Handle(ctx, r)
}

func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return handler{h.Handler.WithAttrs(attrs)}
}

func (h handler) WithGroup(name string) slog.Handler { return handler{h.Handler.WithGroup(name)} }
