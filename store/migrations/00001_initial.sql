-- +goose Up
-- Every primary and unique key leads with the workspace: tenants stay apart, and the tables can be distributed by it.

CREATE TABLE workspaces (
    id                uuid PRIMARY KEY,
    name              text NOT NULL UNIQUE,
    -- Moves with every change of the directory, in the same transaction.
    directory_version bigint NOT NULL DEFAULT 0,
    created_at        timestamptz NOT NULL
);

CREATE TABLE api_keys (
    workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    id           uuid NOT NULL,
    name         text NOT NULL,
    -- SHA-256 of the key. The key itself has 238 random bits, so a slow hash would protect nothing.
    hash         bytea NOT NULL,
    hint         text NOT NULL,
    permissions  text[] NOT NULL,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz,
    revoked_at   timestamptz,
    PRIMARY KEY (workspace_id, id)
);
-- A request knows its key before it knows its workspace.
CREATE INDEX api_keys_hash ON api_keys (hash);

CREATE TABLE companies (
    workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    id           uuid NOT NULL,
    name         text NOT NULL,
    -- The name as equality sees it.
    match_key    text NOT NULL,
    domain       text,
    external_id  text,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX companies_match_key ON companies (workspace_id, match_key);
CREATE INDEX companies_bare_name ON companies (workspace_id, lower(name)) WHERE external_id IS NULL;
CREATE UNIQUE INDEX companies_external_id ON companies (workspace_id, external_id) WHERE external_id IS NOT NULL;

CREATE TABLE contacts (
    workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    id           uuid NOT NULL,
    full_name    text NOT NULL,
    first_name   text NOT NULL,
    last_name    text NOT NULL,
    email        text,
    company_id   uuid,
    external_id  text,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX contacts_email ON contacts (workspace_id, email) WHERE email IS NOT NULL;
CREATE UNIQUE INDEX contacts_external_id ON contacts (workspace_id, external_id) WHERE external_id IS NOT NULL;

CREATE TABLE deals (
    workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    id           uuid NOT NULL,
    title        text NOT NULL,
    external_id  text,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX deals_external_id ON deals (workspace_id, external_id) WHERE external_id IS NOT NULL;

CREATE TABLE events (
    workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    id           uuid NOT NULL,
    title        text NOT NULL,
    external_id  text,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX events_external_id ON events (workspace_id, external_id) WHERE external_id IS NOT NULL;

-- A choice that an operator has kept: this name means that record.
CREATE TABLE aliases (
    workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    kind         text NOT NULL CHECK (kind IN ('contacts', 'companies')),
    match_key    text NOT NULL,
    record_id    uuid NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, kind, match_key)
);

CREATE TABLE imports (
    workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    id           uuid NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('tasks', 'contacts', 'companies', 'deals', 'events')),
    status       text NOT NULL CHECK (status IN ('queued', 'processing', 'completed', 'failed', 'cancelled', 'undone')),
    file_name    text NOT NULL,
    layout       jsonb NOT NULL,
    options      jsonb NOT NULL,
    total_count  bigint NOT NULL,
    error        text,
    created_at   timestamptz NOT NULL,
    started_at   timestamptz,
    finished_at  timestamptz,
    PRIMARY KEY (workspace_id, id),
    CHECK ((finished_at IS NULL) = (status IN ('queued', 'processing')))
);
CREATE INDEX imports_unfinished ON imports (workspace_id, id) WHERE status IN ('queued', 'processing');

-- A chunk is the unit of work. Its row is the truth about it; the queue only says that it is there.
CREATE TABLE chunks (
    workspace_id  uuid NOT NULL,
    import_id     uuid NOT NULL,
    number        int NOT NULL,
    state         text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'done', 'parked')),
    first_row     bigint NOT NULL,
    first_line    bigint NOT NULL,
    row_count     int NOT NULL,
    -- Compressed bytes of the rows; empty once they are processed.
    data          bytea NOT NULL,
    -- The fence: only the claim that carries this number may finish the chunk.
    attempt       int NOT NULL DEFAULT 0,
    lease_until   timestamptz NOT NULL DEFAULT '-infinity',
    -- How often it was handed to the queue, and when it is handed over again if nobody claims it.
    enqueues      int NOT NULL DEFAULT 0,
    enqueue_after timestamptz NOT NULL DEFAULT '-infinity',
    last_error    text,
    created_count int NOT NULL DEFAULT 0,
    updated_count int NOT NULL DEFAULT 0,
    skipped_count int NOT NULL DEFAULT 0,
    rejected_count int NOT NULL DEFAULT 0,
    rejected_by_reason jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (workspace_id, import_id, number),
    FOREIGN KEY (workspace_id, import_id) REFERENCES imports (workspace_id, id) ON DELETE CASCADE,
    CHECK (state <> 'done' OR created_count + updated_count + skipped_count + rejected_count = row_count)
);
ALTER TABLE chunks ALTER COLUMN data SET STORAGE EXTERNAL;
CREATE INDEX chunks_pending ON chunks (workspace_id, import_id, number) WHERE state = 'pending';

-- A task made by an import has an id derived from the import and its row, so that the primary key alone forbids a second one.
CREATE TABLE tasks (
    workspace_id uuid NOT NULL,
    id           uuid NOT NULL,
    title        text NOT NULL,
    description  text,
    status       text NOT NULL CHECK (status IN ('open', 'in_progress', 'completed')),
    priority     text CHECK (priority IN ('low', 'medium', 'high')),
    task_type    text,
    due_at       timestamptz,
    due_is_day   boolean NOT NULL,
    assignee_id  text,
    contact_id   uuid,
    company_id   uuid,
    deal_id      uuid,
    event_id     uuid,
    created_date text NOT NULL,
    created_at   timestamptz NOT NULL,
    external_id  text,
    import_id    uuid,
    row_number   bigint,
    PRIMARY KEY (workspace_id, id),
    CHECK (num_nonnulls(contact_id, company_id, deal_id, event_id) > 0)
);
CREATE UNIQUE INDEX tasks_external_id ON tasks (workspace_id, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX tasks_import ON tasks (workspace_id, import_id, row_number) WHERE import_id IS NOT NULL;
CREATE INDEX tasks_contact ON tasks (workspace_id, contact_id) WHERE contact_id IS NOT NULL;

CREATE TABLE dead_letters (
    workspace_id uuid NOT NULL,
    import_id    uuid NOT NULL,
    row_number   bigint NOT NULL,
    line         bigint NOT NULL,
    reason       text NOT NULL CHECK (reason IN ('missing_title', 'orphan', 'invalid_value', 'unknown_reference', 'ambiguous_reference',
                     'unresolved_reference', 'company_mismatch', 'duplicate', 'malformed_row')),
    field        text,
    message      text NOT NULL,
    candidates   jsonb,
    details      jsonb,
    -- The cells as they stood in the file, whatever bytes they were.
    cells        bytea NOT NULL,
    PRIMARY KEY (workspace_id, import_id, row_number)
);

CREATE TABLE idempotency_keys (
    workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    key          text NOT NULL,
    -- What the request was: method, path, options and body.
    fingerprint  bytea,
    -- While the first request runs its owner renews the lease; a lapsed one belongs to a process that died.
    lease_until  timestamptz NOT NULL,
    owner        uuid NOT NULL,
    -- The task or import that the request made, set in the same transaction.
    resource     text,
    status       int,
    header       jsonb,
    body         bytea,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, key)
);
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);

-- +goose Down
DROP TABLE idempotency_keys, dead_letters, tasks, chunks, imports, aliases, events, deals, contacts, companies, api_keys, workspaces;
