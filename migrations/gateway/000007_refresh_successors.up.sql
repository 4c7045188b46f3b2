-- Each token's successor is derived from it with this key, 244 random bits: presented twice, it has one successor.
-- lint:ignore rewrite older than the first release: no shop had rows yet
-- lint:ignore constraint-scan older than the first release: no shop had rows yet
ALTER TABLE refresh_token_families ADD COLUMN successor_key bytea NOT NULL
    DEFAULT sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
    CHECK (octet_length(successor_key) = 32);

-- What the housekeeper looks for.
-- lint:ignore index-not-concurrent older than the first release: no shop had rows yet
CREATE INDEX refresh_token_families_ended_idx ON refresh_token_families (least(expires_at, revoked_at));
-- lint:ignore index-not-concurrent older than the first release: no shop had rows yet
CREATE INDEX refresh_tokens_expires_at_idx ON refresh_tokens (expires_at);
