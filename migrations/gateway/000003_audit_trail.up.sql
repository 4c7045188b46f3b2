-- What was done to somebody's things by another: an admin, or a program of the shop's own.
CREATE TABLE audit_trail (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor_id bigint NOT NULL,
    actor_role text NOT NULL,
    -- Whose things.
    user_id bigint NOT NULL,
    -- As in order.place; and what it was done to, an order's id say.
    action text NOT NULL,
    subject_id bigint NOT NULL,
    request_id text
);
CREATE INDEX audit_trail_user ON audit_trail (user_id, id DESC);
