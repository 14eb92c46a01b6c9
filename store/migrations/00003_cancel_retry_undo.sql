-- +goose Up
ALTER TABLE imports
    -- Moves with every retry, so that an end that was decided on before it cannot be written after it.
    ADD COLUMN round int NOT NULL DEFAULT 0,
    ADD COLUMN undone_count bigint;

ALTER TABLE chunks
    -- The attempt at which counting began: the fence needs numbers that never come again, a retry begins to count anew.
    ADD COLUMN attempts_from int NOT NULL DEFAULT 0,
    -- Only of a chunk that mends: it has no rows of its own but takes up the open dead letters of rows first_row to last_row again.
    -- Its counts are the changes that it makes, so that sums over chunks stay right.
    ADD COLUMN last_row bigint,
    ADD CHECK (last_row IS NULL OR row_count = 0),
    DROP CONSTRAINT chunks_state_check,
    ADD CONSTRAINT chunks_state_check CHECK (state IN ('pending', 'done', 'parked', 'cancelled'));

-- When somebody else than its own import changed a task; one without can be taken back with its import.
ALTER TABLE tasks ADD COLUMN changed_at timestamptz;

-- +goose Down
ALTER TABLE tasks DROP COLUMN changed_at;
UPDATE chunks SET state = 'parked' WHERE state = 'cancelled';
ALTER TABLE chunks
    DROP CONSTRAINT chunks_state_check,
    ADD CONSTRAINT chunks_state_check CHECK (state IN ('pending', 'done', 'parked')),
    DROP COLUMN last_row,
    DROP COLUMN attempts_from;
ALTER TABLE imports DROP COLUMN undone_count, DROP COLUMN round;
