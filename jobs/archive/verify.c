#include "jobs/archive/verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/file.h"
#include "common/log.h"
#include "common/lookup.h"
#include "common/memory.h"
#include "jobs/archive/segment_read.h"

/* What the chain needs to know of a manifest, once it is loaded. */
struct link {
    const struct store_entry *entry;
    uint64_t chain_no;
    char sha256[DIGEST_HEX_SIZE];
    char previous_sha256[DIGEST_HEX_SIZE];
    bool faulty;
};

struct verification {
    const struct evidence *evidence;
    const struct verify_request *request;
    struct link *links;
    size_t link_count;
    size_t unreadable;   /* entries without a manifest that can be read */
    struct lookup by_id; /* entries, the first of each segment id */
    struct verify_result *result;
    struct error no_key; /* why the last unopened segment could not be opened */
};

void verify_add(struct verify_result *r, enum verify_rank rank, const char *place,
                const char *sentence)
{
    MEMORY_GROW(r->faults, r->fault_count, r->fault_capacity);
    r->faults[r->fault_count] = (struct verify_fault){.rank = rank,
                                                      .number = r->fault_count,
                                                      .place = memory_copy_text(place),
                                                      .sentence = memory_copy_text(sentence)};
    r->fault_count++;
}

/* base: of the segment it is about, NULL when it is about none. */
static void add_fault(struct verification *v, enum verify_rank rank, const char *place,
                      const char *base, const char *sentence)
{
    const char *only = v->request->only;
    if (only == NULL || (base != NULL && strcmp(only, base) == 0))
        verify_add(v->result, rank, place, sentence);
}

static bool refuse(struct error *err, const char *sentence)
{
    return error_set(err, ERR_INTEGRITY, "%s", sentence);
}

static bool check_ledger(const struct evidence *e, const struct store_entry *entry,
                         const struct manifest *m, struct error *err)
{
    const struct ledger_segment *s = ledger_find(&e->ledger, m->segment_id);
    if (s == NULL)
        return refuse(err,
                      history_find(&e->history, m->segment_id) != NULL
                          ? "the journal has it, the ledger has not: the database was restored "
                            "to an earlier point, and its subjects may be back; waarborg "
                            "retention run --re-erase disposes of them"
                          : "the ledger does not know it: left behind by a run that was cut off "
                            "(the next one removes it), or the database was restored to an "
                            "earlier point");
    if (strcmp(s->file, entry->base) != 0)
        return error_set(err, ERR_INTEGRITY, "the ledger has it as %s", s->file);
    if (strcmp(s->manifest_sha256, m->sha256) != 0)
        return refuse(err, "its manifest does not have the SHA-256 that stands in the ledger");
    if (s->chain_no != m->chain_no || strcmp(s->previous_sha256, m->previous_sha256) != 0)
        return refuse(err, "the ledger gives it another place in the chain");
    if (s->rows != m->rows || s->bytes != m->file_bytes || s->subjects != m->reference_count ||
        strcmp(s->sha256, m->file_sha256) != 0 || strcmp(s->policy, m->policy) != 0)
        return refuse(err, "the ledger describes it otherwise than its manifest");
    if (s->members != m->member_count || s->member_rows != m->rows)
        return refuse(err, "the ledger (segment_table) lists other tables than its manifest");
    if (s->records != m->reference_count)
        return refuse(err, "the ledger has not one disposal record for each of its subjects");
    return true;
}

static bool check_journal(const struct evidence *e, const struct manifest *m, struct error *err)
{
    const struct history_segment *line = history_find(&e->history, m->segment_id);
    if (line == NULL)
        return refuse(err, "the journal has no line about it: a run was cut off (the next one "
                           "writes the line), or the journal was shortened or replaced");
    return strcmp(line->manifest_sha256, m->sha256) == 0 ||
           refuse(err, "its manifest does not have the SHA-256 that stands in the journal");
}

