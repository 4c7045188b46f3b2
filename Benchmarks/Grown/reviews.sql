INSERT INTO purchases (user_id, product_id, order_id) SELECT buyer, product, id FROM past ORDER BY n;
