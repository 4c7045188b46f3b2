DROP TABLE idempotency_keys;
DROP TABLE ledger_entries;
DROP TABLE ledger_transactions;
DROP FUNCTION ledger_must_balance;
DROP FUNCTION ledger_is_append_only;
DROP TABLE accounts;
DROP TABLE cart_lines;
