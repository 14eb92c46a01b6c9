package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// tracingStop is how long the last spans may take to be sent.
const tracingStop = 5 * time.Second

// newTracing returns a provider that sends spans over OTLP and HTTP to the endpoint of the usual
// OpenTelemetry variables, and a function that ends it. Without these variables it records nothing.
func newTracing(ctx context.Context, getenv func(string) string, logger *slog.Logger) (trace.TracerProvider,
	func() error, error) {
	nothing := func() error { return nil }
	if !tracingWanted(getenv) {
		return noop.NewTracerProvider(), nothing, nil
	}
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, nothing, fmt.Errorf("prepare traces: %w", err)
	}
	about, err := resource.New(ctx, resource.WithFromEnv(), resource.WithTelemetrySDK(), resource.WithHost())
	if err != nil && !errors.Is(err, resource.ErrPartialResource) {
		return nil, nothing, fmt.Errorf("prepare traces: %w", err)
	}
	if getenv("OTEL_SERVICE_NAME") == "" && !strings.Contains(getenv("OTEL_RESOURCE_ATTRIBUTES"), "service.name=") {
		if about, err = resource.Merge(about, resource.NewSchemaless(attribute.String("service.name",
			"taskport"))); err != nil {
			return nil, nothing, fmt.Errorf("prepare traces: %w", err)
		}
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { logger.Debug("traces", slog.Any("error", err)) }))
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(about))
	return provider, func() error {
		ctx, cancel := context.WithTimeout(context.Background(), tracingStop)
		defer cancel()
		return provider.Shutdown(ctx)
	}, nil
}

func tracingWanted(getenv func(string) string) bool {
	if strings.EqualFold(getenv("OTEL_SDK_DISABLED"), "true") {
		return false
	}
	switch getenv("OTEL_TRACES_EXPORTER") {
	case "none":
		return false
	case "otlp":
		return true
	}
	return getenv("OTEL_EXPORTER_OTLP_ENDPOINT") != "" || getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") != ""
}
