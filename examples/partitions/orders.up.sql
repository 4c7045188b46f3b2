-- Orders and their lines by month (UTC), for a database of orders that has all its migrations; `examples/partition up`
-- runs it, in one transaction.
--
-- The shop may run: it waits while the rows are copied, and goes on as before. The way back is orders.down.sql, which
-- comes before any `shopctl migrate down`. Rights that were granted on the tables are to be granted again.
SET LOCAL lock_timeout = '10s';
LOCK TABLE orders, order_lines IN ACCESS EXCLUSIVE MODE;

-- Adds to every table that is partitioned by time the months that it has no partition for, from one until so many ahead
-- of now. Run it by a timer, `SELECT add_partitions()`, each day say: rows of a month without a partition go to the
-- default one, so nothing fails if it is forgotten, but such a month stays there.
CREATE FUNCTION add_partitions(since timestamptz DEFAULT now(), months_ahead integer DEFAULT 3) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    parent record;
    first timestamptz;
    next timestamptz;
    part text;
    is_taken boolean;
BEGIN
    -- Orders before their lines, transactions before their entries: locks are taken in the order of the shop's own.
    FOR parent IN
        SELECT c.relname AS name, a.attname AS key,
            coalesce('WITH (' || array_to_string(d.reloptions, ', ') || ')', '') AS options
        FROM pg_partitioned_table p JOIN pg_class c ON c.oid = p.partrelid JOIN pg_class d ON d.oid = p.partdefid
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = p.partattrs[0]
        WHERE c.relnamespace = current_schema()::regnamespace AND p.partstrat = 'r' ORDER BY c.relname DESC
    LOOP
        first := date_trunc('month', since, 'UTC');
        WHILE first < now() + make_interval(months => months_ahead) LOOP
            next := (first AT TIME ZONE 'UTC' + interval '1 month') AT TIME ZONE 'UTC';
            part := parent.name || to_char(first AT TIME ZONE 'UTC', '_YYYY_MM');
            EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE %I >= %L AND %I < %L)',
                parent.name || '_default', parent.key, first, parent.key, next) INTO is_taken;
            IF to_regclass(quote_ident(part)) IS NULL AND NOT is_taken THEN
                EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L) %s',
                    part, parent.name, first, next, parent.options);
            END IF;
            first := next;
        END LOOP;
    END LOOP;
END $$;

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
