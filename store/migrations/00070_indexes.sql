-- +goose NO TRANSACTION
-- +goose Up
-- Indexes on tables that may be large and busy are built beside those who write, one statement after the other. One that was begun and broke off is
-- there and of no use: it is dropped first. Building waits for transactions that are under way, which holds nobody up.
SET lock_timeout = 0;

-- The records that have changed since a version of the directory.
DROP INDEX CONCURRENTLY IF EXISTS companies_version;
CREATE INDEX CONCURRENTLY companies_version ON companies (workspace_id, version);
DROP INDEX CONCURRENTLY IF EXISTS contacts_version;
CREATE INDEX CONCURRENTLY contacts_version ON contacts (workspace_id, version);

DROP INDEX CONCURRENTLY IF EXISTS imports_staged;
CREATE INDEX CONCURRENTLY imports_staged ON imports (created_at) WHERE status = 'staged';
DROP INDEX CONCURRENTLY IF EXISTS imports_plans;
CREATE INDEX CONCURRENTLY imports_plans ON imports (created_at) WHERE plan = 'kept';
DROP INDEX CONCURRENTLY IF EXISTS imports_file;
CREATE INDEX CONCURRENTLY imports_file ON imports (workspace_id, file_digest) WHERE file_digest IS NOT NULL;

-- What an undo would leave.
DROP INDEX CONCURRENTLY IF EXISTS tasks_changed;
CREATE INDEX CONCURRENTLY tasks_changed ON tasks (workspace_id, import_id) WHERE changed_at IS NOT NULL;

RESET lock_timeout;

-- +goose Down
DROP INDEX CONCURRENTLY tasks_changed;
DROP INDEX CONCURRENTLY imports_file;
DROP INDEX CONCURRENTLY imports_plans;
DROP INDEX CONCURRENTLY imports_staged;
DROP INDEX CONCURRENTLY contacts_version;
DROP INDEX CONCURRENTLY companies_version;
