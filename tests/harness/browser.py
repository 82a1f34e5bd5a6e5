#!/usr/bin/env python3
"""Looks at a page of HTML in headless Chromium, as people do, and says what is wrong with it.

    browser.py PAGE DIRECTORY [WIDTH...]

PAGE: a file.  Into DIRECTORY, which it makes, go
    phone.png phone-dark.png desktop.png desktop-dark.png    the page, 360 and 1280 pixels wide
    page.pdf                                                 printed, with the page's own @page
    text                                                     what a reader sees (innerText)
    page.json   {"title", "language", "headings": [[level, text]], "elements": {name: count},
                "tables": [{"caption", "rows", "columns", "scopes": {row: n, col: n, none: n}}],
                "values": [[machine-readable, shown]], "images": [[title, description]],
                "contrast": {scheme: smallest ratio}}
Faults, one a line on standard output, and exit code 1:
    a message on the console, an exception, a request for anything but the page itself, an element
    that could run or load something, a page that scrolls sideways, text with a contrast below 4.5
    against what is behind it, letters of a chart upon each other, an empty picture.
Exit code 77: no Chromium here.  Speaks the DevTools protocol through a pipe, with nothing but
Python's own library.  As a module: Browser(), browser.open(path), browser.call(method, ...),
browser.evaluate(expression), browser.close().
"""
import base64
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time

PATIENCE = 120  # seconds for one answer: the machine may be busy


class Browser:
    def __init__(self):
        program = shutil.which("chromium") or shutil.which("chromium-browser")
        if program is None:
            raise FileNotFoundError("chromium is not installed")
        self.home = tempfile.mkdtemp(prefix="browser.")
        ours_read, theirs_write = os.pipe()
        theirs_read, ours_write = os.pipe()

        def hand_over():  # Chromium reads from 3 and writes to 4
            one, two = os.dup(theirs_read), os.dup(theirs_write)
            os.dup2(one, 3)
            os.dup2(two, 4)

        self.log = open(os.path.join(self.home, "log"), "wb")
        # Within a test there is no user to guard, and root has no sandbox.
        self.process = subprocess.Popen(
            [program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             "--no-first-run", "--disable-background-networking", "--disable-component-update",
             "--hide-scrollbars", "--user-data-dir=" + os.path.join(self.home, "profile"),
             "--remote-debugging-pipe", "about:blank"],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, close_fds=False,
            start_new_session=True, preexec_fn=hand_over,
            env={**os.environ, "HOME": self.home, "XDG_CACHE_HOME": self.home,
                 "XDG_CONFIG_HOME": self.home})
        os.close(theirs_read)
        os.close(theirs_write)
        self.reader, self.writer = ours_read, ours_write
        self.pending, self.events, self.number, self.session = b"", [], 0, None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target,
                                 flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")

    def receive(self, until):
        while b"\0" not in self.pending:
            ready, _, _ = select.select([self.reader], [], [], max(0, until - time.monotonic()))
            block = os.read(self.reader, 1 << 20) if ready else b""
            if not block:
                with open(self.log.name, errors="replace") as log:
                    raise RuntimeError("Chromium does not answer: " + log.read()[-2000:])
            self.pending += block
        message, self.pending = self.pending.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **parameters):
        """Waits for the answer; events that arrive meanwhile are kept."""
        self.number += 1
        request = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            request["sessionId"] = self.session
        data = json.dumps(request).encode() + b"\0"
        while data:
            data = data[os.write(self.writer, data):]
        until = time.monotonic() + PATIENCE
        while (message := self.receive(until)).get("id") != self.number:
            self.events.append(message)
        if "error" in message:
            raise RuntimeError("%s: %s" % (method, message["error"]))
        return message["result"]

    def open(self, path):
        """Loads the file and waits until that is done."""
        self.events = []
        self.call("Page.navigate", url="file://" + os.path.realpath(path))
        until = time.monotonic() + PATIENCE
        while not any(e.get("method") == "Page.loadEventFired" for e in self.events):
            self.events.append(self.receive(until))

    def evaluate(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def emulate(self, width, height, scheme, media="screen"):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=width < 600)
        self.call("Emulation.setEmulatedMedia", media=media,
                  features=[{"name": "prefers-color-scheme", "value": scheme}])

    def screenshot(self, path):
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        picture = self.call("Page.captureScreenshot", captureBeyondViewport=True, clip={
            "x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 12000),
            "scale": 1})
        return write(path, base64.b64decode(picture["data"]))

    def print_pdf(self, path):
        self.call("Emulation.clearDeviceMetricsOverride")
        self.call("Emulation.setEmulatedMedia", media="")
        pdf = self.call("Page.printToPDF", preferCSSPageSize=True)
        return write(path, base64.b64decode(pdf["data"]))

    def close(self):
        try:
            self.session = None
            self.call("Browser.close")
        except (RuntimeError, OSError):
            pass
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
        shutil.rmtree(self.home, ignore_errors=True)


