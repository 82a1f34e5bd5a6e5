#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/log.h"
#include "jobs/evidence/subject.h"

#define SHOWN 512

/* Member `name` as text with control characters escaped, "" when it is null. */
static const char *get(const json_t *object, const char *name, char dst[static SHOWN])
{
    const char *text = json_string_value(json_object_get(object, name));
    log_escape(dst, SHOWN, text == NULL ? "" : text);
    return dst;
}

static bool is(const json_t *object, const char *name, const char *value)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL && strcmp(text, value) == 0;
}

static bool has(const json_t *object, const char *name)
{
    return json_is_string(json_object_get(object, name));
}

/* The day of an instant: its first ten characters, in the time zone of the configuration. */
static const char *day(const json_t *object, const char *name, char dst[static SHOWN])
{
    get(object, name, dst);
    dst[10] = '\0';
    if (dst[0] == '\0')
        snprintf(dst, SHOWN, "an unknown day");
    return dst;
}

/* ---- is it there, and why ---- */

static void print_due(const json_t *a)
{
    char rule[SHOWN], due[SHOWN], text[SHOWN], since[SHOWN];
    get(a, "rule", rule);
    get(a, "due_on", due);
    if (is(a, "state", "held"))
        printf("Rule %s has let it go since %s, but it is held.\n", rule, due);
    else if (is(a, "state", "blocked"))
        printf("Rule %s has let it go since %s, but it could not go, since %s: %s.\n", rule, due,
               day(a, "since", since), get(a, "reason", text));
    else
        printf("It has been due since %s under rule %s%s.\n", due, rule,
               json_array_size(json_object_get(a, "faults")) > 0 ? ""
                                                                 : ": the next run disposes of it");
}

static void print_why(const json_t *a)
{
    char rule[SHOWN], last[SHOWN], due[SHOWN];
    get(a, "rule", rule);
    if (is(a, "state", "kept") && !has(a, "kept_until"))
        printf("Rule %s keeps it until after the year 9999.\n", rule);
    else if (is(a, "state", "kept"))
        printf("Rule %s keeps it until %s; it is due on %s.\n", rule, get(a, "kept_until", last),
               get(a, "due_on", due));
    else if (is(a, "state", "running"))
        printf("Rule %s keeps it: a clock of the rule has not ended yet, so there is no day on "
               "which it is due.\n",
               rule);
    else if (is(a, "reason", "no rule"))
        printf("No rule of the policy speaks of it, so no run disposes of it.\n");
    else if (is(a, "reason", "no end date"))
        printf("A rule speaks of it, but it has no end date to count from, so no run disposes of "
               "it.\n");
    else
        print_due(a);
}

static void print_holds(const json_t *a, bool archive)
{
    const json_t *hold;
    size_t i;
    json_array_foreach(json_object_get(a, "holds"), i, hold)
    {
        char kind[SHOWN], placed[SHOWN], review[SHOWN], reason[SHOWN];
        if (json_is_true(json_object_get(hold, "archive")) != archive)
            continue;
        printf("%s %" JSON_INTEGER_FORMAT " (%s) since %s, %s%s: %s\n",
               archive ? "The archive is held: hold" : "Hold",
               json_integer_value(json_object_get(hold, "hold")), get(hold, "kind", kind),
               day(hold, "placed_at", placed), has(hold, "review_on") ? "review on " : "no review",
               get(hold, "review_on", review), get(hold, "reason", reason));
    }
}

/* What the register of breaches says of it. */
static void print_breach(const json_t *b)
{
    char breach[SHOWN], told[SHOWN], text[SHOWN], returned[SHOWN];
    get(b, "breach", breach);
    printf("Breach %s%s: ", breach, json_is_true(json_object_get(b, "closed")) ? " (closed)" : "");
    if (is(b, "state", "told"))
        printf("told on %s (%s).\n", day(b, "told_at", told), get(b, "channel", text));
    else if (is(b, "state", "exempt"))
        printf("need not be told: %s\n", get(b, "because", text));
    else if (is(b, "state", "disposed"))
        printf("disposed of before it was told.\n");
    else if (!json_is_true(json_object_get(b, "keeps")))
        printf("was not told.\n");
    else if (is(b, "state", "returned"))
        printf("still has to be told: the letter of %s came back on %s.\n", day(b, "told_at", told),
               day(b, "returned_at", returned));
    else
        printf("still has to be told.\n");
}

static void print_breaches(const json_t *a)
{
    const json_t *breach;
    size_t i;
    json_array_foreach(json_object_get(a, "breaches"), i, breach)
    {
        print_breach(breach);
    }
}

static void print_state(const json_t *a)
{
    const json_t *there = json_object_get(a, "in_database");
    if (json_is_true(there)) {
        printf("It is in the database.\n");
        print_why(a);
        print_holds(a, false);
    } else if (json_is_false(there)) {
        printf("It is not in the database.\n");
    }
}

/* ---- what happened to it ---- */

static bool is_archive_held(const json_t *a)
{
    const json_t *hold;
    size_t i;
    json_array_foreach(json_object_get(a, "holds"), i, hold)
    {
        if (json_is_true(json_object_get(hold, "archive")))
            return true;
    }
    return false;
}

