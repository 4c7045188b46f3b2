ALTER TABLE sagas DROP COLUMN failures;