def write(path, data):
    with open(path, "wb") as file:
        file.write(data)
    return len(data)


DESCRIBE = """(() => {
  const all = selector => [...document.querySelectorAll(selector)];
  const elements = {};
  for (const e of all('*')) elements[e.localName] = (elements[e.localName] || 0) + 1;
  const scopes = t => {
    const found = {row: 0, col: 0, none: 0};
    for (const th of t.querySelectorAll('th')) found[th.getAttribute('scope') || 'none']++;
    return found;
  };
  return {
    title: document.title,
    language: document.documentElement.lang,
    headings: all('h1, h2, h3').map(h => [+h.localName[1], h.innerText]),
    elements: elements,
    active: all('*').flatMap(e => e.getAttributeNames().filter(a => /^on/.test(a) ||
        (/^(src|srcset|href|xlink:href|data|action)$/.test(a) && !/^#/.test(e.getAttribute(a))))
        .map(a => e.localName + ' ' + a)),
    tables: all('table').map(t => ({caption: t.caption ? t.caption.textContent : null,
        rows: t.tBodies[0].rows.length, columns: t.tHead ? t.tHead.rows[0].cells.length : 0,
        scopes: scopes(t)})),
    values: all('data, time').map(e => [e.getAttribute('value') ?? e.getAttribute('datetime'),
                                        e.textContent]),
    images: all('[role=img]').map(e => [e.querySelector('title').textContent,
                                        e.querySelector('desc').textContent]),
  };
})()"""

# The smallest ratio of every text to the nearest background that is not transparent (WCAG 2).  Of a
# long table the first rows tell: the rest are of the same columns.
CONTRAST = """(() => {
  const parse = c => { const n = c.match(/[\\d.]+/g).map(Number);
                       return n.length < 4 ? [...n, 1] : n; };
  const light = c => { const [r, g, b] = c.slice(0, 3).map(v => { v /= 255;
    return v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; });
    return .2126 * r + .7152 * g + .0722 * b; };
  const behind = e => { for (; e; e = e.parentElement) {
    const c = parse(getComputedStyle(e).backgroundColor); if (c[3] === 1) return c; }
    return [255, 255, 255, 1]; };
  let least = [99, ''], last = null, rows = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode, e = text.parentElement, row = e.closest('tr');
    if (row !== last) { rows = row && last && row.parentElement === last.parentElement ? rows + 1 : 0;
                        last = row; }
    if (!text.data.trim() || rows > 500 || ['title', 'desc', 'style'].includes(e.localName)) continue;
    const style = getComputedStyle(e);
    const own = parse(e.namespaceURI.endsWith('svg') ? style.fill : style.color);
    const [a, b] = [light(own), light(behind(e))].sort((x, y) => y - x);
    const ratio = (a + .05) / (b + .05);
    if (ratio < least[0]) least = [ratio, text.data.trim().slice(0, 40)];
  }
  return least;
})()"""

