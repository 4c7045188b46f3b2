-- A sale writes a narrow row of numbers, in place, and not the product's texts with what a search looks through.
-- lint:ignore rename a view takes the old name, and the version before reads and writes through that
ALTER TABLE products RENAME TO catalogue;

CREATE TABLE stock (
    product_id bigint PRIMARY KEY REFERENCES catalogue ON DELETE CASCADE,
    -- In the warehouse, those reserved by unsettled orders included.
    amount bigint NOT NULL,
    reserved bigint NOT NULL DEFAULT 0,
    -- Moves with every change of the stock; a product's version is its sum with the catalogue's.
    version bigint NOT NULL DEFAULT 0,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT stock_reserved CHECK (0 <= reserved AND reserved <= amount)
) WITH (fillfactor = 50);
INSERT INTO stock (product_id, amount, reserved, updated_at)
SELECT id, amount, reserved, updated_at FROM catalogue ORDER BY id;

-- lint:ignore drop-in-use they are columns of the view
ALTER TABLE catalogue
    DROP CONSTRAINT products_stock,
    DROP COLUMN amount,
    DROP COLUMN reserved;

-- Whoever reserves has locked the row of stock: to look for that costs nothing, and leaves no lock on the catalogue.
ALTER TABLE reservations
    DROP CONSTRAINT reservations_product_id_fkey,
    -- Rows are not read for it: they referred to products, and each has its row of stock.
    ADD CONSTRAINT reservations_product_id_fkey FOREIGN KEY (product_id) REFERENCES stock NOT VALID;
-- Nobody looks reservations up by product; without it a change of their state touches no index.
-- lint:ignore index-not-concurrent the table is locked above, and the index goes at once
DROP INDEX reservations_live;
ALTER TABLE reservations SET (fillfactor = 70);
ALTER TABLE saga_branches SET (fillfactor = 70);

-- For whoever reads: a product in one row, as before. The stock comes first, as everybody locks.
CREATE VIEW products AS
SELECT c.id, c.seller_id, c.name, c.description, c.category, c.price, c.currency, s.amount, s.reserved, c.created_at,
    greatest(c.updated_at, s.updated_at) AS updated_at, c.photo_url, c.state, c.deletion_saga_id, c.search,
    c.version + s.version AS version
FROM stock s JOIN catalogue c ON c.id = s.product_id;

-- Processes of the version before go on while they are replaced: what they write goes into the tables.
CREATE FUNCTION write_product() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    stock_moves boolean;
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM catalogue WHERE id = OLD.id;
        RETURN OLD;
    END IF;
    IF TG_OP = 'INSERT' THEN
        NEW.id := coalesce(NEW.id, nextval(pg_get_serial_sequence('catalogue', 'id')));
        INSERT INTO catalogue (
            id, seller_id, name, description, category, price, currency, photo_url, state, deletion_saga_id,
            created_at, updated_at, version)
        OVERRIDING SYSTEM VALUE VALUES (
            NEW.id, NEW.seller_id, NEW.name, NEW.description, NEW.category, NEW.price, NEW.currency,
            coalesce(NEW.photo_url, ''), coalesce(NEW.state, 'on_sale'), NEW.deletion_saga_id,
            coalesce(NEW.created_at, now()), coalesce(NEW.updated_at, now()), coalesce(NEW.version, 1));
        INSERT INTO stock (product_id, amount, reserved, updated_at)
        VALUES (NEW.id, NEW.amount, coalesce(NEW.reserved, 0), coalesce(NEW.updated_at, now()));
    ELSE
        stock_moves := (NEW.amount, NEW.reserved) IS DISTINCT FROM (OLD.amount, OLD.reserved);
        IF stock_moves THEN
            -- By the difference: the row that was read may have moved since.
            UPDATE stock SET amount = amount + NEW.amount - OLD.amount, reserved = reserved + NEW.reserved - OLD.reserved,
                version = version + 1, updated_at = NEW.updated_at
            WHERE product_id = OLD.id;
        END IF;
        IF NOT stock_moves
            OR (NEW.seller_id, NEW.name, NEW.description, NEW.category, NEW.price, NEW.currency, NEW.photo_url,
                NEW.state, NEW.deletion_saga_id, NEW.created_at)
            IS DISTINCT FROM (OLD.seller_id, OLD.name, OLD.description, OLD.category, OLD.price, OLD.currency,
                OLD.photo_url, OLD.state, OLD.deletion_saga_id, OLD.created_at)
        THEN
            -- Its trigger raises the version.
            UPDATE catalogue SET seller_id = NEW.seller_id, name = NEW.name, description = NEW.description,
                category = NEW.category, price = NEW.price, currency = NEW.currency, photo_url = NEW.photo_url,
                state = NEW.state, deletion_saga_id = NEW.deletion_saga_id, created_at = NEW.created_at,
                updated_at = NEW.updated_at
            WHERE id = OLD.id;
        END IF;
    END IF;
    -- For RETURNING: with what the tables have made of it.
    SELECT p.* INTO NEW FROM products p WHERE p.id = NEW.id;
    RETURN NEW;
END
$$;
CREATE TRIGGER write_product INSTEAD OF INSERT OR UPDATE OR DELETE ON products
FOR EACH ROW EXECUTE FUNCTION write_product();
