-- How messages failed before they were handled: an array, in the order in which they were. Written by whoever handles
-- such a message, with that; null for nearly every branch.
ALTER TABLE saga_branches ADD COLUMN failures jsonb;

-- How answers failed before they were taken: an array, in the order in which they were. Written by whoever takes such an
-- answer, with that; null for nearly every saga.
ALTER TABLE sagas ADD COLUMN failures jsonb;
