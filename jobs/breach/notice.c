#include "jobs/breach/notice.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/local_time.h"
#include "common/nearest.h"
#include "common/plain_text.h"
#include "jobs/breach/clock_state.h"
#include "jobs/breach/draft.h"
#include "jobs/breach/faults.h"
#include "sql.h"

#define SNAPSHOT_MAX_BYTES (size_t)(4 * 1024 * 1024)
#define FORM_LANGUAGE "nl" /* of the form of the AP */

static const struct {
    const char *word, *name;
} recipients[] = {{"ap", "to the AP"},
                  {"customers", "to the customers"},
                  {"nis2", "under NIS2"},
                  {"dora", "under DORA"},
                  {"other", "to another authority"}};

static const struct {
    const char *word, *stored;
} kinds[] = {{"initial", "initial"}, {"follow-up", "follow_up"},   {"follow_up", "follow_up"},
             {"final", "final"},     {"withdrawal", "withdrawal"}, {"warning", "warning"}};

void notice_free(struct notice *n)
{
    breach_check_free(&n->breaches);
    text_free(&n->snapshot);
}

static bool is(const char *value, const char *word)
{
    return value != NULL && strcmp(value, word) == 0;
}

bool notice_meets_ap(const struct notice *n)
{
    return is(n->kind, "initial") || is(n->kind, "follow_up") || is(n->kind, "final");
}

/* ---- for people ---- */

const char *notice_recipient_name(const struct notice *n)
{
    for (size_t i = 0; i < COUNT_OF(recipients); i++)
        if (is(n->recipient, recipients[i].word))
            return recipients[i].name;
    return n->recipient;
}

const char *notice_kind_word(const struct notice *n)
{
    if (is(n->kind, "initial"))
        return n->complete ? "initial and complete" : "initial";
    if (is(n->kind, "follow_up"))
        return n->complete ? "follow-up, now complete" : "follow-up";
    return n->kind;
}

const char *notice_length(int64_t seconds, char *dst, size_t size)
{
    if (seconds < 60)
        snprintf(dst, size, "%" PRId64 " s", seconds);
    else if (seconds < 3600)
        snprintf(dst, size, "%" PRId64 " m %02" PRId64 " s", seconds / 60, seconds % 60);
    else
        snprintf(dst, size, "%" PRId64 " h %02" PRId64 " m %02" PRId64 " s", seconds / 3600,
                 seconds / 60 % 60, seconds % 60);
    return dst;
}

/* ---- reading ---- */

static const char *read_recipient(const char *word, struct text *faults)
{
    const char *names[COUNT_OF(recipients)];
    CLEANUP(text_free) struct text near = {0};
    for (size_t i = 0; i < COUNT_OF(recipients); i++) {
        names[i] = recipients[i].word;
        if (word != NULL && strcasecmp(word, names[i]) == 0)
            return names[i];
    }
    if (word != NULL)
        nearest_add(&near, "", word, names, COUNT_OF(names));
    fault_add(faults, "recipient",
              "the last word says who was told: ap, customers, nis2, dora or other%s",
              text_get(&near));
    return NULL;
}

static const char *read_kind(const char *word, struct text *faults)
{
    const char *names[COUNT_OF(kinds)];
    CLEANUP(text_free) struct text near = {0};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        names[i] = strchr(kinds[i].word, '_') == NULL ? kinds[i].word : NULL;
        if (word != NULL && strcasecmp(word, kinds[i].word) == 0)
            return kinds[i].stored;
    }
    if (word != NULL)
        nearest_add(&near, "", word, names, COUNT_OF(names));
    fault_add(faults, "kind", "%s: initial, follow-up, final, withdrawal or warning%s",
              word == NULL ? "is needed" : "this is none; allowed is", text_get(&near));
    return NULL;
}

static int64_t read_sent(const char *word, int64_t now, struct text *faults)
{
    struct error wrong = {0};
    char shown[LOCAL_TIME_SIZE];
    int64_t at;
    if (word == NULL) {
        fault_add(faults, "sent", "is needed: when it was sent, as in --sent \"%s\"",
                  "2026-10-25 11:10");
        return CLOCK_NO_INSTANT;
    }
    if (!local_time_parse(word, &at, &wrong)) {
        fault_add(faults, "sent", "%s", wrong.message);
        return CLOCK_NO_INSTANT;
    }
    if (at > now)
        fault_add(faults, "sent", "lies in the future; now it is %s",
                  local_time_format(now, shown));
    return at;
}

