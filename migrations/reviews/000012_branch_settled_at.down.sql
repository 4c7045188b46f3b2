ALTER TABLE saga_branches DROP COLUMN settled_at;
