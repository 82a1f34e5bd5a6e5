/* config: a file in libconfig's syntax, read group by group against tables of known settings.
 *
 * Faults do not stop the reading: each becomes one line "file:line: setting: what is wrong; what is
 * allowed" in the caller's text, so that a person mends all of them at once.  A value is only to be
 * used when conf_check says so at the end.
 *
 * What libconfig 1.5 would let pass is a fault here: whole numbers that do not fit are wrapped
 * silently by it; @include, because a file that is read from the working directory depends on who
 * starts the program; text that is not UTF-8 or holds control characters.
 *
 * The prefix is conf_: config_ is libconfig's own.  Never logs. */
#pragma once

#include <stdint.h>

#include "common/error.h"
#include "common/text.h"

struct conf;             /* owned by the caller from conf_read to conf_free */
struct config_setting_t; /* libconfig's setting; borrowed, lives as long as its struct conf */

enum conf_kind {
    CONF_TEXT,   /* char **: a copy, the old value is freed; not empty unless may_be_empty */
    CONF_FLAG,   /* bool * */
    CONF_INT,    /* int *, minimum..maximum */
    CONF_LONG,   /* int64_t *, minimum..maximum; 5000 and 5000L are both fine */
    CONF_SHARE,  /* double *, above 0, at most 1; `1` is fine */
    CONF_GROUP,  /* const struct config_setting_t **: { ... } */
    CONF_GROUPS, /* the same: ( { ... }, { ... } ), for conf_count and conf_item */
    CONF_TEXTS,  /* the same: [ "a", "b" ] or ( "a", "b" ), for conf_count and conf_item_text */
    CONF_LINES,  /* the same, an element may be a CONF_TEXTS itself: ( "a", [ "b", "c" ] ) */
};

struct conf_spec { /* a table ends with name == NULL */
    const char *name;
    void *target;        /* untouched when the setting is absent or faulty */
    const char *allowed; /* what a fault offers; sequences need one, others may have NULL */
    int64_t minimum, maximum;
    enum conf_kind kind;
    bool required;
    bool may_be_empty; /* CONF_TEXT, CONF_TEXTS, CONF_GROUPS */
};

/* Reads and parses path; `faults` is borrowed until conf_free.  False when the file cannot be read
 * or parsed: its faults are in `faults` and *ret is untouched. */
MUST_CHECK bool conf_read(const char *path, struct text *faults, struct conf **ret,
                          struct error *err);
void conf_free(struct conf **c); /* *c may be NULL */

const struct config_setting_t *conf_root(const struct conf *c);

/* Permission bits of the file as it was opened. */
unsigned conf_mode(const struct conf *c);

/* Fills the targets of a table from a group; settings that no line of the table knows are faults.
 */
void conf_read_group(struct conf *c, const struct config_setting_t *group,
                     const struct conf_spec *specs);

/* Elements of a CONF_GROUPS or CONF_TEXTS; seq may be NULL: none.  conf_element is any element, to
 * report a fault of it; conf_item and conf_item_text give NULL for one of another type, or an empty
 * or unclean text, which conf_read_group has already reported. */
size_t conf_count(const struct config_setting_t *seq);
const struct config_setting_t *conf_element(const struct config_setting_t *seq, size_t index);
const struct config_setting_t *conf_item(const struct config_setting_t *seq, size_t index);
const char *conf_item_text(const struct config_setting_t *seq, size_t index);

/* A fault of group's member `name` (of group itself when name is NULL): at the member's line if it
 * is there, at the group's otherwise.  The sentence is "what is wrong; what is allowed". */
void conf_fault(struct conf *c, const struct config_setting_t *group, const char *name,
                const char *format, ...) PRINTF_LIKE(4, 5);

/* True when there was no fault so far; otherwise ERR_USAGE says how many. */
MUST_CHECK bool conf_check(const struct conf *c, struct error *err);

unsigned conf_line(const struct config_setting_t *setting);
