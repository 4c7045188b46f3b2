-- Orders and their lines in one table each again, as the migrations have made them; `examples/partition down` runs it,
-- in one transaction.
--
-- Partitions that were detached stay as they are.
SET LOCAL lock_timeout = '10s';
LOCK TABLE orders, order_lines IN ACCESS EXCLUSIVE MODE;

ALTER TABLE order_lines RENAME TO order_lines_by_month;
ALTER TABLE orders RENAME TO orders_by_month;
CREATE TABLE orders (LIKE orders_by_month INCLUDING DEFAULTS INCLUDING IDENTITY INCLUDING CONSTRAINTS)
    WITH (fillfactor = 70);
CREATE TABLE order_lines (LIKE order_lines_by_month INCLUDING DEFAULTS INCLUDING CONSTRAINTS);

INSERT INTO orders OVERRIDING SYSTEM VALUE SELECT * FROM orders_by_month;
INSERT INTO order_lines SELECT * FROM order_lines_by_month;
ALTER TABLE order_lines DROP COLUMN order_created_at;
SELECT setval(pg_get_serial_sequence('orders', 'id'), last_value, is_called) FROM orders_id_seq;
DROP TABLE order_lines_by_month, orders_by_month;
DROP FUNCTION add_partitions;
ALTER SEQUENCE orders_id_seq1 RENAME TO orders_id_seq;

ALTER TABLE orders
    ADD PRIMARY KEY (id),
    ADD UNIQUE (saga_id),
    ADD UNIQUE (cancellation_saga_id);
CREATE INDEX orders_user ON orders (user_id, id DESC);
ALTER TABLE orders SET (fillfactor = 70);
ALTER TABLE order_lines ADD PRIMARY KEY (order_id, product_id);
ALTER TABLE order_lines ADD FOREIGN KEY (order_id) REFERENCES orders;
ANALYZE orders, order_lines;
