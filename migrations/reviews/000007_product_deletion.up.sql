-- A product that is being deleted shows neither reviews nor rating, and takes no review; one that was deleted keeps
-- its row for that, so that a review which was on its way finds no room.
-- lint:ignore rewrite older than the first release: no shop had rows yet
-- lint:ignore constraint-scan older than the first release: no shop had rows yet
ALTER TABLE ratings
    -- The sagas that are deleting it.
    ADD COLUMN hidden_by uuid[] NOT NULL DEFAULT '{}',
    ADD COLUMN deleted_at timestamptz,
    ADD COLUMN is_open boolean NOT NULL GENERATED ALWAYS AS (deleted_at IS NULL AND cardinality(hidden_by) = 0) STORED,
    ADD CONSTRAINT ratings_deleted_check CHECK (deleted_at IS NULL OR count = 0);
