package worker

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/hibiken/asynq"

	"taskport/store"
	"taskport/worker/queue"
)

const (
	senders       = 32 // deliveries at a time
	deliveryLease = time.Minute
	// deliveryPoll is how long an idle sender sleeps: a delivery is less urgent than a chunk.
	deliveryPoll = 500 * time.Millisecond
)

const (
	// perWebhook is how many deliveries to a webhook run at a time.
	perWebhook = 4
	// DefaultWebhookWindow is how many deliveries of a workspace run at a time.
	DefaultWebhookWindow = 8
	// redeliverAfter is how long a delivery that was handed to the queue may wait for a claim.
	redeliverAfter = time.Minute
)

// deliveryBounds returns how many senders a webhook and a workspace may have.
func (w *Worker) deliveryBounds() store.DeliveryBounds {
	return store.DeliveryBounds{Webhook: perWebhook, Workspace: w.WebhookWindow}
}

// deliveryDelays are the pauses after each failed try: a day in all. After the last one the
// delivery has failed, and only a replay sends it again.
var deliveryDelays = []time.Duration{5 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour,
	5 * time.Hour, 8 * time.Hour, 8*time.Hour + 24*time.Minute}

// newDeliveryServer takes deliveries off their queue.
func (w *Worker) newDeliveryServer() *asynq.Server {
	return asynq.NewServerFromRedisClient(w.Redis, asynq.Config{Concurrency: senders,
		Queues:            map[string]int{queue.Deliveries(w.Queue): 1},
		TaskCheckInterval: deliveryPoll, ShutdownTimeout: w.Grace, Logger: asynqLogger{w.Logger}, LogLevel: asynq.WarnLevel})
}

// dispatchUntil hands over the deliveries that are due until ctx ends.
func (w *Worker) dispatchUntil(ctx context.Context) {
	for {
		if _, err := w.DispatchOnce(ctx); err != nil && ctx.Err() == nil {
			w.Logger.WarnContext(ctx, "deliveries not queued; will retry", slog.Any("error", err))
		}
		if !wait(ctx, w.Sweep) {
			return
		}
	}
}

// DispatchOnce hands the deliveries that are due to the queue, and returns their number.
func (w *Worker) DispatchOnce(ctx context.Context) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, w.queryTimeout)
	defer cancel()
	if err := w.queue.Ping(ctx); err != nil {
		return 0, err
	}
	due, err := w.Store.DueDeliveries(ctx, w.deliveryBounds(), redeliverAfter)
	if err != nil {
		return 0, err
	}
	return len(due), w.queue.EnqueueDeliveries(ctx, due)
}

// handleDelivery is called by asynq. It never asks asynq for a retry: the store holds the time of
// the next try.
func (w *Worker) handleDelivery(ctx context.Context, t *asynq.Task) error {
	ref, err := queue.ReadDelivery(t)
	if err != nil {
		w.Logger.ErrorContext(ctx, "unreadable job dropped", slog.Any("error", err))
		return nil
	}
	if err := w.Deliver(ctx, ref); err != nil && !errors.Is(err, context.Canceled) {
		w.Logger.ErrorContext(ctx, "result of the delivery not stored; will retry",
			slog.String("webhook", ref.WebhookID.String()), slog.String("event", ref.EventID.String()), slog.Any("error", err))
	}
	return nil
}

// deliveryRun is how long one job continues with a healthy receiver before others have a turn.
const deliveryRun = 10 * time.Second

// Deliver tries a delivery if it is due, and then the next ones that are due to the same receiver,
// as long as it accepts them and for at most deliveryRun.
func (w *Worker) Deliver(ctx context.Context, ref store.DeliveryRef) error {
	most := w.deliveryBounds()
	d, err := w.Store.ClaimDelivery(ctx, ref, deliveryLease, most)
	for began := time.Now(); err == nil && d != nil; d, err = w.Store.ClaimNextDelivery(ctx, ref.WorkspaceID,
		ref.WebhookID, deliveryLease, most) {
		taken, err := w.deliver(ctx, d)
		if err != nil || !taken || time.Since(began) > deliveryRun || w.isStopping() {
			return err
		}
	}
	return err
}

// isStopping reports whether the worker is being stopped, and must begin nothing new.
func (w *Worker) isStopping() bool {
	select {
	case <-w.stopping:
		return true
	default:
		return false
	}
}

