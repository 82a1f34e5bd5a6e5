#include "jobs/breach/affected_keys.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/log.h"
#include "common/memory.h"
#include "common/plain_text.h"

void affected_keys_free(struct affected_keys *k)
{
    csv_close(&k->csv);
    free(k->columns);
    *k = (struct affected_keys){0};
}

void affected_chunk_free(struct affected_chunk *c)
{
    for (size_t i = 0; i < c->count; i++)
        free(c->words[i]);
    free(c->words);
    free(c->lines);
    text_free(&c->array);
    *c = (struct affected_chunk){0};
}

static void list_names(struct text *names, const struct policy *p)
{
    for (size_t i = 0; i < p->key.count; i++)
        text_addf(names, "%s%s", i == 0 ? "" : ", ", p->key.items[i]);
}

static bool find_column(const struct csv_record *header, const char *name, size_t *ret)
{
    for (size_t i = 0; i < header->count; i++)
        if (strcasecmp(header->fields[i], name) == 0) {
            *ret = i;
            return true;
        }
    return false;
}

static bool read_header(struct affected_keys *k, struct error *err)
{
    struct csv_record header;
    bool there;
    const struct policy *p = k->policy;
    csv_detect_separator(k->csv);
    if (!csv_next(k->csv, &header, &there, err))
        return false;
    if (!there)
        return error_set(err, ERR_USAGE, "%s is empty: it has no line with names", k->path);
    k->columns = memory_alloc(p->key.count * sizeof *k->columns);
    for (size_t i = 0; i < p->key.count; i++)
        if (!find_column(&header, p->key.items[i], &k->columns[i])) {
            CLEANUP(text_free) struct text names = {0};
            list_names(&names, p);
            return error_set(err, ERR_USAGE,
                             "%s: its first line names no column %s; the key of policy %s is %s",
                             k->path, p->key.items[i], p->name, text_get(&names));
        }
    return true;
}

bool affected_keys_open(const char *path, bool header, const struct policy *policy,
                        struct affected_keys *ret, struct error *err)
{
    CLEANUP(affected_keys_free) struct affected_keys k = {.policy = policy};
    k.path = strcmp(path, "-") == 0 ? "standard input" : path;
    if (!csv_open(path, &k.csv, err) || (header && !read_header(&k, err)))
        return false;
    *ret = k;
    k = (struct affected_keys){0};
    return true;
}

struct affected_keys affected_keys_of(const struct key_list *list, const struct policy *policy)
{
    return (struct affected_keys){.policy = policy, .list = list};
}

bool affected_key_show(const char *word, struct text *ret, struct error *err)
{
    char **items = NULL;
    size_t count = 0;
    if (!db_array_parse(word, &items, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        char safe[256];
        log_escape(safe, sizeof safe, items[i] == NULL ? "" : items[i]);
        text_addf(ret, "%s%s", i == 0 ? "" : ",", safe);
    }
    db_items_free(items, count);
    return true;
}

static void print_fault(struct affected_keys *k, uint64_t line, const char *what)
{
    k->faults++;
    if (k->path == NULL)
        fprintf(stderr, "%s\n", what);
    else
        fprintf(stderr, "%s:%" PRIu64 ": %s\n", k->path, line, what);
}

bool affected_keys_fault(struct affected_keys *k, uint64_t line, const char *word, const char *what,
                         struct error *err)
{
    CLEANUP(text_free) struct text sentence = {0};
    if (!affected_key_show(word, &sentence, err))
        return false;
    text_addf(&sentence, " %s", what);
    print_fault(k, line, text_get(&sentence));
    return true;
}

static void add_key(struct affected_chunk *chunk, const char *const *values, size_t count,
                    uint64_t line)
{
    char *word = db_array_text(values, count);
    db_array_add(&chunk->array, word);
    chunk->words[chunk->count] = word;
    chunk->lines[chunk->count++] = line;
}

/* Is this the line that --header is for? */
static bool names_columns(const struct affected_keys *k, const struct csv_record *r)
{
    bool same = r->count == k->policy->key.count;
    for (size_t i = 0; same && i < r->count; i++)
        same = strcasecmp(r->fields[i], k->policy->key.items[i]) == 0;
    return same;
}

/* "": the record holds a key, in values. */
static const char *take_values(const struct affected_keys *k, const struct csv_record *r,
                               const char **values)
{
    size_t width = k->policy->key.count;
    if (k->columns == NULL && r->count != width)
        return "has not as many fields as the key has columns; with --header the first line may "
               "name them, and others beside them";
    for (size_t i = 0; i < width; i++) {
        size_t at = k->columns == NULL ? i : k->columns[i];
        if (at >= r->count)
            return "has fewer fields than the first line has names";
        values[i] = r->fields[at];
        if (values[i][0] == '\0')
            return "has an empty field where the key should be";
        if (plain_text_fault(values[i], strlen(values[i])) != NULL)
            return "is no UTF-8 text, or holds a control character";
    }
    return "";
}

static bool read_lines(struct affected_keys *k, struct affected_chunk *chunk, struct error *err)
{
    CLEANUP(memory_release)
    const char **values = memory_alloc(k->policy->key.count * sizeof *values);
    while (chunk->count < AFFECTED_CHUNK) {
        struct csv_record record;
        bool there;
        if (!csv_next(k->csv, &record, &there, err))
            return false;
        if (!there)
            return true;
        const char *fault = take_values(k, &record, values);
        k->header_missing |= k->given == 0 && k->columns == NULL && names_columns(k, &record);
        k->given++;
        if (fault[0] == '\0')
            add_key(chunk, values, k->policy->key.count, record.line);
        else
            print_fault(k, record.line, fault);
    }
    return true;
}

static void take_list(struct affected_keys *k, struct affected_chunk *chunk)
{
    for (; k->next < k->list->count && chunk->count < AFFECTED_CHUNK; k->next++) {
        k->given++;
        add_key(chunk, key_list_at(k->list, k->next), k->list->width, 0);
    }
}

bool affected_keys_next(struct affected_keys *k, struct affected_chunk *chunk, struct error *err)
{
    affected_chunk_free(chunk);
    chunk->words = memory_alloc(AFFECTED_CHUNK * sizeof *chunk->words);
    chunk->lines = memory_alloc(AFFECTED_CHUNK * sizeof *chunk->lines);
    if (k->csv != NULL && !read_lines(k, chunk, err))
        return false;
    if (k->list != NULL)
        take_list(k, chunk);
    db_array_close(&chunk->array);
    return true;
}
