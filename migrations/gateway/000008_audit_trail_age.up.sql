-- What is old enough to be forgotten is found without reading the rest.
CREATE INDEX audit_trail_age ON audit_trail (at);
