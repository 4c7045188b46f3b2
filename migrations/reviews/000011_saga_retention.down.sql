DROP INDEX audit_trail_age;
DROP INDEX saga_branches_age;
