ALTER TABLE saga_branches DROP COLUMN failures;
ALTER TABLE sagas DROP COLUMN failures;
