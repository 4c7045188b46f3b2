-- A user's highest sequence. It is locked until the notifications that it counts are committed, so that they become
-- visible in their order and without a gap; and it stays when old ones are deleted.
CREATE TABLE notification_counters (
    user_id bigint PRIMARY KEY,
    last_sequence bigint NOT NULL CHECK (last_sequence > 0)
);

CREATE TABLE notifications (
    user_id bigint NOT NULL,
    sequence bigint NOT NULL,
    kind text NOT NULL,
    text text NOT NULL,
    order_id bigint,
    product_id bigint,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (user_id, sequence)
);
CREATE INDEX notifications_age ON notifications (created_at);
