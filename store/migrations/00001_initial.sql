-- +goose Up
-- Every primary and unique key begins with the workspace. This keeps tenants apart, and lets the
-- tables be distributed by workspace.

CREATE TABLE workspaces (
    id                uuid PRIMARY KEY,
    name              text NOT NULL UNIQUE,
    -- How the workspace resolves names; {} for the defaults.
    settings          jsonb NOT NULL DEFAULT '{}',
    -- Changes with every change of the directory, in the same transaction: see change_directory.
    directory_version bigint NOT NULL DEFAULT 0,
    created_at        timestamptz NOT NULL
);

-- The last versions of a directory, and whether records were removed in each. A process that holds
-- one of these versions reads only the later changes; one that holds another version reads the
-- whole directory.
CREATE TABLE directory_changes (
    workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    version      bigint NOT NULL,
    removed      boolean NOT NULL,
    PRIMARY KEY (workspace_id, version)
);

-- Makes the transaction the only one that changes a workspace's directory. Returns the directory's
-- new version; NULL for an unknown workspace. The upper half of a version counts, the lower half is
-- random, so that no version occurs twice. A restored database, or a lagging standby that was
-- promoted, goes back to an earlier version, and from there to versions other than the lost ones.
-- +goose StatementBegin
CREATE FUNCTION change_directory(workspace uuid, removes boolean) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    lot   bigint := floor(random() * 4294967296);
    moved bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('directory ' || workspace, 0));
    UPDATE workspaces SET directory_version = ((directory_version >> 32) + 1) << 32 | lot WHERE id = workspace
        RETURNING directory_version INTO moved;
    IF moved IS NOT NULL THEN
        INSERT INTO directory_changes (workspace_id, version, removed) VALUES (workspace, moved, removes);
        DELETE FROM directory_changes WHERE workspace_id = workspace AND version < ((moved >> 32) - 1000) << 32;
    END IF;
    RETURN moved;
END $$;
-- +goose StatementEnd

-- A record that is removed by SQL changes the version too, so that no later task is linked to it.
-- +goose StatementBegin
CREATE FUNCTION directory_record_removed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        PERFORM change_directory(id, true) FROM (SELECT id FROM workspaces ORDER BY id) w;
    ELSE
        PERFORM change_directory(workspace_id, true)
            FROM (SELECT DISTINCT workspace_id FROM removed ORDER BY workspace_id) r;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd

-- The words by which a record of the directory is found: of its name, address and external id, in
-- small letters without accents. Each begins with digits of its workspace, so that a search reads
-- the entries of one workspace alone. Every locale yields the same words: C has small letters of
-- ASCII only.
-- +goose StatementBegin
CREATE FUNCTION directory_words(workspace uuid, a text, b text, c text) RETURNS tsvector
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    tag   text := right(workspace::text, 8);
    words text := concat_ws(' ', left(a, 160), left(b, 160), left(c, 160)); -- a word may have 2 kB
BEGIN
    IF octet_length(words) > length(words) THEN
        words := normalize(regexp_replace(normalize(words, NFD), '[\u0300-\u036f]+', '', 'g'), NFC);
    END IF;
    words := lower(translate(words,
        'АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЄІҐΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩςØøŁłĐđÞÆŒ'
            || ',;:.@<>()[]{}"''/\_-+|#&*' || E'\t\n\r\u00a0',
        'абвгдежзиклмнопрстуфхцчшщъыьэюяєіґαβγδεζηθικλμνξοπρστυφχψωσoollddþæœ' || repeat(' ', 28)));
    RETURN array_to_tsvector(array_remove(array_remove(
        string_to_array(replace(' ' || words, ' ', ' ' || tag), ' '), tag), ''));
END $$;
-- +goose StatementEnd

