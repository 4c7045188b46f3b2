ALTER TABLE saga_branches RESET (fillfactor);
ALTER TABLE accounts RESET (fillfactor);
