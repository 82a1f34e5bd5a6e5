#include "jobs/evidence/disposals.h"

#include <stdlib.h>
#include <string.h>

#include "common/memory.h"

static void add_subjects(struct disposals *d, const struct manifest *m, size_t segment)
{
    for (size_t i = 0; i < m->reference_count; i++) {
        struct disposal one = {.segment = (uint32_t)segment};
        if (!digest_from_hex(m->references[i].reference, one.reference, DIGEST_SIZE))
            continue; /* cannot be: the manifest was read */
        MEMORY_GROW(d->items, d->count, d->capacity);
        d->items[d->count++] = one;
    }
}

static uint64_t unlinked_values(const struct manifest *m)
{
    uint64_t rows = 0;
    for (size_t i = 0; i < m->member_count; i++)
        if (m->members[i].member.kind == SEGMENT_UNLINKED)
            rows += m->members[i].rows;
    return rows;
}

void disposals_add(void *context, const struct store_entry *entry, const struct manifest *m)
{
    struct disposals *d = context;
    size_t known;
    MEMORY_GROW(d->segments, d->segment_count, d->segment_capacity);
    struct disposal_segment *s = &d->segments[d->segment_count];
    *s = (struct disposal_segment){.id = memory_copy_text(m->segment_id),
                                   .base = memory_copy_text(entry->base),
                                   .policy = memory_copy_text(m->policy),
                                   .sha256 = memory_copy_text(m->file_sha256),
                                   .database = memory_copy_text(m->database_name),
                                   .system_identifier = memory_copy_text(m->system_identifier),
                                   .run_id = m->run_id,
                                   .chain_no = m->chain_no,
                                   .subjects = m->reference_count,
                                   .rows = m->rows,
                                   .unlinked = unlinked_values(m),
                                   .line = history_find(d->history, m->segment_id)};
    /* A copy of a segment tells the same subjects again: that is told as what it is. */
    if (!lookup_get(&d->by_id, s->id, &known)) {
        lookup_put(&d->by_id, s->id, d->segment_count);
        add_subjects(d, m, d->segment_count);
    }
    d->segment_count++;
}

/* What the journal does not know stands last, in the order of the chain. */
static int compare_segments(const struct disposal_segment *a, const struct disposal_segment *b)
{
    uint64_t x = a->line == NULL ? UINT64_MAX : a->line->line;
    uint64_t y = b->line == NULL ? UINT64_MAX : b->line->line;
    if (x != y)
        return x < y ? -1 : 1;
    return a->chain_no < b->chain_no ? -1 : a->chain_no > b->chain_no;
}

static int compare_disposals(const void *a, const void *b, void *context)
{
    const struct disposal *x = a;
    const struct disposal *y = b;
    const struct disposal_segment *segments = context;
    int order = memcmp(x->reference, y->reference, DIGEST_SIZE);
    return order != 0 ? order : compare_segments(&segments[x->segment], &segments[y->segment]);
}

void disposals_sort(struct disposals *d)
{
    if (d->count > 0)
        qsort_r(d->items, d->count, sizeof *d->items, compare_disposals, d->segments);
}

size_t disposals_find(const struct disposals *d, const char *reference, size_t *ret_count)
{
    unsigned char wanted[DIGEST_SIZE];
    size_t low = 0;
    *ret_count = 0;
    if (!digest_from_hex(reference, wanted, DIGEST_SIZE))
        return 0;
    for (size_t high = d->count; low < high;) {
        size_t middle = low + (high - low) / 2;
        if (memcmp(d->items[middle].reference, wanted, DIGEST_SIZE) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    while (low + *ret_count < d->count &&
           memcmp(d->items[low + *ret_count].reference, wanted, DIGEST_SIZE) == 0)
        ++*ret_count;
    return low;
}

const struct disposal_segment *disposals_segment(const struct disposals *d, const char *id)
{
    size_t place;
    return lookup_get(&d->by_id, id, &place) ? &d->segments[place] : NULL;
}

void disposals_free(struct disposals *d)
{
    for (size_t i = 0; i < d->segment_count; i++) {
        struct disposal_segment *s = &d->segments[i];
        free(s->id);
        free(s->base);
        free(s->policy);
        free(s->sha256);
        free(s->database);
        free(s->system_identifier);
    }
    free(d->segments);
    free(d->items);
    lookup_free(&d->by_id);
    *d = (struct disposals){0};
}
