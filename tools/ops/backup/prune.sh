#!/bin/bash
# Keep the newest backups and remove the older ones. See docs/backup.md.
#
#   prune.sh COUNT                               how many to keep, one at least
#   BACKUP_BUCKET                                GCS bucket
#   /etc/spectral/gcs-sa.json                    service account that may list and delete; not that of the nightly run
set -euo pipefail

here=$(dirname -- "${BASH_SOURCE[0]}")
readonly here service=prune
# shellcheck source=tools/ops/backup/common.sh
. "$here/common.sh"

# is_there KEY   rclone tells of what is not there by saying nothing
is_there() {
  [[ -n $(brief rclone lsf ":gcs:$BACKUP_BUCKET/$1") ]]
}

prune() {
  local all newest_first stamp kept=0
  all=$(stamps) || fail "the bucket cannot be listed"
  mapfile -t newest_first < <(sort --reverse <<<"$all")
  # From the newest on. A manifest whose backup is missing is none that could be restored: it is not counted, and stays
  # for somebody to look at.
  for stamp in ${all:+"${newest_first[@]}"}; do
    if ! is_there "backups/$stamp.dump.age"; then
      log error "a manifest without its backup" stamp "$stamp"
    elif ((kept < $1)); then
      ((++kept))
    else
      # The manifest first: without it, it is no backup, whatever comes between.
      brief rclone deletefile ":gcs:$BACKUP_BUCKET/manifests/$stamp.json" || fail "not removed" stamp "$stamp"
      brief rclone deletefile ":gcs:$BACKUP_BUCKET/backups/$stamp.dump.age" || fail "half removed" stamp "$stamp"
      log info removed stamp "$stamp"
    fi
  done
  log info pruned kept "$kept"
}

trap 'stop' TERM INT
log info started
[[ ${1:-} =~ ^[1-9][0-9]{0,3}$ ]] || fail "say how many to keep"
need BACKUP_BUCKET
for_bucket
in_background prune "$1" || exit 1
