-- The role that serving and working need, and no more: rows of the tables, no change of the schema. Run as the owner of the database, with the role's name:
--   psql "$DATABASE_URL" -v role=taskport_app -f role.sql
-- The owner goes on to run `taskport migrate`; what it adds later is granted too.
SELECT format('CREATE ROLE %I LOGIN', :'role') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO :"role";
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO :"role";
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :"role";
-- Which migrations there are, it only reads.
REVOKE INSERT, UPDATE, DELETE ON goose_db_version FROM :"role";
