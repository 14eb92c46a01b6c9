-- +goose Up
-- What a workspace has saved of how the columns and values of a file become those of rows, by a name.
CREATE TABLE mappings (
    workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    name         text NOT NULL CHECK (name <> ''),
    kind         text NOT NULL CHECK (kind IN ('tasks', 'contacts', 'companies', 'deals', 'events')),
    recipe       jsonb NOT NULL,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, name)
);

-- +goose Down
DROP TABLE mappings;
