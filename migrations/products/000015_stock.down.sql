DROP VIEW products;
DROP FUNCTION write_product();
ALTER TABLE saga_branches RESET (fillfactor);
ALTER TABLE reservations RESET (fillfactor);
ALTER TABLE catalogue RENAME TO products;
ALTER TABLE products ADD COLUMN amount bigint, ADD COLUMN reserved bigint NOT NULL DEFAULT 0;
-- The sum of both versions stays what it is.
ALTER TABLE products DISABLE TRIGGER products_version;
UPDATE products SET amount = s.amount, reserved = s.reserved, version = products.version + s.version,
    updated_at = greatest(products.updated_at, s.updated_at)
FROM stock s WHERE s.product_id = id;
ALTER TABLE products ENABLE TRIGGER products_version;
ALTER TABLE products
    ALTER COLUMN amount SET NOT NULL,
    ADD CONSTRAINT products_stock CHECK (0 <= reserved AND reserved <= amount);
ALTER TABLE reservations
    DROP CONSTRAINT reservations_product_id_fkey,
    ADD CONSTRAINT reservations_product_id_fkey FOREIGN KEY (product_id) REFERENCES products;
DROP TABLE stock;
CREATE INDEX reservations_live ON reservations (product_id) WHERE state = 'reserved';
