-- A category can be deleted once no product uses it. The rows of deleted products stay, and are in none then.
ALTER TABLE products
    ALTER COLUMN category DROP NOT NULL,
    ADD CONSTRAINT products_categorised CHECK (category IS NOT NULL OR state = 'deleted');
