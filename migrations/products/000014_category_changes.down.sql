ALTER TABLE products DROP CONSTRAINT products_categorised;
-- Any category will do for a product that nobody is shown.
INSERT INTO categories (name) SELECT 'toys'
WHERE EXISTS (SELECT FROM products WHERE category IS NULL) AND NOT EXISTS (SELECT FROM categories);
UPDATE products SET category = (SELECT min(name) FROM categories) WHERE category IS NULL;
ALTER TABLE products ALTER COLUMN category SET NOT NULL;
