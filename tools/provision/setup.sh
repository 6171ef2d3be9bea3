#!/usr/bin/env bash
# Puts the secrets of infra/secrets.yaml where Render's services read them. The one way in for a value.
set -euo pipefail

usage() {
    cat <<'USAGE'
usage: tools/provision/setup.sh ENVIRONMENT [--dry-run] [--only NAME]... [--from NAME=FILE]...
       tools/provision/setup.sh ENVIRONMENT --rotate NAME [--from NAME=FILE]...
       tools/provision/setup.sh ENVIRONMENT --deploy NAME

Asks for every secret of infra/secrets.yaml that ENVIRONMENT does not have yet, and puts it into its env group on
Render. After a failure, run it again: what is there is not asked for again.

  --dry-run            show which secrets go where, and do nothing
  --only NAME          only this secret; may be given again
  --from NAME=FILE     read it from FILE instead of asking; - is standard input. NAME may be RENDER_API_KEY.
  --rotate NAME        put another value in its place, and deploy the services that use it
  --deploy NAME        only deploy the services that use it, where a rotation failed after the value was written

RENDER_API_URL         where Render's API is: https://api.render.com/v1
RENDER_PROJECT         the project, where several have an environment of that name
USAGE
}

# A trace shows what a shell expands. No value passes through this one, and nobody has to trust that.
if [[ $- == *x* || -n ${BASH_XTRACEFD:-} ]]; then
    echo 'setup.sh: refuses to run while the shell traces its commands (set -x, SHELLOPTS, BASH_XTRACEFD)' >&2
    exit 2
fi
if (($# == 0)) || [[ $1 == --help || $1 == -h ]]; then
    usage
    exit "$(($# == 0 ? 2 : 0))"
fi

# No core with a value in it, and no file that others read.
ulimit -c 0
umask 077

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# -I: no variable and no folder of the operator changes what runs; -B: nothing is written.
exec "${PYTHON:-python3}" -I -B "$here" "$here/../../infra/secrets.yaml" "$@"
