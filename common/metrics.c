#include "common/metrics.h"

#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/file.h"
#include "common/file_path.h"

#define MOST_BYTES ((size_t)1 << 20) /* of a file that is read back */

void metrics_free(struct metrics *m)
{
    text_free(&m->text);
    text_free(&m->name);
}

/* In the value of a label a quote is escaped, too. */
static void add_escaped(struct text *t, const char *value, bool label)
{
    for (; *value != '\0'; value++)
        if (*value == '\n')
            text_add(t, "\\n");
        else if (*value == '\\' || (label && *value == '"'))
            text_addf(t, "\\%c", *value);
        else
            text_add_bytes(t, value, 1);
}

void metrics_begin(struct metrics *m, const char *prefix, const char *name, const char *help)
{
    text_clear(&m->name);
    text_addf(&m->name, "%s%s", prefix, name);
    text_addf(&m->text, "# HELP %s ", text_get(&m->name));
    add_escaped(&m->text, help, false);
    text_addf(&m->text, "\n# TYPE %s gauge\n", text_get(&m->name));
}

static void add_sample(struct metrics *m, const struct metric_label *labels, size_t label_count,
                       const char *value)
{
    struct text *t = &m->text;
    text_add(t, text_get(&m->name));
    for (size_t i = 0; i < label_count; i++) {
        text_addf(t, "%c%s=\"", i == 0 ? '{' : ',', labels[i].name);
        add_escaped(t, labels[i].value, true);
        text_add(t, "\"");
    }
    text_addf(t, "%s %s\n", label_count > 0 ? "}" : "", value);
}

void metrics_add(struct metrics *m, const struct metric_label *labels, size_t label_count,
                 int64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, value);
    add_sample(m, labels, label_count, text);
}

void metrics_add_real(struct metrics *m, const struct metric_label *labels, size_t label_count,
                      double value)
{
    char text[32];
    if (isfinite(value)) {
        /* 15 digits are as a person would write it; 17 are always enough. */
        snprintf(text, sizeof text, "%.15g", value);
        if (strtod(text, NULL) != value)
            snprintf(text, sizeof text, "%.17g", value);
    } else {
        snprintf(text, sizeof text, "%s", isnan(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf");
    }
    add_sample(m, labels, label_count, text);
}

void metrics_figure(struct metrics *m, const char *prefix, const char *name, const char *help,
                    int64_t value)
{
    metrics_begin(m, prefix, name, help);
    metrics_add(m, NULL, 0, value);
}

void metrics_add_call(struct metrics *m, const char *prefix, int exit_code, int64_t now)
{
    metrics_figure(
        m, prefix, "exit_code",
        "With which the last call ended: 0 done, 1 something needs attention, 2 refused, "
        "3 failed, 4 integrity, 75 to be tried again.",
        exit_code);
    metrics_figure(m, prefix, "timestamp_seconds", "When that call began, in seconds since 1970.",
                   now);
}

/* The sample without labels of this name in the file as it is; 0 when there is none. */
static int64_t find_earlier(const char *path, const char *name)
{
    CLEANUP(text_free) struct text text = {0};
    struct error none = {0};
    size_t length = strlen(name);
    if (!file_read(AT_FDCWD, path, MOST_BYTES, &text, &none))
        return 0;
    const char *line = text_get(&text);
    while (strncmp(line, name, length) != 0 || line[length] != ' ') {
        line += strcspn(line, "\n");
        if (*line++ == '\0')
            return 0;
    }
    return strtoll(line + length, NULL, 10);
}

void metrics_add_success(struct metrics *m, const char *path, const char *prefix, bool success,
                         int64_t now)
{
    metrics_begin(m, prefix, "last_success_timestamp_seconds",
                  "When a call last came to its end, in seconds since 1970; 0: never.");
    metrics_add(m, NULL, 0, success ? now : find_earlier(path, text_get(&m->name)));
}

bool metrics_refuse_dry_run(const char *path, struct error *err)
{
    return path == NULL ||
           error_set(err, ERR_USAGE, "--metrics tells what was done: not with --dry-run");
}

bool metrics_check_path(const char *path, struct error *err)
{
    return path == NULL || file_path_check(path, err) || error_context(err, "--metrics");
}

bool metrics_write(const struct metrics *m, const char *path, struct error *err)
{
    return file_path_replace(path, text_get(&m->text), m->text.length, 0644, err) ||
           error_context(err, "--metrics: %s is left as it was", path);
}
