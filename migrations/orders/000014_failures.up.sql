-- How answers failed before they were taken: an array, in the order in which they were. Written by whoever takes such an
-- answer, with that; null for nearly every saga.
ALTER TABLE sagas ADD COLUMN failures jsonb;
