-- Orders outlive the sagas that placed and cancelled them.
ALTER TABLE orders
    DROP CONSTRAINT orders_saga_id_fkey,
    DROP CONSTRAINT orders_cancellation_saga_id_fkey;

-- What is old enough to be forgotten is found without reading the rest.
-- lint:ignore index-not-concurrent older than the first release: no shop had rows yet
CREATE INDEX audit_trail_age ON audit_trail (at);