-- The query for the records that have, for each word of a text, a word that begins with it. NULL
-- for a text without a word.
-- +goose StatementBegin
CREATE FUNCTION directory_query(workspace uuid, words text) RETURNS tsquery LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT string_agg('''' || word || ''':*', ' & ')::tsquery
    FROM unnest(tsvector_to_array(directory_words(workspace, words, NULL, NULL))) word
$$;
-- +goose StatementEnd

CREATE TABLE api_keys (
    workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    id           uuid NOT NULL,
    name         text NOT NULL,
    -- SHA-256 of the key. The key has 238 random bits, so a slow hash would protect nothing.
    hash         bytea NOT NULL,
    hint         text NOT NULL,
    permissions  text[] NOT NULL,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz,
    revoked_at   timestamptz,
    PRIMARY KEY (workspace_id, id)
);
-- The key of a request is looked up before its workspace is known.
CREATE INDEX api_keys_hash ON api_keys (hash);

-- The directory. version is the version of the directory that last changed the record: a process
-- that holds an earlier one reads only the changed records. import_id and row_number name the row
-- that created the record; NULL for a record that was not a row of an import. An inactive record is
-- shown, and nothing is linked to it. Of a deleted one only the name is left, for the tasks that
-- refer to it.
CREATE TABLE companies (
    workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    id           uuid NOT NULL,
    name         text NOT NULL,
    -- The normalized name, by which names are compared.
    match_key    text NOT NULL,
    domain       text,
    external_id  text,
    version      bigint NOT NULL DEFAULT 0,
    import_id    uuid,
    row_number   bigint,
    created_at   timestamptz NOT NULL,
    active       boolean NOT NULL DEFAULT true,
    deleted_at   timestamptz,
    PRIMARY KEY (workspace_id, id),
    CHECK (NOT active OR deleted_at IS NULL)
);
CREATE INDEX companies_match_key ON companies (workspace_id, match_key);
CREATE INDEX companies_bare_name ON companies (workspace_id, lower(name)) WHERE external_id IS NULL;
CREATE UNIQUE INDEX companies_external_id ON companies (workspace_id, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX companies_domain ON companies (workspace_id, domain) WHERE domain IS NOT NULL;
CREATE INDEX companies_version ON companies (workspace_id, version);
CREATE INDEX companies_words ON companies USING gin (directory_words(workspace_id, name, domain, external_id))
    WHERE deleted_at IS NULL;
CREATE INDEX companies_import ON companies (workspace_id, import_id, row_number) WHERE import_id IS NOT NULL;

CREATE TABLE contacts (
    workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    id           uuid NOT NULL,
    full_name    text NOT NULL,
    first_name   text NOT NULL,
    last_name    text NOT NULL,
    email        text,
    company_id   uuid,
    -- The company that the contact names and nobody has yet; see directory_waiting.go.
    company_ref  text,
    external_id  text,
    version      bigint NOT NULL DEFAULT 0,
    import_id    uuid,
    row_number   bigint,
    created_at   timestamptz NOT NULL,
    active       boolean NOT NULL DEFAULT true,
    deleted_at   timestamptz,
    PRIMARY KEY (workspace_id, id),
    CHECK (NOT active OR deleted_at IS NULL)
);
CREATE INDEX contacts_email ON contacts (workspace_id, email) WHERE email IS NOT NULL;
CREATE UNIQUE INDEX contacts_external_id ON contacts (workspace_id, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX contacts_company ON contacts (workspace_id, company_id) WHERE company_id IS NOT NULL;
CREATE INDEX contacts_company_ref ON contacts (workspace_id, company_ref) WHERE company_ref IS NOT NULL;
CREATE INDEX contacts_version ON contacts (workspace_id, version);
CREATE INDEX contacts_words ON contacts USING gin (directory_words(workspace_id, full_name, email, external_id))
    WHERE deleted_at IS NULL;
CREATE INDEX contacts_import ON contacts (workspace_id, import_id, row_number) WHERE import_id IS NOT NULL;

CREATE TABLE deals (
    workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    id           uuid NOT NULL,
    title        text NOT NULL,
    -- The normalized title, by which titles are compared. Its neighbours are hints for another one.
    match_key    text COLLATE "C" NOT NULL,
    external_id  text,
    version      bigint NOT NULL DEFAULT 0,
    -- By these it is chosen among equal titles; the refs are those that nobody has yet.
    company_id   uuid,
    contact_id   uuid,
    company_ref  text,
    contact_ref  text,
    import_id    uuid,
    row_number   bigint,
    created_at   timestamptz NOT NULL,
    active       boolean NOT NULL DEFAULT true,
    deleted_at   timestamptz,
    PRIMARY KEY (workspace_id, id),
    CHECK (NOT active OR deleted_at IS NULL)
);
CREATE UNIQUE INDEX deals_external_id ON deals (workspace_id, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX deals_words ON deals USING gin (directory_words(workspace_id, title, external_id, NULL))
    WHERE deleted_at IS NULL;
CREATE INDEX deals_match_key ON deals (workspace_id, match_key, id);
CREATE INDEX deals_company_ref ON deals (workspace_id, company_ref) WHERE company_ref IS NOT NULL;
CREATE INDEX deals_contact_ref ON deals (workspace_id, contact_ref) WHERE contact_ref IS NOT NULL;
CREATE INDEX deals_import ON deals (workspace_id, import_id, row_number) WHERE import_id IS NOT NULL;

CREATE TABLE events (
    workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    id           uuid NOT NULL,
    title        text NOT NULL,
    -- The normalized title, by which titles are compared. Its neighbours are hints for another one.
    match_key    text COLLATE "C" NOT NULL,
    external_id  text,
    version      bigint NOT NULL DEFAULT 0,
    -- By these it is chosen among equal titles; the refs are those that nobody has yet.
    company_id   uuid,
    contact_id   uuid,
    company_ref  text,
    contact_ref  text,
    import_id    uuid,
    row_number   bigint,
    created_at   timestamptz NOT NULL,
    active       boolean NOT NULL DEFAULT true,
    deleted_at   timestamptz,
    PRIMARY KEY (workspace_id, id),
    CHECK (NOT active OR deleted_at IS NULL)
);
CREATE UNIQUE INDEX events_external_id ON events (workspace_id, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX events_words ON events USING gin (directory_words(workspace_id, title, external_id, NULL))
    WHERE deleted_at IS NULL;
CREATE INDEX events_match_key ON events (workspace_id, match_key, id);
CREATE INDEX events_company_ref ON events (workspace_id, company_ref) WHERE company_ref IS NOT NULL;
CREATE INDEX events_contact_ref ON events (workspace_id, contact_ref) WHERE contact_ref IS NOT NULL;
CREATE INDEX events_import ON events (workspace_id, import_id, row_number) WHERE import_id IS NOT NULL;

-- The users to whom tasks are assigned. assignee_id is what a task is assigned to: the user's id in
-- the target system, or else the external id or the address.
CREATE TABLE users (
    workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    id           uuid NOT NULL,
    name         text NOT NULL,
    email        text,
    -- NULL where external_id, or else email, takes its place.
    assignee_id  text,
    external_id  text,
    version      bigint NOT NULL DEFAULT 0,
    import_id    uuid,
    row_number   bigint,
    created_at   timestamptz NOT NULL,
    active       boolean NOT NULL DEFAULT true,
    deleted_at   timestamptz,
    PRIMARY KEY (workspace_id, id),
    CHECK (NOT active OR deleted_at IS NULL),
    CHECK (deleted_at IS NOT NULL OR num_nonnulls(assignee_id, external_id, email) > 0)
);
CREATE INDEX users_assignee_id ON users (workspace_id, assignee_id) WHERE assignee_id IS NOT NULL;
CREATE UNIQUE INDEX users_external_id ON users (workspace_id, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX users_email ON users (workspace_id, email) WHERE email IS NOT NULL;
CREATE INDEX users_words ON users USING gin (directory_words(workspace_id, name, email, external_id))
    WHERE deleted_at IS NULL;
CREATE INDEX users_version ON users (workspace_id, version);
CREATE INDEX users_import ON users (workspace_id, import_id, row_number) WHERE import_id IS NOT NULL;

CREATE TRIGGER companies_deleted AFTER DELETE ON companies REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION directory_record_removed();
CREATE TRIGGER companies_truncated AFTER TRUNCATE ON companies
    FOR EACH STATEMENT EXECUTE FUNCTION directory_record_removed();
CREATE TRIGGER contacts_deleted AFTER DELETE ON contacts REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION directory_record_removed();
CREATE TRIGGER contacts_truncated AFTER TRUNCATE ON contacts
    FOR EACH STATEMENT EXECUTE FUNCTION directory_record_removed();
CREATE TRIGGER deals_deleted AFTER DELETE ON deals REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION directory_record_removed();
CREATE TRIGGER deals_truncated AFTER TRUNCATE ON deals
    FOR EACH STATEMENT EXECUTE FUNCTION directory_record_removed();
CREATE TRIGGER events_deleted AFTER DELETE ON events REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION directory_record_removed();
CREATE TRIGGER events_truncated AFTER TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION directory_record_removed();
CREATE TRIGGER users_deleted AFTER DELETE ON users REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION directory_record_removed();
CREATE TRIGGER users_truncated AFTER TRUNCATE ON users
    FOR EACH STATEMENT EXECUTE FUNCTION directory_record_removed();

-- A name that an operator has tied to a record.
CREATE TABLE aliases (
    workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    id           uuid NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('contacts', 'companies', 'deals', 'events', 'users')),
    match_key    text NOT NULL,
    -- The name as the operator's file has it.
    name         text NOT NULL,
    -- For a user the nil id means that tasks of this name stay unassigned.
    record_id    uuid NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, kind, match_key)
);
CREATE UNIQUE INDEX aliases_id ON aliases (workspace_id, id);

-- The mappings that a workspace has saved, by name.
CREATE TABLE mappings (
    workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    name         text NOT NULL CHECK (name <> ''),
    kind         text NOT NULL CHECK (kind IN ('tasks', 'contacts', 'companies', 'deals', 'events', 'users')),
    mapping      jsonb NOT NULL,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    -- Of a mapping that is remembered for files with this header: a digest of it.
    header       text,
    PRIMARY KEY (workspace_id, name)
);
CREATE UNIQUE INDEX mappings_header ON mappings (workspace_id, kind, header) WHERE header IS NOT NULL;

CREATE TABLE imports (
    workspace_id    uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    id              uuid NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('tasks', 'contacts', 'companies', 'deals', 'events', 'users')),
    -- A staged file is stored, and not processed until an operator begins the import.
    status          text NOT NULL
                    CHECK (status IN ('staged', 'queued', 'processing', 'completed', 'failed', 'cancelled', 'undone')),
    file_name       text NOT NULL,
    layout          jsonb NOT NULL,
    -- The layout of a dry run before an operator chose its mapping, to choose another one.
    staged_layout   jsonb,
    options         jsonb NOT NULL,
    total_count     bigint NOT NULL,
    -- Chunks are processed one after the other, in the order of the file.
    in_order        boolean NOT NULL DEFAULT false,
    -- Increases with every retry, so that an end that was determined before the retry is not
    -- written after it.
    round           int NOT NULL DEFAULT 0,
    -- The plan of a dry run of tasks: kept, then committed or expired. NULL without a plan.
    plan            text CHECK (plan IN ('kept', 'committed', 'expired')),
    -- The request that created the import, for logs and traces.
    request_id      text,
    trace_parent    text,
    error           text,
    undone_count    bigint,
    -- An import of the directory may make inactive what its file lacks of the records that existed
    -- at mirror_from: how many became so, of how many; why not, where that was refused.
    mirror          text CHECK (mirror IN ('pending', 'done', 'refused')),
    mirror_from     timestamptz,
    mirror_error    text,
    inactive_count  bigint,
    active_count    bigint,
    -- An import of the directory may retry the rejected rows that its records resolve. Their
    -- retries are parts of the entry retry_id of the audit.
    retries         text CHECK (retries IN ('pending', 'done')),
    retry_id        uuid,
    -- It was a single, see singles, whose task has this external id.
    single          boolean NOT NULL DEFAULT false,
    external_id     text,
    -- The rows of a stream are worked on before all have arrived: until when it is open without
    -- further rows, and whether its body ended early.
    open_until      timestamptz,
    ended_early     boolean NOT NULL DEFAULT false,
    -- Some of its dead letters were dismissed at some time, so that they are worth counting.
    dismisses       boolean NOT NULL DEFAULT false,
    created_at      timestamptz NOT NULL,
    started_at      timestamptz,
    finished_at     timestamptz,
    -- When what the file held was removed.
    purged_at       timestamptz,
    PRIMARY KEY (workspace_id, id),
    CHECK ((finished_at IS NULL) = (status IN ('staged', 'queued', 'processing')))
);
CREATE INDEX imports_unfinished ON imports (workspace_id, id) WHERE status IN ('queued', 'processing');
CREATE INDEX imports_mirror ON imports (workspace_id, id) WHERE mirror = 'pending';
CREATE INDEX imports_retries ON imports (workspace_id, id) WHERE retries = 'pending';
CREATE INDEX imports_files ON imports (workspace_id, id) WHERE NOT single;
CREATE INDEX imports_singles ON imports (workspace_id, id) WHERE single;
CREATE INDEX imports_open ON imports (open_until) WHERE open_until IS NOT NULL;
CREATE INDEX imports_staged ON imports (created_at) WHERE status = 'staged';
CREATE INDEX imports_plans ON imports (created_at) WHERE plan = 'kept';
CREATE INDEX imports_ended ON imports (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX imports_unpurged ON imports (finished_at) WHERE purged_at IS NULL;

-- A chunk is the unit of work. This row holds its state; the queue only announces it.
CREATE TABLE chunks (
    workspace_id       uuid NOT NULL,
    import_id          uuid NOT NULL,
    number             int NOT NULL,
    state              text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'done', 'parked', 'cancelled')),
    first_row          bigint NOT NULL,
    first_line         bigint NOT NULL,
    row_count          int NOT NULL,
    -- The rows that are rejected because they repeat an earlier row of the file.
    repeats            bigint[],
    -- Compressed bytes of the rows; empty once they are processed.
    data               bytea NOT NULL,
    -- The checksums of the values of the rows, by which rows of a later file are recognized. 0 is
    -- like no other. NULL where rows are not compared.
    row_sums           bigint[],
    -- Set only for a correction chunk: it has no rows of its own, and retries the open dead letters
    -- of rows first_row to last_row. Its counts are differences, so that sums over chunks stay
    -- right.
    last_row           bigint,
    -- Set only for a correction chunk of a decision: it retries only the correction_count dead
    -- letters of its range whose corrections name the chunk.
    decision_id        uuid,
    correction_count   int,
    -- The fence: only the claim with this number may finish the chunk.
    attempt            int NOT NULL DEFAULT 0,
    -- The attempt from which attempts are counted: a retry starts the count again, but the numbers
    -- of the fence never repeat.
    attempts_from      int NOT NULL DEFAULT 0,
    lease_until        timestamptz NOT NULL DEFAULT '-infinity',
    -- How often it was handed to the queue, and when that is repeated without a claim.
    enqueues           int NOT NULL DEFAULT 0,
    enqueue_after      timestamptz NOT NULL DEFAULT '-infinity',
    -- It was handed to the front of the queue, as the first chunk of its workspace.
    at_front           boolean NOT NULL DEFAULT false,
    last_error         text,
    created_count      int NOT NULL DEFAULT 0,
    updated_count      int NOT NULL DEFAULT 0,
    skipped_count      int NOT NULL DEFAULT 0,
    rejected_count     int NOT NULL DEFAULT 0,
    rejected_by_reason jsonb NOT NULL DEFAULT '{}',
    -- The changed values of the rows that are stored: by field and way, the number and first rows.
    adjusted           jsonb NOT NULL DEFAULT '{}',
    -- The planned outcome of each row of a dry run, packed, and the version of the directory that
    -- they were planned with.
    planned_outcomes   bytea,
    planned_version    bigint,
    -- When the chunk was finished: the throughput of an import is computed from it.
    done_at            timestamptz,
    PRIMARY KEY (workspace_id, import_id, number),
    FOREIGN KEY (workspace_id, import_id) REFERENCES imports (workspace_id, id) ON DELETE CASCADE,
    CHECK (state <> 'done' OR created_count + updated_count + skipped_count + rejected_count = row_count),
    CHECK (last_row IS NULL OR row_count = 0)
);
ALTER TABLE chunks
    ALTER COLUMN data SET STORAGE EXTERNAL, ALTER COLUMN row_sums SET STORAGE EXTERNAL,
    ALTER COLUMN planned_outcomes SET STORAGE EXTERNAL;
CREATE INDEX chunks_pending ON chunks (workspace_id, import_id, number) WHERE state = 'pending';

-- Checksums of some rows of each file, by which files with the same rows find each other: those
-- that are divisible by a number, or all of a small file.
-- A trigger removes them with their import: a foreign key would look the import up for each of them.
CREATE TABLE row_samples (
    workspace_id uuid NOT NULL,
    sum          bigint NOT NULL,
    import_id    uuid NOT NULL,
    PRIMARY KEY (workspace_id, sum, import_id)
);
CREATE INDEX row_samples_import ON row_samples (workspace_id, import_id);
-- +goose StatementBegin
CREATE FUNCTION remove_row_samples() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM row_samples s USING removed r WHERE s.workspace_id = r.workspace_id AND s.import_id = r.id;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER imports_deleted AFTER DELETE ON imports REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION remove_row_samples();

-- The rows of an import that are skipped, with what they repeat.
CREATE TABLE skipped_rows (
    workspace_id uuid NOT NULL,
    import_id    uuid NOT NULL,
    row_number   bigint NOT NULL,
    line         bigint NOT NULL DEFAULT 0,
    -- The cells of the file; empty until the row is processed.
    cells        bytea NOT NULL DEFAULT '',
    -- An earlier import has taken the row in, and it is not processed.
    is_known     boolean NOT NULL DEFAULT false,
    -- The id that exists already; NULL without one.
    external_id  text,
    -- The task or record, and the row that it came from, as far as they are known.
    record_id    uuid,
    of_import    uuid,
    of_row       bigint,
    -- In what the row differs from it: title, reference.
    differs      text,
    PRIMARY KEY (workspace_id, import_id, row_number),
    FOREIGN KEY (workspace_id, import_id) REFERENCES imports (workspace_id, id) ON DELETE CASCADE
);

-- A single is a task that the API accepted, to create it later: an import of one row with a job of
-- its own. Singles are accepted, worked on and ended together. One that is rejected, parked or
-- cancelled, or that an operator acts on, becomes a row of imports with one chunk.
CREATE TABLE singles (
    workspace_id uuid NOT NULL,
    id           uuid NOT NULL,
    state        text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'created', 'updated', 'skipped')),
    -- How often it failed by itself, and when it is tried again.
    tries        int NOT NULL DEFAULT 0,
    -- The fields of the task as a line of JSON; empty once it is ended.
    line         bytea NOT NULL,
    options      text, -- NULL for the defaults
    key_id       uuid NOT NULL,
    request_id   text,
    trace_parent text,
    created_at   timestamptz NOT NULL,
    finished_at  timestamptz,
    retry_at     timestamptz,
    PRIMARY KEY (workspace_id, id),
    CHECK ((finished_at IS NULL) = (state = 'queued'))
);
CREATE INDEX singles_queued ON singles (workspace_id, id) WHERE state = 'queued';
CREATE INDEX singles_created ON singles USING brin (created_at);

