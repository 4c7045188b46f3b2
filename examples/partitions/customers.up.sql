-- The ledger and the notifications by month (UTC), for a database of customers that has all its migrations;
-- `examples/partition up` runs it behind months.sql, in one transaction.
--
-- The shop may run: it waits while the rows are copied, and goes on as before. The way back is customers.down.sql,
-- which comes before any `shopctl migrate down`. Rights that were granted on the tables are to be granted again.
SET LOCAL lock_timeout = '10s';
LOCK TABLE ledger_transactions, ledger_entries, notifications IN ACCESS EXCLUSIVE MODE;

ALTER TABLE ledger_entries RENAME TO ledger_entries_plain;
ALTER TABLE ledger_transactions RENAME TO ledger_transactions_plain;
ALTER TABLE notifications RENAME TO notifications_plain;
-- booked_at is the time of the database's transaction, in which a ledger transaction is written with its entries: both
-- have the same by themselves, and the foreign key holds them to it.
CREATE TABLE ledger_transactions (
    LIKE ledger_transactions_plain INCLUDING DEFAULTS INCLUDING IDENTITY INCLUDING CONSTRAINTS,
    booked_at timestamptz NOT NULL DEFAULT now()
) PARTITION BY RANGE (booked_at);
CREATE TABLE ledger_entries (
    LIKE ledger_entries_plain INCLUDING DEFAULTS INCLUDING IDENTITY INCLUDING CONSTRAINTS,
    booked_at timestamptz NOT NULL DEFAULT now()
) PARTITION BY RANGE (booked_at);
CREATE TABLE notifications (LIKE notifications_plain INCLUDING DEFAULTS INCLUDING CONSTRAINTS)
    PARTITION BY RANGE (created_at);
CREATE TABLE ledger_transactions_default PARTITION OF ledger_transactions DEFAULT;
CREATE TABLE ledger_entries_default PARTITION OF ledger_entries DEFAULT;
CREATE TABLE notifications_default PARTITION OF notifications DEFAULT;
SELECT add_partitions(coalesce(
    least((SELECT min(created_at) FROM ledger_transactions_plain), (SELECT min(created_at) FROM notifications_plain)),
    now()));

INSERT INTO ledger_transactions OVERRIDING SYSTEM VALUE SELECT t.*, t.created_at FROM ledger_transactions_plain t;
INSERT INTO ledger_entries OVERRIDING SYSTEM VALUE
SELECT e.*, t.created_at FROM ledger_entries_plain e JOIN ledger_transactions_plain t ON t.id = e.transaction_id;
INSERT INTO notifications SELECT * FROM notifications_plain;
-- What a partitioned table cannot hold is held beside it: a saga moves money once in each way.
CREATE TABLE ledger_effects AS SELECT saga_id, kind FROM ledger_transactions_plain WHERE saga_id IS NOT NULL;
SELECT setval(pg_get_serial_sequence('ledger_transactions', 'id'), last_value, is_called)
FROM ledger_transactions_id_seq;
SELECT setval(pg_get_serial_sequence('ledger_entries', 'id'), last_value, is_called) FROM ledger_entries_id_seq;
DROP TABLE ledger_entries_plain, ledger_transactions_plain, notifications_plain;
ALTER SEQUENCE ledger_transactions_id_seq1 RENAME TO ledger_transactions_id_seq;
ALTER SEQUENCE ledger_entries_id_seq1 RENAME TO ledger_entries_id_seq;

ALTER TABLE ledger_effects ADD PRIMARY KEY (saga_id, kind);
CREATE FUNCTION ledger_moves_money_once() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO ledger_effects (saga_id, kind)
    SELECT saga_id, kind FROM written WHERE saga_id IS NOT NULL ORDER BY saga_id, kind;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_transactions_once AFTER INSERT ON ledger_transactions
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION ledger_moves_money_once();

ALTER TABLE ledger_transactions ADD PRIMARY KEY (id, booked_at);
CREATE INDEX ledger_transactions_saga ON ledger_transactions (saga_id, kind);
CREATE INDEX ledger_transactions_captures ON ledger_transactions (order_id) WHERE kind = 'capture';
ALTER TABLE ledger_entries ADD PRIMARY KEY (id, booked_at);
CREATE INDEX ledger_entries_transaction ON ledger_entries (transaction_id);
CREATE INDEX ledger_entries_account ON ledger_entries (account_id, id);
ALTER TABLE ledger_entries
    ADD FOREIGN KEY (transaction_id, booked_at) REFERENCES ledger_transactions (id, booked_at);
ALTER TABLE ledger_entries ADD FOREIGN KEY (account_id) REFERENCES accounts;
-- A user's numbers are unique by their counter, whose row is locked while one is given.
ALTER TABLE notifications ADD PRIMARY KEY (user_id, sequence, created_at);
CREATE INDEX notifications_age ON notifications (created_at);

CREATE TRIGGER ledger_entries_balance AFTER INSERT ON ledger_entries
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION ledger_must_balance();
CREATE TRIGGER ledger_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entries
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER ledger_transactions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_transactions
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
-- A statement that names a partition does not fire those; these are in every partition.
CREATE TRIGGER ledger_entries_rows_append_only BEFORE UPDATE OR DELETE ON ledger_entries
    FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER ledger_transactions_rows_append_only BEFORE UPDATE OR DELETE ON ledger_transactions
    FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only();
ANALYZE ledger_transactions, ledger_entries, notifications;
