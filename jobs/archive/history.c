#include "jobs/archive/history.h"

#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/journal.h"
#include "common/memory.h"

/* One line while it is read: the first member that is missing or of the wrong type is remembered.
 */
struct reader {
    struct history *history;
    const json_t *line;
    uint64_t number;
    int64_t at;
    const char *fault; /* name of that member */
};

static void release_text(char **text)
{
    free(*text);
}

static char *copy_optional(struct reader *r, const char *name)
{
    const json_t *value = json_object_get(r->line, name);
    if (json_is_string(value))
        return memory_copy_text(json_string_value(value));
    if (value != NULL && !json_is_null(value) && r->fault == NULL)
        r->fault = name;
    return NULL;
}

static char *copy(struct reader *r, const char *name)
{
    char *text = copy_optional(r, name);
    if (text == NULL && r->fault == NULL)
        r->fault = name;
    return text;
}

static int64_t number(struct reader *r, const char *name)
{
    const json_t *value = json_object_get(r->line, name);
    if (json_is_integer(value) && json_integer_value(value) >= 0)
        return json_integer_value(value);
    if (r->fault == NULL)
        r->fault = name;
    return 0;
}

static uint64_t count(struct reader *r, const char *name)
{
    return (uint64_t)number(r, name);
}

static bool contradicts(const struct reader *r, const char *what, struct error *err)
{
    return error_set(err, ERR_INTEGRITY, "journal, line %llu: %s", (unsigned long long)r->number,
                     what);
}

static void free_segment(struct history_segment *s)
{
    free(s->id);
    free(s->policy);
    free(s->file);
    free(s->sha256);
    free(s->manifest_sha256);
}

static bool read_segment(struct reader *r, struct error *err)
{
    (void)err;
    struct history *h = r->history;
    size_t known;
    struct history_segment s = {.id = copy(r, "segment"),
                                .policy = copy(r, "policy"),
                                .file = copy(r, "file"),
                                .sha256 = copy(r, "sha256"),
                                .manifest_sha256 = copy(r, "manifest_sha256"),
                                .at = r->at,
                                .run_id = number(r, "run"),
                                .line = r->number,
                                .chain_no = count(r, "chain_no"),
                                .subjects = count(r, "subjects"),
                                .rows = count(r, "rows")};
    if (r->fault != NULL) {
        free_segment(&s);
        return true;
    }
    MEMORY_GROW(h->segments, h->segment_count, h->segment_capacity);
    h->segments[h->segment_count] = s;
    if (!lookup_get(&h->segment_by_id, s.id, &known))
        lookup_put(&h->segment_by_id, s.id, h->segment_count);
    h->segment_count++;
    return true;
}

static void free_restore(struct history_restore *s)
{
    free(s->segment);
    free(s->reference);
}

static bool read_restore(struct reader *r, struct error *err)
{
    (void)err;
    struct history *h = r->history;
    struct history_restore s = {.segment = copy(r, "segment"),
                                .reference = copy_optional(r, "reference"),
                                .at = r->at,
                                .line = r->number,
                                .subjects = count(r, "subjects"),
                                .rows = count(r, "rows"),
                                .older = SIZE_MAX};
    if (r->fault != NULL) {
        free_restore(&s);
        return true;
    }
    const char *subject = s.reference != NULL ? s.reference : s.segment;
    (void)lookup_get(&h->restore_by_subject, subject, &s.older);
    MEMORY_GROW(h->restores, h->restore_count, h->restore_capacity);
    h->restores[h->restore_count] = s;
    lookup_put(&h->restore_by_subject, subject, h->restore_count++);
    return true;
}

static void free_run(struct history_run *s)
{
    free(s->policy);
    free(s->as_of);
    free(s->fingerprint);
    free(s->outcome);
    free(s->audit_sha256);
}

