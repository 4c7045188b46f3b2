DROP INDEX reservations_age;
DROP INDEX audit_trail_age;
DROP INDEX saga_branches_age;
