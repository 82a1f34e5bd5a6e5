#!/usr/bin/env python3
"""Says where CSV, HTML (charts, too) and text of a report differ from its JSON: value by value, each at its place.

    report_places.py JSON CSV LANGUAGE HTML TEXT [LANGUAGE HTML TEXT...]

JSON and CSV do not depend on the language; HTML and TEXT are as the program writes them to a file,
where lines are as long as they get.  Which fields a section has, and their order, is what the CSV
says; that they are all the fields of the JSON is checked, but for those that only summary's answers
are made of.  How a value reads in a language is written down here a second time; words of codes and
headings are those of the HTML, and must be the same in the text and different for different codes.
Differences, one a line on standard output, and exit code 1.  On success the number of values that
were compared."""
import csv
import html.parser
import json
import re
import sys

MONTHS = {"en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(),
          "nl": "jan feb mrt apr mei jun jul aug sep okt nov dec".split()}
NAMES = {"run", "hold", "chain_no", "version", "seq"}  # numbers that count nothing
# What JSON has besides the fields of the page: what the answers of summary are made of, and more
# about a row.  "*": any of that section, which another report shows in full.
UNSHOWN = {"summary": {"disposed": "*", "totals": "*", "standing": "*", "policies": "*", "archives": "*",
                       "holds": "*", "breaches": "*",
                       "nights": {"last_as_of", "last_days", "disposed", "rows"},
                       "evidence": {"verified_days", "verified_kind", "segments"},
                       "clocks": {"open_since", "overdue_since"}},
           "breaches": {"overview": {"ap_due_at", "ap_met_at", "persons_min"}},
           "breach": {name: {"reference"} for name in ("clocks", "decisions", "notifications", "measures")}}
faults = []
compared = 0


def fault(*words):
    faults.append(" ".join(str(word) for word in words))


# ---- How a value reads -------------------------------------------------------------------------

class Fraction(float):
    """A number with its digits as JSON has them."""

    def __new__(cls, text):
        number = super().__new__(cls, text)
        number.text = text
        return number


