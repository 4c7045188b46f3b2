-- The times at which a message was sent before an operator had it sent again, in their order, and when that was asked for
-- last. Null for nearly every message.
ALTER TABLE outbox ADD COLUMN published_before timestamptz[], ADD COLUMN replayed_at timestamptz;
