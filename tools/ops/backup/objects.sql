-- How many things there are in the database that a restore would run into.
SELECT (SELECT count(*) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
        WHERE nspname !~ '^pg_' AND nspname <> 'information_schema')
     + (SELECT count(*) FROM pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace
        WHERE nspname !~ '^pg_' AND nspname <> 'information_schema')
     + (SELECT count(*) FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'public'))
     + (SELECT count(*) FROM pg_largeobject_metadata);