// deliver tries a delivery once and stores the outcome. If that write is lost, the receiver gets
// the event twice, with the same id.
func (w *Worker) deliver(ctx context.Context, d *store.Delivery) (taken bool, err error) {
	attempt := w.try(ctx, d)
	state, delay := store.DeliveryDelivered, time.Duration(0)
	if attempt.Error != "" {
		state, delay = w.afterFailure(d)
	}
	w.Logger.InfoContext(ctx, "delivery tried", slog.String("webhook", d.WebhookID.String()), slog.String("event",
		d.EventID.String()), slog.String("type", string(d.Type)),
		slog.Int("try", d.Tries), slog.Int("status", attempt.Status), slog.String("error", attempt.Error),
		slog.String("state", string(state)), slog.Duration("took", attempt.Took))
	w.metrics.deliveries.WithLabelValues(string(d.Type), string(state)).Inc()
	final, cancel := context.WithTimeout(context.WithoutCancel(ctx), finalTimeout)
	defer cancel()
	return attempt.Error == "", ignoreFenced(w.Store.EndAttempt(final, d, attempt, state, delay))
}

// afterFailure returns the state after a failed try and the pause until the next one. The pause is
// spread, so that deliveries that failed together are not retried together.
func (w *Worker) afterFailure(d *store.Delivery) (store.DeliveryState, time.Duration) {
	if d.Tries > len(w.delays) {
		return store.DeliveryFailed, 0
	}
	delay := w.delays[d.Tries-1]
	return store.DeliveryPending, delay + time.Duration(rand.Int64N(int64(delay)/10+1)) // a spread needs no secrecy
}

// envelope is the body of a delivery.
type envelope struct {
	Type      store.EventType `json:"type"`
	Timestamp time.Time       `json:"timestamp"`
	Data      json.RawMessage `json:"data"`
}

func (w *Worker) try(ctx context.Context, d *store.Delivery) store.Attempt {
	a := store.Attempt{At: w.Now()}
	began := time.Now()
	status, err := w.send(ctx, d, a.At)
	a.Took, a.Status = time.Since(began), status
	switch {
	case err != nil:
		a.Error = reason(err)
	case status >= http.StatusMultipleChoices && status < http.StatusBadRequest:
		a.Error = "the receiver redirects, which is not followed; register the final address"
	case status < http.StatusOK || status >= http.StatusBadRequest:
		a.Error = "the receiver did not answer with a 2xx status"
	}
	return a
}

func (w *Worker) send(ctx context.Context, d *store.Delivery, at time.Time) (status int, err error) {
	body, err := json.Marshal(envelope{Type: d.Type, Timestamp: d.CreatedAt.UTC(), Data: d.Data})
	if err != nil {
		return 0, fmt.Errorf("encode event: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.Webhook.URL, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "taskport-webhooks/1")
	sign(req.Header, d.EventID.String(), at, body, append([][]byte{d.Webhook.Secret}, d.Webhook.OldSecrets...)...)
	resp, err := w.outward.Do(req)
	if err != nil {
		return 0, err
	}
	_ = resp.Body.Close() // unread: the status suffices, and a body may never end
	return resp.StatusCode, nil
}

// reason returns why a receiver could not be reached, without details of the network around this
// process.
func reason(err error) string {
	var u *url.Error
	switch {
	case errors.Is(err, errInward):
		return "the address of the receiver is not a public one"
	case errors.As(err, &u) && u.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return "the receiver did not answer in time"
	}
	return "the receiver could not be reached"
}

// sign adds the headers of Standard Webhooks (standardwebhooks.com): the id of the event, the time
// of this try, and for each secret a signature over both and the body.
func sign(h http.Header, id string, at time.Time, body []byte, secrets ...[]byte) {
	seconds := strconv.FormatInt(at.Unix(), 10)
	var signatures []string
	for _, secret := range secrets {
		if len(secret) == 0 {
			continue
		}
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(id + "." + seconds + "."))
		mac.Write(body)
		signatures = append(signatures, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	h.Set("Webhook-Id", id)
	h.Set("Webhook-Timestamp", seconds)
	h.Set("Webhook-Signature", strings.Join(signatures, " "))
}
