#!/bin/bash
# Back up one PostgreSQL database, encrypted, to a bucket: pg_dump | age | rclone.
#
#   PGHOST PGPORT PGUSER PGPASSWORD PGDATABASE   the database, by libpq's own variables: never in an argument
#   BACKUP_RECIPIENT                             age public key that the backup is encrypted to
#   BACKUP_BUCKET                                GCS bucket
#   /etc/spectral/gcs-sa.json                    service account that may write to it (Secret File)
#
# It is PID 1 of its container. Bash runs a trap only when the foreground command has ended, so the pipeline
# runs in the background and the script waits for it: SIGTERM takes effect at once.
set -euo pipefail

readonly version_file=${SPECTRAL_VERSION_FILE:-/app/version.json}

# log LEVEL MESSAGE [NAME VALUE]...   one JSON line; values are ours, without quotes or backslashes
log() {
  local line
  line=$(printf '{"time":"%(%Y-%m-%dT%H:%M:%SZ)T","level":"%s","service":"backup-nightly","msg":"%s"' -1 "$1" "$2")
  shift 2
  while (($#)); do
    line+=",\"$1\":\"$2\""
    shift 2
  done
  printf '%s}\n' "$line"
}

fail() {
  log error "$@"
  exit 1
}

stop() {
  trap '' TERM INT
  log info stopping
  # A pipeline is a process group of its own: all of its programs are told. "jobs" knows one that was started this
  # instant, when no variable does. A process that bash has just forked forgets a signal that comes before it has
  # let go of the trap, so it is told again; and what does not listen for half a second is ended.
  local running signal=TERM tries=0
  while running=$(jobs -rp) && [[ -n $running ]]; do
    ((++tries < 10)) || signal=KILL
    kill "-$signal" -- "-$running" 2>/dev/null || true
    sleep 0.05
  done
  wait
  log info stopped
  exit 143
}

# in_background COMMAND...   run it in a process group of its own and wait for its status
in_background() {
  set -m
  "$@" &
  set +m
  wait $!
}

# version NAME   a field of version.json, which build-version.sh writes one to a line
version() {
  sed -n "s/^ *\"$1\": \"\([^\"]*\)\",\{0,1\}\$/\1/p" "$version_file"
}

dump() {
  pg_dump --format=custom --no-password | age --encrypt --recipient "$BACKUP_RECIPIENT" | rclone rcat "$1"
}

# Not before there is all that it calls.
trap 'stop' TERM INT

export TZ=UTC PGCONNECT_TIMEOUT=${PGCONNECT_TIMEOUT:-30}
export RCLONE_CONFIG=/dev/null RCLONE_GCS_NO_CHECK_BUCKET=true RCLONE_GCS_BUCKET_POLICY_ONLY=true
export RCLONE_GCS_SERVICE_ACCOUNT_FILE=/etc/spectral/gcs-sa.json

[[ -r $version_file ]] || fail "no version file" file "$version_file"
log info started sha "$(version sha)" short_sha "$(version short_sha)" describe "$(version describe)" drain_seconds 0.5

for name in PGHOST PGUSER PGDATABASE BACKUP_RECIPIENT BACKUP_BUCKET; do
  [[ -n ${!name:-} ]] || fail "variable is not set" variable "$name"
done

printf -v stamp '%(%Y-%m-%dT%H%M%SZ)T' -1
key=$stamp.dump.age

# Under incoming/ until every program of the pipeline has ended well: a cut dump is never taken for a backup.
log info dumping key "incoming/$key"
in_background dump ":gcs:$BACKUP_BUCKET/incoming/$key" || fail "the dump failed" key "incoming/$key"
in_background rclone moveto ":gcs:$BACKUP_BUCKET/incoming/$key" ":gcs:$BACKUP_BUCKET/$key" || fail "not published" key "$key"
log info published key "$key"