static const char *read_text(const char *field, const char *value, struct text *faults)
{
    fault_unless_text(faults, field, value);
    if (value != NULL && fault_blank(value))
        fault_add(faults, field, "is empty");
    return value;
}

static bool read_snapshot(const char *path, struct text *faults, struct notice *n,
                          struct error *err)
{
    struct error wrong = {0};
    if (path == NULL)
        return true;
    if (!plain_text_read(path, SNAPSHOT_MAX_BYTES, &n->snapshot, &wrong)) {
        if (wrong.kind != ERR_USAGE) {
            *err = wrong;
            return false;
        }
        fault_add(faults, "snapshot", "%s", wrong.message);
        return true;
    }
    json_t *text = json_stringn(text_get(&n->snapshot), n->snapshot.length);
    if (text == NULL || memchr(text_get(&n->snapshot), '\0', n->snapshot.length) != NULL)
        fault_add(faults, "snapshot",
                  "the file is no text in UTF-8; waarborg breach amend REF --attach FILE keeps the "
                  "digest of any file");
    else if (n->snapshot.length == 0)
        fault_add(faults, "snapshot", "the file is empty");
    json_decref(text);
    n->snapshot_from = NOTICE_FILE;
    return digest_bytes_hex(text_get(&n->snapshot), n->snapshot.length, n->sha256, err);
}

/* ---- what must hold ---- */

static void check_kind(const struct notice *n, struct text *faults)
{
    if (is(n->kind, "warning") && n->recipient != NULL && !is(n->recipient, "nis2") &&
        !is(n->recipient, "other"))
        fault_add(faults, "kind", "warning is the early warning of NIS2 (recipient nis2 or other)");
    if (is(n->kind, "withdrawal") && n->because == NULL)
        fault_add(faults, "because", "is needed: why the notification is withdrawn");
    if (is(n->recipient, "other") && n->authority == NULL)
        fault_add(faults, "authority", "is needed: which authority was told");
    if (n->authority != NULL && (is(n->recipient, "ap") || is(n->recipient, "customers")))
        fault_add(faults, "authority", "is for the recipients other, nis2 and dora");
}

/* GDPR art. 33(1): exactly at the limit is in time, a second later needs reasons.  What counts is
 * the first notification; reasons that were given once hold. */
static void check_late(const struct notice *n, struct text *faults)
{
    for (size_t i = 0; i < n->breaches.count; i++) {
        const struct breach_check *b = &n->breaches.items[i];
        char due[LOCAL_TIME_SIZE], length[64];
        bool first = b->ap_met_at == CLOCK_NO_INSTANT || b->ap_met_at > n->sent_at;
        if (!first || b->ap_due_at == CLOCK_NO_INSTANT || n->sent_at <= b->ap_due_at ||
            b->has_delay_reason)
            continue;
        fault_add(faults, "sent",
                  "%s is %s late: the limit of the AP was %s; --late-because \"...\" gives the "
                  "reasons for the delay (GDPR art. 33(1))",
                  b->reference, notice_length(n->sent_at - b->ap_due_at, length, sizeof length),
                  local_time_format(b->ap_due_at, due));
    }
}

