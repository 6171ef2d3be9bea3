-- Everybody may call a new function unless told otherwise, and whoever may look into a schema reaches those in it.

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA core, queue FROM PUBLIC;
-- What makes tables and functions from now on is the owner, by these files and by procrastinate's.
ALTER DEFAULT PRIVILEGES REVOKE ALL ON FUNCTIONS FROM PUBLIC;

GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA queue TO workers;
ALTER DEFAULT PRIVILEGES IN SCHEMA queue GRANT EXECUTE ON FUNCTIONS TO workers;
