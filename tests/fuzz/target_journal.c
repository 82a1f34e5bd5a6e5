/* A journal, as journal_read, journal_append and history_load find it.
 *
 * The input is the file.  When it does not hold, its lines are chained anew (seq and prev; of a
 * member "pad" with a number, as many bytes) and what comes out is tried as well.
 *
 * Accepted: the lines are numbered and chained as counted here, and one more can be appended behind
 * them.  Refused: the lines before the one that is named are accepted.  A failed append leaves the
 * file as it was.  What the lines say is read alike with and without going on behind a fault. */
#include <jansson.h>
#include <string.h>

#include "common/config_scan.h"
#include "common/digest.h"
#include "common/journal.h"
#include "jobs/archive/history.h"
#include "tests/fuzz/fuzz.h"

#define UNTOUCHED UINT64_C(0x5a5a5a5a5a5a5a5a)
#define AT INT64_C(1790000000)

static const char *path;

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    return tokens_mutate(data, size, max_size, seed);
}

static void release_json(json_t **value)
{
    json_decref(*value);
    *value = NULL;
}

/* ---- reading ---- */

/* The file once more, line by line, beside journal_read. */
struct beside {
    const char *next, *end;
    uint64_t lines;
    char digest[DIGEST_HEX_SIZE];
};

static void begin(struct beside *b, const struct text *file)
{
    *b = (struct beside){.next = text_get(file), .end = text_get(file) + file->length};
    memset(b->digest, '0', sizeof b->digest - 1);
}

static bool visit(void *context, uint64_t number, const json_t *line, struct error *err)
{
    struct beside *b = context;
    const char *newline = memchr(b->next, '\n', (size_t)(b->end - b->next));
    REQUIRE(newline != NULL && number == b->lines + 1, "line %llu", (unsigned long long)number);
    REQUIRE(json_integer_value(json_object_get(line, "seq")) == (json_int_t)number, "seq");
    REQUIRE(strcmp(json_string_value(json_object_get(line, "prev")), b->digest) == 0, "prev");
    REQUIRE(json_is_string(json_object_get(line, "event")), "event");
    REQUIRE(memchr(b->next, '\0', (size_t)(newline - b->next)) == NULL, "a NUL in a line");
    REQUIRE(digest_bytes_hex(b->next, (size_t)(newline - b->next), b->digest, err), "digest");
    b->next = newline + 1;
    b->lines++;
    return true;
}

/* True when the file is accepted; *ret_lines, and all that was said here about it. */
static bool read_file(const struct text *file, uint64_t *ret_lines, struct error *err)
{
    struct beside b;
    uint64_t lines = UNTOUCHED;
    uint64_t torn = UNTOUCHED;
    begin(&b, file);
    if (!journal_read(path, visit, &b, &lines, &torn, err)) {
        fuzz_check_error(err);
        REQUIRE(err->kind == ERR_INTEGRITY, "kind %d: %s", (int)err->kind, err->message);
        REQUIRE(lines == UNTOUCHED && torn == UNTOUCHED, "touched");
        *ret_lines = b.lines;
        return false;
    }
    REQUIRE(lines == b.lines && torn == (uint64_t)(b.end - b.next), "%llu lines, %llu torn",
            (unsigned long long)lines, (unsigned long long)torn);
    REQUIRE(memchr(b.next, '\n', (size_t)torn) == NULL, "a whole line is torn");
    *ret_lines = lines;
    return true;
}

/* Line `good` + 1 is the first that does not hold: all before it must. */
static void check_refusal(const struct text *file, uint64_t good, const struct error *err)
{
    CLEANUP(text_free) struct text before = {0};
    struct error none = {0};
    uint64_t lines;
    char named[64];
    snprintf(named, sizeof named, ", line %llu: ", (unsigned long long)good + 1);
    REQUIRE(strstr(err->message, named) != NULL, "expected%s in: %s", named, err->message);
    const char *end = text_get(file);
    for (uint64_t i = 0; i < good; i++)
        end = strchr(end, '\n') + 1;
    text_add_bytes(&before, text_get(file), (size_t)(end - text_get(file)));
    fuzz_store(path, text_get(&before), before.length, 0600);
    REQUIRE(read_file(&before, &lines, &none) && lines == good, "%s", none.message);
    fuzz_store(path, text_get(file), file->length, 0600);
}

/* ---- what the lines say ---- */

struct complaints {
    uint64_t count;
    char first[sizeof((struct error *)NULL)->message];
};

static void complain(void *context, const char *sentence)
{
    struct complaints *c = context;
    struct error as = {.kind = ERR_INTEGRITY};
    snprintf(as.message, sizeof as.message, "%s", sentence);
    fuzz_check_error(&as);
    if (c->count++ == 0)
        memcpy(c->first, as.message, sizeof c->first);
}

