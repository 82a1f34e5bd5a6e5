#include "jobs/breach/amend_additions.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/clock.h"
#include "common/digest.h"
#include "common/file.h"
#include "common/local_time.h"
#include "common/memory.h"
#include "common/nearest.h"
#include "common/plain_text.h"
#include "sql.h"

#define BLANKS " \t\r\n"
#define MEASURE_FORM                                                                \
    "write \"repair taken: what was done\": repair, mitigate or prevent; taken or " \
    "proposed; a time may stand before the colon"
#define TIMELINE_FORM "write \"2026-10-23 16:00 what happened\""

void amend_words_free(struct amend_words *w)
{
    option_list_free(&w->measures);
    option_list_free(&w->timeline);
    option_list_free(&w->attachments);
}

void amend_additions_free(struct amend_additions *a)
{
    json_decref(a->measures);
    json_decref(a->timeline);
    json_decref(a->attachments);
    *a = (struct amend_additions){0};
}

size_t amend_additions_count(const struct amend_additions *a)
{
    return json_array_size(a->measures) + json_array_size(a->timeline) +
           json_array_size(a->attachments);
}

/* Trimmed text that is clean; NULL, with a fault, otherwise. */
static char *clean_text(const char *option, const char *text, struct text *faults)
{
    CLEANUP(memory_release) char *clean = memory_copy_text(text + strspn(text, BLANKS));
    size_t length = strlen(clean);
    while (length > 0 && strchr(BLANKS, clean[length - 1]) != NULL)
        clean[--length] = '\0';
    struct plain_text_lines lines = {.next = clean, .left = length, .number = 1};
    struct plain_text_line line;
    while (plain_text_next(&lines, &line)) {
        const char *fault = plain_text_fault(line.at, line.length);
        if (fault != NULL) {
            text_addf(faults, "%s: %s\n", option, fault);
            return NULL;
        }
    }
    char *taken = clean;
    clean = NULL;
    return taken;
}

/* ---- measures ---- */

/* The word of the list that this is; NULL otherwise. */
static const char *find_word(const char *word, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcasecmp(word, list[i]) == 0)
            return list[i];
    return NULL;
}

struct measure {
    const char *type;
    const char *status;
    const char *unknown; /* the first word that is neither */
    char *rest;          /* what follows: an instant, perhaps */
};

/* The words before the colon, in any order. */
static void read_words(char *words, struct measure *m)
{
    static const char *const types[] = {"REPAIR", "MITIGATE", "PREVENT"};
    static const char *const states[] = {"taken", "proposed"};
    for (char *at = words + strspn(words, BLANKS); *at != '\0'; at += strspn(at, BLANKS)) {
        size_t length = strcspn(at, BLANKS);
        CLEANUP(memory_release) char *word = memory_format("%.*s", (int)length, at);
        const char *type = find_word(word, types, COUNT_OF(types));
        const char *status = find_word(word, states, COUNT_OF(states));
        if (type != NULL && m->type == NULL)
            m->type = type;
        else if (status != NULL && m->status == NULL)
            m->status = status;
        else {
            m->rest = at;
            return;
        }
        at += length;
    }
}

/* The colon that ends the words: the first one with a blank behind it; those of a time have none.
 */
static const char *find_colon(const char *word)
{
    for (const char *at = strchr(word, ':'); at != NULL; at = strchr(at + 1, ':'))
        if (at[1] == '\0' || strchr(BLANKS, at[1]) != NULL)
            return at;
    return NULL;
}

