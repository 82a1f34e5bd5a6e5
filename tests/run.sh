#!/bin/sh
# Runs every test: installs what is missing, builds twice (as released, and with the address and
# undefined-behaviour sanitizers), starts a private PostgreSQL and hands over to ctest.
#   tests/run.sh [ctest arguments]      for example: tests/run.sh -R db.holds
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/conf/demo/server.sh"

scratch='' child=''
stop() {
    trap '' INT TERM HUP
    # ctest leads a session of its own, so that an interruption reaches every test it started.
    if [ -n "$child" ] && kill -TERM "-$child" 2>/dev/null; then
        wait "$child" || :
    fi
    server_stop
    [ -z "$scratch" ] || rm -rf "$scratch"
}
trap stop EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

sh "$root/conf/demo/prepare.sh" tests
sh "$root/conf/demo/build.sh" "$root/build/test" all -DCMAKE_BUILD_TYPE=RelWithDebInfo -DSANITIZE=OFF \
    -DFAULT_POINTS=ON
sh "$root/conf/demo/build.sh" "$root/build/asan" all -DCMAKE_BUILD_TYPE=Debug -DSANITIZE=ON \
    -DFAULT_POINTS=ON "-DPLAIN_BUILD=$root/build/test"

server_start
scratch=$(mktemp -d /tmp/waarborg-tests.XXXXXXXX)
chmod 711 "$scratch" # some tests run the program as another user
WAARBORG_TEST_CACHE=$scratch TMPDIR=$scratch
export WAARBORG_TEST_CACHE TMPDIR

# A background command of sh ignores SIGINT, and so would every program the tests start.
setsid env --default-signal=INT,QUIT \
    ctest --test-dir "$root/build/asan" --output-on-failure -j2 "$@" &
child=$!
status=0
wait "$child" || status=$?
child=''
exit "$status"
