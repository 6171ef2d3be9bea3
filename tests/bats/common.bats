#!/usr/bin/env bats
# Parts of tools/ops/backup/common.sh, one claim each; programs are functions where it matters what they answer.
# shellcheck disable=SC1091,SC2329  # it is read in the container, and calls the doubles

setup() {
  export BACKUP_BUCKET=bucket
  # shellcheck disable=SC2034  # for common.sh
  service=bats
  # shellcheck source=tools/ops/backup/common.sh
  source "$BATS_TEST_DIRNAME/../backup/common.sh"
  brief() { "$@"; }
}

@test "a line of the log is JSON with time, level, service and message" {
  run log info dumping key incoming/x
  [[ $output =~ ^\{\"time\":\"[0-9T:-]+Z\",\"level\":\"info\",\"service\":\"bats\",\"msg\":\"dumping\",\"key\":\"incoming/x\"\}$ ]]
}

@test "what fails says so once and ends with 1" {
  run fail "no manifest" key k
  [[ $status == 1 && ${#lines[@]} == 1 && $output == *'"level":"error"'*'"msg":"no manifest","key":"k"}' ]]
}

@test "a variable that is empty is missing" {
  export GIVEN=x EMPTY=
  run need GIVEN
  [[ $status == 0 && -z $output ]]
  run need GIVEN EMPTY
  [[ $status == 1 && $output == *'"variable":"EMPTY"'* ]]
}

@test "manifests are told from other names, and the newest comes last" {
  rclone() { printf '%s\n' 2026-02-01T000000Z.json notes.txt 2026-01-01T000000Z.json x.json; }
  run stamps
  [[ $status == 0 && $output == $'2026-01-01T000000Z\n2026-02-01T000000Z' ]]
}

@test "a bucket that cannot be listed is not an empty one" {
  set -o pipefail
  rclone() { return 3; }
  run stamps
  [[ $status != 0 ]]
}

@test "a manifest of which rclone shows nothing is not there" {
  rclone() { :; }
  run manifest 2026-01-01T000000Z
  [[ $status != 0 && -z $output ]]
}

@test "a field is read as a string and as a number, and no other one's" {
  manifest=$'{\n  "key": "backups/a",\n  "size": 12,\n  "old_size": 13,\n  "last": "z"\n}'
  [[ $(field key <<<"$manifest") == backups/a ]]
  [[ $(field size <<<"$manifest") == 12 ]]
  [[ $(field last <<<"$manifest") == z ]]
  [[ -z $(field missing <<<"$manifest") ]]
}

@test "a service account that cannot be read is said before rclone is asked" {
  RCLONE_GCS_SERVICE_ACCOUNT_FILE=/nowhere run for_bucket
  [[ $status == 1 && $output == *'"msg":"no service account"'* ]]
}
