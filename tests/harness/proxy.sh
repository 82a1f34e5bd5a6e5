# The proxy between the program and the server (tests/fault/proxy.c).  Source it after night.sh.
#
#   proxy_start WHAT N HOW    from now on $T/waarborg.conf leads through it
#   proxy_met                 has the fault been met?
#   proxy_stop                ends it, and puts the configuration back; $proxy_seen is the number of
#                             statements of that kind that came

PROXY=$(dirname "$WAARBORG_PLAIN")/tests/fault_proxy
[ -x "$PROXY" ] || PROXY=$(dirname "$WAARBORG")/tests/fault_proxy
[ -x "$PROXY" ] || skip "fault_proxy was not built; build all targets, not waarborg alone"
mkdir -p "$T/proxy"

proxy_start() {
    rm -f "$T/proxy/.s.PGSQL.$PGPORT"
    "$PROXY" "$T/proxy/.s.PGSQL.$PGPORT" "$PGHOST/.s.PGSQL.$PGPORT" "$@" >"$T/proxy/said" &
    proxy_pid=$!
    harness_children="$harness_children $proxy_pid"
    wait_for 5 grep -q listening "$T/proxy/said"
    sed -i "s|^database = \"host='[^']*'|database = \"host='$T/proxy'|" "$T/waarborg.conf"
}

proxy_met() {
    grep -qx "done" "$T/proxy/said"
}

proxy_stop() {
    kill "$proxy_pid"
    wait "$proxy_pid" 2>/dev/null || :
    proxy_seen=$(sed -n 's/^seen //p' "$T/proxy/said")
    sed -i "s|^database = \"host='[^']*'|database = \"host='$PGHOST'|" "$T/waarborg.conf"
}
