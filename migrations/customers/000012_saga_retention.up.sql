-- What is settled and old enough to be forgotten is found without reading the rest.
CREATE INDEX saga_branches_age ON saga_branches (created_at);
CREATE INDEX audit_trail_age ON audit_trail (at);
