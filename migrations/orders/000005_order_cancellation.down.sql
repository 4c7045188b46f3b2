-- Refused while an order is cancelling or cancelled: what came before has no word for it.
ALTER TABLE orders
    DROP CONSTRAINT orders_cancelled_at,
    DROP CONSTRAINT orders_cancellation_code,
    DROP CONSTRAINT orders_cancellation_saga,
    DROP CONSTRAINT orders_state_check,
    ADD CONSTRAINT orders_state_check CHECK (state IN ('pending', 'confirmed', 'rejected')),
    DROP COLUMN cancelled_at,
    DROP COLUMN cancellation_message,
    DROP COLUMN cancellation_code,
    DROP COLUMN cancellation_saga_id;
