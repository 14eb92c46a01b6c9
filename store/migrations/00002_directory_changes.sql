-- +goose Up
-- What a workspace has chosen for the resolution of names; {} for the defaults.
ALTER TABLE workspaces ADD COLUMN settings jsonb NOT NULL DEFAULT '{}';

-- The version of the directory that a record was last changed in: whoever knows an earlier one reads no more than what has changed.
ALTER TABLE companies ADD COLUMN version bigint NOT NULL DEFAULT 0;
ALTER TABLE contacts ADD COLUMN version bigint NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE contacts DROP COLUMN version;
ALTER TABLE companies DROP COLUMN version;
ALTER TABLE workspaces DROP COLUMN settings;
