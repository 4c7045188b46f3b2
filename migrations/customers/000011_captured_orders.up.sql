-- Whether an order's money has reached its sellers, which a cancellation must know before it refuses.
-- lint:ignore index-not-concurrent older than the first release: no shop had rows yet
CREATE INDEX ledger_transactions_captures ON ledger_transactions (order_id) WHERE kind = 'capture';