-- The singles of a workspace are worked on by one worker at a time, which has claimed its lane.
CREATE TABLE lanes (
    workspace_id  uuid PRIMARY KEY REFERENCES workspaces (id) ON DELETE CASCADE,
    -- The fence: only the claim with this number may end singles.
    attempt       bigint NOT NULL DEFAULT 0,
    -- How often it was claimed since singles were last ended.
    tries         int NOT NULL DEFAULT 0,
    lease_until   timestamptz NOT NULL DEFAULT '-infinity',
    -- How many singles were ended: the rate of a backlog is computed from it.
    ended_count   bigint NOT NULL DEFAULT 0
);

-- The ended singles of a day by API key.
CREATE TABLE single_days (
    workspace_id   uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    day            date NOT NULL,
    key_id         uuid NOT NULL,
    done_count     bigint NOT NULL,
    rejected_count bigint NOT NULL,
    parked_count   bigint NOT NULL,
    PRIMARY KEY (workspace_id, day, key_id)
);

-- A file as it was sent, compressed, to be read with another encoding or sheet without another
-- upload: of staged files and kept dry runs, unless it is large.
CREATE TABLE staged_files (
    workspace_id uuid NOT NULL,
    import_id    uuid NOT NULL,
    data         bytea NOT NULL,
    PRIMARY KEY (workspace_id, import_id),
    FOREIGN KEY (workspace_id, import_id) REFERENCES imports (workspace_id, id) ON DELETE CASCADE
);