static void check_segment(const struct history *h, const struct history_segment *s)
{
    REQUIRE(s->id != NULL && s->policy != NULL && s->file != NULL && s->sha256 != NULL &&
                s->manifest_sha256 != NULL,
            "a segment without its texts");
    REQUIRE(s->run_id >= 0 && s->line > 0 && s->line <= h->lines, "line");
    REQUIRE(s->expire_line == 0 || (s->expire_line > s->line && s->expire_line <= h->lines),
            "destroyed before it was");
    REQUIRE(s->at <= h->last_at, "last_at");
    const struct history_segment *first = history_find(h, s->id);
    REQUIRE(first != NULL && first <= s && strcmp(first->id, s->id) == 0, "not found: %s", s->id);
}

static void check_history(const struct history *h)
{
    for (size_t i = 0; i < h->segment_count; i++)
        check_segment(h, &h->segments[i]);
    for (size_t i = 0; i < h->hold_count; i++) {
        const struct history_hold *hold = &h->holds[i];
        REQUIRE(hold->policy != NULL && hold->reference != NULL && hold->kind != NULL, "hold");
        REQUIRE(
            hold->older == SIZE_MAX ||
                (hold->older < i && strcmp(h->holds[hold->older].reference, hold->reference) == 0),
            "the hold before it is none");
        REQUIRE(hold->release_line == 0 || hold->release_line > hold->line, "released before");
    }
    for (size_t i = 0; i < h->restore_count; i++)
        REQUIRE(h->restores[i].segment != NULL && h->restores[i].line > 0, "restore");
    for (size_t i = 0; i < h->run_count; i++)
        REQUIRE(h->runs[i].outcome != NULL && h->runs[i].id >= 0, "run");
    for (size_t i = 0; i < h->re_erase_count; i++)
        REQUIRE(h->re_erase_lines[i] > 0 && h->re_erase_lines[i] <= h->lines, "re-erase");
}

static void check_examined(const struct history *loaded, const struct error *refused, bool holds)
{
    CLEANUP(history_free) struct history h = {0};
    struct complaints told = {0};
    struct error err = {0};
    bool done = history_examine(path, complain, &told, &h, &err);
    if (!done)
        fuzz_check_error(&err);
    else
        check_history(&h);
    REQUIRE(holds == (done && told.count == 0), "loaded %d, examined %d, %llu complaints: %s",
            holds, done, (unsigned long long)told.count, told.first);
    REQUIRE(holds || told.count == 0 || strcmp(told.first, refused->message) == 0,
            "first told:\n%s\n%s", told.first, refused->message);
    REQUIRE(!holds || (h.lines == loaded->lines && h.segment_count == loaded->segment_count &&
                       h.hold_count == loaded->hold_count && h.last_at == loaded->last_at),
            "read otherwise");
    if (told.count > 0 && h.segment_count + h.hold_count + h.run_count > 0)
        fuzz_reached("history with faults");
}

static void read_history(bool accepted, uint64_t lines)
{
    CLEANUP(history_free) struct history h = {0};
    struct error err = {0};
    bool holds = history_load(path, &h, &err);
    if (!holds) {
        fuzz_check_error(&err);
        REQUIRE(h.segments == NULL && h.lines == 0, "touched");
    } else {
        REQUIRE(accepted && h.lines == lines, "a history of a journal that does not hold");
        check_history(&h);
        if (h.segment_count > 0 && h.hold_count > 0)
            fuzz_reached("history");
    }
    check_examined(&h, &err, holds);
}

/* ---- appending ---- */

static const char *const events[] = {"segment", "run", "", "e\"v\\"};

/* Of the file's first line, so that they are as odd as that is. */
static json_t *odd_fields(const struct text *file)
{
    json_t *fields = json_loadb(text_get(file), strcspn(text_get(file), "\n"), 0, NULL);
    if (!json_is_object(fields)) {
        json_decref(fields);
        return NULL;
    }
    const char *const ours[] = {"seq", "at", "event", "prev"};
    for (size_t i = 0; i < COUNT_OF(ours); i++)
        json_object_del(fields, ours[i]);
    return fields;
}

/* What must succeed on a good journal, what never may. */
enum verdict { MUST, MAY, NEVER };

static bool append(const struct text *file, uint64_t choice, enum verdict *ret_verdict,
                   struct error *err)
{
    static const int64_t instants[] = {AT, 0, -1, INT64_MAX, INT64_MIN};
    CLEANUP(journal_close) struct journal *j = NULL;
    CLEANUP(release_json) json_t *fields = choice % 2 == 0 ? NULL : odd_fields(file);
    size_t event = choice / 2 % 8;
    size_t at = choice / 16 % 16;
    bool small = file->length < ((size_t)1 << 20);
    event = event < COUNT_OF(events) ? event : 0;
    at = at < COUNT_OF(instants) ? at : 0;
    if ((choice / 256) % 8 == 0)
        fields = fields == NULL ? json_pack("{si}", "seq", 1) : fields;
    if (at >= 3 || json_object_get(fields, "seq") != NULL)
        *ret_verdict = NEVER;
    else
        *ret_verdict = small ? MUST : MAY;
    REQUIRE(journal_open(path, false, &j, err), "%s", err->message);
    return journal_append(j, instants[at], events[event], fields, err);
}

