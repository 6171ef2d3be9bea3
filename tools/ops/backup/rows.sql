-- Sets ROWS, how many rows each table has by its name, and HELD, how many all have, with the large objects, but for
-- the list of migrations, which an empty database has too.
SELECT coalesce(jsonb_object_agg(name, rows ORDER BY name), '{}') AS "ROWS",
       coalesce(sum(rows) FILTER (WHERE name <> 'core.migrations'), 0)
           + (SELECT count(*) FROM pg_largeobject_metadata) AS "HELD"
FROM (
    SELECT format('%s.%s', nspname, relname) AS name,
           (xpath('/row/rows/text()', query_to_xml(format('SELECT count(*) AS rows FROM ONLY %I.%I', nspname, relname),
               false, true, '')))[1]::text::bigint AS rows
    FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE relkind = 'r' AND relpersistence <> 't' AND nspname !~ '^pg_' AND nspname <> 'information_schema'
) AS counted
\gset
