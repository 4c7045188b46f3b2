DROP INDEX audit_trail_age;
-- Not valid for the orders that are there as long as some of their sagas are forgotten.
ALTER TABLE orders
    ADD CONSTRAINT orders_saga_id_fkey
        FOREIGN KEY (saga_id) REFERENCES sagas DEFERRABLE INITIALLY DEFERRED NOT VALID,
    ADD CONSTRAINT orders_cancellation_saga_id_fkey
        FOREIGN KEY (cancellation_saga_id) REFERENCES sagas DEFERRABLE INITIALLY DEFERRED NOT VALID;
DO $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM orders o, LATERAL (VALUES (o.saga_id), (o.cancellation_saga_id)) AS v (id)
        WHERE v.id IS NOT NULL AND NOT EXISTS (SELECT FROM sagas s WHERE s.id = v.id)
    ) THEN
        ALTER TABLE orders VALIDATE CONSTRAINT orders_saga_id_fkey;
        ALTER TABLE orders VALIDATE CONSTRAINT orders_cancellation_saga_id_fkey;
    END IF;
END $$;