static bool read_run(struct reader *r, struct error *err)
{
    (void)err;
    struct history *h = r->history;
    struct history_run s = {.policy = copy(r, "policy"),
                            .as_of = copy(r, "as_of"),
                            .fingerprint = copy(r, "fingerprint"),
                            .outcome = copy(r, "outcome"),
                            .id = number(r, "run"),
                            .at = r->at,
                            .line = r->number,
                            .subjects = count(r, "subjects"),
                            .rows = count(r, "rows"),
                            .segments = count(r, "segments"),
                            .blocked = count(r, "blocked"),
                            .held = count(r, "held"),
                            .audit_sha256 = copy_optional(r, "audit_sha256")};
    if (s.audit_sha256 != NULL)
        s.audit_seq = count(r, "audit_seq");
    if (r->fault != NULL) {
        free_run(&s);
        return true;
    }
    MEMORY_GROW(h->runs, h->run_count, h->run_capacity);
    h->runs[h->run_count++] = s;
    return true;
}

static bool read_expire(struct reader *r, struct error *err)
{
    CLEANUP(release_text) char *id = copy(r, "segment");
    CLEANUP(release_text) char *sha256 = copy(r, "sha256");
    size_t place;
    if (r->fault != NULL)
        return true;
    if (!lookup_get(&r->history->segment_by_id, id, &place))
        return contradicts(r, "it ends a segment that no line before names", err);
    struct history_segment *s = &r->history->segments[place];
    if (strcmp(s->sha256, sha256) != 0)
        return contradicts(r, "it ends a segment with another SHA-256 than the line about it", err);
    if (s->expire_line == 0) { /* a second line of one expiry says nothing new */
        s->expire_line = r->number;
        s->expired_at = r->at;
    }
    return true;
}

/* A hold whose line was written by its own command and by the next run is one hold. */
static size_t find_hold(const struct history *h, int64_t id, const char *reference)
{
    size_t place = SIZE_MAX;
    (void)lookup_get(&h->hold_by_reference, reference, &place);
    while (place != SIZE_MAX && h->holds[place].id != id)
        place = h->holds[place].older;
    return place;
}

static void free_hold(struct history_hold *s)
{
    free(s->policy);
    free(s->reference);
    free(s->kind);
    free(s->review_on);
}

static bool read_hold(struct reader *r, struct error *err)
{
    (void)err;
    struct history *h = r->history;
    struct history_hold hold = {.policy = copy(r, "policy"),
                                .reference = copy(r, "reference"),
                                .kind = copy(r, "kind"),
                                .review_on = copy_optional(r, "review_on"),
                                .id = number(r, "hold"),
                                .at = r->at,
                                .line = r->number,
                                .older = SIZE_MAX};
    if (r->fault != NULL || find_hold(h, hold.id, hold.reference) != SIZE_MAX) {
        free_hold(&hold);
        return true;
    }
    (void)lookup_get(&h->hold_by_reference, hold.reference, &hold.older);
    MEMORY_GROW(h->holds, h->hold_count, h->hold_capacity);
    h->holds[h->hold_count] = hold;
    lookup_put(&h->hold_by_reference, hold.reference, h->hold_count++);
    return true;
}

static bool read_release(struct reader *r, struct error *err)
{
    CLEANUP(release_text) char *reference = copy(r, "reference");
    int64_t id = number(r, "hold");
    if (r->fault != NULL)
        return true;
    size_t place = find_hold(r->history, id, reference);
    if (place == SIZE_MAX)
        return contradicts(r, "it releases a hold that no line before names", err);
    struct history_hold *hold = &r->history->holds[place];
    if (hold->release_line == 0) {
        hold->release_line = r->number;
        hold->released_at = r->at;
    }
    return true;
}

static bool read_re_erase(struct reader *r, struct error *err)
{
    (void)err;
    struct history *h = r->history;
    MEMORY_GROW(h->re_erase_lines, h->re_erase_count, h->re_erase_capacity);
    h->re_erase_lines[h->re_erase_count++] = r->number;
    return true;
}

static bool read_reference_key(struct reader *r, struct error *err)
{
    struct history *h = r->history;
    CLEANUP(release_text) char *fingerprint = copy(r, "fingerprint");
    if (fingerprint == NULL)
        return true;
    if (strlen(fingerprint) != DIGEST_HEX_SIZE - 1)
        r->fault = "fingerprint";
    else if (h->key_fingerprint[0] == '\0')
        memcpy(h->key_fingerprint, fingerprint, DIGEST_HEX_SIZE);
    else if (strcmp(h->key_fingerprint, fingerprint) != 0)
        return contradicts(r, "it names another reference key than the line before it", err);
    return true;
}

