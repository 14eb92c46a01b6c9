-- +goose NO TRANSACTION
-- +goose Up
SET lock_timeout = 0;

DROP INDEX CONCURRENTLY IF EXISTS companies_import;
CREATE INDEX CONCURRENTLY companies_import ON companies (workspace_id, import_id, row_number) WHERE import_id IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS contacts_import;
CREATE INDEX CONCURRENTLY contacts_import ON contacts (workspace_id, import_id, row_number) WHERE import_id IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS deals_import;
CREATE INDEX CONCURRENTLY deals_import ON deals (workspace_id, import_id, row_number) WHERE import_id IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS events_import;
CREATE INDEX CONCURRENTLY events_import ON events (workspace_id, import_id, row_number) WHERE import_id IS NOT NULL;

RESET lock_timeout;

-- +goose Down
DROP INDEX CONCURRENTLY events_import;
DROP INDEX CONCURRENTLY deals_import;
DROP INDEX CONCURRENTLY contacts_import;
DROP INDEX CONCURRENTLY companies_import;
