# A real mail system for a test, sourced after lib.sh: msmtp as the sendmail, which hands each mail
# by SMTP to a server on the loopback (receiver.py).  Nothing leaves the machine.
#
#   receiver_start              skips the test when python3 or msmtp is not there
#   "$T/post/sendmail"          the path to configure; takes -t -i [-f ADDRESS]
#   $T/post/new/1 ...           the messages that arrived, in their order
#   $T/post/envelope            a line for each: number, sender, recipients
#   echo '550 ^jan@' >"$T/post/answer"      this recipient is refused (451: for now); rm ends it
#   expect_post 3               three messages arrived, all of them by the rules
#   post_decoded N              message N as UTF-8 text: From, To, Subject, an empty line, the body
#
# For a mail system that fails in other ways (hangs, ends with a code) there is sendmail.sh.

receiver_start() {
    command -v python3 >/dev/null 2>&1 || skip "python3 is not installed"
    command -v msmtp >/dev/null 2>&1 || skip "msmtp is not installed"
    mkdir "$T/post"
    python3 "$ROOT/tests/harness/receiver.py" "$T/post" 2>"$T/post/log" &
    harness_children="$harness_children $!"
    wait_for 20 test -s "$T/post/port"
    # Without a file of settings: msmtp may be confined to those in /etc and in a home.
    cat >"$T/post/sendmail" <<SENDMAIL
#!/bin/sh
exec msmtp --host=127.0.0.1 --port=$(cat "$T/post/port") --tls=off --auth=off --timeout=30 \\
    --from=sender@localhost "\$@"
SENDMAIL
    chmod 755 "$T/post/sendmail"
}

expect_post() {
    [ ! -s "$T/post/faults" ] || fail "a message broke the rules: $(cat "$T/post/faults")"
    arrived=$(find "$T/post/new" -type f | wc -l)
    [ "$arrived" -eq "$1" ] || fail "$arrived messages arrived, expected $1"
}

post_decoded() {
    python3 -c '
import email, email.policy, sys
with open(sys.argv[1], "rb") as file:
    mail = email.message_from_binary_file(file, policy=email.policy.default)
text = "".join("%s: %s\n" % (name, mail[name]) for name in ("From", "To", "Subject"))
sys.stdout.buffer.write((text + "\n" + mail.get_content()).encode("utf-8"))' "$T/post/new/$1"
}
