#!/usr/bin/env python3
"""A mail server on the loopback for tests: takes mail by SMTP and keeps it as a Maildir.

    receiver.py DIRECTORY

Writes the port it got to DIRECTORY/port when it is ready.  Of the mail it takes:
    DIRECTORY/new/N       the message, with LF; whole or not there; N counts from 1
    DIRECTORY/envelope    a line for each: N, the sender and the recipients of the envelope
A message that breaks the rules of RFC 5321 or 5322 (lines over 998 bytes, a lone CR or LF, 8-bit
bytes that were not announced, none or two of a header that must be there once) is refused with
554, and the reason is added to DIRECTORY/faults.
The test may write DIRECTORY/answer: "CODE [REGEX]" refuses each recipient (that matches) with CODE.
Nothing but Python's own library, and of that nothing that later versions leave out.
"""
import os
import re
import socketserver
import sys
import threading

HERE = sys.argv[1]
ONCE = ("from", "date", "message-id", "subject", "to")
lock = threading.Lock()
taken = 0


def write_whole(name, content):
    part = os.path.join(HERE, ".part")
    with open(part, "wb") as file:
        file.write(content)
    os.rename(part, os.path.join(HERE, name))


def append(name, line):
    with open(os.path.join(HERE, name), "a", encoding="utf-8") as file:
        file.write(line + "\n")


def faults_of(lines, eight_bit):
    """lines: as on the wire, without CR LF."""
    found = []
    for line in lines:
        if len(line) > 998:
            found.append("a line of %d bytes" % len(line))
        if b"\r" in line or b"\n" in line or b"\0" in line:
            found.append("a lone CR, LF or NUL")
        if not eight_bit and any(byte > 127 for byte in line):
            found.append("8-bit bytes without BODY=8BITMIME")
    header = lines[: lines.index(b"")] if b"" in lines else lines
    names = [line.split(b":")[0].decode("latin-1").lower() for line in header
             if line[:1] not in (b" ", b"\t")]
    if any(not re.fullmatch(r"[!-9;-~]+", name) for name in names):
        found.append("a header line that is none")
    for name in ONCE:
        if names.count(name) != 1:
            found.append("%d headers %s" % (names.count(name), name))
    return found


def refusal(address):
    """What the test wants this recipient to be answered, or None."""
    try:
        with open(os.path.join(HERE, "answer"), encoding="utf-8") as file:
            code, _, pattern = file.read().strip().partition(" ")
    except FileNotFoundError:
        return None
    return code if re.search(pattern, address) else None


class Session(socketserver.StreamRequestHandler):
    timeout = 60

    def say(self, text):
        self.wfile.write(text.encode("ascii") + b"\r\n")

    def take(self):
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b".") else line)
        if line == b"":
            return False
        wrong = [] if all(line.endswith(b"\r\n") for line in lines) else ["a lone LF"]
        lines = [line.rstrip(b"\r\n") if line.endswith(b"\r\n") else line for line in lines]
        wrong += faults_of(lines, self.eight_bit)
        with lock:
            self.keep(lines, wrong)
        return True

    def keep(self, lines, wrong):
        global taken
        if wrong:
            append("faults", "; ".join(sorted(set(wrong))))
            self.say("554 5.6.0 " + wrong[0])
            return
        taken += 1
        append("envelope", "%d %s %s" % (taken, self.sender or "<>", " ".join(self.recipients)))
        write_whole("new/%d" % taken, b"".join(line + b"\n" for line in lines))
        self.say("250 2.0.0 taken")

    def reset(self):
        self.sender, self.recipients, self.eight_bit = None, [], False

    def recipient(self, line):
        address = re.match(r"RCPT TO:\s*<([^>]*)>", line, re.I)
        code = "501" if not address else "503" if self.sender is None else refusal(address[1])
        if code:
            self.say(code + " not taken")
        else:
            self.recipients.append(address[1])
            self.say("250 ok")

    def handle(self):
        self.reset()
        self.say("220 localhost ESMTP receiver")
        while (raw := self.rfile.readline(4096)) != b"":
            line = raw.decode("utf-8", "replace").strip()
            word = line.split(" ")[0].upper()
            if word in ("EHLO", "HELO"):
                self.reset()
                self.say("250-localhost\r\n250 8BITMIME" if word == "EHLO" else "250 localhost")
            elif address := re.match(r"MAIL FROM:\s*<([^>]*)>", line, re.I):
                self.reset()
                self.sender = address[1]
                self.eight_bit = "BODY=8BITMIME" in line.upper()
                self.say("250 ok")
            elif word == "RCPT":
                self.recipient(line)
            elif word == "DATA" and self.recipients:
                self.say("354 go on, end with a dot")
                if not self.take():
                    return
                self.reset()
            elif word in ("RSET", "NOOP"):
                self.reset()
                self.say("250 ok")
            elif word == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("503 not now")


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 64


os.makedirs(os.path.join(HERE, "new"), exist_ok=True)
with Server(("127.0.0.1", 0), Session) as server:
    write_whole("port", b"%d\n" % server.server_address[1])
    server.serve_forever()
