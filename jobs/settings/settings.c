#include "jobs/settings/settings.h"

#include <stdlib.h>
#include <string.h>

#include "common/config.h"
#include "common/memory.h"
#include "jobs/settings/policy_read.h"
#include "jobs/settings/settings_check.h"

typedef const struct config_setting_t node;

#define PATH_ALLOWED "an absolute path"
#define LARGEST_COUNT INT64_C(1000000000000)

static void free_members(struct settings_organisation *o, struct settings_archive *a,
                         struct settings_evidence *e)
{
    free(o->name);
    free(o->registration);
    free(o->dpo_name);
    free(o->dpo_email);
    free(o->dpo_phone);
    for (size_t i = 0; i < a->seal_to.count; i++)
        free(a->seal_to.items[i]);
    free(a->seal_to.items);
    free(a->directory);
    free(a->keep);
    free(e->journal);
    free(e->reference_key);
}

void settings_free(struct settings *s)
{
    free_members(&s->organisation, &s->archive, &s->evidence);
    settings_breach_free(&s->breach);
    for (size_t i = 0; i < s->policy_count; i++)
        policy_free(&s->policies[i]);
    free(s->policies);
    free(s->database);
    free(s->timezone);
    free(s->path);
    *s = (struct settings){0};
}

/* setting NULL: the element `group` itself; path NULL: already reported. */
static void check_path(struct conf *c, node *group, const char *setting, const char *path)
{
    const char *wrong = path == NULL ? NULL : check_absolute_path(path);
    if (wrong != NULL)
        conf_fault(c, group, setting, "%s", wrong);
}

static void read_organisation(struct conf *c, node *group, struct settings_organisation *o)
{
    node *dpo = NULL;
    const struct conf_spec specs[] = {
        {"name", &o->name, .kind = CONF_TEXT},
        {"registration", &o->registration, "such as \"KvK 12345678\"", .kind = CONF_TEXT},
        {"dpo", &dpo, "{ name = ...; email = ...; phone = ...; }", .kind = CONF_GROUP},
        {0}};
    const struct conf_spec dpo_specs[] = {{"name", &o->dpo_name, .kind = CONF_TEXT},
                                          {"email", &o->dpo_email, .kind = CONF_TEXT},
                                          {"phone", &o->dpo_phone, .kind = CONF_TEXT},
                                          {0}};
    if (group == NULL)
        return;
    conf_read_group(c, group, specs);
    if (dpo != NULL)
        conf_read_group(c, dpo, dpo_specs);
}

static void read_seal_to(struct conf *c, node *group, node *seq, struct settings_archive *a)
{
    a->seal_to.items = memory_alloc(conf_count(seq) * sizeof *a->seal_to.items);
    for (size_t i = 0; i < conf_count(seq); i++) {
        const char *path = conf_item_text(seq, i);
        if (path == NULL)
            continue;
        check_path(c, conf_element(seq, i), NULL, path);
        a->seal_to.items[a->seal_to.count++] = memory_copy_text(path);
    }
    if (conf_count(seq) == 0 && !a->unsealed)
        conf_fault(c, group, "seal_to",
                   "names no certificate; allowed is at least one, or none with unsealed = true");
    if (conf_count(seq) > 0 && a->unsealed)
        conf_fault(c, group, "unsealed",
                   "is true while seal_to names certificates; allowed is one of the two");
}

static void read_archive(struct conf *c, node *group, struct settings_archive *a)
{
    node *seal_to = NULL;
    const struct conf_spec specs[] = {
        {"directory", &a->directory, PATH_ALLOWED, .kind = CONF_TEXT, .required = true},
        {"seal_to", &seal_to, "the absolute path of an X.509 certificate", .kind = CONF_TEXTS,
         .may_be_empty = true},
        {"unsealed", &a->unsealed, .kind = CONF_FLAG},
        {"keep", &a->keep, "a window such as \"90 days\"", .kind = CONF_TEXT, .required = true},
        {"compression", &a->compression, .kind = CONF_INT, .minimum = 1, .maximum = 9},
        {0}};
    struct error err = {0};
    if (group == NULL)
        return;
    conf_read_group(c, group, specs);
    check_path(c, group, "directory", a->directory);
    read_seal_to(c, group, seal_to, a);
    if (a->keep != NULL && !retention_window_parse(a->keep, &a->keep_window, &err))
        conf_fault(c, group, "keep", "%s", err.message);
}

static void read_evidence(struct conf *c, node *group, struct settings_evidence *e)
{
    const struct conf_spec specs[] = {
        {"journal", &e->journal, PATH_ALLOWED, .kind = CONF_TEXT, .required = true},
        {"reference_key", &e->reference_key, PATH_ALLOWED " of a file with 64 hexadecimal digits",
         .kind = CONF_TEXT, .required = true},
        {0}};
    if (group == NULL)
        return;
    conf_read_group(c, group, specs);
    check_path(c, group, "journal", e->journal);
    check_path(c, group, "reference_key", e->reference_key);
}

static void read_run(struct conf *c, node *group, struct settings_run *r)
{
    const struct conf_spec specs[] = {
        {"batch", &r->batch, .kind = CONF_INT, .minimum = 1, .maximum = 50000},
        {"chunk", &r->chunk, .kind = CONF_INT, .minimum = 1, .maximum = 5000},
        {"workers", &r->workers, .kind = CONF_INT, .minimum = 1, .maximum = 16},
        {"lock_timeout_ms", &r->lock_timeout_ms, .kind = CONF_INT, .minimum = 1, .maximum = 900},
        {"max_minutes", &r->max_minutes, .kind = CONF_INT, .minimum = 1, .maximum = 1440},
        {"max_subjects", &r->max_subjects, .kind = CONF_LONG, .minimum = 1,
         .maximum = LARGEST_COUNT},
        {"max_share", &r->max_share, .kind = CONF_SHARE},
        {"max_replica_lag_s", &r->max_replica_lag_s, .kind = CONF_INT, .maximum = 86400},
        {"max_unindexed_rows", &r->max_unindexed_rows, .kind = CONF_LONG, .maximum = LARGEST_COUNT},
        {0}};
    if (group != NULL)
        conf_read_group(c, group, specs);
}

