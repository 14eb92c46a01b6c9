-- +goose Up
-- Who decided what, and when.
CREATE TABLE audit (
    workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    id           uuid NOT NULL,
    action       text NOT NULL CHECK (action IN ('mend', 'mend_all', 'keep_alias', 'remove_alias', 'create_contact', 'cancel', 'retry', 'undo', 'commit')),
    -- The API key, as it was called then.
    actor_id     uuid,
    actor_name   text NOT NULL,
    import_id    uuid,
    detail       jsonb NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX audit_import ON audit (workspace_id, import_id, id) WHERE import_id IS NOT NULL;

-- What operators have decided about rows that were rejected. It stands beside the dead letters, not in them: a row keeps it through every chunk that takes it
-- up again, and it still tells of the decision once the row is in.
CREATE TABLE mends (
    workspace_id uuid NOT NULL,
    import_id    uuid NOT NULL,
    row_number   bigint NOT NULL,
    -- The values of all decisions by field; of two for one field the later.
    fields       jsonb NOT NULL,
    -- The cells of the row are not used: they could not be told apart.
    anew         boolean NOT NULL,
    version      int NOT NULL,
    decision_id  uuid NOT NULL,
    -- The chunk that carries out the last decision.
    chunk        int NOT NULL,
    PRIMARY KEY (workspace_id, import_id, row_number)
);

ALTER TABLE chunks
    -- Only of a chunk that mends: it takes up no other dead letters of its range than the mend_count ones whose mends name it.
    -- Its data is what earlier versions of the program cannot unpack: they would take up the whole range, and without the new values.
    ADD COLUMN decision_id uuid,
    ADD COLUMN mend_count int;

ALTER TABLE dead_letters
    -- The value that failed and the same as equality sees it, and the company that the row names beside it: what is equal can be decided at once.
    ADD COLUMN subject text,
    ADD COLUMN subject_key text,
    ADD COLUMN company text;

ALTER TABLE aliases
    ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid(),
    -- The name as it was written.
    ADD COLUMN name text;
CREATE UNIQUE INDEX aliases_id ON aliases (workspace_id, id);

-- +goose Down
DROP INDEX aliases_id;
ALTER TABLE aliases DROP COLUMN name, DROP COLUMN id;
ALTER TABLE dead_letters DROP COLUMN company, DROP COLUMN subject_key, DROP COLUMN subject;
-- The rows of chunks that carry out decisions stay dead letters.
UPDATE chunks SET state = 'cancelled' WHERE decision_id IS NOT NULL AND state IN ('pending', 'parked');
ALTER TABLE chunks DROP COLUMN mend_count, DROP COLUMN decision_id;
DROP TABLE mends, audit;
