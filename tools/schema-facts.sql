-- What a role's schema has, a fact a line: kind, the table or view, the name, the definition.
SELECT kind, relation, name, regexp_replace(definition, '\s+', ' ', 'g') AS definition
FROM (
    SELECT CASE WHEN c.relkind IN ('r', 'p') THEN 'table' ELSE 'view' END AS kind, c.relname::text AS relation,
        ''::text AS name, CASE c.relkind WHEN 'p' THEN 'partitioned' ELSE '' END AS definition
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p', 'v', 'm')
    UNION ALL
    SELECT 'column', c.relname::text, a.attname::text,
        format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
            || CASE WHEN a.atthasdef OR a.attidentity <> '' THEN ' with a default' ELSE '' END
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p', 'v', 'm') AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT 'index', t.relname::text, i.relname::text, pg_get_indexdef(i.oid, 0, true)
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
    JOIN pg_namespace n ON n.oid = t.relnamespace
    WHERE n.nspname = current_schema() AND t.relkind IN ('r', 'p', 'm')
    UNION ALL
    SELECT 'constraint', t.relname::text, k.conname::text, pg_get_constraintdef(k.oid, true)
    FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace
    WHERE n.nspname = current_schema() AND k.contype IN ('c', 'f', 'p', 'u', 'x')
    UNION ALL
    SELECT 'trigger', t.relname::text, g.tgname::text,
        CASE WHEN g.tgenabled IN ('D', 'R') THEN 'disabled' ELSE pg_get_triggerdef(g.oid, true) END
    FROM pg_trigger g JOIN pg_class t ON t.oid = g.tgrelid JOIN pg_namespace n ON n.oid = t.relnamespace
    WHERE n.nspname = current_schema() AND NOT g.tgisinternal
) facts
WHERE relation NOT LIKE 'schema\_migrations%'
ORDER BY relation COLLATE "C", array_position(ARRAY['table', 'view', 'column', 'index', 'constraint', 'trigger'], kind),
    name COLLATE "C"
