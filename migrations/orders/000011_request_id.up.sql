-- The request that placed an order, by the id that its client was told and the logs have.
ALTER TABLE orders ADD COLUMN request_id text;
