#!/bin/sh
# Write version.json for a tree to standard output.
#
# usage: build-version.sh [TREE]
#
# It runs inside the builds, where git is not: the commit is RENDER_GIT_COMMIT when that is given (Render
# gives it to every build), else what TREE/.git names. There is no third way: without a commit it fails.
# describe is a tag that points at the commit, the last in version order, or else the short commit: the
# same on a desk, in a shallow clone and on Render, where no history is at hand to count commits in.
set -eu
export LC_ALL=C
tree=${1:-.}
git=$tree/.git

fail() {
  printf 'build-version.sh: %s\n' "$1" >&2
  exit 1
}

is_commit() {
  case $1 in *[!0-9a-f]*) return 1 ;; esac
  [ ${#1} -eq 40 ]
}

# The commit that the checked-out tree names, or nothing.
commit_of_tree() {
  [ -f "$git/HEAD" ] || return 0
  head=$(cat "$git/HEAD")
  case $head in
    'ref: '*) ref=${head#ref: } ;;
    *) printf '%s\n' "$head" && return ;;
  esac
  if [ -f "$git/$ref" ]; then
    cat "$git/$ref"
  elif [ -f "$git/packed-refs" ]; then
    awk -v ref="$ref" '$2 == ref { print $1 }' "$git/packed-refs"
  fi
}

# The names of the tags that point at commit $1. A line "^<commit>" in packed-refs is what the annotated
# tag of the line above it points at; an annotated tag that is not packed cannot be read without git.
tags_at() {
  {
    if [ -f "$git/packed-refs" ]; then
      awk -v commit="$1" '
        NF > 1 { name = $2 }
        name ~ /^refs\/tags\// && ($1 == commit || $1 == "^" commit) { print name }
      ' "$git/packed-refs" | while read -r ref; do
        [ -f "$git/$ref" ] || printf '%s\n' "${ref#refs/tags/}" # an unpacked one is newer
      done
    fi
    if [ -d "$git/refs/tags" ]; then
      (cd "$git/refs/tags" && find . -type f -exec grep -lx "$1" {} +) | sed 's|^\./||'
    fi
  } | grep -x '[A-Za-z0-9._/+-]*' | grep -vx unknown || true
}

sha_of() {
  digest=$(sha256sum) || return
  printf '%s\n' "${digest%% *}"
}

sha=${RENDER_GIT_COMMIT:-$(commit_of_tree)}
# shellcheck disable=SC2016  # the reader is to type the command, so it stays unexpanded
[ -n "$sha" ] || fail 'no commit: RENDER_GIT_COMMIT is not set and the build context has no .git/HEAD that names one.
Pass it: --build-arg RENDER_GIT_COMMIT="$(git rev-parse HEAD)"'
is_commit "$sha" || fail "not a commit: '$sha'. Expected the 40 hexadecimal digits of a full commit id."

for lock in "$tree"/apps/*/requirements.txt "$tree/pnpm-lock.yaml"; do
  [ -f "$lock" ] || fail "no lock file: $lock"
done

short_sha=$(printf '%.12s' "$sha")
describe=$(tags_at "$sha" | sort -V | tail -n 1)
# Not within the document: what fails there fails unseen.
built_at=$(date -u +%Y-%m-%dT%H:%M:%SZ)
uv_lock_sha=$(cat "$tree"/apps/*/requirements.txt | sha_of)
pnpm_lock_sha=$(sha_of < "$tree/pnpm-lock.yaml")

cat <<JSON
{
  "sha": "$sha",
  "short_sha": "$short_sha",
  "describe": "${describe:-$short_sha}",
  "built_at": "$built_at",
  "uv_lock_sha": "$uv_lock_sha",
  "pnpm_lock_sha": "$pnpm_lock_sha"
}
JSON
