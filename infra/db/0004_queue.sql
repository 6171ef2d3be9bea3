-- The workers' own: the queue's tables are procrastinate's, which says what is in them.

GRANT USAGE ON SCHEMA queue TO workers;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA queue TO workers;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA queue TO workers;

-- What a later version of procrastinate adds is theirs too.
ALTER DEFAULT PRIVILEGES IN SCHEMA queue GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO workers;
ALTER DEFAULT PRIVILEGES IN SCHEMA queue GRANT USAGE ON SEQUENCES TO workers;
