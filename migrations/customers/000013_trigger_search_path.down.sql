ALTER FUNCTION ledger_must_balance() RESET search_path;
