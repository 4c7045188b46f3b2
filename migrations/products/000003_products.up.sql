CREATE TABLE categories (
    name text PRIMARY KEY CHECK (name ~ '^[a-z][a-z0-9-]{0,49}$')
);
INSERT INTO categories (name) VALUES ('clothes'), ('shoes'), ('electronics'), ('toys');

CREATE TABLE products (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    seller_id bigint NOT NULL,
    name text NOT NULL,
    description text NOT NULL,
    category text NOT NULL REFERENCES categories,
    -- Minor units.
    price bigint NOT NULL CHECK (price > 0),
    currency text NOT NULL,
    -- In the warehouse, those reserved by unsettled orders included.
    amount bigint NOT NULL,
    reserved bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT products_stock CHECK (0 <= reserved AND reserved <= amount)
);
CREATE INDEX products_category ON products (category, id);
CREATE INDEX products_seller ON products (seller_id, id);

-- What each unsettled order has set aside; kept afterwards as the record of what it took.
CREATE TABLE reservations (
    saga_id uuid NOT NULL,
    product_id bigint NOT NULL REFERENCES products,
    order_id bigint NOT NULL,
    quantity bigint NOT NULL CHECK (quantity > 0),
    state text NOT NULL DEFAULT 'reserved' CHECK (state IN ('reserved', 'committed', 'released')),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (saga_id, product_id)
);
CREATE INDEX reservations_live ON reservations (product_id) WHERE state = 'reserved';
