-- +goose NO TRANSACTION
-- +goose Up
-- The deliveries that are under way, of which a workspace may have only a few: few rows, however long the backlog is.
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS webhook_deliveries_running;
CREATE INDEX CONCURRENTLY webhook_deliveries_running ON webhook_deliveries (workspace_id, lease_until)
    WHERE state = 'pending' AND lease_until > '-infinity';
RESET lock_timeout;

-- +goose Down
DROP INDEX CONCURRENTLY webhook_deliveries_running;
