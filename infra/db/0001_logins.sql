-- Who may log in: each service by itself, with no rights but those that the later files grant (ADR-049 D6).
-- Passwords are set where they are provisioned, never here. Logins belong to the whole server, so they may be there.

DO $$
DECLARE
    login text;
BEGIN
    FOREACH login IN ARRAY ARRAY['api', 'workers', 'retention_run', 'backup_nightly', 'deployments'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = login) THEN
            EXECUTE format('CREATE ROLE %I LOGIN', login);
        END IF;
    END LOOP;
    -- Nobody else connects, and nobody makes anything where all can see it.
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format(
        'GRANT CONNECT ON DATABASE %I TO api, workers, retention_run, backup_nightly, deployments',
        current_database()
    );
END
$$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
