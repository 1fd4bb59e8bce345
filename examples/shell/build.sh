#!/bin/sh
# build.sh ORIGIN ...: a builder that speaks the event stream. It runs $BUILD, a shell command, for each ORIGIN:
#
#     BUILD='make -C /usr/ports/$1' examples/shell/build.sh devel/gmake shells/bash | synthtop --follow -
logs=${LOGS:-$PWD/logs}; mkdir -p "$logs" || exit
say() { printf '{"event":"%s","time":%s,%s}\n' "$1" "$(date +%s)" "$2"; }
say begin "\"name\":\"shell\",\"workers\":1,\"queued\":$#,\"logs\":\"$logs\""
for origin; do
    log=$logs/$(printf %s "$origin" | sed 's,/,___,').log outcome=failed
    say start "\"slot\":0,\"origin\":\"$origin\",\"phase\":\"build\",\"log\":\"$log\""
    sh -c "$BUILD" build "$origin" >"$log" 2>&1 </dev/null && outcome=built
    say done "\"slot\":0,\"origin\":\"$origin\",\"outcome\":\"$outcome\""
done
say end '"state":"finished"'
