#!/bin/sh
# A mail system for tests.  The program runs it with an empty environment, so it finds everything
# beside itself: copy or link it into a directory of the test and name that as the sendmail.
#
#   mail/      each message as a file, named by time and process id; whole or not there
#   envelope   a line for each: the name of its file and the arguments
#   tries      a line for each call, also of those that failed
#   exit       (the test writes it) CODE [REGEX]: take no message, or none with a line that matches
#              (grep -E), and end with this code
#   delay      (the test writes it) seconds to wait before a message is taken
set -eu
here=$(dirname "$0")
umask 077
case " $* " in
*' -t '*) ;;
*) exit 64 ;;
esac
mkdir -p "$here/mail"
name=$(date +%s).$$
echo "$name $*" >>"$here/tries"
cat >"$here/mail/.$name"

# Its own sleep must not outlive it.
[ ! -f "$here/delay" ] || {
    trap 'kill "$pause" 2>/dev/null; rm -f "$here/mail/.$name"; exit 75' TERM INT HUP
    sleep "$(cat "$here/delay")" &
    pause=$!
    wait "$pause"
}
if [ -f "$here/exit" ]; then
    read -r code pattern <"$here/exit" || [ -n "$code" ]
    if [ -z "$pattern" ] || grep -qE -e "$pattern" "$here/mail/.$name"; then
        rm -f "$here/mail/.$name"
        exit "$code"
    fi
fi
echo "$name $*" >>"$here/envelope"
mv "$here/mail/.$name" "$here/mail/$name"