/* It is there: until when? */
static void print_kept(const json_t *a, const json_t *d)
{
    char until[SHOWN], as_of[SHOWN];
    const char *holder = is_archive_held(a) ? "it is held" : "another subject in it is held";
    bool held = json_is_true(json_object_get(d, "archive_held"));
    if (!has(d, "kept_until")) {
        printf("is there.\n");
        return;
    }
    bool past = strcmp(get(a, "as_of", as_of), get(d, "kept_until", until)) > 0;
    if (held)
        printf("is there and %s kept until %s; %s.\n", past ? "was to be" : "is", until, holder);
    else if (past)
        printf("is there and was to be kept until %s; the next waarborg archive expire destroys "
               "it.\n",
               until);
    else
        printf("is there and is kept until %s.\n", until);
}

static void print_archive(const json_t *a, const json_t *d)
{
    char segment[SHOWN], date[SHOWN];
    printf("  Its archive, segment %s, ", get(d, "segment", segment));
    if (is(d, "archive", "destroyed"))
        printf("was destroyed on %s.\n", day(d, "destroyed_at", date));
    else if (is(d, "archive", "file missing"))
        printf("is missing: waarborg archive verify says more.\n");
    else if (!has(d, "archive"))
        printf("could not be looked at.\n");
    else
        print_kept(a, d);
}

static void print_restores(const json_t *d)
{
    const json_t *r;
    size_t i;
    json_array_foreach(json_object_get(d, "restores"), i, r)
    {
        char at[SHOWN], by[SHOWN], user[SHOWN], reason[SHOWN];
        printf("  Restored on %s%s by %s (system user %s): %s\n", day(r, "at", at),
               json_is_true(json_object_get(r, "whole_segment")) ? ", with the whole segment," : "",
               get(r, "by", by), get(r, "os_user", user), get(r, "reason", reason));
    }
}

static void print_disposals(const json_t *a)
{
    const json_t *d;
    size_t i;
    json_array_foreach(json_object_get(a, "disposals"), i, d)
    {
        char at[SHOWN], rule[SHOWN], due[SHOWN], policy[SHOWN];
        printf("Disposed of on %s by run %" JSON_INTEGER_FORMAT
               " under rule %s of policy %s, due since %s.\n",
               day(d, "disposed_at", at), json_integer_value(json_object_get(d, "run")),
               get(d, "rule", rule), get(d, "policy", policy), get(d, "due_on", due));
        print_archive(a, d);
        if (json_is_true(json_object_get(d, "confirmed")))
            printf("  Confirmed outside the database: its manifest names the subject, and the "
                   "journal the manifest.\n");
        else if (!json_is_true(json_object_get(d, "in_ledger")))
            printf("  The ledger does not know of this; the archive does: see below.\n");
        else
            printf("  Not confirmed outside the database: see below.\n");
        print_restores(d);
    }
}

static void print_returned(const json_t *a)
{
    const json_t *r = json_object_get(a, "returned");
    char noted[SHOWN], settled[SHOWN];
    if (!json_is_object(r))
        return;
    printf("The database was restored to an earlier point, which was noticed on %s; ",
           day(r, "noted_at", noted));
    if (!has(r, "looked_at") && !has(r, "outcome"))
        printf("this subject is still to be looked for: waarborg retention run --re-erase.\n");
    else if (!has(r, "outcome"))
        printf("this subject is there again and could not go: waarborg retention run --re-erase "
               "tries again.\n");
    else
        printf("%s on %s.\n",
               is(r, "outcome", "disposed") ? "this subject was there again, and was disposed of"
               : is(r, "outcome", "held")   ? "this subject was to stay, and was held"
                                            : "this subject was looked for and was not there",
               day(r, "settled_at", settled));
}

static void print_sentences(const json_t *a)
{
    const json_t *item;
    size_t i;
    char place[SHOWN], sentence[4 * SHOWN];
    json_array_foreach(json_object_get(a, "notes"), i, item)
    {
        log_escape(sentence, sizeof sentence, json_string_value(item));
        printf("%s\n", sentence);
    }
    json_array_foreach(json_object_get(a, "faults"), i, item)
    {
        log_escape(sentence, sizeof sentence, json_string_value(json_object_get(item, "fault")));
        get(item, "place", place);
        bool named = strncmp(place, sentence, strlen(place)) == 0; /* journal FILE, line 3: ... */
        printf("Does not agree: %s%s%s\n", named ? "" : place, named ? "" : ": ", sentence);
    }
}

void subject_print(const json_t *a)
{
    char table[SHOWN], policy[SHOWN], reference[SHOWN], as_of[SHOWN];
    bool disposed = json_array_size(json_object_get(a, "disposals")) > 0;
    printf("Subject of %s (policy %s), as of %s.\n", get(a, "subject_table", table),
           get(a, "policy", policy), get(a, "as_of", as_of));
    if (has(a, "reference"))
        printf("Its reference in the evidence is %s.\n", get(a, "reference", reference));
    if (!disposed && json_is_false(json_object_get(a, "in_database"))) {
        printf("It was never here, or had another key: it is not in the database, and neither "
               "ledger nor archive names it.\n");
    } else {
        print_state(a);
        if (!disposed && has(a, "reference"))
            printf("It was never disposed of.\n");
    }
    print_breaches(a);
    print_disposals(a);
    print_holds(a, true);
    print_returned(a);
    print_sentences(a);
}
