# A private, throw-away PostgreSQL for the demo and the tests.  Source it:
#
#   server_start [setting=value ...]   starts one; sets SERVER_HOME, SERVER_BIN, SERVER_PID and the
#                                      PG* variables, so that psql and libpq programs find it
#   server_stop                        stops it by its process id and removes SERVER_HOME
#
# It has its own data directory, listens on a unix socket only and never touches a cluster of the
# system.  As root it runs as an unprivileged user, who owns SERVER_HOME; nobody but root and that
# user can reach the socket, which is why `trust` is good enough.  SERVER_PARENT, when set, says
# where SERVER_HOME is made (/tmp); a socket's path holds at most 107 bytes, so keep it short.
# Call server_stop from a trap that is set before server_start: both can be interrupted anywhere.

SERVER_HOME='' SERVER_PID='' SERVER_BIN=''

# The newest server on this machine.
server_find() {
    SERVER_BIN=$(for postgres in /usr/lib/postgresql/*/bin/postgres; do
        [ ! -x "$postgres" ] || echo "${postgres%/postgres}"
    done | sort -t/ -k5,5n | tail -n 1)
    [ -n "$SERVER_BIN" ] || {
        echo "No PostgreSQL server in /usr/lib/postgresql; conf/demo/prepare.sh installs one." >&2
        return 1
    }
}

# Runs a command as the user of the server, in its directory: the caller's may be closed to them.
server_as_user() {
    if [ "$(id -u)" -ne 0 ]; then
        (cd "$SERVER_HOME" && exec "$@")
    else
        (cd "$SERVER_HOME" && exec setpriv --reuid="$SERVER_USER" \
            --regid="$(id -g "$SERVER_USER")" --clear-groups -- "$@")
    fi
}

server_start() {
    server_find || return 1
    SERVER_HOME=$(mktemp -d "${SERVER_PARENT:-/tmp}/waarborg.XXXXXXXX")
    SERVER_USER=$(id -un)
    if [ "$(id -u)" -eq 0 ]; then
        SERVER_USER=postgres
        id postgres >/dev/null 2>&1 || SERVER_USER=nobody
        chown "$SERVER_USER" "$SERVER_HOME"
    fi
    server_as_user "$SERVER_BIN/initdb" -D "$SERVER_HOME/data" -U postgres -A trust -E UTF8 \
        --locale=C.UTF-8 --no-sync --no-instructions >"$SERVER_HOME/initdb.log" 2>&1 || {
        cat "$SERVER_HOME/initdb.log" >&2
        return 1
    }
    {
        echo "listen_addresses = ''"
        echo "unix_socket_directories = '$SERVER_HOME'"
        for setting; do
            echo "${setting%%=*} = '${setting#*=}'"
        done
    } >>"$SERVER_HOME/data/postgresql.conf"
    server_as_user "$SERVER_BIN/pg_ctl" -D "$SERVER_HOME/data" -l "$SERVER_HOME/server.log" \
        -s -w start || {
        cat "$SERVER_HOME/server.log" >&2
        return 1
    }
    SERVER_PID=$(head -n 1 "$SERVER_HOME/data/postmaster.pid")
    unset PGSERVICE PGSERVICEFILE PGOPTIONS PGHOSTADDR PGPASSWORD PGSSLMODE PGTZ PGDATESTYLE
    PGHOST=$SERVER_HOME PGPORT=5432 PGUSER=postgres PGDATABASE=postgres
    PATH=$SERVER_BIN:$PATH
    export PGHOST PGPORT PGUSER PGDATABASE PATH
}

server_stop() {
    [ -n "$SERVER_HOME" ] || return 0
    # From the file: after an interrupted server_start SERVER_PID may not be known yet.
    SERVER_PID=$(head -n 1 "$SERVER_HOME/data/postmaster.pid" 2>/dev/null || :)
    if [ -n "$SERVER_PID" ] && kill -INT "$SERVER_PID" 2>/dev/null; then
        tenths=0
        while kill -0 "$SERVER_PID" 2>/dev/null && [ "$tenths" -lt 600 ]; do
            sleep 0.1
            tenths=$((tenths + 1))
            [ "$tenths" -ne 300 ] || kill -QUIT "$SERVER_PID" 2>/dev/null || :
        done
    fi
    rm -rf "$SERVER_HOME"
    SERVER_PID='' SERVER_HOME=''
}