def plain(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return value.text
    if isinstance(value, list):
        return " ".join(plain(item) for item in value)
    return str(value)


def marked(text, language):
    return text.translate(str.maketrans(",.", ".,")) if language == "nl" else text


def nothing(value):
    return value is None or value == "" or value == []


def duration(seconds, language):
    hours = "u" if language == "nl" else "h"
    if seconds < 10:
        return marked(f"{seconds:.1f} s", language)
    seconds = int(seconds + 0.5)
    if seconds < 60:
        return f"{seconds} s"
    minutes = (seconds + 30) // 60
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 2880:
        return f"{minutes // 60} {hours} {minutes % 60:02d} min"
    return f"{minutes // 1440} d {minutes % 1440 // 60} {hours}"


def size(count, language):
    if abs(count) < 1000:
        return f"{count} B"
    value = count
    for unit in "kB MB GB TB PB EB".split():
        value /= 1000
        if abs(value) < 999.95:
            break
    return marked(f"{value:.1f} {unit}", language)


def moment(text, language):
    """A date, a month or an instant; None for any other text."""
    parts = re.fullmatch(r"(\d{4})-(\d\d)(?:-(\d\d)(?:T(\d\d:\d\d):(\d\d)([+-]\d\d:\d\d))?)?", text)
    if not parts or not 1 <= int(parts[2]) <= 12:
        return None
    words = [str(int(parts[3]))] if parts[3] else []
    words += [MONTHS[language][int(parts[2]) - 1], parts[1]]
    if parts[4]:
        words += [parts[4] + (":" + parts[5] if parts[5] != "00" else ""), parts[6]]
    return " ".join(words)


def shown(key, value, language):
    """How the value of a field reads in a language, or None: a code, whose words the HTML has."""
    if isinstance(value, bool):
        return {"en": ("no", "yes"), "nl": ("nee", "ja")}[language][value]
    if isinstance(value, (int, float)):
        if key.endswith("seconds") or key == "late_by":
            return duration(value, language)
        if isinstance(value, float):
            hundredths = int(abs(value) * 100 + 0.5)
            return marked("-" * (value < 0) + f"{hundredths // 100:,}.{hundredths % 100:02d}", language)
        if key.endswith("bytes"):
            return size(value, language)
        if key in NAMES:
            return str(value)
        count = marked(f"{value:,}", language)
        if key == "days" or key.endswith("_days"):
            count += {"en": (" days", " day"), "nl": (" dagen", " dag")}[language][value == 1]
        return count
    return moment(value, language)


def visible(text):
    """What would steer a terminal or turn the direction of writing is shown as \\x1b and \\u202e."""
    return re.sub("[\0-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]",
                  lambda c: f"\\x{ord(c[0]):02x}" if ord(c[0]) < 256 else f"\\u{ord(c[0]):04x}",
                  text.replace("\r\n", "\n"))


# ---- The page ----------------------------------------------------------------------------------

class Node:
    def __init__(self, tag, attributes):
        self.tag, self.attributes, self.children = tag, dict(attributes), []

    def find(self, *tags):
        for child in self.children:
            if isinstance(child, Node):
                if child.tag in tags:
                    yield child
                else:
                    yield from child.find(*tags)

    def first(self, *tags):
        return next(self.find(*tags), None)

    def text(self):
        if self.tag == "br":
            return "\n"
        return "".join(child if isinstance(child, str) else child.text() for child in self.children)


class Page(html.parser.HTMLParser):
    EMPTY = {"meta", "br", "img", "link", "hr", "wbr"}

    def __init__(self, text):
        super().__init__()
        self.open = [Node("page", ())]
        self.feed(text)
        if len(self.open) != 1:
            fault("HTML: not closed:", [node.tag for node in self.open[1:]])
        self.root = self.open[0]

    def handle_starttag(self, tag, attrs):
        node = Node(tag, attrs)
        self.open[-1].children.append(node)
        if tag not in self.EMPTY:
            self.open.append(node)

    def handle_startendtag(self, tag, attrs):
        self.open[-1].children.append(Node(tag, attrs))

    def handle_endtag(self, tag):
        if self.open[-1].tag == tag:
            self.open.pop()
        elif tag not in self.EMPTY:
            fault("HTML: </" + tag + "> closes", self.open[-1].tag)

    def handle_data(self, data):
        self.open[-1].children.append(data)


class Words:
    """The words of each code of a column, learned from the page."""

    def __init__(self):
        self.of, self.code = {}, {}

    def learn(self, place, code, word):
        column = place[0], place[2]
        if self.of.setdefault((column, code), word) != word:
            fault(*place, "code", code, "reads", word, "and", self.of[column, code])
        if self.code.setdefault((column, word), code) != code:
            fault(*place, "codes", code, "and", self.code[column, word], "both read", word)


def compare_cell(place, value, cell, language, words):
    """Compares a cell of the page with its value; gives what the text must show."""
    global compared
    compared += 1
    key = place[2]
    items = value if isinstance(value, list) else [value]
    if nothing(value):
        if cell.text().strip() not in ("–", "-") or cell.first("data", "time"):
            fault(*place, "HTML has", repr(cell.text()), "for nothing")
        return "-"
    readings = []
    marks = list(cell.find("data", "time"))
    for item in items:
        reading = shown(key, item, language)
        if isinstance(item, float) and key.endswith("bytes") and cell.text() == size(round(item), language):
            reading = cell.text()
        if isinstance(item, str) and reading is None:
            mark = next((m for m in marks if m.tag == "data" and m.attributes.get("value") == item), None)
            reading = mark.text() if mark else item
            if mark:
                words.learn(place, item, reading)
        elif isinstance(item, str) or key not in NAMES:
            attribute = ("time", "datetime") if isinstance(item, str) else ("data", "value")
            if not any(m.tag == attribute[0] and m.attributes.get(attribute[1]) == plain(item) for m in marks):
                # A text that looks like a date is one of people's words.
                if isinstance(item, str) and not marks:
                    reading = item
                else:
                    fault(*place, "HTML has no", attribute[0], "of", plain(item), "but", [m.attributes for m in marks])
        readings.append(reading)
    known = {plain(item) for item in items}
    for mark in marks:
        if mark.attributes.get("datetime", mark.attributes.get("value")) not in known:
            fault(*place, "HTML has", mark.attributes, "for", sorted(known))
    expected = visible(", ".join(readings))
    if cell.text() != expected:
        fault(*place, "HTML reads", repr(cell.text()), "expected", repr(expected))
    return expected


def compare_chart(name, section, titles, columns, labels, shown_rows, language):
    """The bars, by the label of their row, are the values above zero of the columns that its description sums up."""
    chart = next((s for s in section.find("svg") if s.first("desc")), None)
    if chart is None:
        return
    words, expected = chart.first("desc").text(), []
    for at, (title, values) in enumerate(zip(titles, columns)):
        summed = re.search(r"(?:^|\. )" + re.escape(title) + r": \w+ ([\d.,]*\d)", words)
        if not summed:
            continue
        if summed[1] != marked(f"{sum(values):,}", language):
            fault(name, "the chart sums up", repr(title), "to", summed[1], "but it is", sum(values))
        expected += [f"{label}, {title}: {row[at]}" for label, row, value in zip(labels, shown_rows, values) if value > 0]
    bars = [bar.first("title").text() for bar in chart.find("rect") if bar.first("title")]
    if not expected or sorted(bars) != sorted(expected):
        fault(name, "the chart has", bars[:9], "expected", expected[:9])


def compare_table(name, rows, keys, section, language, words):
    filled = [key for key in keys if any(not nothing(row.get(key)) for row in rows)]
    table = section.first("table")
    titles = [cell.text() for cell in table.first("thead").find("th")]
    lines = list(table.first("tbody").find("tr"))
    count = re.search(r"([\d.,]+) \w+$", table.first("caption").text())
    if not count or count[1] != marked(f"{len(rows):,}", language):
        fault(name, "HTML counts", repr(table.first("caption").text()), "of", len(rows), "rows")
    if len(titles) != len(filled) or len(lines) != len(rows):
        fault(name, f"HTML has {len(titles)} columns and {len(lines)} rows, expected {len(filled)} and {len(rows)}")
        return [], []
    shown_rows = []
    for at, (row, line) in enumerate(zip(rows, lines), 1):
        cells = list(line.find("th", "td"))
        if len(cells) != len(filled):
            fault(name, at, "HTML has", len(cells), "cells")
            return [], []
        shown_rows.append([compare_cell((name, at, key), row.get(key), cell, language, words)
                           for key, cell in zip(filled, cells)])
    columns = [[row.get(key) for row in rows] for key in filled]
    labels = [row[filled.index("month") if "month" in filled else 0] for row in shown_rows]
    compare_chart(name, section, titles, columns, labels, shown_rows, language)
    return titles, shown_rows


def entries(node):
    """Terms and what stands with them."""
    terms = [term.text() for term in node.find("dt")]
    return list(zip(terms, node.find("dd"), strict=True))


def compare_figures(name, at, row, keys, node, language, words):
    """Every field has its line, in order; returns [(label, text)]."""
    have = entries(node)
    if len(have) != len(keys):
        fault(name, at, "HTML has", len(have), "figures, expected", len(keys))
        return []
    return [(label, compare_cell((name, at, key), row.get(key), cell, language, words))
            for key, (label, cell) in zip(keys, have)]


def compare_records(name, rows, keys, section, language, words):
    """Fields that are filled have a line; the others stand together.  Returns (heading, entries)."""
    records = []
    articles = list(section.find("article"))
    if len(articles) != len(rows):
        fault(name, "HTML has", len(articles), "records, expected", len(rows))
        return records
    for at, (row, article) in enumerate(zip(rows, articles), 1):
        head = article.first("h3")
        hidden = [child for child in head.children if isinstance(child, Node) and child.tag == "span"
                  and child.attributes.get("class") == "unseen"]
        head.children = [child for child in head.children if child not in hidden]
        heading = compare_cell((name, at, keys[0]), row.get(keys[0]), head, language, words)
        filled = [key for key in keys[1:] if not nothing(row.get(key))]
        blank = [key for key in keys[1:] if nothing(row.get(key))]
        have = entries(article)
        if len(have) != len(filled) + bool(blank):
            fault(name, at, "HTML has", len(have), "entries, expected", len(filled), "and what is blank")
            continue
        lines = {key: (label, compare_cell((name, at, key), row.get(key), cell, language, words))
                 for key, (label, cell) in zip(filled, have)}
        if blank:
            titles = have[-1][1].text().split("; ")
            if len(titles) != len(blank):
                fault(name, at, "HTML names", titles, "as blank, expected", blank)
            lines.update({key: (title, "-") for key, title in zip(blank, titles)})
        records.append((heading, [lines[key] for key in keys[1:] if key in lines]))
    return records


# ---- The text ----------------------------------------------------------------------------------

def rivers(lines):
    """Where columns begin: behind two blanks or more that no line fills."""
    width = max(map(len, lines))
    empty = [all(line[i:i + 1] in ("", " ") for line in lines) for i in range(width)]
    return [0] + [i for i in range(2, width) if empty[i - 1] and empty[i - 2] and not empty[i]]


def lines_of(text):
    return [line.rstrip() for line in text.rstrip().split("\n")] or [""]


def compare_grid(name, titles, rows, lines):
    """The table in the text: columns by where they stand, rows one after another."""
    if not titles:
        return
    starts = rivers(lines)
    if len(starts) != len(titles):
        fault(name, "text has columns at", starts, "expected", len(titles), "under", repr(lines[0]))
        return
    spans = list(zip(starts, starts[1:] + [None]))
    if [lines[0][a:b].strip() for a, b in spans] != titles:
        fault(name, "text has the headings", repr(lines[0]), "expected", titles)
    at = 1
    for number, row in enumerate(rows, 1):
        height = max(len(lines_of(value)) for value in row)
        block = lines[at:at + height]
        at += height
        for (a, b), title, value in zip(spans, titles, row):
            have = "\n".join(line[a:b].strip() for line in block).rstrip()
            if have != "\n".join(line.strip() for line in lines_of(value)):
                fault(name, number, repr(title), "text reads", repr(have), "expected", repr(value))
    if lines[at:]:
        fault(name, "text goes on with", lines[at:][:3])


def compare_entries(name, expected, lines):
    """Labels and values of the text; a long label goes over several lines."""
    starts = rivers(lines)
    if len(starts) < 2:
        fault(name, "text has no labels in", lines[:3])
        return
    edge, at = starts[1], 0
    for label, value in expected:
        taken, values = lines[at][:edge].strip() if at < len(lines) else "", len(lines_of(value))
        height = 1
        while taken != label and len(taken) < len(label) and at + height < len(lines):
            taken += " " + lines[at + height][:edge].strip()
            height += 1
        block = lines[at:at + max(height, values)]
        have = "\n".join(line[edge:].strip() for line in block).rstrip()
        at += len(block)
        if taken != label or have != "\n".join(line.strip() for line in lines_of(value)):
            fault(name, "text has", repr(taken), repr(have), "expected", repr(label), repr(value))
            return
    if lines[at:]:
        fault(name, "text goes on with", lines[at:][:3])


class Text:
    def __init__(self, text):
        self.lines, self.at = text.split("\n"), 0

    def section(self, title, following):
        """The lines below the heading, until the next section's."""
        begin = self.heading(title, self.at)
        if begin is None:
            fault("text has no section", repr(title))
            return None
        end = self.heading(following, begin) if following else len(self.lines) - 3
        if end is None:
            return None
        self.at = begin + 2
        lines = self.lines[self.at:end]
        while lines and not lines[-1]:
            lines.pop()
        return lines

    def heading(self, title, start):
        return next((i for i in range(start, len(self.lines) - 1)
                     if self.lines[i] == title and self.lines[i + 1] == "-" * len(title)), None)


# ---- The report --------------------------------------------------------------------------------

def compare_csv(report, rows_of, path):
    """Gives the fields of each section, in order."""
    with open(path, newline="", encoding="utf-8") as file:
        lines = list(csv.reader(file))
    if lines[0] != ["section", "row", "column", "value"]:
        fault("CSV begins with", lines[0])
    fields, values = {}, {}
    for section, row, column, value in lines[1:]:
        if column not in fields.setdefault(section, []):
            fields[section].append(column)
        if (section, int(row), column) in values:
            fault("CSV has twice", section, row, column)
        values[section, int(row), column] = value
    for section, rows in rows_of.items():
        keys = set().union(*rows)
        unshown = UNSHOWN.get(report, {}).get(section, set())
        extra = keys - set(fields.get(section, [])) - (keys if unshown == "*" else unshown)
        if extra:
            fault(section, "JSON alone has", sorted(extra))
        for at, row in enumerate(rows, 1):
            for key in fields.get(section, []):
                value, have = row.get(key), values.pop((section, at, key), None)
                want = plain(value) if not isinstance(value, list) else None
                if want is None and have not in (plain(value), ", ".join(map(plain, value)), "'" + plain(value)):
                    fault(section, at, key, "CSV has", repr(have), "expected", value)
                elif want is not None and have != want and not (
                        isinstance(value, str) and want[:1] in tuple("=+-@\t\r\n") and have == "'" + want):
                    fault(section, at, key, "CSV has", repr(have), "expected", repr(want))
    if values:
        fault("CSV alone has", list(values.items())[:5])
    return fields


def compare_language(document, rows_of, fields, language, page_path, text_path):
    with open(page_path, encoding="utf-8") as file:
        page = Page(file.read()).root
    with open(text_path, encoding="utf-8", newline="\n") as file:
        text = Text(file.read())
    sections = {s.attributes.get("id"): s for s in page.find("section")}
    if list(sections) != list(rows_of) and sorted(sections) != sorted(rows_of):
        fault(language, "HTML has the sections", list(sections), "expected", list(rows_of))
        return
    if page.first("html").attributes.get("lang") != language:
        fault("HTML is not in", language)
    words = Words()
    titles = {name: sections[name].first("h2").text() for name in sections}
    for at, name in enumerate(sections):
        rows, section, keys = rows_of[name], sections[name], fields.get(name, [])
        lines = text.section(titles[name], next(iter(list(titles.values())[at + 1:]), None))
        if lines is None:
            continue
        place = language + " " + name
        about = next((p for p in section.children if isinstance(p, Node) and p.tag == "p"), None)
        if about is not None and "" in lines:
            if about.text() != "\n".join(lines[:lines.index("")]):
                fault(place, "text says", lines[:lines.index("")], "HTML", repr(about.text()))
            lines = lines[lines.index("") + 1:]
        if not rows:
            empty = [p.text() for p in section.find("p")][-1]
            if section.first("table", "dl") or lines != [empty]:
                fault(place, "is empty, but text has", lines[:3], "HTML", repr(empty))
        elif section.first("article"):
            expected = compare_records(name, rows, keys, section, language, words)
            for heading, have in expected:
                head = lines_of(heading)[0]
                if lines[0] != head or lines[1] != "." * len(head):
                    fault(place, "text has", lines[:2], "expected the record", repr(head))
                    break
                end = lines.index("") if "" in lines else len(lines)
                compare_entries(place + " " + head, have, lines[2:end])
                lines = lines[end + 1:]
        elif section.first("table"):
            compare_grid(place, *compare_table(name, rows, keys, section, language, words), lines)
        else:
            have = compare_figures(name, 1, rows[0], keys, section, language, words)
            if have:
                compare_entries(place, have, lines)


def main(json_path, csv_path, *languages):
    with open(json_path, encoding="utf-8") as file:
        document = json.load(file, parse_float=Fraction)
    rows_of = {name: rows if isinstance(rows, list) else [rows]
               for name, rows in document["sections"].items()}
    fields = compare_csv(document["report"], rows_of, csv_path)
    for at in range(0, len(languages), 3):
        compare_language(document, rows_of, fields, *languages[at:at + 3])
    if compared == 0:
        fault("nothing was compared")
    print("\n".join(faults) if faults else compared)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
