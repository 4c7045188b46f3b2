-- Each token's successor is derived from it with this key, 244 random bits: presented twice, it has one successor.
ALTER TABLE refresh_token_families ADD COLUMN successor_key bytea NOT NULL
    DEFAULT sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
    CHECK (octet_length(successor_key) = 32);

-- What the housekeeper looks for.
CREATE INDEX refresh_token_families_ended_idx ON refresh_token_families (least(expires_at, revoked_at));
CREATE INDEX refresh_tokens_expires_at_idx ON refresh_tokens (expires_at);
