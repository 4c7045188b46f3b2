-- Messages are written here in the transaction that causes them, and published after it.
CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message_id uuid NOT NULL,
    type text NOT NULL,
    correlation_id uuid,
    causation_id uuid,
    mandatory boolean NOT NULL,
    traceparent text,
    -- json, not jsonb: the bytes that were written are the bytes that are sent.
    body json NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    published_at timestamptz,
    attempts integer NOT NULL DEFAULT 0,
    retry_at timestamptz,
    last_error text
);
CREATE INDEX outbox_due ON outbox (id) WHERE published_at IS NULL;
CREATE INDEX outbox_correlation ON outbox (correlation_id);
CREATE INDEX outbox_published ON outbox (published_at) WHERE published_at IS NOT NULL;

-- What a consumer that is no saga participant has already handled.
CREATE TABLE inbox (
    consumer text NOT NULL,
    message_id uuid NOT NULL,
    handled_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, message_id)
);
