-- Adds to every table that is partitioned by time the months that it has no partition for, from one until so many ahead
-- of now. Run it by a timer, `SELECT add_partitions()`, each day say: rows of a month without a partition go to the
-- default one, so nothing fails if it is forgotten, but such a month stays there.
CREATE FUNCTION add_partitions(since timestamptz DEFAULT now(), months_ahead integer DEFAULT 3) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    parent record;
    first timestamptz;
    next timestamptz;
    part text;
    is_taken boolean;
BEGIN
    -- Orders before their lines, transactions before their entries: locks are taken in the order of the shop's own.
    FOR parent IN
        SELECT c.relname AS name, a.attname AS key,
            coalesce('WITH (' || array_to_string(d.reloptions, ', ') || ')', '') AS options
        FROM pg_partitioned_table p JOIN pg_class c ON c.oid = p.partrelid JOIN pg_class d ON d.oid = p.partdefid
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = p.partattrs[0]
        WHERE c.relnamespace = current_schema()::regnamespace AND p.partstrat = 'r' ORDER BY c.relname DESC
    LOOP
        first := date_trunc('month', since, 'UTC');
        WHILE first < now() + make_interval(months => months_ahead) LOOP
            next := (first AT TIME ZONE 'UTC' + interval '1 month') AT TIME ZONE 'UTC';
            part := parent.name || to_char(first AT TIME ZONE 'UTC', '_YYYY_MM');
            EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE %I >= %L AND %I < %L)',
                parent.name || '_default', parent.key, first, parent.key, next) INTO is_taken;
            IF to_regclass(quote_ident(part)) IS NULL AND NOT is_taken THEN
                EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L) %s',
                    part, parent.name, first, next, parent.options);
            END IF;
            first := next;
        END LOOP;
    END LOOP;
END $$;
