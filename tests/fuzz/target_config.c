/* A configuration file, as settings_load reads it: with libconfig and all checks.
 *
 * Accepted: the settings are within their limits, the same file gives the same policies again, and
 * so does a file that is written from the settings.  Refused: one line a fault, as many as the
 * message says, each with the file's name. */
#include <jansson.h>
#include <string.h>
#include <sys/stat.h>

#include "common/config_scan.h"
#include "jobs/settings/settings.h"
#include "tests/fuzz/fuzz.h"

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    return tokens_mutate(data, size, max_size, seed);
}

/* ---- refused ---- */

static bool is_untouched(const struct settings *s)
{
    const unsigned char *bytes = (const unsigned char *)s;
    for (size_t i = 0; i < sizeof *s; i++)
        if (bytes[i] != 0x5a)
            return false;
    return true;
}

static void check_faults(const char *path, const struct text *faults, const struct error *err)
{
    size_t lines = 0;
    size_t told = 0;
    const char *next = text_get(faults);
    for (const char *end; (end = strchr(next, '\n')) != NULL; next = end + 1) {
        REQUIRE(strncmp(next, path, strlen(path)) == 0 && next[strlen(path)] == ':',
                "a line without the file's name: %s", next);
        REQUIRE(config_scan_is_clean(next, (size_t)(end - next)), "not to be shown: %s", next);
        lines++;
    }
    REQUIRE(*next == '\0' && strlen(text_get(faults)) == faults->length, "a line without an end");
    const char *has = strstr(err->message, " has ");
    REQUIRE(has != NULL && sscanf(has, " has %zu fault", &told) == 1 && told == lines,
            "%zu lines, but: %s", lines, err->message);
}

/* ---- accepted ---- */

static void check_table(const struct table_name *table)
{
    REQUIRE(table->schema != NULL && table->table != NULL, "no table");
    REQUIRE(table->schema[0] != '\0' && table->table[0] != '\0', "an empty name");
}

static void check_rule(const struct policy_rule *r)
{
    REQUIRE(r->name != NULL && r->clock_count > 0 && r->line > 0, "a rule without its parts");
    REQUIRE(r->window.months >= 0 && r->window.days >= 0 && r->window.months + r->window.days > 0 &&
                r->window.months <= 2400 && r->window.days <= 73100,
            "%d months, %d days", r->window.months, r->window.days);
    for (size_t i = 0; i < r->clock_count; i++) {
        check_table(&r->clocks[i].table);
        REQUIRE(r->clocks[i].ends != NULL && r->clocks[i].ends[0] != '\0', "no end date");
    }
    for (size_t i = 0; i < r->require_count; i++)
        check_table(&r->requires[i]);
}

static void check_policy(const struct policy *p)
{
    REQUIRE(p->name != NULL && p->version != NULL && p->legal_basis != NULL, "no name");
    REQUIRE(p->key.count > 0 && p->rule_count > 0 && p->canonical != NULL, "a policy of nothing");
    check_table(&p->subject);
    for (size_t i = 0; i < p->rule_count; i++)
        check_rule(&p->rules[i]);
    for (size_t i = 0; i < p->link_count; i++) {
        check_table(&p->links[i].table);
        check_table(&p->links[i].references);
        REQUIRE(p->links[i].columns.count == p->links[i].to.count, "columns without a partner");
        REQUIRE(p->links[i].columns.count > 0, "a link by no column");
    }
    for (size_t i = 0; i < p->own_count; i++)
        check_table(&p->owns[i].table);
    for (size_t i = 0; i < p->outside_count; i++)
        check_table(&p->outside[i].table);
    for (size_t i = 0; i < p->detach_count; i++) {
        check_table(&p->detach[i].table);
        REQUIRE(p->detach[i].column != NULL && p->detach[i].column[0] != '\0', "no column");
    }
    json_t *canonical = json_loads(p->canonical, 0, NULL);
    REQUIRE(json_is_object(canonical) && json_object_size(canonical) == 10, "%s", p->canonical);
    json_decref(canonical);
}

static void check_run(const struct settings_run *r)
{
    REQUIRE(r->batch >= 1 && r->batch <= 50000 && r->chunk >= 1 && r->chunk <= 5000, "batch");
    REQUIRE(r->workers >= 1 && r->workers <= 16 && r->max_minutes >= 1 && r->max_minutes <= 1440,
            "workers");
    REQUIRE(r->lock_timeout_ms >= 1 && r->lock_timeout_ms <= 900, "lock_timeout_ms");
    REQUIRE(r->max_share > 0 && r->max_share <= 1 && r->max_subjects >= 1, "max_share");
    REQUIRE(r->max_replica_lag_s >= 0 && r->max_unindexed_rows >= 0, "below zero");
}

