#!/usr/bin/env bats
# What the scripts refuse before they ask anybody, and what prune.sh takes away.

setup() {
  scripts=$BATS_TEST_DIRNAME/../backup
  export PGHOST=nowhere.invalid PGUSER=u PGDATABASE=d BACKUP_BUCKET=b BACKUP_RECIPIENT
  export SPECTRAL_VERSION_FILE=$BATS_TEST_TMPDIR/version.json RCLONE_GCS_SERVICE_ACCOUNT_FILE=$BATS_TEST_TMPDIR/sa.json
  printf '{\n  "sha": "0",\n  "short_sha": "1",\n  "describe": "2"\n}\n' >"$SPECTRAL_VERSION_FILE"
  echo '{}' >"$RCLONE_GCS_SERVICE_ACCOUNT_FILE"
  mkdir "$BATS_TEST_TMPDIR/bin"
  PATH=$BATS_TEST_TMPDIR/bin:$PATH
}

# program NAME   its text is on standard input
program() {
  { echo '#!/bin/bash' && cat; } >"$BATS_TEST_TMPDIR/bin/$1"
  chmod +x "$BATS_TEST_TMPDIR/bin/$1"
}

@test "a secret key in the recipient's place is refused and not shown" {
  BACKUP_RECIPIENT=$(age-keygen 2>/dev/null | tail --lines=1)
  run "$scripts/backup-nightly.sh"
  [[ $status == 1 && $output == *"the recipient is no age public key"* && $output != *SECRET* ]]
}

@test "a recipient with a wrong check sum is refused" {
  BACKUP_RECIPIENT=age1$(printf 'q%.0s' {1..58})
  run "$scripts/backup-nightly.sh"
  [[ $status == 1 && $output == *"the recipient is no age public key"* ]]
}

@test "the backup begins with a right recipient, and the first line names the commit" {
  BACKUP_RECIPIENT=$(age-keygen 2>/dev/null | age-keygen -y)
  program psql <<<'exit 2'
  run "$scripts/backup-nightly.sh"
  [[ $status == 1 && ${lines[0]} == *'"sha":"0","short_sha":"1","describe":"2"'* && $output == *"no backup was made"* ]]
}

@test "a restore without an identity asks nobody" {
  program psql <<<'echo asked >&2'
  BACKUP_IDENTITY_FILE=/nowhere run "$scripts/restore.sh"
  [[ $status == 1 && $output == *'"msg":"no identity"'* && $output != *asked* ]]
}

@test "a database that is not empty is refused before the bucket is asked" {
  program psql <<<'echo 3'
  program rclone <<<'echo asked >&2'
  BACKUP_IDENTITY_FILE=$SPECTRAL_VERSION_FILE run "$scripts/restore.sh"
  [[ $status == 1 && $output == *"the database is not empty"* && $output != *asked* ]]
}

@test "prune wants to know how many to keep, and one at least" {
  for count in "" 0 -1 all; do
    run "$scripts/prune.sh" $count
    [[ $status == 1 && $output == *"say how many to keep"* ]]
  done
}

@test "prune counts manifests whose backup is there, and takes the manifest first" {
  program rclone <<'EOT'
case "$*" in
  *deletefile*) echo "$2" >>"$BATS_TEST_TMPDIR/deleted" ;;
  *manifests) printf '2026-01-0%d.json\n' 1 2 3 4 ;;
  *2026-01-04.dump.age) ;; # its backup is missing
  *) echo there ;;
esac
EOT
  run "$scripts/prune.sh" 2
  [[ $status == 0 && $output == *"a manifest without its backup"* ]]
  [[ $(<"$BATS_TEST_TMPDIR/deleted") == $':gcs:b/manifests/2026-01-01.json\n:gcs:b/backups/2026-01-01.dump.age' ]]
}
