-- Until when a process has a message to itself. Whoever publishes holds no lock and no lead: what a process that was
-- killed or frozen leaves is taken by any other as soon as its claim is over.
ALTER TABLE outbox ADD COLUMN claimed_until timestamptz;
