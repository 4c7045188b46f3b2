DROP INDEX audit_trail_age;
