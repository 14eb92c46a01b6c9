package console

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"taskport/store"
)

const (
	// reportTime is the longest time for the queries to Redis.
	reportTime = 2 * time.Second
	mostParked = 200
)

// queuesPage shows the waiting, active and parked chunks.
type queuesPage struct {
	Backlog store.WorkspaceBacklog
	Report  QueueReport
	Away    bool // Redis does not answer
	Parked  []store.ParkedChunk
	Token   string
	Writes  bool // the key may retry some of Parked
	key     store.Key
}

// Retries reports whether the key may retry the import of a parked chunk.
func (p queuesPage) Retries(c store.ParkedChunk) bool { return p.key.MayChange(c.Kind) }

func (s *server) showQueues(r *request) (*answer, error) {
	p := queuesPage{Token: r.token, key: r.in.key}
	var err error
	if p.Backlog, err = s.Store.WorkspaceBacklog(r.Context(), r.in.key.WorkspaceID); err != nil {
		return nil, err
	}
	if p.Parked, err = s.Store.ParkedChunks(r.Context(), r.in.key.WorkspaceID, mostParked); err != nil {
		return nil, err
	}
	p.Writes = slices.ContainsFunc(p.Parked, p.Retries)
	if s.Report != nil {
		if p.Report, err = s.report(r.Context()); err != nil {
			s.Logger.WarnContext(r.Context(), "queue not read", slog.Any("error", err))
			p.Away = true
		}
	}
	return &answer{status: http.StatusOK, view: "queues.html", title: "Queues", data: p}, nil
}

// report reads the state of the queues within reportTime.
func (s *server) report(ctx context.Context) (QueueReport, error) {
	ctx, cancel := context.WithTimeout(ctx, reportTime)
	defer cancel()
	type result struct {
		report QueueReport
		err    error
	}
	got := make(chan result, 1)
	go func() {
		report, err := s.Report(ctx)
		got <- result{report, err}
	}()
	select {
	case t := <-got:
		return t.report, t.err
	case <-ctx.Done():
		return QueueReport{}, ctx.Err()
	}
}
