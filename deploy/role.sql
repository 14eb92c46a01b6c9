-- The role for `taskport serve` and `taskport work`: it may change rows of the tables, but not the
-- schema. Run as the owner of the database, with the role's name:
--   psql "$DATABASE_URL" -v role=taskport_app -f role.sql
-- The owner keeps running `taskport migrate`; tables that it adds later are granted too.
SELECT format('CREATE ROLE %I LOGIN', :'role') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO :"role";
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO :"role";
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :"role";
-- The list of migrations is read-only.
REVOKE INSERT, UPDATE, DELETE ON goose_db_version FROM :"role";
