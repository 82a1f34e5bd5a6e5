/* contact_probe: asks jobs/retention/contact and subjects_of_rows, for tests/db/contact_*.sh.
 *
 *   contact_probe CONFIGURATION contact KEY...         how to reach these subjects
 *   contact_probe CONFIGURATION rows TABLE CONDITION   whom the rows lead to
 *   contact_probe CONFIGURATION sql TABLE              both statements
 *
 * KEY: its columns separated by |.  Columns of the output are separated by |, too; NULL is ~, a
 * newline in a value is /.  Exit codes as the program's. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "jobs/retention/contact.h"
#include "jobs/retention/subjects_of_rows.h"
#include "jobs/settings/settings.h"

struct probe {
    struct settings settings;
    struct db *db;
    struct graph graph;
    struct problem_list problems;
};

static void probe_free(struct probe *p)
{
    problem_list_free(&p->problems);
    graph_free(&p->graph);
    db_close(&p->db);
    settings_free(&p->settings);
}

static bool probe_open(const char *path, struct probe *p, struct error *err)
{
    CLEANUP(text_free) struct text faults = {0};
    if (!settings_load(path, &p->settings, &faults, err)) {
        fputs(text_get(&faults), stderr);
        return false;
    }
    const struct db_options options = {
        .conninfo = p->settings.database, .timezone = p->settings.timezone, .job = "probe"};
    if (!db_open(&options, &p->db, err) ||
        !graph_build(p->db, &p->settings.policies[0], &p->graph, &p->problems, err))
        return false;
    if (p->problems.refusals == 0)
        contact_check(&p->graph, &p->problems);
    for (size_t i = 0; i < p->problems.count; i++)
        fprintf(stderr, "%s\n", p->problems.items[i].what);
    return p->problems.refusals == 0 || error_set(err, ERR_USAGE, "the graph is refused");
}

static void print_value(const char *value)
{
    for (const char *c = value == NULL ? "~" : value; *c != '\0'; c++)
        putchar(*c == '\n' ? '/' : *c);
}

static bool ask_contact(struct probe *p, char *const *words, size_t count, struct error *err)
{
    CLEANUP(key_list_free) struct key_list keys = {.width = p->graph.subject_key_count};
    CLEANUP(text_free) struct text sql = {0};
    CLEANUP(db_result_free) struct db_result *r = NULL;
    for (size_t i = 0; i < count; i++) {
        const char *parts[8] = {0};
        for (size_t c = 0; c < keys.width; c++)
            parts[c] = strtok(c == 0 ? words[i] : NULL, "|");
        key_list_add(&keys, parts);
    }
    CLEANUP(key_literals_free)
    struct key_literals literals =
        key_literals_of(&keys, p->graph.subject_key_types, 0, keys.count);
    contact_select(&sql, &p->graph, &literals);
    if (!db_query(p->db, DB_ROWS, text_get(&sql), 0, NULL, &r, err))
        return false;
    for (size_t row = 0; row < db_rows(r); row++)
        for (int c = CONTACT_N; c <= CONTACT_LANGUAGE; c++) {
            print_value(db_text(r, row, c));
            putchar(c == CONTACT_LANGUAGE ? '\n' : '|');
        }
    return true;
}

static bool ask_rows(struct probe *p, const char *table, const char *condition, struct error *err)
{
    CLEANUP(subjects_of_rows_free) struct subjects_of_rows s = {0};
    size_t index;
    if (!subjects_of_rows_table(&p->graph, table, &index, err) ||
        !subjects_of_rows_find(p->db, &p->graph, index, condition, &s, err))
        return false;
    printf("rows %" PRId64 " astray %" PRId64 " subjects %zu\n", s.rows, s.astray, s.keys.count);
    for (size_t row = 0; row < s.keys.count; row++)
        for (size_t c = 0; c < s.keys.width; c++)
            printf("%s%s", key_list_at(&s.keys, row)[c], c + 1 == s.keys.width ? "\n" : "|");
    return true;
}

static bool show_sql(struct probe *p, const char *table, struct error *err)
{
    CLEANUP(text_free) struct text sql = {0};
    size_t index;
    struct key_literals keys =
        key_literals_placeholders(p->graph.subject_key_types, p->graph.subject_key_count, 1);
    if (p->settings.policies[0].contact.line > 0)
        contact_select(&sql, &p->graph, &keys);
    key_literals_free(&keys);
    if (!subjects_of_rows_table(&p->graph, table, &index, err))
        return false;
    text_add(&sql, "\n");
    subjects_of_rows_select(&sql, &p->graph, index, "true");
    puts(text_get(&sql));
    return true;
}

int main(int argc, char **argv)
{
    CLEANUP(probe_free) struct probe p = {0};
    struct error err = {0};
    bool done = false;
    if (argc < 4) {
        fputs("contact_probe CONFIGURATION contact KEY... | rows TABLE CONDITION | sql TABLE\n",
              stderr);
        return 2;
    }
    if (!probe_open(argv[1], &p, &err))
        done = false;
    else if (strcmp(argv[2], "contact") == 0)
        done = ask_contact(&p, argv + 3, (size_t)argc - 3, &err);
    else if (strcmp(argv[2], "sql") == 0)
        done = show_sql(&p, argv[3], &err);
    else if (argc == 5)
        done = ask_rows(&p, argv[3], argv[4], &err);
    if (done)
        return 0;
    fprintf(stderr, "%s\n", err.message);
    return error_exit_code(&err);
}
