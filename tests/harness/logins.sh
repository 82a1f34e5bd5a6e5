# Roles that may log in.  Roles are the cluster's: these have names of this process, and go at exit.
# Source it after lib.sh, with $db made.
#
#   logins NAME...   makes them, without a right
#   login NAME       what the role of NAME is called

harness_logins=''
login() {
    echo "wt_$1_$$"
}

logins_exit() {
    for name in $harness_logins; do
        sql "DROP OWNED BY $(login "$name")" 2>/dev/null || :
        sql_in postgres "DROP ROLE IF EXISTS $(login "$name")" 2>/dev/null || :
    done
    harness_exit
}
trap logins_exit EXIT

logins() {
    harness_logins="$harness_logins $*"
    for name; do
        sql "CREATE ROLE $(login "$name") LOGIN"
    done
}