static bool open_segment(struct verification *v, int fd, const struct manifest *m,
                         struct error *err)
{
    CLEANUP(segment_text_free) struct text gzip = {0};
    if (v->request->files_only || (v->request->key == NULL && m->sealed))
        return segment_check_file(fd, m, err);
    if (!segment_open(fd, m, v->request->key, &gzip, err)) {
        if (err->kind != ERR_USAGE)
            return false;
        v->no_key = *err;
        v->result->unopened++;
        return true;
    }
    bool holds = segment_check_text(m, &gzip, err);
    v->result->opened += holds ? 1 : 0;
    return holds;
}

/* Ledger and journal must both say so; where one of them is not looked at, the other's word is
 * enough. */
static bool check_destroyed(const struct store_entry *entry, const struct ledger_segment *s,
                            const struct history_segment *line, struct error *err)
{
    bool ledger = s != NULL && s->destroyed;
    bool journal = line != NULL && line->expire_line != 0;
    if (ledger && entry->has_file)
        return refuse(err, "the ledger says it was destroyed, but the file is there");
    if (ledger && line != NULL && !journal)
        return refuse(err, "the ledger says it was destroyed, the journal has no line about that; "
                           "the next waarborg retention run or archive expire writes it");
    if (journal && s != NULL && !ledger)
        return refuse(err, "the journal says it was destroyed, the ledger does not: the database "
                           "was restored to an earlier point");
    return !entry->has_file ||
           refuse(err, "the journal says it was destroyed, but the file is there");
}

static bool check_file(struct verification *v, const struct store_entry *entry,
                       const struct manifest *m, struct error *err)
{
    CLEANUP(file_close) int fd = -1;
    const struct ledger_segment *s = ledger_find(&v->evidence->ledger, m->segment_id);
    const struct history_segment *line = history_find(&v->evidence->history, m->segment_id);
    if ((s != NULL && s->destroyed) || (line != NULL && line->expire_line != 0)) {
        v->result->destroyed++;
        return check_destroyed(entry, s, line, err);
    }
    if (!entry->has_file && !v->evidence->has_journal && !v->evidence->has_ledger)
        return error_set(err, ERR_INTEGRITY,
                         "%s is not there: only the journal tells whether it was destroyed or "
                         "lost (--journal FILE)",
                         m->file_name);
    if (!store_open_month(&v->evidence->store, entry, &fd, err) || !open_segment(v, fd, m, err))
        return false;
    v->result->bytes += m->file_bytes;
    return true;
}

static void add_link(struct verification *v, const struct store_entry *entry,
                     const struct manifest *m, bool faulty)
{
    struct link *l = &v->links[v->link_count++];
    *l = (struct link){.entry = entry, .chain_no = m->chain_no, .faulty = faulty};
    memcpy(l->sha256, m->sha256, sizeof l->sha256);
    memcpy(l->previous_sha256, m->previous_sha256, sizeof l->previous_sha256);
}

/* What stands first is told; what the file itself holds is another matter. */
static bool check_content(struct verification *v, const struct store_entry *entry,
                          const struct manifest *m)
{
    const struct evidence *e = v->evidence;
    const char *id = store_entry_id(entry);
    struct error fault = {0};
    bool books = (!e->has_ledger || check_ledger(e, entry, m, &fault)) &&
                 (!e->has_journal || check_journal(e, m, &fault));
    if (!books)
        add_fault(v, VERIFY_BOOKS, id, entry->base, fault.message);
    if (!books && !v->request->every_fault)
        return false;
    bool file = check_file(v, entry, m, &fault);
    if (!file)
        add_fault(v, VERIFY_FILE, id, entry->base, fault.message);
    return books && file;
}

static void check_entry(struct verification *v, const struct store_entry *entry)
{
    const struct evidence *e = v->evidence;
    CLEANUP(manifest_free) struct manifest *m = NULL;
    const char *only = v->request->only;
    struct error fault = {0};
    bool wanted = only == NULL || strcmp(only, entry->base) == 0;
    v->result->segments += wanted ? 1 : 0;
    if (!store_load_manifest(&e->store, entry, &m, &fault)) {
        v->unreadable++;
        add_fault(v, VERIFY_MANIFEST, store_entry_id(entry), entry->base, fault.message);
        return;
    }
    if (v->request->watch != NULL)
        v->request->watch(v->request->context, entry, m);
    add_link(v, entry, m, wanted && !check_content(v, entry, m));
}

