-- What is old enough to be forgotten is found without reading the rest; rows come in order of their age, so that blocks
-- are told apart by it.
-- lint:ignore index-not-concurrent older than the first release: no shop had rows yet
CREATE INDEX inbox_age ON inbox USING brin (handled_at);
