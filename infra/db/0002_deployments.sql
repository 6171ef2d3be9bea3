-- Every deployment, for ever: rollback and legacy drain read back through them (ADR-049 D5, D7).

CREATE TABLE core.deployments (
    -- Given by INSERT ... RETURNING generation and by nothing else, so two deployments never get the same.
    generation bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sha text NOT NULL CHECK (sha ~ '^[0-9a-f]{40}$'),
    tag text CHECK (tag ~ '^prod-[1-9][0-9]*$'),
    services text[] NOT NULL CHECK (cardinality(services) > 0),
    created_at timestamptz NOT NULL DEFAULT now()
);

-- Whoever owns the table may do everything, so rights alone do not keep the rows.
CREATE FUNCTION core.refuse_to_forget() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog
AS $$
BEGIN
    RAISE EXCEPTION 'deployments are kept for ever';
END
$$;

CREATE TRIGGER deployments_are_kept
    BEFORE DELETE OR TRUNCATE ON core.deployments
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_to_forget();

GRANT USAGE ON SCHEMA core TO api, deployments;
GRANT SELECT ON core.deployments TO api, deployments;
-- Neither the generation nor the time is theirs to choose.
GRANT INSERT (sha, tag, services) ON core.deployments TO deployments;
