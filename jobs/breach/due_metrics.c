#include "jobs/breach/due_metrics.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/file.h"
#include "common/memory.h"

#define PREFIX "waarborg_breach_"

static void add_head(struct text *t, const char *name, const char *help)
{
    text_addf(t, "# HELP " PREFIX "%s %s\n# TYPE " PREFIX "%s gauge\n", name, help, name);
}

static void add_label(struct text *t, const char *name, const char *value)
{
    text_addf(t, "%s=\"", name);
    for (; *value != '\0'; value++)
        if (*value == '\n')
            text_add(t, "\\n");
        else if (*value == '\\' || *value == '"')
            text_addf(t, "\\%c", *value);
        else
            text_add_bytes(t, value, 1);
    text_add(t, "\"");
}

/* left: seconds to the limit, else the instant of the limit itself. */
static void add_clocks(struct text *t, const struct due_list *list, const char *name, bool left)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct due_item *item = &list->items[i];
        if (item->undecided || !clock_state_is_open(item->state) || item->state == CLOCK_NO_LIMIT)
            continue;
        text_addf(t, PREFIX "%s{", name);
        add_label(t, "breach", item->view->reference);
        add_label(t, ",clock", item->view->clock);
        int64_t due_at = item->view->at.due_at;
        text_addf(t, "} %" PRId64 "\n", left ? due_at - list->now : due_at);
    }
}

static void add_number(struct text *t, const char *name, const char *help, int64_t value)
{
    add_head(t, name, help);
    text_addf(t, PREFIX "%s %" PRId64 "\n", name, value);
}

void due_metrics_add(struct text *t, const struct due_list *list)
{
    add_head(t, "clock_seconds_left",
             "Seconds to the limit of a clock that is not met, negative when it has passed.");
    add_clocks(t, list, "clock_seconds_left", true);
    add_head(t, "clock_limit_timestamp_seconds",
             "The limit of a clock that is not met, in seconds since 1970.");
    add_clocks(t, list, "clock_limit_timestamp_seconds", false);
    add_number(t, "open", "Breaches that are open.", list->breaches);
    add_number(t, "unassessed", "Open breaches whose risk nobody has assessed.", list->unassessed);
    add_number(t, "clocks_open", "Clocks that go, with a limit or without.", (int64_t)list->open);
    add_number(t, "overdue", "Clocks whose limit has passed.", (int64_t)list->overdue);
    add_number(t, "near", "Clocks whose limit is near and has not passed.", (int64_t)list->near);
    add_number(t, "scrape_timestamp_seconds", "When this was written, in seconds since 1970.",
               list->now);
}

bool due_metrics_write(const char *path, const struct due_list *list, struct error *err)
{
    CLEANUP(text_free) struct text text = {0};
    CLEANUP(memory_release) char *directory = memory_copy_text(path);
    const char *name = path;
    char *slash = strrchr(directory, '/');
    if (slash != NULL) {
        name = path + (slash - directory) + 1;
        slash[slash == directory] = '\0'; /* the root stays "/" */
    }
    if (name[0] == '\0')
        return error_set(err, ERR_USAGE, "--metrics: '%s' names a directory; name a file in it",
                         path);
    CLEANUP(file_close)
    int fd = open(slash == NULL ? "." : directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        bool no_such = errno == ENOENT || errno == ENOTDIR;
        (void)error_set_errno(err, "--metrics: the directory of %s", path);
        if (no_such)
            err->kind = ERR_USAGE;
        return false;
    }
    due_metrics_add(&text, list);
    return file_replace_mode(fd, name, text_get(&text), text.length, 0644, err) ||
           error_context(err, "--metrics");
}
