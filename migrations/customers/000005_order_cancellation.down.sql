-- Refused once there was a refund: the ledger is append-only.
ALTER TABLE ledger_transactions
    DROP CONSTRAINT ledger_transactions_kind_check,
    ADD CONSTRAINT ledger_transactions_kind_check CHECK (kind IN ('top_up', 'hold', 'capture', 'release'));
