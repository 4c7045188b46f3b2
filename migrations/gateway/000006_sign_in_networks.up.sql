-- Where a user has signed in from: who comes from there is let try while others guess the user's password.
CREATE TABLE sign_in_networks (
    user_id bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- An IPv4 address, or the /64 of an IPv6 one, as decimal bytes.
    network text NOT NULL,
    last_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, network)
);
CREATE INDEX sign_in_networks_last_at_idx ON sign_in_networks (last_at);
