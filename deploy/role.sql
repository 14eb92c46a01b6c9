-- The role for `taskport serve` and `taskport work`: it may change rows of the tables, but not the
-- schema. Run after `taskport migrate`, as a superuser or as the owner of the tables, with the
-- role's name:
--   psql "$DATABASE_URL" -v role=taskport_app -f role.sql
-- An owner who may not create roles needs the role to exist. The owner keeps running `taskport
-- migrate`; tables that it adds later are granted too. All of it happens, or nothing and psql ends
-- with an error code.
\set ON_ERROR_STOP on
BEGIN;
SELECT format('CREATE ROLE %I LOGIN', :'role') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec
-- Fails with a division by zero before the first migration.
SELECT 1 / count(*) AS "taskport migrate has been run" FROM pg_tables
    WHERE schemaname = 'public' AND tablename = 'goose_db_version';
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO :"role";
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO :"role";
-- Later tables are those of the role that migrates, also when another role runs this.
SELECT format('ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA public '
    'GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO %I',
    tableowner, :'role') FROM pg_tables WHERE schemaname = 'public' AND tablename = 'goose_db_version' \gexec
-- The list of migrations is read-only.
REVOKE INSERT, UPDATE, DELETE ON goose_db_version FROM :"role";
COMMIT;