static const struct {
    const char *event;
    bool (*read)(struct reader *r, struct error *err);
} events[] = {
    {"segment", read_segment},   {"run", read_run},
    {"expire", read_expire},     {"restore", read_restore},
    {"hold", read_hold},         {"release", read_release},
    {"re-erase", read_re_erase}, {"reference-key", read_reference_key},
};

/* Two readers of one journal: whoever is to be told of every fault, or of the first. */
struct loading {
    struct history history;
    journal_complain *complain;
    void *context;
};

static void complain_on(void *context, const char *sentence)
{
    const struct loading *l = context;
    l->complain(l->context, sentence);
}

static bool visit(void *context, uint64_t line_number, const json_t *line, struct error *err)
{
    struct loading *l = context;
    struct reader r = {.history = &l->history, .line = line, .number = line_number};
    const char *event = json_string_value(json_object_get(line, "event"));
    if (!clock_parse_utc(json_string_value(json_object_get(line, "at")), &r.at))
        return contradicts(&r, "its \"at\" is no instant", err);
    if (r.at > r.history->last_at)
        r.history->last_at = r.at;
    for (size_t i = 0; i < COUNT_OF(events); i++)
        if (strcmp(events[i].event, event) == 0 && !events[i].read(&r, err))
            return false;
    return r.fault == NULL ||
           error_set(err, ERR_INTEGRITY, "journal, line %llu: event %s, \"%s\" is missing or wrong",
                     (unsigned long long)line_number, event, r.fault);
}

static void release_loading(struct loading *l)
{
    history_free(&l->history);
}

bool history_examine(const char *path, journal_complain *complain, void *context,
                     struct history *ret, struct error *err)
{
    CLEANUP(release_loading) struct loading l = {.complain = complain, .context = context};
    if (!journal_examine(path, visit, complain == NULL ? NULL : complain_on, &l, &l.history.lines,
                         &l.history.torn, err))
        return false;
    *ret = l.history;
    l.history = (struct history){0};
    return true;
}

bool history_load(const char *path, struct history *ret, struct error *err)
{
    return history_examine(path, NULL, NULL, ret, err);
}

void history_free(struct history *h)
{
    for (size_t i = 0; i < h->segment_count; i++)
        free_segment(&h->segments[i]);
    for (size_t i = 0; i < h->restore_count; i++)
        free_restore(&h->restores[i]);
    for (size_t i = 0; i < h->hold_count; i++)
        free_hold(&h->holds[i]);
    for (size_t i = 0; i < h->run_count; i++)
        free_run(&h->runs[i]);
    free(h->segments);
    free(h->restores);
    free(h->holds);
    free(h->runs);
    free(h->re_erase_lines);
    lookup_free(&h->segment_by_id);
    lookup_free(&h->hold_by_reference);
    lookup_free(&h->restore_by_subject);
    *h = (struct history){0};
}

const struct history_segment *history_find(const struct history *h, const char *segment_id)
{
    size_t place;
    return lookup_get(&h->segment_by_id, segment_id, &place) ? &h->segments[place] : NULL;
}

const struct history_hold *history_find_hold(const struct history *h, int64_t id,
                                             const char *reference)
{
    size_t place = find_hold(h, id, reference);
    return place == SIZE_MAX ? NULL : &h->holds[place];
}

bool history_has_restore(const struct history *h, const char *segment, const char *reference,
                         int64_t at)
{
    size_t place = SIZE_MAX;
    (void)lookup_get(&h->restore_by_subject, reference != NULL ? reference : segment, &place);
    for (; place != SIZE_MAX; place = h->restores[place].older) {
        const struct history_restore *r = &h->restores[place];
        if (r->at == at && strcmp(r->segment, segment) == 0 &&
            (r->reference == NULL) == (reference == NULL))
            return true;
    }
    return false;
}

bool history_tells_destroyed(const char *path, const char *segment_id, int64_t *ret_at)
{
    CLEANUP(history_free) struct history h = {0};
    struct error ignored = {0};
    const struct history_segment *s =
        history_load(path, &h, &ignored) ? history_find(&h, segment_id) : NULL;
    if (s == NULL || s->expire_line == 0)
        return false;
    *ret_at = s->expired_at;
    return true;
}