-- The external ids of a dry run's rows, and the ids of the tasks that rows of a report would
-- become. is_new: neither the workspace nor an earlier row has the id.
CREATE TABLE plan_ids (
    workspace_id uuid NOT NULL,
    import_id    uuid NOT NULL,
    external_id  text,
    task_id      uuid,
    is_new       boolean NOT NULL,
    row_number   bigint NOT NULL,
    title        text NOT NULL,
    contact_id   uuid,
    company_id   uuid,
    deal_id      uuid,
    event_id     uuid,
    FOREIGN KEY (workspace_id, import_id) REFERENCES imports (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX plan_ids_external_id ON plan_ids (workspace_id, import_id, external_id);
CREATE INDEX plan_ids_task ON plan_ids (workspace_id, import_id, task_id) WHERE task_id IS NOT NULL;

-- The records that rows of an import have named, until its mirror and its retries are carried out.
CREATE TABLE mirror_ids (
    workspace_id uuid NOT NULL,
    import_id    uuid NOT NULL,
    record_id    uuid NOT NULL,
    FOREIGN KEY (workspace_id, import_id) REFERENCES imports (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX mirror_ids_record ON mirror_ids (workspace_id, import_id, record_id);

-- The id of a task that an import creates is derived from the import and the row, so that the
-- primary key alone prevents a second one.
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
    -- It is compared for equality only, and compared byte by byte in a fraction of the time.
    external_id  text COLLATE "C",
    -- What the source had and no field takes: an object of text, with its members in the order of the
    -- columns until an update merges others. jsonb would change the order, and takes longer to build.
    custom_fields json,
    import_id    uuid,
    row_number   bigint,
    created_at   timestamptz NOT NULL,
    -- When the task was changed by anything but its own import; NULL if never. Undo removes only
    -- unchanged tasks.
    changed_at   timestamptz,
    -- When a row, of its own import or another, updated it.
    updated_at   timestamptz,
    PRIMARY KEY (workspace_id, id),
    CHECK (num_nonnulls(contact_id, company_id, deal_id, event_id) > 0)
);
CREATE UNIQUE INDEX tasks_external_id ON tasks (workspace_id, external_id) WHERE external_id IS NOT NULL;
-- Ids are those of one workspace: without it in the index, a tenth of the time of a COPY is saved.
CREATE INDEX tasks_import ON tasks (import_id, row_number) WHERE import_id IS NOT NULL;
CREATE INDEX tasks_contact ON tasks (contact_id) WHERE contact_id IS NOT NULL;
-- The tasks that an undo leaves.
CREATE INDEX tasks_changed ON tasks (workspace_id, import_id) WHERE changed_at IS NOT NULL;

CREATE TABLE dead_letters (
    workspace_id uuid NOT NULL,
    import_id    uuid NOT NULL,
    row_number   bigint NOT NULL,
    line         bigint NOT NULL,
    reason       text NOT NULL CHECK (reason IN ('missing_title', 'orphan', 'invalid_value', 'unknown_reference',
                     'ambiguous_reference', 'unresolved_reference', 'company_mismatch', 'duplicate',
                     'malformed_row')),
    field        text,
    -- What is wrong, and the remedy as a code with parameters, which each face words itself. What has
    -- a structure is json and not jsonb: nothing asks for a part of it, and to build one takes time.
    message      text NOT NULL,
    remedy       json,
    -- The value that failed, the same normalized, and the company that the row names beside it.
    -- Dead letters that agree in them can be corrected at once.
    subject      text,
    subject_key  text,
    company      text,
    candidates   json,
    details      json,
    -- The cells of the file, byte for byte.
    cells        bytea NOT NULL,
    -- When, by whom and why an operator closed it; NULL while it is open.
    dismissed_at  timestamptz,
    dismissed_by  text,
    dismissed_why text,
    -- What a search looks at, in small letters: the subject, the company, the message and the
    -- cells. NULL for a large row, whose columns are searched themselves.
    searched     text,
    PRIMARY KEY (workspace_id, import_id, row_number)
);
-- The rows that a decision about a value reaches. Hashed, because a value may be too long for an
-- index. The hash comes first, so that the planner, which has no statistics of new rows, does not
-- look up a row by this index instead of the key.
CREATE INDEX dead_letters_subject ON dead_letters (hashtextextended(subject_key, 0), workspace_id, import_id);
CREATE INDEX dead_letters_dismissed ON dead_letters (workspace_id, import_id) WHERE dismissed_at IS NOT NULL;

-- Makes the planner know the rows of a large import at its end: its dead letters, or the records that
-- it loaded. Only the owner of a table may analyze it, and the workers may be another role. Columns are
-- named, since to analyze the indexes of words takes longer than all the rest.
-- +goose StatementBegin
CREATE FUNCTION analyze_rows(of text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF of = 'dead_letters' THEN
        ANALYZE (SKIP_LOCKED) dead_letters (workspace_id, import_id, row_number, reason, field, subject_key, company,
            dismissed_at);
    ELSIF of IN ('contacts', 'companies', 'deals', 'events', 'users') THEN
        EXECUTE format('ANALYZE (SKIP_LOCKED) %I (workspace_id, id, external_id, version)', of);
    END IF;
END
$$;
-- +goose StatementEnd

-- The corrections of rejected rows. They are stored beside the dead letters, not in them: a row
-- keeps its correction through every retry, and the correction remains after the row was imported.
CREATE TABLE corrections (
    workspace_id uuid NOT NULL,
    import_id    uuid NOT NULL,
    row_number   bigint NOT NULL,
    -- The new values by field; the later decision overrides the earlier.
    fields       jsonb NOT NULL,
    -- The row consists of the new values alone: its cells could not be separated.
    replaced     boolean NOT NULL,
    version      int NOT NULL,
    decision_id  uuid NOT NULL,
    -- The chunk that carries out the last decision.
    chunk        int NOT NULL,
    PRIMARY KEY (workspace_id, import_id, row_number)
);

-- The dead letters of a decision as they were before it, and their corrections then, until the
-- decision is undone or what the file held is removed.
CREATE TABLE decided_rows (
    workspace_id  uuid NOT NULL,
    decision_id   uuid NOT NULL,
    import_id     uuid NOT NULL,
    row_number    bigint NOT NULL,
    line          bigint NOT NULL,
    reason        text NOT NULL,
    field         text,
    message       text NOT NULL,
    remedy        jsonb,
    subject       text,
    subject_key   text,
    company       text,
    candidates    jsonb,
    details       jsonb,
    cells         bytea NOT NULL,
    dismissed_at  timestamptz,
    dismissed_by  text,
    dismissed_why text,
    searched      text,
    -- NULL without a correction.
    fields        jsonb,
    replaced      boolean,
    version       int,
    corrected_by  uuid,
    chunk         int,
    PRIMARY KEY (workspace_id, decision_id, row_number)
);
CREATE INDEX decided_rows_import ON decided_rows (workspace_id, import_id);

-- The decisions of operators: by whom, what and when.
CREATE TABLE audit (
    workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    id           uuid NOT NULL,
    action       text NOT NULL CHECK (action IN ('correct', 'correct_all', 'keep_alias', 'remove_alias',
                     'create_contact', 'create_company', 'delete_record', 'cancel', 'retry', 'undo', 'commit',
                     'dismiss', 'restore', 'undo_decision', 'retry_rejects', 'purge', 'erase')),
    -- The API key, and its name at that time.
    actor_id     uuid,
    actor_name   text NOT NULL,
    import_id    uuid,
    -- The first entry of the decision that the entry is a part of; NULL for that entry itself.
    part_of      uuid,
    detail       jsonb NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX audit_created ON audit (created_at);
CREATE INDEX audit_import ON audit (workspace_id, import_id, id) WHERE import_id IS NOT NULL;
CREATE INDEX audit_part ON audit (workspace_id, part_of) WHERE part_of IS NOT NULL;

CREATE TABLE idempotency_keys (
    workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    key          text NOT NULL,
    -- A digest of the request: method, path, options and body.
    fingerprint  bytea,
    -- While the first request runs, its owner renews the lease. A lapsed lease belongs to a process
    -- that died.
    lease_until  timestamptz NOT NULL,
    owner        uuid NOT NULL,
    -- The task or import that the request created, set in the same transaction.
    resource     text,
    status       int,
    header       jsonb,
    body         bytea,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, key)
);
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);

-- The addresses to which a workspace's events are sent.
CREATE TABLE webhooks (
    workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    id           uuid NOT NULL,
    url          text NOT NULL,
    events       text[] NOT NULL CHECK (events <@ ARRAY['import.completed', 'import.failed', 'task.created']
                     AND cardinality(events) > 0),
    -- The signing secret, in plain because signing needs it. After a rotation the old secrets sign
    -- too, each until its old_untils.
    secret       bytea NOT NULL,
    old_secrets  bytea[] NOT NULL DEFAULT '{}',
    old_untils   timestamptz[] NOT NULL DEFAULT '{}',
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, id)
);

-- Events, written in the transaction in which they happen, and only if a webhook asks for them.
CREATE TABLE webhook_events (
    workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    id           uuid NOT NULL,
    type         text NOT NULL,
    data         jsonb NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX webhook_events_created ON webhook_events (created_at);

-- An event on its way to a webhook. This row holds its state; the queue only announces it.
CREATE TABLE webhook_deliveries (
    workspace_id  uuid NOT NULL,
    webhook_id    uuid NOT NULL,
    event_id      uuid NOT NULL,
    state         text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'failed')),
    -- Counted at the claim, so that a delivery that crashes its worker ends too.
    attempts      int NOT NULL DEFAULT 0,
    -- The attempt from which attempts are counted: a replay starts the count again.
    attempts_from int NOT NULL DEFAULT 0,
    due_at        timestamptz NOT NULL,
    lease_until   timestamptz NOT NULL DEFAULT '-infinity',
    enqueues      int NOT NULL DEFAULT 0,
    enqueue_after timestamptz NOT NULL DEFAULT '-infinity',
    PRIMARY KEY (workspace_id, webhook_id, event_id),
    FOREIGN KEY (workspace_id, webhook_id) REFERENCES webhooks (workspace_id, id) ON DELETE CASCADE,
    FOREIGN KEY (workspace_id, event_id) REFERENCES webhook_events (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX webhook_deliveries_pending ON webhook_deliveries (workspace_id, webhook_id, due_at)
    WHERE state = 'pending';
CREATE INDEX webhook_deliveries_event ON webhook_deliveries (workspace_id, event_id);
-- The running deliveries, whose number is limited: few rows, however long the backlog is.
CREATE INDEX webhook_deliveries_running ON webhook_deliveries (workspace_id, lease_until)
    WHERE state = 'pending' AND lease_until > '-infinity';

-- The result of each attempt.
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
    FOREIGN KEY (workspace_id, webhook_id, event_id)
        REFERENCES webhook_deliveries (workspace_id, webhook_id, event_id) ON DELETE CASCADE
);

-- +goose Down
DROP TABLE webhook_attempts, webhook_deliveries, webhook_events, webhooks, idempotency_keys, audit,
    decided_rows, corrections, dead_letters, tasks, mirror_ids, plan_ids, staged_files, skipped_rows, row_samples,
    single_days, lanes, singles, chunks, imports, mappings, aliases, users, events, deals, contacts,
    companies, api_keys, directory_changes, workspaces;
DROP FUNCTION analyze_rows, remove_row_samples, directory_record_removed,
    change_directory, directory_query, directory_words;
