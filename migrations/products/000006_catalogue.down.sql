DROP INDEX products_category;
DROP INDEX products_seller;
DROP INDEX products_price;
DROP INDEX products_name;
DROP INDEX products_search;
CREATE INDEX products_category ON products (category, id);
CREATE INDEX products_seller ON products (seller_id, id);
ALTER TABLE products
    DROP CONSTRAINT products_deletion,
    DROP COLUMN search,
    DROP COLUMN deletion_saga_id,
    DROP COLUMN state,
    DROP COLUMN photo_url;
