-- Does each table have as many rows as the manifest says?
\ir rows.sql
\getenv wanted ROWS
SELECT :'ROWS'::jsonb = :'wanted'::jsonb AS same
\gset
\if :same
\else
    DO $$BEGIN RAISE EXCEPTION 'the rows differ from the manifest'; END$$;
\endif
