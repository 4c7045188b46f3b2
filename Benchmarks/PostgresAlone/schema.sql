-- The tables that an order needs at least, in one database: orders, products and customers, each with its outbox.

CREATE TABLE orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id bigint NOT NULL,
    total bigint NOT NULL,
    state text NOT NULL
);
CREATE INDEX ON orders (user_id, id);
CREATE TABLE order_lines (
    order_id bigint,
    product_id bigint,
    quantity bigint NOT NULL,
    unit_price bigint NOT NULL,
    PRIMARY KEY (order_id, product_id)
);
CREATE TABLE sagas (id bigint PRIMARY KEY, phase text NOT NULL, payload jsonb NOT NULL);
CREATE INDEX ON sagas (id) WHERE phase <> 'confirmed';
CREATE TABLE saga_participants (
    saga_id bigint,
    participant text,
    vote text,
    is_done boolean,
    PRIMARY KEY (saga_id, participant)
);
CREATE TABLE orders_outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    type text NOT NULL,
    body json NOT NULL,
    published_at timestamptz
);
CREATE INDEX ON orders_outbox (id) WHERE published_at IS NULL;

CREATE TABLE products_branches (saga_id bigint PRIMARY KEY, state text NOT NULL);
CREATE TABLE reservations (order_id bigint, product_id bigint, quantity bigint NOT NULL, PRIMARY KEY (order_id, product_id));
CREATE TABLE products (
    id bigint PRIMARY KEY,
    amount bigint NOT NULL,
    reserved bigint NOT NULL DEFAULT 0,
    CHECK (0 <= reserved AND reserved <= amount)
);
INSERT INTO products SELECT id, 1000000000 FROM generate_series(1, 1000) AS id;
CREATE TABLE products_outbox (LIKE orders_outbox INCLUDING ALL);

CREATE TABLE customers_branches (saga_id bigint PRIMARY KEY, state text NOT NULL);
-- The buyers are 1 to 1,000, the sellers 1,001 to 2,000.
CREATE TABLE accounts (
    id bigint PRIMARY KEY,
    balance bigint NOT NULL,
    held bigint NOT NULL DEFAULT 0,
    CHECK (0 <= balance AND 0 <= held)
);
INSERT INTO accounts SELECT id, 1000000000000 FROM generate_series(1, 2000) AS id;
CREATE TABLE ledger_entries (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id bigint NOT NULL,
    amount bigint NOT NULL,
    order_id bigint NOT NULL
);
CREATE INDEX ON ledger_entries (account_id, id);
CREATE TABLE customers_outbox (LIKE orders_outbox INCLUDING ALL);
