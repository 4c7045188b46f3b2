UPDATE audit_trail SET action = action || ': ' || reason WHERE reason IS NOT NULL;
ALTER TABLE audit_trail DROP COLUMN reason;
