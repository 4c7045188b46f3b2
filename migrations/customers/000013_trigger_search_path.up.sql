-- A restore of data alone (pg_dump --data-only) runs with an empty search_path, in which the trigger found no accounts.
-- FROM CURRENT is the schema that migrations run in.
ALTER FUNCTION ledger_must_balance() SET search_path FROM CURRENT;