static void read_policies(struct conf *c, node *seq, struct settings *s)
{
    s->policies = memory_alloc(conf_count(seq) * sizeof *s->policies);
    for (size_t i = 0; i < conf_count(seq); i++) {
        node *group = conf_item(seq, i);
        if (group == NULL)
            continue;
        struct policy *p = &s->policies[s->policy_count++];
        policy_read(c, group, p);
        for (const struct policy *other = s->policies; other < p; other++)
            if (p->name != NULL && other->name != NULL && strcmp(other->name, p->name) == 0)
                conf_fault(c, group, "name",
                           "'%s' is the name of the policy of line %u too; each has its own",
                           p->name, other->line);
    }
}

static void check_database(struct conf *c, const struct settings *s)
{
    bool secret = false;
    const char *wrong = check_conninfo(s->database, &secret);
    if (wrong != NULL)
        conf_fault(c, conf_root(c), "database", "%s", wrong);
    /* The password may be in a string that libpq cannot read, too. */
    if ((secret || (wrong != NULL && strcasestr(s->database, "password") != NULL)) &&
        (conf_mode(c) & 077) != 0)
        conf_fault(c, conf_root(c), "database",
                   "holds a password and the file has mode %04o; allowed is 0600 (chmod 0600 %s), "
                   "or the password in ~/.pgpass",
                   conf_mode(c), s->path);
}

static void set_defaults(const char *path, struct settings *s)
{
    *s = (struct settings){
        .path = memory_copy_text(path),
        .database = memory_copy_text(""),
        .timezone = memory_copy_text("Europe/Amsterdam"),
        .archive = {.compression = 3},
        .run = {.batch = 5000,
                .chunk = 500,
                .workers = 1,
                .lock_timeout_ms = 500,
                .max_minutes = 240,
                .max_subjects = 100000,
                .max_share = 0.05,
                .max_replica_lag_s = 30,
                .max_unindexed_rows = 100000},
    };
    settings_breach_defaults(&s->breach);
}

static void read_settings(struct conf *c, struct settings *s)
{
    node *organisation = NULL;
    node *archive = NULL;
    node *evidence = NULL;
    node *run = NULL;
    node *breach = NULL;
    node *policies = NULL;
    const struct conf_spec specs[] = {
        {"database", &s->database, "a libpq connection string", .kind = CONF_TEXT,
         .may_be_empty = true},
        {"timezone", &s->timezone, "a name such as \"Europe/Amsterdam\"", .kind = CONF_TEXT},
        {"organisation", &organisation, .kind = CONF_GROUP},
        {"archive", &archive, "{ directory = ...; seal_to = ...; keep = ...; }", .kind = CONF_GROUP,
         .required = true},
        {"evidence", &evidence, "{ journal = ...; reference_key = ...; }", .kind = CONF_GROUP,
         .required = true},
        {"run", &run, .kind = CONF_GROUP},
        {"breach", &breach, .kind = CONF_GROUP},
        {"policies", &policies, "each { name = ...; subject = ...; rules = ...; }",
         .kind = CONF_GROUPS, .required = true},
        {0}};
    conf_read_group(c, conf_root(c), specs);
    const char *wrong = check_timezone(s->timezone);
    if (wrong != NULL)
        conf_fault(c, conf_root(c), "timezone", "%s", wrong);
    check_database(c, s);
    read_organisation(c, organisation, &s->organisation);
    read_archive(c, archive, &s->archive);
    read_evidence(c, evidence, &s->evidence);
    read_run(c, run, &s->run);
    settings_breach_read(c, breach, &s->breach);
    read_policies(c, policies, s);
}

bool settings_load(const char *path, struct settings *ret_settings, struct text *faults,
                   struct error *err)
{
    CLEANUP(conf_free) struct conf *c = NULL;
    CLEANUP(settings_free) struct settings s = {0};
    if (!conf_read(path, faults, &c, err))
        return false;
    set_defaults(path, &s);
    read_settings(c, &s);
    if (!conf_check(c, err))
        return false;
    for (size_t i = 0; i < s.policy_count; i++)
        if (!policy_make_canonical(&s.policies[i], err))
            return false;
    *ret_settings = s;
    s = (struct settings){0};
    return true;
}

static bool refuse_policy(const struct settings *s, const char *name, struct error *err)
{
    CLEANUP(text_free) struct text known = {0};
    for (size_t i = 0; i < s->policy_count; i++) {
        text_separate(&known, ", ");
        text_add(&known, s->policies[i].name);
    }
    if (name == NULL)
        return error_set(err, ERR_USAGE, "%s has several policies, name one of them: %s", s->path,
                         text_get(&known));
    return error_set(err, ERR_USAGE, "there is no policy '%s' in %s; it has: %s", name, s->path,
                     text_get(&known));
}

bool settings_policy(const struct settings *s, const char *name, const struct policy **ret_policy,
                     struct error *err)
{
    for (size_t i = 0; i < s->policy_count; i++)
        if (name == NULL ? s->policy_count == 1 : strcmp(s->policies[i].name, name) == 0) {
            *ret_policy = &s->policies[i];
            return true;
        }
    return refuse_policy(s, name, err);
}
