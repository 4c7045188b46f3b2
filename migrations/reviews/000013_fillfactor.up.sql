-- Ratings and branches of sagas change in place: no column that an index has changes.
ALTER TABLE ratings SET (fillfactor = 70);
ALTER TABLE saga_branches SET (fillfactor = 70);
