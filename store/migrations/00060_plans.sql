-- +goose Up
ALTER TABLE imports
    -- What a dry run of tasks leaves behind: kept until it is carried out, or dropped after a while. NULL for what is no dry run.
    ADD COLUMN plan text CHECK (plan IN ('kept', 'committed', 'expired')),
    -- Chunks are worked on one after the other, in the order of the file.
    ADD COLUMN in_order boolean NOT NULL DEFAULT false;

ALTER TABLE chunks
    -- What was shown of each row of a dry run, packed, and the version of the directory that it holds for.
    ADD COLUMN fates bytea,
    ADD COLUMN fates_version bigint;
ALTER TABLE chunks ALTER COLUMN fates SET STORAGE EXTERNAL;

-- The external ids of a dry run's rows, the tasks that rows of a report would become, and whether the row was the first of the workspace to have it.
CREATE TABLE plan_ids (
    workspace_id uuid NOT NULL,
    import_id    uuid NOT NULL,
    external_id  text,
    task_id      uuid,
    is_new       boolean NOT NULL,
    FOREIGN KEY (workspace_id, import_id) REFERENCES imports (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX plan_ids_external_id ON plan_ids (workspace_id, import_id, external_id);
CREATE INDEX plan_ids_task ON plan_ids (workspace_id, import_id, task_id) WHERE task_id IS NOT NULL;

-- +goose Down
DROP TABLE plan_ids;
ALTER TABLE chunks DROP COLUMN fates_version, DROP COLUMN fates;
ALTER TABLE imports DROP COLUMN in_order, DROP COLUMN plan;
