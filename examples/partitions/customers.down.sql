-- The ledger and the notifications in one table each again, as the migrations have made them; `examples/partition down`
-- runs it, in one transaction.
--
-- Partitions that were detached stay as they are.
SET LOCAL lock_timeout = '10s';
LOCK TABLE ledger_transactions, ledger_entries, notifications IN ACCESS EXCLUSIVE MODE;

ALTER TABLE ledger_entries RENAME TO ledger_entries_by_month;
ALTER TABLE ledger_transactions RENAME TO ledger_transactions_by_month;
ALTER TABLE notifications RENAME TO notifications_by_month;
CREATE TABLE ledger_transactions (
    LIKE ledger_transactions_by_month INCLUDING DEFAULTS INCLUDING IDENTITY INCLUDING CONSTRAINTS);
CREATE TABLE ledger_entries (LIKE ledger_entries_by_month INCLUDING DEFAULTS INCLUDING IDENTITY INCLUDING CONSTRAINTS);
CREATE TABLE notifications (LIKE notifications_by_month INCLUDING DEFAULTS INCLUDING CONSTRAINTS);

INSERT INTO ledger_transactions OVERRIDING SYSTEM VALUE SELECT * FROM ledger_transactions_by_month;
INSERT INTO ledger_entries OVERRIDING SYSTEM VALUE SELECT * FROM ledger_entries_by_month;
INSERT INTO notifications SELECT * FROM notifications_by_month;
ALTER TABLE ledger_transactions DROP COLUMN booked_at;
ALTER TABLE ledger_entries DROP COLUMN booked_at;
SELECT setval(pg_get_serial_sequence('ledger_transactions', 'id'), last_value, is_called)
FROM ledger_transactions_id_seq;
SELECT setval(pg_get_serial_sequence('ledger_entries', 'id'), last_value, is_called) FROM ledger_entries_id_seq;
DROP TABLE ledger_entries_by_month, ledger_transactions_by_month, notifications_by_month, ledger_effects;
DROP FUNCTION add_partitions, ledger_moves_money_once;
ALTER SEQUENCE ledger_transactions_id_seq1 RENAME TO ledger_transactions_id_seq;
ALTER SEQUENCE ledger_entries_id_seq1 RENAME TO ledger_entries_id_seq;

ALTER TABLE ledger_transactions
    ADD PRIMARY KEY (id),
    ADD UNIQUE (saga_id, kind);
CREATE INDEX ledger_transactions_captures ON ledger_transactions (order_id) WHERE kind = 'capture';
ALTER TABLE ledger_entries ADD PRIMARY KEY (id);
ALTER TABLE ledger_entries ADD FOREIGN KEY (transaction_id) REFERENCES ledger_transactions;
ALTER TABLE ledger_entries ADD FOREIGN KEY (account_id) REFERENCES accounts;
CREATE INDEX ledger_entries_transaction ON ledger_entries (transaction_id);
CREATE INDEX ledger_entries_account ON ledger_entries (account_id, id);
ALTER TABLE notifications ADD PRIMARY KEY (user_id, sequence);
CREATE INDEX notifications_age ON notifications (created_at);

CREATE TRIGGER ledger_entries_balance AFTER INSERT ON ledger_entries
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION ledger_must_balance();
CREATE TRIGGER ledger_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entries
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER ledger_transactions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_transactions
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
ANALYZE ledger_transactions, ledger_entries, notifications;