/* Ids are random: two files of one segment are copies, or made to be taken for one another. */
static void check_ids(struct verification *v)
{
    const struct store *s = &v->evidence->store;
    for (size_t i = 0; i < s->entry_count; i++) {
        const char *id = store_entry_id(&s->entries[i]);
        size_t first;
        if (!lookup_get(&v->by_id, id, &first)) {
            lookup_put(&v->by_id, id, i);
            continue;
        }
        CLEANUP(memory_release)
        char *sentence = memory_format("two segments have this id: %s and %s",
                                       s->entries[first].base, s->entries[i].base);
        add_fault(v, VERIFY_MANIFEST, id, s->entries[i].base, sentence);
    }
}

static int compare_links(const void *a, const void *b)
{
    const struct link *x = a;
    const struct link *y = b;
    if (x->chain_no != y->chain_no)
        return x->chain_no < y->chain_no ? -1 : 1;
    return strcmp(x->entry->base, y->entry->base);
}

/* Numbers without a manifest.  With a ledger each of them is told by name; one that cannot be read
 * was told already. */
static void report_gap(struct verification *v, uint64_t from, uint64_t to)
{
    if (v->evidence->has_ledger || v->unreadable >= to - from)
        return;
    CLEANUP(memory_release)
    char *sentence =
        memory_format("%llu manifest(s) are missing: number %llu is the next one there",
                      (unsigned long long)(to - from), (unsigned long long)to);
    CLEANUP(memory_release)
    char *place = memory_format("chain from number %llu", (unsigned long long)from);
    add_fault(v, VERIFY_CHAIN, place, NULL, sentence);
}

static void check_pair(struct verification *v, struct link *before, struct link *l)
{
    CLEANUP(memory_release) char *sentence = NULL;
    const struct link *blamed = l;
    if (before->chain_no == l->chain_no)
        sentence = memory_format("it has number %llu of the chain, as segment %s has",
                                 (unsigned long long)l->chain_no, store_entry_id(before->entry));
    else if (strcmp(before->sha256, l->previous_sha256) != 0) {
        blamed = before;
        sentence = memory_format("its manifest does not have the SHA-256 that the manifest of the "
                                 "next segment, %s, gives for it",
                                 store_entry_id(l->entry));
    }
    /* One of the two is known to be wrong already: that is why they do not fit. */
    if (sentence != NULL && !before->faulty && !l->faulty)
        add_fault(v, VERIFY_CHAIN, store_entry_id(blamed->entry), blamed->entry->base, sentence);
}

static void check_chain(struct verification *v)
{
    if (v->link_count > 0)
        qsort(v->links, v->link_count, sizeof *v->links, compare_links);
    uint64_t next = 1;
    for (size_t i = 0; i < v->link_count; i++) {
        struct link *l = &v->links[i];
        if (l->chain_no > next)
            report_gap(v, next, l->chain_no);
        else if (i > 0)
            check_pair(v, &v->links[i - 1], l);
        next = l->chain_no + 1;
    }
}

/* What the ledger has and the directory has not, and what the ledger says about its own end. */
static void check_ledger_side(struct verification *v)
{
    const struct evidence *e = v->evidence;
    for (size_t i = 0; i < e->ledger.count; i++) {
        const struct ledger_segment *s = &e->ledger.segments[i];
        if (store_find_base(&e->store, s->file) == NULL)
            add_fault(v, VERIFY_MANIFEST, s->id, s->file,
                      "the ledger has it, but neither its file nor its manifest is there");
    }
    const struct ledger_segment *last =
        e->ledger.count == 0 ? NULL : &e->ledger.segments[e->ledger.count - 1];
    if (e->head_no != (last == NULL ? 0 : last->chain_no) ||
        strcmp(e->head_sha256, last == NULL ? MANIFEST_NO_PREVIOUS : last->manifest_sha256) != 0)
        add_fault(v, VERIFY_BOOKS, "ledger", NULL,
                  "the end of the chain (waarborg.chain) is not its last segment");
}

