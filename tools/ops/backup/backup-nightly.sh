#!/bin/bash
# Back up one PostgreSQL database, encrypted, to a bucket: pg_dump | age | rclone. See docs/backup.md.
#
#   PGHOST PGPORT PGUSER PGPASSWORD PGDATABASE   the database, by libpq's own variables: never in an argument
#   BACKUP_RECIPIENT                             age public key that the backup is encrypted to
#   BACKUP_BUCKET                                GCS bucket
#   BACKUP_SECONDS                               how long all of it may take; six hours
#   /etc/spectral/gcs-sa.json                    service account that may write to it (Secret File)
set -euo pipefail

here=$(dirname -- "${BASH_SOURCE[0]}")
readonly here service=backup-nightly
readonly version_file=${SPECTRAL_VERSION_FILE:-/app/version.json}
# shellcheck source=tools/ops/backup/common.sh
. "$here/common.sh"

# database   a transaction that stands still while the second half of this script makes the backup within it.
# In the place of the shell that would wait for it, or else it made itself a process group that nobody signals.
database() {
  exec timeout --kill-after=1 "${BACKUP_SECONDS:-21600}" psql --no-psqlrc --no-password --file="$here/snapshot.sql"
}

# dumped KEY   three facts in any order: the digest and the size of what was sent there, and that it was a whole dump.
# The pipeline keeps nothing on disk; each of its programs has to end well.
dumped() {
  {
    pg_dump --format=custom --no-password --snapshot="$SNAPSHOT" \
      | tee >(pg_restore --file=/dev/null >&2 && echo whole >&3) \
      | age --encrypt --recipient "$BACKUP_RECIPIENT" \
      | tee >(sha256sum >&3) >(wc -c >&3) \
      | rclone rcat ":gcs:$BACKUP_BUCKET/$1" >&2
  } 3>&1
}

# in_snapshot   the backup itself, while the database stands still for it
in_snapshot() {
  local stamp started incoming object facts digest size client newest last
  for_bucket
  [[ $ALONE == t ]] || fail "another backup is under way"
  client=$(pg_dump --version | sed 's/^.* \([0-9][0-9.]*\).*$/\1/')
  ((${client%%.*} >= SERVER_VERSION_NUM / 10000)) \
    || fail "pg_dump is older than the server" client "$client" server "$SERVER_VERSION"

  printf -v stamp '%(%Y-%m-%dT%H%M%SZ)T' -1
  printf -v started '%(%Y-%m-%dT%H:%M:%SZ)T' -1
  newest=$(stamps | tail --lines=1) || fail "the bucket cannot be listed"
  if [[ -n $newest ]]; then
    [[ $stamp > $newest ]] || fail "the clock is behind the last backup" last "$newest"
    last=$(manifest "$newest") || fail "the last manifest cannot be read" last "$newest"
    ((HELD > 0 || $(field held <<<"$last") == 0)) || fail "the database is empty, and was not" last "$newest"
  fi

  # Under incoming/ until it was read back: a cut upload is never taken for a backup.
  incoming=incoming/$stamp-$RANDOM$RANDOM.dump.age
  log info dumping key "$incoming"
  facts=$(dumped "$incoming") || fail "the dump failed" key "$incoming"
  digest=$(sed -n 's/^\([0-9a-f]\{64\}\) .*$/\1/p' <<<"$facts")
  size=$(sed -n 's/^\([0-9]\{1,\}\)$/\1/p' <<<"$facts")
  [[ $facts == *whole* && -n $digest && -n $size ]] || fail "the dump cannot be read" key "$incoming"

  log info verifying key "$incoming"
  [[ $(rclone cat ":gcs:$BACKUP_BUCKET/$incoming" | sha256sum) == "$digest "* ]] \
    || fail "what was uploaded is not what was sent" key "$incoming"

  object=backups/$stamp.dump.age
  log info publishing key "$object"
  # Whether something is there already, this credential may not ask; nor may it write over it.
  rclone copyto --no-check-dest ":gcs:$BACKUP_BUCKET/$incoming" ":gcs:$BACKUP_BUCKET/$object" || fail "not copied" key "$object"
  # Last of all, because this makes it a backup.
  written "$started" "$object" "$digest" "$size" "$client" | brief rclone rcat ":gcs:$BACKUP_BUCKET/manifests/$stamp.json" \
    || fail "no manifest" key "$object"
  [[ $(manifest "$stamp" | field sha256) == "$digest" ]] || fail "the manifest cannot be read" key "$object"
  log info published key "$object" size "$size" sha256 "$digest"
}

# written STARTED KEY DIGEST SIZE CLIENT   the manifest, one field to a line, so that sed can read it
written() {
  printf '{\n  "version": 1,\n  "key": "%s",\n  "sha256": "%s",\n  "size": %s,\n' "$2" "$3" "$4"
  printf '  "client_version": "%s",\n  "server_version": "%s",\n' "$5" "$SERVER_VERSION"
  printf '  "started": "%s",\n  "ended": "%(%Y-%m-%dT%H:%M:%SZ)T",\n' "$1" -1
  printf '  "held": %s,\n  "rows": %s\n}\n' "$HELD" "$ROWS"
}

export TZ=UTC PGCONNECT_TIMEOUT=${PGCONNECT_TIMEOUT:-30} PGAPPNAME=backup-nightly

if [[ ${1:-} == in-snapshot ]]; then
  in_snapshot
  exit
fi

[[ -r $version_file ]] || fail "no version file" file "$version_file"
sha=$(field sha <"$version_file")
short_sha=$(field short_sha <"$version_file")
describe=$(field describe <"$version_file")

# Not before there is all that it calls; and no "$(...)" after it: bash takes a trap that is due while it expands one
# inside quotes for a syntax error, and SIGTERM would end the script with 2.
trap 'stop' TERM INT

log info started sha "$sha" short_sha "$short_sha" describe "$describe" drain_seconds 0.5

need PGHOST PGUSER PGDATABASE BACKUP_RECIPIENT BACKUP_BUCKET
# A secret key in its place would be shown by age, which repeats what it does not understand.
if [[ ! $BACKUP_RECIPIENT =~ ^age1[02-9ac-hj-np-z]{58}$ ]] || ! age --recipient "$BACKUP_RECIPIENT" </dev/null &>/dev/null; then
  fail "the recipient is no age public key" variable BACKUP_RECIPIENT
fi

export BACKUP_PROGRAM=$here/backup-nightly.sh
in_background database || fail "no backup was made"
