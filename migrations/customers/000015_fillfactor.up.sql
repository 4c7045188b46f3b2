-- Balances and branches of sagas change in place: no column that an index has changes.
ALTER TABLE accounts SET (fillfactor = 50);
ALTER TABLE saga_branches SET (fillfactor = 70);
