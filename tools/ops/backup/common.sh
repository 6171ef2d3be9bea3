# shellcheck shell=bash
# What backup-nightly.sh, restore.sh and prune.sh share. Each is PID 1 of its container: bash runs a trap only when
# the foreground command has ended, so whatever lasts runs in the background, and the script waits for it.
: "${service:?whoever reads this file says who he is}"

# log LEVEL MESSAGE [NAME VALUE]...   one JSON line; values are ours, without quotes or backslashes
log() {
  local line
  printf -v line '{"time":"%(%Y-%m-%dT%H:%M:%SZ)T","level":"%s","service":"%s","msg":"%s"' -1 "$1" "$service" "$2"
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
  # A job is a process group of its own: all of its programs are told. "jobs" knows one that was started this
  # instant, when no variable does. A process that bash has just forked forgets a signal that comes before it has
  # let go of the trap, so it is told again; what does not listen for half a second is ended; and of a job that has
  # ended bash may go on telling.
  local running signal=TERM tries=0
  while running=$(jobs -rp) && [[ -n $running ]] && ((++tries < 40)); do
    ((tries < 10)) || signal=KILL
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

# need NAME...   variables without which there is nothing to begin with
need() {
  local name
  for name; do
    [[ -n ${!name:-} ]] || fail "variable is not set" variable "$name"
  done
}

# for_bucket   settings of rclone that are no secrets; it says what it does by its exit status, and why on stderr
for_bucket() {
  export RCLONE_CONFIG=/dev/null RCLONE_GCS_NO_CHECK_BUCKET=true RCLONE_GCS_BUCKET_POLICY_ONLY=true
  export RCLONE_GCS_SERVICE_ACCOUNT_FILE=${RCLONE_GCS_SERVICE_ACCOUNT_FILE:-/etc/spectral/gcs-sa.json}
  export RCLONE_RETRIES=1 RCLONE_LOW_LEVEL_RETRIES=3 RCLONE_TIMEOUT=60s RCLONE_CONTIMEOUT=10s
  [[ -r $RCLONE_GCS_SERVICE_ACCOUNT_FILE ]] || fail "no service account" file "$RCLONE_GCS_SERVICE_ACCOUNT_FILE"
}

# brief COMMAND...   what takes no time when all is well; rclone would try some things again without end
brief() {
  timeout --foreground --kill-after=1 "${BACKUP_STEP_SECONDS:-120}" "$@"
}

# stamps   those of all backups, the newest last: a backup is what has a manifest
stamps() {
  brief rclone lsf --files-only ":gcs:$BACKUP_BUCKET/manifests" | sed -n 's/^\([0-9T:Z-]*\)\.json$/\1/p' | sort
}

# manifest STAMP   its text; rclone shows nothing, and no error, of what is not there
manifest() {
  local text
  text=$(brief rclone cat ":gcs:$BACKUP_BUCKET/manifests/$1.json") && [[ $text == *'"sha256"'* ]] && printf '%s\n' "$text"
}

# field NAME   of a JSON object that has one to a line; a string or a number, from standard input
field() {
  sed -n "s/^ *\"$1\": \"\{0,1\}\([^\"]*[^\",]\)\"\{0,1\},\{0,1\}\$/\1/p"
}
