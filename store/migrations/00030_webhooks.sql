-- +goose Up
-- Where a workspace wants to be told of events.
CREATE TABLE webhooks (
    workspace_id    uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    id              uuid NOT NULL,
    url             text NOT NULL,
    events          text[] NOT NULL CHECK (events <@ ARRAY['import.completed', 'import.failed', 'task.created'] AND cardinality(events) > 0),
    -- What signs: it has to be known in plain. After a rotation the old one signs beside the new one for a while.
    secret          bytea NOT NULL,
    old_secret      bytea,
    old_until       timestamptz,
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, id)
);

-- What has happened, written in the transaction in which it happens, and only where somebody wants to know.
CREATE TABLE webhook_events (
    workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    id           uuid NOT NULL,
    type         text NOT NULL,
    data         jsonb NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX webhook_events_created ON webhook_events (created_at);

-- An event on its way to a webhook. Its row is the truth about it; the queue only says that it is due.
CREATE TABLE webhook_deliveries (
    workspace_id  uuid NOT NULL,
    webhook_id    uuid NOT NULL,
    event_id      uuid NOT NULL,
    state         text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'failed')),
    -- Counted at the claim, so that a delivery that kills its worker ends too.
    attempts      int NOT NULL DEFAULT 0,
    -- The attempt at which counting began: a replay begins to count anew.
    attempts_from int NOT NULL DEFAULT 0,
    due_at        timestamptz NOT NULL,
    lease_until   timestamptz NOT NULL DEFAULT '-infinity',
    enqueues      int NOT NULL DEFAULT 0,
    enqueue_after timestamptz NOT NULL DEFAULT '-infinity',
    PRIMARY KEY (workspace_id, webhook_id, event_id),
    FOREIGN KEY (workspace_id, webhook_id) REFERENCES webhooks (workspace_id, id) ON DELETE CASCADE,
    FOREIGN KEY (workspace_id, event_id) REFERENCES webhook_events (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX webhook_deliveries_pending ON webhook_deliveries (workspace_id, webhook_id, due_at) WHERE state = 'pending';
CREATE INDEX webhook_deliveries_event ON webhook_deliveries (workspace_id, event_id);

-- What became of each try.
CREATE TABLE webhook_attempts (
    workspace_id uuid NOT NULL,
    webhook_id   uuid NOT NULL,
    event_id     uuid NOT NULL,
    number       int NOT NULL,
    at           timestamptz NOT NULL,
    took_ms      int NOT NULL,
    status       int,
    error        text,
    PRIMARY KEY (workspace_id, webhook_id, event_id, number),
    FOREIGN KEY (workspace_id, webhook_id, event_id) REFERENCES webhook_deliveries (workspace_id, webhook_id, event_id) ON DELETE CASCADE
);

-- The request that made an import, for the log and the traces of whoever works on it.
ALTER TABLE imports ADD COLUMN request_id text, ADD COLUMN trace_parent text;

-- +goose Down
ALTER TABLE imports DROP COLUMN trace_parent, DROP COLUMN request_id;
DROP TABLE webhook_attempts, webhook_deliveries, webhook_events, webhooks;
