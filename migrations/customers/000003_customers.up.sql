CREATE TABLE cart_lines (
    user_id bigint NOT NULL,
    product_id bigint NOT NULL,
    amount bigint NOT NULL CHECK (amount BETWEEN 1 AND 1000000),
    added_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, product_id)
);

-- Every user has two accounts in a currency: what can be spent, and what is held for unsettled orders.
-- The external account (user 0) is where top-ups come from; only it may be below zero.
CREATE TABLE accounts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('available', 'held', 'external')),
    currency text NOT NULL,
    -- Minor units; always the sum of the account's ledger entries.
    balance bigint NOT NULL DEFAULT 0,
    UNIQUE (user_id, kind, currency),
    CHECK ((kind = 'external') = (user_id = 0)),
    CONSTRAINT accounts_balance CHECK (balance >= 0 OR kind = 'external')
);

CREATE TABLE ledger_transactions (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('top_up', 'hold', 'capture', 'release')),
    saga_id uuid,
    order_id bigint,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK ((kind = 'top_up') = (saga_id IS NULL)),
    -- The second of the locks on double effects, behind the branch row.
    UNIQUE (saga_id, kind)
);

CREATE TABLE ledger_entries (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    transaction_id bigint NOT NULL REFERENCES ledger_transactions,
    account_id bigint NOT NULL REFERENCES accounts,
    -- Minor units; what the account gains.
    amount bigint NOT NULL CHECK (amount <> 0)
);
CREATE INDEX ledger_entries_transaction ON ledger_entries (transaction_id);
CREATE INDEX ledger_entries_account ON ledger_entries (account_id, id);

-- Double entry: the entries of a transaction are written by one statement, and sum to zero in each currency.
CREATE FUNCTION ledger_must_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM written w JOIN accounts a ON a.id = w.account_id
        GROUP BY w.transaction_id, a.currency HAVING sum(w.amount) <> 0
    ) THEN
        RAISE EXCEPTION 'the entries of a ledger transaction do not sum to zero' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_entries_balance AFTER INSERT ON ledger_entries
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION ledger_must_balance();

-- Append-only: a mistake is corrected by another transaction.
CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER ledger_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entries
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER ledger_transactions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_transactions
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();

-- Requests that carry an idempotency key, and what was answered.
CREATE TABLE idempotency_keys (
    user_id bigint NOT NULL,
    operation text NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    claim uuid NOT NULL,
    claimed_at timestamptz NOT NULL DEFAULT now(),
    response bytea,
    completed_at timestamptz,
    PRIMARY KEY (user_id, operation, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (claimed_at);
