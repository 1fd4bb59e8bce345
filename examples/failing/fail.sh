#!/bin/sh
# fail.sh NAME: what the package NAME of plan.toml does: breaks/NAME.sh, in an empty directory of its own.
# fail.sh --cannot NAME: succeeds where a tool is missing that breaks/NAME.sh needs, as its first line says.
set -eu

here=$(cd "$(dirname "$0")" && pwd)

if [ "$1" = --cannot ]; then
    for tool in $(sed -n '1s/^# needs://p' "$here/breaks/$2.sh"); do
        command -v "$tool" >/dev/null 2>&1 || exit 0
    done
    exit 1
fi

rm -rf "$SYNTHTOP_WORKDIR/src"
mkdir -p "$SYNTHTOP_WORKDIR/src"
cd "$SYNTHTOP_WORKDIR/src"
export LC_ALL=C
exec sh -eu "$here/breaks/$1.sh"