static void read_measure(const char *word, int64_t now, json_t *list, struct text *faults)
{
    const char *colon = find_colon(word);
    struct measure m = {0};
    struct error err = {0};
    int64_t at = 0;
    if (colon == NULL) {
        text_add(faults, "--measure: has no colon with the text behind it; " MEASURE_FORM "\n");
        return;
    }
    CLEANUP(memory_release) char *words = memory_format("%.*s", (int)(colon - word), word);
    CLEANUP(memory_release) char *text = clean_text("--measure", colon + 1, faults);
    read_words(words, &m);
    bool dated = m.rest != NULL && local_time_parse(m.rest, &at, &err);
    if (text == NULL)
        return;
    if (*text == '\0')
        text_add(faults, "--measure: says nothing behind the colon; " MEASURE_FORM "\n");
    else if (m.type == NULL || m.status == NULL)
        text_addf(faults, "--measure: lacks %s; " MEASURE_FORM "\n",
                  m.type == NULL ? "its type" : "its status");
    else if (m.rest != NULL && !dated)
        text_addf(faults, "--measure: behind type and status: %s\n", err.message);
    else if (dated && at > now && strcmp(m.status, "taken") == 0)
        text_add(faults,
                 "--measure: what is taken lies in the past; the time lies in the future\n");
    else
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:o}", "type", m.type, "status",
                                              m.status, "description", text, "at",
                                              dated ? json_integer(at) : json_null()));
}

/* ---- the timeline ---- */

/* Where word number n (from 1) ends; NULL when there are fewer. */
static const char *word_end(const char *text, int n)
{
    for (; n > 0; n--) {
        text += strspn(text, BLANKS);
        if (*text == '\0')
            return NULL;
        text += strcspn(text, BLANKS);
    }
    return text;
}

/* An instant has one to four words ("Fri 2026-10-23 15:00 +02:00"): the longest that is one. */
static bool split_instant(const char *text, int64_t *ret_at, const char **ret_rest,
                          struct error *err)
{
    enum { MOST_WORDS = 4 };
    struct error each = {0};
    const char *first = text + strspn(text, BLANKS);
    bool day_name = isalpha((unsigned char)*first) != 0;
    const char *one = word_end(text, 1);
    bool joined = one != NULL && memchr(first, 'T', (size_t)(one - first)) != NULL && !day_name;
    /* When none is one: what is wrong with the words that should have been. */
    int expected = joined ? 1 : day_name ? 3 : 2;
    (void)error_set(err, ERR_USAGE, "has no time in front");
    for (int n = MOST_WORDS; n > 0; n--) {
        const char *end = word_end(text, n);
        if (end == NULL)
            continue;
        CLEANUP(memory_release) char *words = memory_format("%.*s", (int)(end - text), text);
        if (local_time_parse(words, ret_at, &each)) {
            *ret_rest = end;
            return true;
        }
        if (n == expected)
            *err = each;
    }
    return false;
}

static void read_timeline(const char *word, int64_t now, json_t *list, struct text *faults)
{
    struct error err = {0};
    const char *rest = word;
    int64_t at = 0;
    if (!split_instant(word, &at, &rest, &err)) {
        text_addf(faults, "--timeline: %s; " TIMELINE_FORM "\n", err.message);
        return;
    }
    CLEANUP(memory_release) char *what = clean_text("--timeline", rest, faults);
    if (what == NULL)
        return;
    if (*what == '\0')
        text_add(faults, "--timeline: says nothing behind the time; " TIMELINE_FORM "\n");
    else if (at > now)
        text_add(faults, "--timeline: lies in the future; it holds what has happened\n");
    else
        json_array_append_new(list, json_pack("{s:I, s:s}", "at", (json_int_t)at, "what", what));
}

/* ---- attachments ---- */

static bool digest_path(const char *path, uint64_t *ret_bytes, char *hex, struct error *err)
{
    CLEANUP(file_close) int dir_fd = -1;
    struct stat st;
    const char *name = strrchr(path, '/') + 1; /* realpath's: absolute */
    CLEANUP(memory_release) char *dir = memory_format("%.*s", (int)(name - path), path);
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return error_set(err, ERR_USAGE, "is no file");
    dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return dir_fd >= 0 ? file_digest(dir_fd, name, ret_bytes, hex, err)
                       : error_set_errno(err, "cannot be opened");
}

