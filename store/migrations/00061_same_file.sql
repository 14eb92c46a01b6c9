-- +goose Up
ALTER TABLE imports
    -- By what a file of tasks is known again, and whether it was taken knowingly although it had come before.
    ADD COLUMN file_digest bytea,
    ADD COLUMN allow_duplicate boolean NOT NULL DEFAULT false;

-- The rows that are rejected because they stand in the file before.
ALTER TABLE chunks ADD COLUMN repeats bigint[];

-- +goose Down
ALTER TABLE chunks DROP COLUMN repeats;
ALTER TABLE imports DROP COLUMN allow_duplicate, DROP COLUMN file_digest;
