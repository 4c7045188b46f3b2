INSERT INTO sagas
    (id, name, subject_id, phase, payload, started_at, deadline_at, decided_at, finished_at, participants)
SELECT saga, 'order-placement', id, 'confirmed', payload, at, at + interval '15 minutes', at + interval '0.1 s',
    at + interval '0.2 s',
    jsonb_build_object(
        'products', jsonb_build_object(
            'vote', 'accepted', 'voted_at', at + interval '0.05 s', 'vote_message', gen_random_uuid(),
            'done_at', at + interval '0.2 s', 'done_message', gen_random_uuid()),
        'customers', jsonb_build_object(
            'vote', 'accepted', 'voted_at', at + interval '0.05 s', 'vote_message', gen_random_uuid(),
            'done_at', at + interval '0.2 s', 'done_message', gen_random_uuid()))
FROM past ORDER BY n;

INSERT INTO orders (id, user_id, state, currency, total, saga_id, created_at, decided_at, request_id)
OVERRIDING SYSTEM VALUE
SELECT id, buyer, 'confirmed', 'RUB', 100, saga, at, at + interval '0.1 s', gen_random_uuid()::text FROM past ORDER BY n;

INSERT INTO order_lines (order_id, product_id, seller_id, name, quantity, unit_price)
SELECT id, product, 1000 + product, 'Product ' || product, 1, 100 FROM past ORDER BY n;

-- Sent in the last twelve hours, since the relay deletes what is older than a day.
INSERT INTO outbox (message_id, type, correlation_id, mandatory, body, created_at, published_at)
SELECT gen_random_uuid(), 'order.confirmed', saga, false,
    json_build_object(
        'schema_version', 1, 'order_id', id, 'user_id', buyer, 'total', 100, 'currency', 'RUB',
        'lines', payload -> 'lines'),
    sent, sent
FROM past CROSS JOIN LATERAL (SELECT now() - (:total - n) * interval '12 hours' / :total AS sent) AS times
ORDER BY n;

SELECT setval(pg_get_serial_sequence('orders', 'id'), max(id)) FROM orders;
