-- Orders and their lines by month (UTC), for a database of orders that has all its migrations; `examples/partition up`
-- runs it behind months.sql, in one transaction.
--
-- The shop may run: it waits while the rows are copied, and goes on as before. The way back is orders.down.sql, which
-- comes before any `shopctl migrate down`. Rights that were granted on the tables are to be granted again.
SET LOCAL lock_timeout = '10s';
LOCK TABLE orders, order_lines IN ACCESS EXCLUSIVE MODE;

ALTER TABLE order_lines RENAME TO order_lines_plain;
ALTER TABLE orders RENAME TO orders_plain;
CREATE TABLE orders (LIKE orders_plain INCLUDING DEFAULTS INCLUDING IDENTITY INCLUDING CONSTRAINTS)
    PARTITION BY RANGE (created_at);
-- Lines are written in their order's transaction, and its created_at is that transaction's time: both have the same by
-- themselves, and the foreign key holds them to it.
CREATE TABLE order_lines (
    LIKE order_lines_plain INCLUDING DEFAULTS INCLUDING CONSTRAINTS,
    order_created_at timestamptz NOT NULL DEFAULT now()
) PARTITION BY RANGE (order_created_at);
-- As the migrations set it; the months take it from here.
CREATE TABLE orders_default PARTITION OF orders DEFAULT WITH (fillfactor = 70);
CREATE TABLE order_lines_default PARTITION OF order_lines DEFAULT;
SELECT add_partitions(coalesce(min(created_at), now())) FROM orders_plain;

INSERT INTO orders OVERRIDING SYSTEM VALUE SELECT * FROM orders_plain;
INSERT INTO order_lines SELECT l.*, o.created_at FROM order_lines_plain l JOIN orders_plain o ON o.id = l.order_id;
SELECT setval(pg_get_serial_sequence('orders', 'id'), last_value, is_called) FROM orders_id_seq;
DROP TABLE order_lines_plain, orders_plain;
ALTER SEQUENCE orders_id_seq1 RENAME TO orders_id_seq;

ALTER TABLE orders ADD PRIMARY KEY (id, created_at);
CREATE INDEX orders_user ON orders (user_id, id DESC);
-- No longer unique by themselves, which a partitioned table cannot hold: every saga of an order has its row in sagas,
-- written in the same transaction, and that is.
CREATE INDEX orders_saga ON orders (saga_id);
CREATE INDEX orders_cancellation ON orders (cancellation_saga_id);
ALTER TABLE order_lines ADD PRIMARY KEY (order_id, product_id, order_created_at);
ALTER TABLE order_lines ADD FOREIGN KEY (order_id, order_created_at) REFERENCES orders (id, created_at);
ANALYZE orders, order_lines;
