-- A category can be deleted once no product uses it. The rows of deleted products stay, and are in none then.
ALTER TABLE products
    -- Rows are not read for it: until now there was none without a category.
    ADD CONSTRAINT products_categorised CHECK (category IS NOT NULL OR state = 'deleted') NOT VALID,
    ALTER COLUMN category DROP NOT NULL;