static void check_append(const struct text *file, bool accepted, uint64_t lines)
{
    CLEANUP(text_free) struct text after = {0};
    struct error err = {0};
    uint64_t more = 0;
    enum verdict verdict = MAY;
    size_t whole = file->length;
    while (whole > 0 && file->data[whole - 1] != '\n')
        whole--;
    bool done = append(file, fuzz_hash(text_get(file), file->length), &verdict, &err);
    fuzz_load(path, &after);
    if (!done) {
        fuzz_check_error(&err);
        REQUIRE(!accepted || verdict != MUST, "a good journal takes no line: %s", err.message);
        REQUIRE(after.length == file->length &&
                    memcmp(text_get(&after), text_get(file), after.length) == 0,
                "a failed append changed the file: %s", err.message);
        return;
    }
    REQUIRE(verdict != NEVER, "appended what no line may hold");
    REQUIRE(after.length > whole && memcmp(text_get(&after), text_get(file), whole) == 0 &&
                after.data[after.length - 1] == '\n' &&
                memchr(after.data + whole, '\n', after.length - whole - 1) == NULL,
            "an append does more than add a line");
    fuzz_reached("appended");
    bool holds = read_file(&after, &more, &err);
    REQUIRE(holds == accepted, "it was accepted: %d, with a line more: %d (%s)", accepted, holds,
            err.message);
    REQUIRE(!accepted || more == lines + 1, "not one line more");
}

/* ---- chained anew ---- */

/* A long text for a number: lines longer than a block; for one number longer than any line may be,
 * which takes as much time as a hundred others. */
static void pad_line(json_t *line)
{
    json_int_t length = json_integer_value(json_object_get(line, "pad"));
    if (length <= 0)
        return;
    length = length == 4300000 ? length : length % 70000;
    CLEANUP(text_free) struct text pad = {0};
    for (json_int_t i = 0; i < length; i += 10)
        text_add(&pad, "0123456789");
    json_object_set_new(line, "pad", json_string(text_get(&pad)));
}

static void add_line(struct text *t, json_t *line, struct beside *chain)
{
    struct error err = {0};
    if (json_object_get(line, "seq") != NULL)
        json_object_set_new(line, "seq", json_integer((json_int_t)chain->lines + 1));
    if (json_object_get(line, "prev") != NULL)
        json_object_set_new(line, "prev", json_string(chain->digest));
    pad_line(line);
    char *bytes = json_dumps(line, JSON_COMPACT);
    if (bytes != NULL) {
        text_add(t, bytes);
        text_add(t, "\n");
        REQUIRE(digest_bytes_hex(bytes, strlen(bytes), chain->digest, &err), "%s", err.message);
        chain->lines++;
    }
    free(bytes);
}

/* Lines that are no objects stay as they are, at most one. */
static void chain_anew(const struct text *file, struct text *ret)
{
    struct beside chain;
    begin(&chain, file);
    bool odd = false;
    const char *newline;
    for (; (newline = memchr(chain.next, '\n', (size_t)(chain.end - chain.next))) != NULL;
         chain.next = newline + 1) {
        size_t length = (size_t)(newline - chain.next);
        CLEANUP(release_json) json_t *line = json_loadb(chain.next, length, 0, NULL);
        if (json_is_object(line)) {
            add_line(ret, line, &chain);
        } else if (!odd) {
            odd = true;
            text_add_bytes(ret, chain.next, length + 1);
        }
    }
    text_add_bytes(ret, chain.next, (size_t)(chain.end - chain.next));
}

/* ---- the target ---- */

static bool try_file(const struct text *file)
{
    struct error err = {0};
    uint64_t lines = 0;
    fuzz_store(path, text_get(file), file->length, 0600);
    bool accepted = read_file(file, &lines, &err);
    if (!accepted)
        check_refusal(file, lines, &err);
    read_history(accepted, lines);
    check_append(file, accepted, lines);
    if (accepted && lines > 0)
        fuzz_keep(text_get(file), file->length);
    return accepted && lines > 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (path == NULL)
        path = fuzz_path("journal.jsonl");
    CLEANUP(text_free) struct text file = {0};
    CLEANUP(text_free) struct text again = {0};
    text_add_bytes(&file, data, size);
    if (try_file(&file)) {
        fuzz_reached("accepted");
        return 0;
    }
    chain_anew(&file, &again);
    fuzz_reached(try_file(&again) ? "accepted chained anew" : "refused");
    return 0;
}
