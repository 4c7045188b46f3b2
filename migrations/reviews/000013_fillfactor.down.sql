ALTER TABLE saga_branches RESET (fillfactor);
ALTER TABLE ratings RESET (fillfactor);
