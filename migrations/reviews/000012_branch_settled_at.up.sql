-- The time of the decision's deed. updated_at is that of the last message about it, by which branches are forgotten.
ALTER TABLE saga_branches ADD COLUMN settled_at timestamptz;
