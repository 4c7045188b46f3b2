DROP TRIGGER products_version ON products;
DROP FUNCTION products_next_version();
ALTER TABLE products DROP COLUMN version;
