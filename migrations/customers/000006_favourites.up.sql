-- A user's cart as a whole: its row is the lock under which its lines are counted.
CREATE TABLE carts (
    user_id bigint PRIMARY KEY,
    changed_at timestamptz NOT NULL DEFAULT now()
);
-- lint:ignore index-not-concurrent older than the first release: no shop had rows yet
CREATE INDEX cart_lines_product ON cart_lines (product_id, user_id);

CREATE TABLE favourites (
    -- The order in which they were added.
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id bigint NOT NULL,
    product_id bigint NOT NULL,
    added_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (user_id, product_id)
);
CREATE INDEX favourites_user ON favourites (user_id, id DESC);
CREATE INDEX favourites_product ON favourites (product_id, user_id);

-- Products that a saga deletes: what has a mark is in nobody's cart or favourites. A deletion that is called off
-- takes its mark away; one that goes through leaves it, for what slips in behind it.
CREATE TABLE hidden_products (
    product_id bigint NOT NULL,
    saga_id uuid NOT NULL,
    hidden_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (product_id, saga_id)
);
