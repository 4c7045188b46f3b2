-- Everybody's accounts, and for each buyer what the past orders will cost.
INSERT INTO accounts (user_id, kind, currency)
SELECT n, kind, 'RUB' FROM generate_series(1, :buyers) AS n, unnest('{available,held}'::text[]) AS k (kind)
UNION ALL SELECT 1000 + n, 'available', 'RUB' FROM generate_series(1, 1000) AS n
UNION ALL SELECT 0, 'external', 'RUB'
ON CONFLICT DO NOTHING;

CREATE TEMPORARY TABLE due AS
SELECT buyer, 100 * count(*) AS price, row_number() OVER (ORDER BY buyer) AS place
FROM (SELECT CASE WHEN n % 20 = 0 THEN 1 ELSE 1 + n % :buyers END AS buyer FROM generate_series(1, :total) AS n) AS p
GROUP BY buyer;

WITH booked AS (
    INSERT INTO ledger_transactions (kind, created_at)
    SELECT 'top_up', now() - interval '81 days' FROM due ORDER BY place
    RETURNING id
), placed AS (
    SELECT id, row_number() OVER (ORDER BY id) AS place FROM booked
)
INSERT INTO ledger_entries (transaction_id, account_id, amount)
SELECT p.id, a.id, e.amount
FROM placed p JOIN due d USING (place)
CROSS JOIN LATERAL (VALUES (0, 'external', -d.price), (d.buyer, 'available', d.price)) AS e (owner, account, amount)
JOIN accounts a ON a.user_id = e.owner AND a.kind = e.account AND a.currency = 'RUB';

UPDATE accounts a SET balance = balance + d.price
FROM due d WHERE a.user_id = d.buyer AND a.kind = 'available' AND a.currency = 'RUB';
UPDATE accounts SET balance = balance - (SELECT sum(price) FROM due)::bigint
WHERE user_id = 0 AND kind = 'external' AND currency = 'RUB';
