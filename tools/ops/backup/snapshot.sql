-- One transaction that sees the database as it is now, and stands still while the backup is made within it. Its lock
-- is the server's: it goes with the connection, however that ends.

\set QUIET on
\set ON_ERROR_STOP on
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on

BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;

SELECT pg_try_advisory_lock(49050) AS "ALONE",
       pg_export_snapshot() AS "SNAPSHOT",
       current_setting('server_version_num') AS "SERVER_VERSION_NUM",
       split_part(current_setting('server_version'), ' ', 1) AS "SERVER_VERSION"
\gset

\ir rows.sql

\setenv ALONE :ALONE
\setenv SNAPSHOT :SNAPSHOT
\setenv SERVER_VERSION_NUM :SERVER_VERSION_NUM
\setenv SERVER_VERSION :SERVER_VERSION
\setenv ROWS :ROWS
\setenv HELD :HELD

\! "$BACKUP_PROGRAM" in-snapshot
\if :SHELL_ERROR
    DO $$BEGIN RAISE EXCEPTION 'nothing was published'; END$$;
\endif
ROLLBACK;
