-- Some of the past orders, for the scripts of the roles: those numbered first to last of total, spread over the last 80
-- days, each of one line for 100. They have the ids behind base. One in twenty is the first buyer's.
CREATE TEMPORARY TABLE past AS
SELECT
    n, :base::bigint + n AS id, md5('past ' || n)::uuid AS saga, buyer, product,
    now() - (:total - n) * interval '80 days' / :total AS at,
    jsonb_build_object(
        'order_id', :base::bigint + n, 'buyer_id', buyer, 'currency', 'RUB', 'total', 100,
        'lines', jsonb_build_array(jsonb_build_object(
            'product_id', product, 'seller_id', 1000 + product, 'quantity', 1, 'unit_price', 100))) AS payload
FROM generate_series(:first::bigint, :last::bigint) AS n
CROSS JOIN LATERAL (
    SELECT CASE WHEN n % 20 = 0 THEN 1 ELSE 1 + n % :buyers END AS buyer, 1 + n * 7919 % 1000 AS product
) AS who;
ANALYZE past;
