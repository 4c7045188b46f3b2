-- A product is on sale until its deletion starts; it is on sale again if the deletion is decided against, and stays
-- as the record that old reservations refer to if it is decided for.
-- lint:ignore constraint-scan older than the first release: no shop had rows yet
-- lint:ignore rewrite older than the first release: no shop had rows yet
ALTER TABLE products
    ADD COLUMN photo_url text NOT NULL DEFAULT '',
    ADD COLUMN state text NOT NULL DEFAULT 'on_sale' CHECK (state IN ('on_sale', 'deleting', 'deleted')),
    -- The saga that deletes it, or has deleted it.
    ADD COLUMN deletion_saga_id uuid,
    -- What a search looks through; a word of the name counts more.
    ADD COLUMN search tsvector NOT NULL GENERATED ALWAYS AS (
        setweight(to_tsvector('simple', name), 'A') || setweight(to_tsvector('simple', description), 'B')
    ) STORED,
    ADD CONSTRAINT products_deletion CHECK ((state = 'on_sale') = (deletion_saga_id IS NULL));

-- Only what is on sale is ever listed.
-- lint:ignore index-not-concurrent older than the first release: no shop had rows yet
DROP INDEX products_category;
-- lint:ignore index-not-concurrent older than the first release: no shop had rows yet
DROP INDEX products_seller;
-- lint:ignore index-not-concurrent older than the first release: no shop had rows yet
CREATE INDEX products_category ON products (category, id) WHERE state = 'on_sale';
-- lint:ignore index-not-concurrent older than the first release: no shop had rows yet
CREATE INDEX products_seller ON products (seller_id, id) WHERE state = 'on_sale';
-- lint:ignore index-not-concurrent older than the first release: no shop had rows yet
CREATE INDEX products_price ON products (price, id) WHERE state = 'on_sale';
-- lint:ignore index-not-concurrent older than the first release: no shop had rows yet
CREATE INDEX products_name ON products (lower(name), id) WHERE state = 'on_sale';
-- lint:ignore index-not-concurrent older than the first release: no shop had rows yet
CREATE INDEX products_search ON products USING gin (search) WHERE state = 'on_sale';