# Pairs of letters of a chart that share pixels, and those beyond the edge of the page.
COLLISIONS = """(() => {
  const found = [];
  for (const chart of document.querySelectorAll('svg[role=img]')) {
    const boxes = [...chart.querySelectorAll('text')].map(t => [t.textContent,
      t.getBoundingClientRect()]).filter(b => b[1].width > 0);
    for (const [words, box] of boxes)
      if (box.left < 0 || box.right > document.documentElement.clientWidth) found.push(words + ' leaves the page');
    for (let i = 0; i < boxes.length; i++)
      for (let j = i + 1; j < boxes.length; j++) {
        const [a, b] = [boxes[i][1], boxes[j][1]];
        if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 2 &&
            b.top < a.bottom - 2) found.push(boxes[i][0] + ' and ' + boxes[j][0]);
      }
  }
  return found;
})()"""

# Cells whose text is wider than they are: it would stand upon the next one, or be cut on paper.
SPILLS = """[...document.querySelectorAll('th, td, dd, dt, h1, h2, h3, p')].filter(
  e => e.getBoundingClientRect().width > 2 && e.scrollWidth > Math.ceil(e.clientWidth) + 1 &&
       e.clientWidth > 0).map(e => e.localName + ' ' + e.textContent.slice(0, 40))"""

SCREENS = (("phone", 360, 740, "light"), ("phone-dark", 360, 740, "dark"),
           ("desktop", 1280, 900, "light"), ("desktop-dark", 1280, 900, "dark"))
FORBIDDEN = ("script", "img", "iframe", "object", "embed", "link", "base", "form", "video", "audio",
             "image", "foreignObject", "use")


def event_faults(browser, page):
    """Everything but the load of the page itself."""
    own = "file://" + os.path.realpath(page)
    for event in browser.events:
        method, p = event.get("method"), event.get("params", {})
        if method == "Runtime.consoleAPICalled":
            yield "console: %s" % [a.get("value") for a in p["args"]]
        elif method == "Log.entryAdded":
            yield "console: %s" % p["entry"]["text"]
        elif method == "Runtime.exceptionThrown":
            yield "exception: %s" % p["exceptionDetails"].get("text")
        elif method == "Network.requestWillBeSent" and p["request"]["url"] != own:
            yield "request: %s" % p["request"]["url"]


def look_at(browser, page, directory, widths):
    faults = []
    contrast = {}
    browser.emulate(1280, 900, "light")
    browser.open(page)
    found = browser.evaluate(DESCRIBE)
    with open(os.path.join(directory, "text"), "w", encoding="utf-8") as file:
        file.write(browser.evaluate("document.body.innerText"))
    faults += ["element <%s>" % e for e in FORBIDDEN if e in found["elements"]]
    faults += ["attribute %s" % a for a in found.pop("active")]
    screens = SCREENS + tuple(("%d" % w, w, 900, "light") for w in widths)
    for name, width, height, scheme in screens:
        browser.emulate(width, height, scheme)
        # Not innerWidth: a phone zooms out until everything is in it.
        wide = browser.evaluate("document.scrollingElement.scrollWidth") - width
        if wide > 0:
            faults.append("%s: scrolls sideways by %d pixels" % (name, wide))
        least, words = browser.evaluate(CONTRAST)
        contrast[scheme] = round(min(least, contrast.get(scheme, 99)), 2)
        if least < 4.5:
            faults.append("%s: contrast of %.2f at '%s'" % (name, least, words))
        faults += ["%s: letters collide: %s" % (name, c) for c in browser.evaluate(COLLISIONS)]
        faults += ["%s: does not fit: %s" % (name, s) for s in browser.evaluate(SPILLS)]
        if browser.screenshot(os.path.join(directory, name + ".png")) < 5000:
            faults.append("%s: an empty picture" % name)
    browser.print_pdf(os.path.join(directory, "page.pdf"))
    browser.evaluate("0")  # what was on its way has arrived
    faults += event_faults(browser, page)
    found["contrast"] = contrast
    with open(os.path.join(directory, "page.json"), "w", encoding="utf-8") as file:
        json.dump(found, file, ensure_ascii=False, indent=1)
    return faults


def main(page, directory, *widths):
    os.makedirs(directory, exist_ok=True)
    try:
        browser = Browser()
    except FileNotFoundError as missing:
        print("SKIPPED: %s" % missing)
        return 77
    try:
        faults = look_at(browser, page, directory, [int(w) for w in widths])
    finally:
        browser.close()
    print("".join(fault + "\n" for fault in faults), end="")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
