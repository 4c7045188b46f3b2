-- An order is decided after it was placed, in place: no column that an index has changes then.
DO $$
BEGIN
    -- A table that an operator has made one by month takes no such setting; its parts may.
    IF (SELECT relkind FROM pg_class WHERE oid = 'orders'::regclass) = 'r' THEN
        ALTER TABLE orders SET (fillfactor = 70);
    END IF;
END
$$;
