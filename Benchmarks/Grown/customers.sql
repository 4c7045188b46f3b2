INSERT INTO saga_branches
    (saga_id, participant, saga_name, state, payload, created_at, updated_at, settled_at)
SELECT saga, 'customers', 'order-placement', 'confirmed', payload, at, at + interval '0.2 s', at + interval '0.2 s'
FROM past ORDER BY n;

-- Held, and captured to the seller.
WITH booked AS (
    INSERT INTO ledger_transactions (kind, saga_id, order_id, created_at)
    SELECT kind, saga, id, at FROM past, (VALUES ('hold'), ('capture')) AS k (kind) ORDER BY n, kind DESC
    RETURNING id, kind, saga_id
)
INSERT INTO ledger_entries (transaction_id, account_id, amount)
SELECT b.id, a.id, e.amount
FROM booked b JOIN past p ON p.saga = b.saga_id
CROSS JOIN LATERAL (VALUES
    ('hold', p.buyer, 'available', -100), ('hold', p.buyer, 'held', 100),
    ('capture', p.buyer, 'held', -100), ('capture', 1000 + p.product, 'available', 100)
) AS e (posting, owner, account, amount)
JOIN accounts a ON a.user_id = e.owner AND a.kind = e.account AND a.currency = 'RUB'
WHERE e.posting = b.kind
ORDER BY b.id;

UPDATE accounts a SET balance = balance + m.amount
FROM (
    SELECT owner, sum(amount)::bigint AS amount
    FROM past p CROSS JOIN LATERAL (VALUES (p.buyer, -100), (1000 + p.product, 100)) AS e (owner, amount)
    GROUP BY owner
) AS m
WHERE a.user_id = m.owner AND a.kind = 'available' AND a.currency = 'RUB';

WITH notices AS (
    SELECT p.*, t.*
    FROM past p CROSS JOIN LATERAL (VALUES
        (p.buyer, 'order_confirmed', 'Your order ' || p.id || ' for 1.00 RUB is confirmed.', NULL),
        (1000 + p.product, 'product_sold', 'You sold 1 × Product ' || p.product || ' for 1.00 RUB.', p.product)
    ) AS t (owner, kind, text, about)
), counters AS (
    INSERT INTO notification_counters AS c (user_id, last_sequence)
    SELECT owner, count(*) FROM notices GROUP BY owner
    ON CONFLICT (user_id) DO UPDATE SET last_sequence = c.last_sequence + excluded.last_sequence
    RETURNING user_id, last_sequence
)
INSERT INTO notifications (user_id, sequence, kind, text, order_id, product_id, created_at)
SELECT owner,
    c.last_sequence - count(*) OVER (PARTITION BY owner) + row_number() OVER (PARTITION BY owner ORDER BY n),
    kind, text, id, about, at
FROM notices JOIN counters c ON c.user_id = owner
ORDER BY n;
