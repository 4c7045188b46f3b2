ALTER TABLE saga_branches DROP COLUMN failures;