bool notice_read(struct db *db, const struct notice_words *words, int64_t now, struct text *faults,
                 struct notice *ret, struct error *err)
{
    CLEANUP(notice_free) struct notice n = {0};
    size_t count = words->operand_count > 0 ? (size_t)words->operand_count - 1 : 0;
    n.recipient = read_recipient(words->operand_count > 0 ? words->operands[count] : NULL, faults);
    /* No recipient: the last word is likely to be a reference. */
    if (n.recipient == NULL && words->operand_count > 0 &&
        strncasecmp(words->operands[count], "DL-", 3) == 0)
        count++;
    if (count == 0)
        fault_add(faults, "breach", "a reference is needed, as in DL-2026-0007");
    n.kind = read_kind(words->kind, faults);
    n.sent_at = read_sent(words->sent, now, faults);
    n.complete = words->complete || is(n.kind, "final");
    n.number = read_text("number", words->number, faults);
    n.late_because = read_text("late-because", words->late_because, faults);
    n.because = read_text("because", words->because, faults);
    n.authority = read_text("authority", words->authority, faults);
    check_kind(&n, faults);
    if (!breach_check_load(db, words->operands, count, faults, &n.breaches, err) ||
        !read_snapshot(words->snapshot, faults, &n, err))
        return false;
    if (is(n.recipient, "ap") && notice_meets_ap(&n) && n.late_because == NULL &&
        n.sent_at != CLOCK_NO_INSTANT)
        check_late(&n, faults);
    *ret = n;
    n = (struct notice){0};
    return true;
}

/* ---- what to look at again ---- */

static void warn_of_breach(const struct notice *n, const struct breach_check *b,
                           struct text *warnings)
{
    if (n->sent_at < b->aware_at)
        text_addf(warnings, "it was sent before the organisation was aware of %s\n", b->reference);
    if (is(n->recipient, "ap") && b->ap_met_at == CLOCK_NO_INSTANT && !is(n->kind, "initial"))
        text_addf(warnings, "no initial notification of %s to the AP is recorded\n", b->reference);
    if ((is(n->recipient, "nis2") && !b->nis2) || (is(n->recipient, "dora") && !b->dora))
        text_addf(
            warnings,
            "%s has no clocks of %s: breach.regimes of the configuration did not name it when "
            "it was registered\n",
            b->reference, is(n->recipient, "nis2") ? "NIS2" : "DORA");
}

bool notice_warn(struct db *db, const struct notice *n, struct text *warnings, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *r = NULL;
    CLEANUP(text_free) struct text same = {0};
    for (size_t i = 0; i < n->breaches.count; i++) {
        warn_of_breach(n, &n->breaches.items[i], warnings);
        /* The AP has one number for all that is sent about a breach. */
        if (!is(n->kind, "initial"))
            db_array_add(&same, n->breaches.items[i].reference);
    }
    const char *params[] = {n->recipient, n->number, db_array_close(&same)};
    if (!db_query(db, DB_AT_MOST_ONE, sql_breach_find_number, COUNT_OF(params), params, &r, err))
        return false;
    if (db_rows(r) > 0)
        text_addf(warnings, "this number was recorded before, for %s; is it another one?\n",
                  db_text(r, 0, 0));
    return true;
}

/* ---- what is kept ---- */

bool notice_keep_draft(struct db *db, const struct settings *settings, struct notice *n,
                       struct error *err)
{
    if (n->snapshot_from != NOTICE_NO_SNAPSHOT || !is(n->recipient, "ap") ||
        is(n->kind, "withdrawal"))
        return true;
    for (size_t i = 0; i < n->breaches.count; i++) {
        json_t *draft = NULL;
        if (!draft_make(db, settings, n->breaches.items[i].reference, FORM_LANGUAGE,
                        n->late_because, n->sent_at, &draft, err))
            return false;
        text_add(&n->snapshot, i == 0 ? "" : "\n");
        draft_render_text(&n->snapshot, draft);
        json_decref(draft);
    }
    n->snapshot_from = NOTICE_DRAFT;
    return digest_bytes_hex(text_get(&n->snapshot), n->snapshot.length, n->sha256, err);
}

json_t *notice_to_json(const struct notice *n)
{
    char sent[LOCAL_TIME_SIZE];
    bool kept = n->snapshot_from != NOTICE_NO_SNAPSHOT;
    return json_pack("{s:s,s:s?,s:s,s:b,s:s,s:s?,s:o,s:s?,s:s?}", "recipient", n->recipient,
                     "authority", n->authority, "kind", n->kind, "complete", n->complete, "sent_at",
                     local_time_format_iso(n->sent_at, sent), "number", n->number, "snapshot",
                     kept ? json_stringn(text_get(&n->snapshot), n->snapshot.length) : json_null(),
                     "delay_reason", n->late_because, "reason", n->because);
}
