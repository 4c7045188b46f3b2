CREATE TABLE orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id bigint NOT NULL,
    state text NOT NULL CHECK (state IN ('pending', 'confirmed', 'rejected')),
    currency text NOT NULL,
    -- Minor units; the sum of the lines.
    total bigint NOT NULL CHECK (total > 0),
    saga_id uuid NOT NULL UNIQUE REFERENCES sagas DEFERRABLE INITIALLY DEFERRED,
    reject_code text,
    reject_message text,
    created_at timestamptz NOT NULL DEFAULT now(),
    decided_at timestamptz,
    CHECK ((state = 'rejected') = (reject_code IS NOT NULL)),
    CHECK ((state = 'pending') = (decided_at IS NULL))
);
CREATE INDEX orders_user ON orders (user_id, id DESC);

-- Name and price are what the buyer agreed to; they never change.
CREATE TABLE order_lines (
    order_id bigint NOT NULL REFERENCES orders,
    product_id bigint NOT NULL,
    seller_id bigint NOT NULL,
    name text NOT NULL,
    quantity bigint NOT NULL CHECK (quantity > 0),
    unit_price bigint NOT NULL CHECK (unit_price > 0),
    PRIMARY KEY (order_id, product_id)
);

-- Requests that carry an idempotency key, and what was answered.
CREATE TABLE idempotency_keys (
    user_id bigint NOT NULL,
    operation text NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    claim uuid NOT NULL,
    claimed_at timestamptz NOT NULL DEFAULT now(),
    response bytea,
    completed_at timestamptz,
    PRIMARY KEY (user_id, operation, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (claimed_at);
