DROP INDEX audit_trail_age;
-- Not valid for the orders that are there: their sagas may be forgotten.
ALTER TABLE orders
    ADD CONSTRAINT orders_saga_id_fkey
        FOREIGN KEY (saga_id) REFERENCES sagas DEFERRABLE INITIALLY DEFERRED NOT VALID,
    ADD CONSTRAINT orders_cancellation_saga_id_fkey
        FOREIGN KEY (cancellation_saga_id) REFERENCES sagas DEFERRABLE INITIALLY DEFERRED NOT VALID;
