-- Who has bought what, by confirmed order.
CREATE TABLE purchases (
    user_id bigint NOT NULL,
    product_id bigint NOT NULL,
    order_id bigint NOT NULL,
    PRIMARY KEY (user_id, product_id, order_id)
);

-- Orders whose purchases no longer count. Kept apart, so that a cancellation counts even if it is heard of before
-- the confirmation.
CREATE TABLE cancelled_orders (
    order_id bigint PRIMARY KEY
);
