-- What happens on a schedule: a cron posts an event and ends, and a worker handles it (ADR-049 D1, pattern A).

CREATE TABLE core.events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('retention-run')),
    day date NOT NULL,
    posted_at timestamptz NOT NULL DEFAULT now(),
    handled_at timestamptz,
    -- A cron that runs twice on a day posts once.
    UNIQUE (kind, day)
);

-- The id of the event, with a job for it in the queue; NULL when it had been posted before. Both or neither: a job
-- without its event, or an event without its job, is one that nobody handles.
CREATE FUNCTION core.post_event(new_kind text, new_day date) RETURNS bigint
LANGUAGE plpgsql
SECURITY DEFINER
-- The queue's functions name its tables without their schema.
SET search_path = queue, pg_catalog, pg_temp
AS $$
DECLARE
    event_id bigint;
BEGIN
    INSERT INTO core.events (kind, day) VALUES (new_kind, new_day)
    ON CONFLICT DO NOTHING
    RETURNING id INTO event_id;
    IF event_id IS NOT NULL THEN
        PERFORM procrastinate_defer_jobs_v1(ARRAY[
            ROW('default', 'handle_event', 0, NULL, NULL, jsonb_build_object('event_id', event_id), NULL)
        ]::procrastinate_job_to_defer_v1[]);
    END IF;
    RETURN event_id;
END
$$;

-- Everybody may call a new function unless told otherwise.
REVOKE ALL ON FUNCTION core.post_event(text, date) FROM PUBLIC;
GRANT USAGE ON SCHEMA core TO retention_run, workers;
GRANT EXECUTE ON FUNCTION core.post_event(text, date) TO retention_run;

GRANT SELECT ON core.events TO workers;
GRANT UPDATE (handled_at) ON core.events TO workers;