static void check_settings(const struct settings *s)
{
    const struct settings_archive *a = &s->archive;
    check_run(&s->run);
    REQUIRE(s->database != NULL && s->timezone != NULL && s->path != NULL, "no database");
    REQUIRE(a->directory[0] == '/' && s->evidence.journal[0] == '/', "a relative path");
    REQUIRE(s->evidence.reference_key[0] == '/' && a->keep != NULL, "a relative path");
    REQUIRE((a->seal_to.count == 0) == a->unsealed, "neither sealed nor unsealed");
    REQUIRE(a->compression >= 1 && a->compression <= 9, "compression %d", a->compression);
    REQUIRE(s->policy_count > 0, "no policy");
    for (size_t i = 0; i < s->policy_count; i++) {
        const struct policy *found = NULL;
        struct error err = {0};
        check_policy(&s->policies[i]);
        REQUIRE(settings_policy(s, s->policies[i].name, &found, &err) && found == &s->policies[i],
                "two policies of one name: %s", s->policies[i].name);
    }
}

/* ---- written again ---- */

/* A text in libconfig's syntax.  What was accepted holds no control characters. */
static void add_text(struct text *t, const char *value)
{
    text_add(t, "\"");
    for (const char *p = value; *p != '\0'; p++) {
        if (*p == '"' || *p == '\\')
            text_add(t, "\\");
        text_add_bytes(t, p, 1);
    }
    text_add(t, "\"");
}

static void add_setting(struct text *t, const char *name, const char *value)
{
    text_addf(t, "%s = ", name);
    add_text(t, value);
    text_add(t, ";\n");
}

static void add_name(struct text *t, const char *name)
{
    text_add(t, "\"");
    for (const char *p = name; *p != '\0'; p++) {
        text_add_bytes(t, p, 1);
        if (*p == '"')
            text_add(t, "\"");
    }
    text_add(t, "\"");
}

/* column may be NULL. */
static void add_table(struct text *t, const struct table_name *table, const char *column)
{
    CLEANUP(text_free) struct text name = {0};
    add_name(&name, table->schema);
    text_add(&name, ".");
    add_name(&name, table->table);
    if (column != NULL) {
        text_add(&name, ".");
        add_name(&name, column);
    }
    add_text(t, text_get(&name));
}

static void add_texts(struct text *t, const char *name, const struct name_list *list)
{
    text_addf(t, "%s = [ ", name);
    for (size_t i = 0; i < list->count; i++) {
        text_add(t, i == 0 ? "" : ", ");
        add_text(t, list->items[i]);
    }
    text_add(t, " ];\n");
}

static void add_tables(struct text *t, const char *name, const struct policy_table *tables,
                       size_t count)
{
    text_addf(t, "%s = ( ", name);
    for (size_t i = 0; i < count; i++) {
        text_add(t, i == 0 ? "" : ", ");
        add_table(t, &tables[i].table, NULL);
    }
    text_add(t, " );\n");
}

static void add_rule(struct text *t, const struct policy_rule *r)
{
    static const char *const units[] = {"months", "days"};
    const int window[] = {r->window.months, r->window.days};
    text_add(t, "{ ");
    add_setting(t, "name", r->name);
    text_add(t, "window = \"");
    for (size_t i = 0; i < COUNT_OF(units); i++)
        if (window[i] > 0)
            text_addf(t, " %d %s", window[i], units[i]);
    text_addf(t, "\"; start = \"%s\"; clocks = ( ",
              r->start == WINDOW_EXACT ? "exact" : "calendar_year_end");
    for (size_t i = 0; i < r->clock_count; i++) {
        text_add(t, i == 0 ? "{ table = " : ", { table = ");
        add_table(t, &r->clocks[i].table, NULL);
        text_add(t, "; ");
        add_setting(t, "ends", r->clocks[i].ends);
        text_add(t, "}");
    }
    text_add(t, " ); requires = ( ");
    for (size_t i = 0; i < r->require_count; i++) {
        text_add(t, i == 0 ? "" : ", ");
        add_table(t, &r->requires[i], NULL);
    }
    text_add(t, " ); }");
}

static void add_link(struct text *t, const struct policy_link *link)
{
    text_add(t, "{ table = ");
    add_table(t, &link->table, NULL);
    text_add(t, "; references = ");
    add_table(t, &link->references, NULL);
    text_add(t, ";\n");
    add_texts(t, "columns", &link->columns);
    add_texts(t, "to", &link->to);
    text_add(t, "}");
}

static void add_policy(struct text *t, const struct policy *p)
{
    text_add(t, "{ ");
    add_setting(t, "name", p->name);
    add_setting(t, "version", p->version);
    add_setting(t, "legal_basis", p->legal_basis);
    text_add(t, "subject = { table = ");
    add_table(t, &p->subject, NULL);
    text_add(t, ";\n");
    add_texts(t, "key", &p->key);
    text_add(t, "};\nrules = ( ");
    for (size_t i = 0; i < p->rule_count; i++) {
        text_add(t, i == 0 ? "" : ",\n");
        add_rule(t, &p->rules[i]);
    }
    text_add(t, " );\nlinks = ( ");
    for (size_t i = 0; i < p->link_count; i++) {
        text_add(t, i == 0 ? "" : ",\n");
        add_link(t, &p->links[i]);
    }
    text_add(t, " );\ndetach = ( ");
    for (size_t i = 0; i < p->detach_count; i++) {
        text_add(t, i == 0 ? "" : ", ");
        add_table(t, &p->detach[i].table, p->detach[i].column);
    }
    text_add(t, " );\n");
    add_tables(t, "owns", p->owns, p->own_count);
    add_tables(t, "outside", p->outside, p->outside_count);
    text_add(t, "}");
}

