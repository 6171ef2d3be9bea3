-- Everybody may make large objects and write to them unless told otherwise; pg_read_all_data does not read them.

REVOKE EXECUTE ON FUNCTION
    lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea), lo_put(oid, bigint, bytea), lo_unlink(oid),
    lowrite(integer, bytea), lo_truncate(integer, integer), lo_truncate64(integer, bigint)
FROM PUBLIC;

-- A dump reads those of everybody. The setting lets it write them too, but for the functions above.
DO $$
BEGIN
    ALTER ROLE backup_nightly SET lo_compat_privileges = on;
EXCEPTION
    WHEN insufficient_privilege THEN
        RAISE WARNING 'only a superuser lets backup_nightly read the large objects of others';
END
$$;