static void read_attachment(const char *word, json_t *list, struct text *faults)
{
    char hex[DIGEST_HEX_SIZE];
    uint64_t bytes = 0;
    struct error err = {0};
    CLEANUP(memory_release) char *path = realpath(word, NULL);
    if (path == NULL)
        (void)error_set_errno(&err, "cannot be found");
    if (path == NULL || !digest_path(path, &bytes, hex, &err)) {
        text_addf(faults, "--attach %s: %s\n", word, err.message);
        return;
    }
    json_t *entry =
        json_pack("{s:s, s:s, s:I}", "path", path, "sha256", hex, "bytes", (json_int_t)bytes);
    if (entry == NULL)
        text_addf(faults, "--attach: the path is no UTF-8 text; rename the file\n");
    else
        json_array_append_new(list, entry);
}

void amend_additions_read(const struct amend_words *words, int64_t now, struct amend_additions *ret,
                          struct text *faults)
{
    *ret = (struct amend_additions){json_array(), json_array(), json_array()};
    for (size_t i = 0; i < words->measures.count; i++)
        read_measure(words->measures.items[i], now, ret->measures, faults);
    for (size_t i = 0; i < words->timeline.count; i++)
        read_timeline(words->timeline.items[i], now, ret->timeline, faults);
    for (size_t i = 0; i < words->attachments.count; i++)
        read_attachment(words->attachments.items[i], ret->attachments, faults);
}

/* ---- writing ---- */

static bool run(struct db *db, const char *sql, size_t count, const char *const *params,
                json_t *entry, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *r = NULL;
    if (!db_query(db, DB_ONE_ROW, sql, count, params, &r, err))
        return false;
    json_object_set_new(entry, "id", json_integer(db_int(r, 0, 0)));
    return true;
}

static bool write_measure(struct db *db, const char *reference, json_t *entry, struct error *err)
{
    json_t *sent = json_copy(entry);
    const json_t *at = json_object_get(entry, "at");
    char instant[21];
    if (json_is_integer(at)) {
        clock_format_utc((int64_t)json_integer_value(at), instant);
        json_object_set_new(sent, "at", json_string(instant));
    }
    CLEANUP(memory_release) char *text = json_dumps(sent, JSON_COMPACT);
    json_decref(sent);
    const char *params[] = {reference, text};
    return run(db, sql_breach_add_measure, COUNT_OF(params), params, entry, err);
}

static bool write_timeline(struct db *db, const char *reference, json_t *entry, struct error *err)
{
    char at[21];
    clock_format_utc((int64_t)json_integer_value(json_object_get(entry, "at")), at);
    const char *params[] = {reference, at, json_string_value(json_object_get(entry, "what"))};
    return run(db, sql_breach_add_timeline, COUNT_OF(params), params, entry, err);
}

static bool write_attachment(struct db *db, const char *reference, json_t *entry, struct error *err)
{
    CLEANUP(memory_release)
    char *bytes =
        memory_format("%" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(entry, "bytes")));
    const char *params[] = {reference, json_string_value(json_object_get(entry, "path")),
                            json_string_value(json_object_get(entry, "sha256")), bytes};
    return run(db, sql_breach_add_attachment, COUNT_OF(params), params, entry, err);
}

typedef bool writer(struct db *db, const char *reference, json_t *entry, struct error *err);

static bool write_list(struct db *db, const char *reference, json_t *list, writer *write_one,
                       struct error *err)
{
    json_t *entry;
    size_t i;
    json_array_foreach(list, i, entry)
    {
        if (!write_one(db, reference, entry, err))
            return false;
    }
    return true;
}

bool amend_additions_write(struct db *db, const char *reference, struct amend_additions *a,
                           struct error *err)
{
    return write_list(db, reference, a->measures, write_measure, err) &&
           write_list(db, reference, a->timeline, write_timeline, err) &&
           write_list(db, reference, a->attachments, write_attachment, err);
}
