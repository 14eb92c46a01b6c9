-- +goose Up
-- The import that created a record, and the row that it came from; NULL for what was there before, or came along with a contact.
ALTER TABLE companies ADD COLUMN import_id uuid, ADD COLUMN row_number bigint;
ALTER TABLE contacts ADD COLUMN import_id uuid, ADD COLUMN row_number bigint;
ALTER TABLE deals ADD COLUMN import_id uuid, ADD COLUMN row_number bigint;
ALTER TABLE events ADD COLUMN import_id uuid, ADD COLUMN row_number bigint;

-- +goose Down
ALTER TABLE events DROP COLUMN row_number, DROP COLUMN import_id;
ALTER TABLE deals DROP COLUMN row_number, DROP COLUMN import_id;
ALTER TABLE contacts DROP COLUMN row_number, DROP COLUMN import_id;
ALTER TABLE companies DROP COLUMN row_number, DROP COLUMN import_id;
