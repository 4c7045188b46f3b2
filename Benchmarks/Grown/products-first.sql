-- A catalogue of as many pages as the first buyer has pages of orders.
WITH written AS (
    INSERT INTO catalogue (seller_id, name, description, category, price, currency)
    SELECT 1001 + n % 1000, 'Past product ' || n, 'As good as any.', 'toys', 100 + n % 900, 'RUB'
    FROM generate_series(1, :total / 20) AS n
    RETURNING id
)
INSERT INTO stock (product_id, amount) SELECT id, 1000 FROM written ORDER BY id;
