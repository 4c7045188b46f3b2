-- One order of one line as the seven local transactions of its saga, one after the other: what the database has to do
-- for it when nothing is gathered. For pgbench.
\set buyer random(1, 1000)
\set seller random(1001, 2000)
\set product random(1, 1000)

-- Orders takes it.
BEGIN;
INSERT INTO orders (user_id, total, state) VALUES (:buyer, 100, 'pending') RETURNING id \gset order_
INSERT INTO order_lines VALUES (:order_id, :product, 1, 100);
INSERT INTO sagas VALUES (:order_id, 'trying', '{"lines": [{"product_id": 1, "quantity": 1, "unit_price": 100}]}');
INSERT INTO saga_participants (saga_id, participant) VALUES (:order_id, 'products'), (:order_id, 'customers');
INSERT INTO orders_outbox (type, body)
VALUES ('try', '{"lines": [{"product_id": 1, "quantity": 1, "unit_price": 100}]}');
COMMIT;

-- Products reserves and votes.
BEGIN;
INSERT INTO products_branches VALUES (:order_id, 'tried');
INSERT INTO reservations VALUES (:order_id, :product, 1);
UPDATE products SET reserved = reserved + 1 WHERE id = :product AND amount - reserved >= 1;
INSERT INTO products_outbox (type, body) VALUES ('vote', '{"accepted": true}');
COMMIT;

-- Customers holds the money and votes.
BEGIN;
INSERT INTO customers_branches VALUES (:order_id, 'tried');
UPDATE accounts SET balance = balance - 100, held = held + 100 WHERE id = :buyer AND balance >= 100;
INSERT INTO ledger_entries (account_id, amount, order_id) VALUES (:buyer, -100, :order_id), (:buyer, 100, :order_id);
INSERT INTO customers_outbox (type, body) VALUES ('vote', '{"accepted": true}');
COMMIT;

-- Orders decides.
BEGIN;
UPDATE saga_participants SET vote = 'accepted' WHERE saga_id = :order_id;
UPDATE sagas SET phase = 'confirming' WHERE id = :order_id;
UPDATE orders SET state = 'confirmed' WHERE id = :order_id;
INSERT INTO orders_outbox (type, body) VALUES ('confirm', '{}'), ('order.confirmed', '{}');
COMMIT;

-- Products takes it out of the stock.
BEGIN;
UPDATE products_branches SET state = 'confirmed' WHERE saga_id = :order_id;
UPDATE products SET reserved = reserved - 1, amount = amount - 1 WHERE id = :product;
INSERT INTO products_outbox (type, body) VALUES ('done', '{}');
COMMIT;

-- Customers pays the seller.
BEGIN;
UPDATE customers_branches SET state = 'confirmed' WHERE saga_id = :order_id;
UPDATE accounts SET held = held - 100 WHERE id = :buyer;
UPDATE accounts SET balance = balance + 100 WHERE id = :seller;
INSERT INTO ledger_entries (account_id, amount, order_id) VALUES (:buyer, -100, :order_id), (:seller, 100, :order_id);
INSERT INTO customers_outbox (type, body) VALUES ('done', '{}');
COMMIT;

-- Orders ends the saga.
BEGIN;
UPDATE saga_participants SET is_done = true WHERE saga_id = :order_id;
UPDATE sagas SET phase = 'confirmed' WHERE id = :order_id;
COMMIT;