static void add_settings(struct text *t, const struct settings *s)
{
    add_setting(t, "database", s->database);
    add_setting(t, "timezone", s->timezone);
    text_add(t, "archive = { ");
    add_setting(t, "directory", s->archive.directory);
    add_texts(t, "seal_to", &s->archive.seal_to);
    add_setting(t, "keep", s->archive.keep);
    text_addf(t, "unsealed = %s; compression = %d; };\nevidence = { ",
              s->archive.unsealed ? "true" : "false", s->archive.compression);
    add_setting(t, "journal", s->evidence.journal);
    add_setting(t, "reference_key", s->evidence.reference_key);
    text_addf(t,
              "};\nrun = { batch = %d; chunk = %d; workers = %d; lock_timeout_ms = %d;\n"
              "max_minutes = %d; max_subjects = %lldL; max_share = %.17e;\n"
              "max_replica_lag_s = %d; max_unindexed_rows = %lldL; };\npolicies = ( ",
              s->run.batch, s->run.chunk, s->run.workers, s->run.lock_timeout_ms,
              s->run.max_minutes, (long long)s->run.max_subjects, s->run.max_share,
              s->run.max_replica_lag_s, (long long)s->run.max_unindexed_rows);
    for (size_t i = 0; i < s->policy_count; i++) {
        text_add(t, i == 0 ? "" : ",\n");
        add_policy(t, &s->policies[i]);
    }
    text_add(t, " );\n");
}

static void check_same(const struct settings *a, const struct settings *b)
{
    REQUIRE(a->policy_count == b->policy_count, "policies");
    for (size_t i = 0; i < a->policy_count; i++)
        REQUIRE(strcmp(a->policies[i].canonical, b->policies[i].canonical) == 0, "%s\n%s",
                a->policies[i].canonical, b->policies[i].canonical);
    REQUIRE(strcmp(a->database, b->database) == 0, "database");
    REQUIRE(strcmp(a->archive.directory, b->archive.directory) == 0, "directory");
    REQUIRE(a->archive.keep_window.months == b->archive.keep_window.months &&
                a->archive.keep_window.days == b->archive.keep_window.days,
            "keep");
    REQUIRE(a->run.batch == b->run.batch && a->run.max_subjects == b->run.max_subjects &&
                a->run.max_share == b->run.max_share && a->run.workers == b->run.workers,
            "run");
}

/* Others may read it now: the only reason to refuse it is a password, and the line says so. */
static void check_for_others(const char *path, const struct settings *s)
{
    CLEANUP(settings_free) struct settings again = {0};
    CLEANUP(text_free) struct text faults = {0};
    struct error err = {0};
    REQUIRE(chmod(path, 0644) == 0, "chmod");
    if (settings_load(path, &again, &faults, &err)) {
        check_same(s, &again);
        return;
    }
    fuzz_reached("password");
    check_faults(path, &faults, &err);
    REQUIRE(strstr(text_get(&faults), "holds a password") != NULL, "%s", text_get(&faults));
}

static void check_accepted(const char *path, const struct settings *s)
{
    CLEANUP(settings_free) struct settings again = {0};
    CLEANUP(text_free) struct text written = {0};
    CLEANUP(text_free) struct text faults = {0};
    struct error err = {0};
    check_settings(s);
    check_for_others(path, s);
    add_settings(&written, s);
    fuzz_store(path, text_get(&written), written.length, 0600);
    REQUIRE(settings_load(path, &again, &faults, &err), "written again:\n%s%s", text_get(&faults),
            text_get(&written));
    check_same(s, &again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *path;
    if (path == NULL)
        path = fuzz_path("waarborg.conf");
    struct settings s;
    CLEANUP(text_free) struct text faults = {0};
    struct error err = {0};
    memset(&s, 0x5a, sizeof s);
    fuzz_store(path, data, size, 0600);
    if (settings_load(path, &s, &faults, &err)) {
        fuzz_reached("accepted");
        fuzz_keep(data, size);
        REQUIRE(faults.length == 0 && err.kind == ERR_NONE, "%s", text_get(&faults));
        check_accepted(path, &s);
        settings_free(&s);
        return 0;
    }
    fuzz_reached("refused");
    fuzz_check_error(&err);
    check_faults(path, &faults, &err);
    REQUIRE(is_untouched(&s), "touched");
    return 0;
}
