-- +goose Up
-- A file that has been taken in and is looked at before anything becomes of it: an import that no worker takes up until somebody begins it.
ALTER TABLE imports
    DROP CONSTRAINT imports_status_check,
    ADD CONSTRAINT imports_status_check CHECK (status IN ('staged', 'queued', 'processing', 'completed', 'failed', 'cancelled', 'undone')),
    DROP CONSTRAINT imports_check,
    ADD CONSTRAINT imports_check CHECK ((finished_at IS NULL) = (status IN ('staged', 'queued', 'processing')));

-- When a chunk's rows were in: what an import has done by the minute.
ALTER TABLE chunks ADD COLUMN done_at timestamptz;

-- +goose Down
ALTER TABLE chunks DROP COLUMN done_at;
DELETE FROM imports WHERE status = 'staged';
ALTER TABLE imports
    DROP CONSTRAINT imports_check,
    ADD CONSTRAINT imports_check CHECK ((finished_at IS NULL) = (status IN ('queued', 'processing'))),
    DROP CONSTRAINT imports_status_check,
    ADD CONSTRAINT imports_status_check CHECK (status IN ('queued', 'processing', 'completed', 'failed', 'cancelled', 'undone'));
