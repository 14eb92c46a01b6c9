package worker

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"taskport/store"
)

// traced begins the span of a chunk, in the trace of the request that made its import.
func (w *Worker) traced(ctx context.Context, c *store.Claim) (context.Context, trace.Span) {
	ctx = propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{"traceparent": c.Import.Origin.TraceParent})
	return w.tracer.Start(ctx, "chunk", trace.WithSpanKind(trace.SpanKindConsumer), trace.WithAttributes(
		attribute.String("taskport.import", c.ImportID.String()), attribute.Int("taskport.chunk", c.Number), attribute.Int("taskport.rows", c.Rows()), attribute.Int("taskport.attempt", c.Attempt)))
}
