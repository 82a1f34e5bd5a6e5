# A strict reader of the text format of Prometheus, for metrics.sh: ends with a sentence and exit code
# 1 for what a collector might take otherwise than it was meant, or not at all.
#
#   prometheus.py FILE...   all in one directory of a collector: no metric is in two of them
import re
import sys

NAME = r"waarborg_[a-z0-9_]+"
LABEL = r'([a-z_][a-z0-9_]*)="((?:[^"\\\n\r]|\\[\\"n])*)"'
VALUE = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:e[+-][0-9]{2,3})?|NaN|[+-]Inf"
NO_BASE_UNIT = r"_(ms|milliseconds|minutes|hours|days|kb|kilobytes|mb|megabytes|percent)(_|$)"
NOT_OF_A_GAUGE = r"_(total|count|sum|bucket|info)$"


def read_labels(text):
    """The labels of a sample, {a="b",c="d"}, in their order."""
    labels = {}
    while text:
        m = re.match(LABEL + "(,(?=.)|$)", text, re.S)
        assert m, f"no label: {text}"
        assert m[1] not in labels, f"label {m[1]} twice"
        assert not m[1].startswith("__"), f"label {m[1]} is Prometheus's own"
        labels[m[1]] = m[2]
        text = text[m.end():]
    return labels


class File:
    def __init__(self):
        self.metrics, self.series, self.labels = [], set(), {}
        self.helped, self.number = False, 0

    def read(self, data):
        assert data.endswith("\n"), "the last line has no end"
        for self.number, line in enumerate(data[:-1].split("\n"), 1):
            if line.startswith("#"):
                self.comment(line)
            else:
                self.sample(line)
        assert not self.helped, "HELP without TYPE at the end"

    def comment(self, line):
        m = re.fullmatch(rf"# HELP ({NAME}) ((?:[^\\\r]|\\[\\n])+)", line)
        if m:
            assert not self.helped, "HELP without TYPE"
            assert m[1] not in self.metrics, f"{m[1]} twice"
            assert not re.search(NO_BASE_UNIT, m[1]), f"{m[1]}: no base unit"
            assert not re.search(NOT_OF_A_GAUGE, m[1]), f"{m[1]}: no name of a gauge"
            self.metrics.append(m[1])
            self.helped = True
            return
        m = re.fullmatch(rf"# TYPE ({NAME}) gauge", line)
        assert m, "neither HELP nor TYPE"
        assert self.helped and m[1] == self.metrics[-1], "TYPE without HELP"
        self.helped = False

    def sample(self, line):
        m = re.fullmatch(rf"({NAME})(?:\{{(.+)\}})? ({VALUE})", line)
        assert m, "no sample"
        assert not self.helped and self.metrics and m[1] == self.metrics[-1], f"not under {m[1]}"
        labels = read_labels(m[2] or "")
        series = (m[1], tuple(sorted(labels.items())))
        assert series not in self.series, "the series is there twice"
        assert self.labels.setdefault(m[1], list(labels)) == list(labels), "other labels than above"
        self.series.add(series)


def main(paths):
    seen = {}
    for path in paths:
        with open(path, encoding="utf-8", errors="strict", newline="") as f:
            data = f.read()
        file = File()
        try:
            file.read(data)
            for name in file.metrics:
                assert name not in seen, f"{name} is in {seen.get(name)}, too"
                seen[name] = path
        except AssertionError as fault:
            sys.exit(f"{path}:{file.number}: {fault}")


main(sys.argv[1:])
