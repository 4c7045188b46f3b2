-- Why somebody did something to another's things. Entries of before have it behind their action, or have none.
ALTER TABLE audit_trail ADD COLUMN reason text;