/* What the journal has and nobody else. */
static void check_journal_side(struct verification *v)
{
    const struct evidence *e = v->evidence;
    size_t place;
    for (size_t i = 0; i < e->history.segment_count; i++) {
        const struct history_segment *line = &e->history.segments[i];
        bool known = e->has_ledger ? ledger_find(&e->ledger, line->id) != NULL
                                   : lookup_get(&v->by_id, line->id, &place);
        if (history_find(&e->history, line->id) != line)
            add_fault(v, VERIFY_BOOKS, line->id, line->file, "the journal has two lines about it");
        else if (!known && e->has_ledger && store_find_base(&e->store, line->file) != NULL)
            continue; /* told with its file */
        else if (!known && e->has_ledger)
            add_fault(v, VERIFY_BOOKS, line->id, line->file,
                      "the journal has it, the ledger has not: the database was restored to an "
                      "earlier point, and its subjects may be back");
        else if (!known)
            add_fault(v, VERIFY_MANIFEST, line->id, line->file,
                      "the journal has it, but neither its file nor its manifest is there");
    }
}

static void check_all(struct verification *v)
{
    const struct evidence *e = v->evidence;
    for (size_t i = 0; i < e->journal_fault_count; i++)
        add_fault(v, VERIFY_JOURNAL, "journal", NULL, e->journal_faults[i]);
    for (size_t i = 0; i < e->store.stranger_count; i++)
        add_fault(v, VERIFY_STRANGER, e->store.strangers[i], NULL, "it is no part of an archive");
    check_ids(v);
    for (size_t i = 0; i < e->store.entry_count; i++)
        check_entry(v, &e->store.entries[i]);
    check_chain(v);
    if (e->has_ledger)
        check_ledger_side(v);
    check_journal_side(v);
}

static int compare_faults(const void *a, const void *b)
{
    const struct verify_fault *x = a;
    const struct verify_fault *y = b;
    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    return x->number < y->number ? -1 : 1;
}

void verify_print_faults(const struct verify_result *r)
{
    for (size_t i = 0; i < r->fault_count; i++) {
        char place[512];
        char sentence[4096];
        size_t length = strlen(r->faults[i].place);
        log_escape(place, sizeof place, r->faults[i].place);
        log_escape(sentence, sizeof sentence, r->faults[i].sentence);
        /* "journal FILE, line 3: ..." names its place itself. */
        if (strncmp(r->faults[i].place, r->faults[i].sentence, length) == 0)
            printf("%s\n", sentence);
        else
            printf("%s: %s\n", place, sentence);
    }
}

void verify_sort(struct verify_result *r)
{
    if (r->fault_count > 0)
        qsort(r->faults, r->fault_count, sizeof *r->faults, compare_faults);
}

static void release_verification(struct verification *v)
{
    free(v->links);
    lookup_free(&v->by_id);
}

bool verify_archive(const struct evidence *e, const struct verify_request *request,
                    struct verify_result *ret, struct error *err)
{
    CLEANUP(release_verification)
    struct verification v = {.evidence = e,
                             .request = request,
                             .links = memory_alloc((e->store.entry_count + 1) * sizeof *v.links),
                             .result = ret};
    check_all(&v);
    verify_sort(ret);
    if (ret->unopened == 0 || ret->opened > 0 || ret->fault_count > 0)
        return true;
    *err = v.no_key;
    return false;
}

void verify_result_free(struct verify_result *r)
{
    for (size_t i = 0; i < r->fault_count; i++) {
        free(r->faults[i].place);
        free(r->faults[i].sentence);
    }
    free(r->faults);
    *r = (struct verify_result){0};
}
