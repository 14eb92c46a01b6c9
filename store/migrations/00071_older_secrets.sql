-- +goose Up
-- The secrets before old_secret that sign still, where a webhook was rotated several times, and until when.
ALTER TABLE webhooks
    ADD COLUMN older_secrets bytea[] NOT NULL DEFAULT '{}',
    ADD COLUMN older_untils timestamptz[] NOT NULL DEFAULT '{}';

-- +goose Down
ALTER TABLE webhooks DROP COLUMN older_untils, DROP COLUMN older_secrets;
