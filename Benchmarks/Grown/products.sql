INSERT INTO reservations (saga_id, product_id, order_id, quantity, state, created_at)
SELECT saga, product, id, 1, 'committed', at FROM past ORDER BY n;

INSERT INTO saga_branches
    (saga_id, participant, saga_name, state, payload, created_at, updated_at, settled_at)
SELECT saga, 'products', 'order-placement', 'confirmed', payload, at, at + interval '0.2 s', at + interval '0.2 s'
FROM past ORDER BY n;
