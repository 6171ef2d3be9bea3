#!/bin/bash
# Restore a backup into an empty database: rclone | age | pg_restore. See docs/backup.md.
#
#   restore.sh [STAMP]                           the newest, or the one that is named
#   PGHOST PGPORT PGUSER PGPASSWORD PGDATABASE   the database, whose owner this is
#   BACKUP_IDENTITY_FILE                         file with the age secret key
#   BACKUP_BUCKET                                GCS bucket
#   /etc/spectral/gcs-sa.json                    service account that may read it; or RCLONE_GCS_SERVICE_ACCOUNT_FILE
set -euo pipefail

here=$(dirname -- "${BASH_SOURCE[0]}")
readonly here service=restore
# shellcheck source=tools/ops/backup/common.sh
. "$here/common.sh"

# ask FILE   what the database answers to the statement in that file
ask() {
  psql --no-psqlrc --no-password --quiet --no-align --tuples-only --set=ON_ERROR_STOP=1 --file="$here/$1"
}

# sent KEY   the digest of what lies there
sent() {
  rclone cat ":gcs:$BACKUP_BUCKET/$1" | sha256sum | cut --characters=-64
}

# in_one_transaction   what pg_restore writes, without the transaction of their own that it gives to large objects
in_one_transaction() {
  sed -e '/^COPY .* FROM stdin;$/,/^\\\.$/b' \
    -e '/^BEGIN;$/ { N; N; s/^BEGIN;\n\n\(SELECT pg_catalog\.lo_open(\)/\1/ }' \
    -e '/^SELECT pg_catalog\.lo_close(0);$/ { N; N; s/\n\nCOMMIT;$// }'
}

# statements KEY DIGEST   what is there as SQL, committed only if it has that digest and its tables these rows
statements() {
  local digest digests
  exec {digests}<> <(:) # both ends are held here, so what is written can be read when the pipeline has ended
  printf 'BEGIN;\nSELECT pg_current_xact_id() AS begun \\gset\n'
  rclone cat ":gcs:$BACKUP_BUCKET/$1" \
    | tee >(sha256sum >&"$digests") \
    | age --decrypt --identity "$BACKUP_IDENTITY_FILE" \
    | pg_restore --file=- \
    | in_one_transaction || return 1
  read -r -t 60 -u "$digests" digest && [[ $digest == "$2 "* ]] || return 1
  printf '%s\n' "SELECT pg_current_xact_id() = :'begun' AS one \\gset" "\\if :one" "\\i $here/compare.sql" "COMMIT;" \
    "\\o" "\\echo committed" "\\endif"
}

# restored KEY DIGEST   all of it is one transaction, which whatever goes wrong leaves open: so nothing of it stays
restored() {
  local said
  said=$(statements "$@" | psql --no-psqlrc --no-password --quiet --set=ON_ERROR_STOP=1 --output=/dev/null) \
    && [[ $said == committed ]]
}

restore() {
  local stamp=$1 text key digest found
  found=$(ask objects.sql) || fail "the database does not answer"
  [[ $found == 0 ]] || fail "the database is not empty" objects "$found"

  [[ -n $stamp ]] || stamp=$(stamps | tail --lines=1) || fail "the bucket cannot be listed"
  [[ -n $stamp ]] || fail "there is no backup"
  text=$(manifest "$stamp") || fail "there is no backup of that name" stamp "$stamp"
  key=$(field key <<<"$text")
  digest=$(field sha256 <<<"$text")

  # Read once before, so that nothing of a backup that was changed gets as far as the database.
  log info checking key "$key"
  [[ $(sent "$key") == "$digest" ]] || fail "what lies there is not what was backed up" key "$key"
  log info restoring key "$key"
  ROWS=$(sed -n 's/^ *"rows": \({.*}\)$/\1/p' <<<"$text")
  export ROWS
  restored "$key" "$digest" || fail "it was not restored: the database is as empty as before" key "$key"
  log info restored key "$key"
}

trap 'stop' TERM INT
export TZ=UTC PGCONNECT_TIMEOUT=${PGCONNECT_TIMEOUT:-30} PGAPPNAME=restore

log info started
need PGHOST PGUSER PGDATABASE BACKUP_IDENTITY_FILE BACKUP_BUCKET
[[ -r $BACKUP_IDENTITY_FILE ]] || fail "no identity" file "$BACKUP_IDENTITY_FILE"
for_bucket
in_background restore "${1:-}" || exit 1
