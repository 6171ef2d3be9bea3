-- A dump reads everything and changes nothing.

GRANT pg_read_all_data TO backup_nightly;
ALTER ROLE backup_nightly SET default_transaction_read_only = on;
