ALTER TABLE outbox DROP COLUMN replayed_at, DROP COLUMN published_before;
