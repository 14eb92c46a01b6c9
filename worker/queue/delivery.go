package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/hibiken/asynq"

	"taskport/store"
)

// DeliveryJob is the type of the job that names a delivery of an event to a webhook.
const DeliveryJob = "webhook:deliver"

// Deliveries returns the name of the queue for deliveries. It has its own workers, so that a slow
// receiver does not keep chunks waiting.
func Deliveries(name string) string { return name + ":webhooks" }

const deliveryTimeout = 2 * time.Minute

// EnqueueDeliveries queues deliveries until one fails; the sweeper queues the rest later.
func (q *Queue) EnqueueDeliveries(ctx context.Context, refs []store.DeliveryRef) error {
	for _, ref := range refs {
		id := fmt.Sprintf("delivery:%s:%s:%d", ref.WebhookID, ref.EventID, ref.Enqueue)
		if err := q.hand(ctx, Deliveries(q.name), DeliveryJob, id, ref, deliveryTimeout); err != nil {
			return fmt.Errorf("hand event %s for webhook %s to the queue: %w", ref.EventID, ref.WebhookID, err)
		}
	}
	return nil
}

// ReadDelivery parses a job of EnqueueDeliveries.
func ReadDelivery(t *asynq.Task) (store.DeliveryRef, error) {
	var ref store.DeliveryRef
	if err := json.Unmarshal(t.Payload(), &ref); err != nil {
		return ref, fmt.Errorf("read delivery job: %w", err)
	}
	return ref, nil
}
