ALTER TABLE ratings
    DROP CONSTRAINT ratings_deleted_check,
    DROP COLUMN is_open,
    DROP COLUMN deleted_at,
    DROP COLUMN hidden_by;
