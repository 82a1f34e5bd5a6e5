#include "jobs/retention/judge.h"

#include <stdlib.h>
#include <string.h>

#include "common/memory.h"

struct judge {
    struct text *sql;
    const struct graph *g;
    const char *timezone;
    struct local_date as_of;
    const struct key_literals *subjects; /* NULL = all */
    const char *due_dates; /* of each of them, a date[]: judge_again_select; else NULL */
    bool with_open;        /* judge_status_select */
    bool everybody;        /* judge_everybody_select */
};

/* One table a rule reads: its rows tell an end date, or only that they are there. */
struct branch {
    const struct judge *j;
    const struct policy_rule *rule;
    size_t table;
    const char *ends; /* NULL: only required */
    const char **separator;
};

/* The local date of an end, NULL where it is open: no end, or one that is no day of the calendar.
 */
static void add_end_date(const struct branch *b)
{
    struct text *sql = b->j->sql;
    const struct graph_column *c = graph_find_column(&b->j->g->tables[b->table], b->ends);
    CLEANUP(memory_release) char *zone = db_quote_literal(b->j->timezone);
    text_add(sql, "CASE WHEN isfinite(");
    belonging_column(sql, "c0", b->ends);
    text_add(sql, ") THEN (");
    belonging_column(sql, "c0", b->ends);
    if (c != NULL && strncmp(c->type, "timestamp", 9) == 0 && strstr(c->type, "with time zone"))
        text_addf(sql, " AT TIME ZONE %s", zone);
    text_add(sql, ")::date END AS ended");
}

static void add_flags(const struct branch *b)
{
    struct text *sql = b->j->sql;
    const struct graph_table *t = &b->j->g->tables[b->table];
    text_addf(sql, ", %s AS is_clock", b->ends != NULL ? "true" : "false");
    for (size_t i = 0; i < b->rule->require_count; i++) {
        const struct table_name *r = &b->rule->requires[i];
        bool here = strcmp(r->schema, t->schema) == 0 && strcmp(r->table, t->name) == 0;
        text_addf(sql, ", %s AS has%zu", here ? "true" : "false", i);
    }
}

/* The columns of a foreign key to the subject's own key stand for the subject; those of a link may
 * hold what no subject has, and not even fit its type. */
static bool stands_for_subject(const struct graph *g, const struct graph_key *k)
{
    return graph_key_is_direct(g, k) && k->constraint != NULL;
}

/* What tells the subject at the end of a path, column for column of its key. */
struct path_end {
    char *alias;
    char **columns, **operators; /* borrowed items */
};

static void path_end_free(struct path_end *e)
{
    free(e->alias);
    free(e->columns);
    free(e->operators);
}

static struct path_end path_end_of(const struct graph *g, const struct graph_key *last,
                                   size_t depth)
{
    size_t count = g->subject_key_count;
    bool own = last != NULL && stands_for_subject(g, last);
    struct path_end e = {.alias = memory_format("c%zu", own ? depth - 1 : depth),
                         .columns = memory_alloc((count + 1) * sizeof *e.columns),
                         .operators = graph_operators(&g->tables[0], g->subject_key, count)};
    for (size_t i = 0; i < count; i++) {
        e.columns[i] = g->subject_key[i];
        for (size_t j = 0; own && j < last->column_count; j++)
            if (strcmp(last->to[j], g->subject_key[i]) == 0) {
                e.columns[i] = last->columns[j];
                e.operators[i] = last->operators[j];
            }
    }
    return e;
}

/* Rows of tables that inherit from a clock table tell an end as well. */
static void add_from(const struct branch *b)
{
    if (b->table == 0)
        belonging_from(b->j->sql, &b->j->g->tables[0]);
    else
        text_add(b->j->sql, b->j->g->tables[b->table].sql);
}

static void emit_path(const struct branch *b, const char *joins, const char *extra, size_t depth,
                      const struct graph_key *last)
{
    struct text *sql = b->j->sql;
    const struct graph *g = b->j->g;
    CLEANUP(path_end_free) struct path_end end = path_end_of(g, last, depth);
    text_addf(sql, "%sSELECT ", *b->separator);
    *b->separator = " UNION ALL ";
    for (size_t i = 0; i < g->subject_key_count; i++) {
        belonging_column(sql, end.alias, end.columns[i]);
        text_addf(sql, "::%s AS k%zu, ", g->subject_key_types[i], i + 1);
    }
    if (b->ends != NULL)
        add_end_date(b);
    else
        text_add(sql, "NULL::date AS ended");
    add_flags(b);
    text_add(sql, " FROM ");
    add_from(b);
    text_addf(sql, " AS c0%s WHERE true%s", joins, extra);
    for (size_t i = 0; i < g->subject_key_count; i++) {
        text_add(sql, " AND ");
        belonging_column(sql, end.alias, end.columns[i]);
        text_add(sql, " IS NOT NULL");
    }
    if (b->j->subjects != NULL) {
        text_add(sql, " AND ");
        belonging_match(sql, end.alias, end.columns, end.operators, b->j->subjects);
    }
}

/* Joins from the table up to the subject along every followed key. */
static void emit_paths(const struct branch *b, size_t table, size_t depth, const char *joins,
                       const char *extra)
{
    const struct graph *g = b->j->g;
    if (table == 0 && depth == 0) {
        emit_path(b, joins, extra, 0, NULL);
        return;
    }
    for (size_t i = 0; i < g->key_count; i++) {
        const struct graph_key *k = &g->keys[i];
        if (!graph_is_followed(k, table))
            continue;
        CLEANUP(text_free) struct text more = {0};
        CLEANUP(text_free) struct text where = {0};
        text_add(&where, extra);
        if (k->partitions != NULL)
            text_addf(&where, " AND c%zu.tableoid = ANY ('{%s}'::oid[])", depth, k->partitions);
        text_add(&more, joins);
        if (!stands_for_subject(g, k)) {
            text_add(&more, " JOIN ");
            belonging_from(&more, &g->tables[k->parent]);
            CLEANUP(memory_release) char *child = memory_format("c%zu", depth);
            CLEANUP(memory_release) char *parent = memory_format("c%zu", depth + 1);
            text_addf(&more, " AS %s ON ", parent);
            belonging_join(&more, k, child, parent);
        }
        if (k->parent == 0)
            emit_path(b, text_get(&more), text_get(&where), depth + 1, k);
        else
            emit_paths(b, k->parent, depth + 1, text_get(&more), text_get(&where));
    }
}

static void add_rule(const struct judge *j, const struct policy_rule *r, size_t number)
{
    struct text *sql = j->sql;
    size_t width = j->g->subject_key_count;
    const char *separator = "";
    text_addf(sql, "%s rule%zu AS (SELECT ", number == 0 ? "WITH" : ",", number);
    for (size_t i = 1; i <= width; i++)
        text_addf(sql, "k%zu, ", i);
    text_add(sql, "bool_or(is_clock) AS has_clock, bool_or(is_clock AND ended IS NULL) AS open, "
                  "max(ended) AS ended, ");
    if (r->require_count == 0)
        text_add(sql, "bool_or(is_clock)");
    for (size_t i = 0; i < r->require_count; i++)
        text_addf(sql, "%sbool_or(has%zu)", i == 0 ? "" : " AND ", i);
    text_add(sql, " AS speaks FROM (");
    for (size_t i = 0; i < r->clock_count; i++) {
        struct branch b = {
            j, r, graph_find_table(j->g, r->clocks[i].table.schema, r->clocks[i].table.table),
            r->clocks[i].ends, &separator};
        emit_paths(&b, b.table, 0, "", "");
    }
    for (size_t i = 0; i < r->require_count; i++) {
        struct branch b = {j, r,
                           graph_find_table(j->g, r->requires[i].schema, r->requires[i].table),
                           NULL, &separator};
        if (!policy_rule_reads(r, r->requires[i].schema, r->requires[i].table))
            emit_paths(&b, b.table, 0, "", "");
    }
    text_add(sql, ") AS clock GROUP BY ");
    for (size_t i = 1; i <= width; i++)
        text_addf(sql, "%sk%zu", i == 1 ? "" : ", ", i);
    text_add(sql, ")");
}

/* The day after the last day the rule keeps the subject: infinity for an end so late that no
 * timestamp may hold the end of its window. */
static void add_due_on(struct text *sql, const struct policy_rule *r, size_t n)
{
    char window[64];
    retention_window_interval(r->window, window, sizeof window);
    text_addf(sql, "CASE WHEN r%zu.ended < date '200000-01-01' THEN (", n);
    if (r->start == WINDOW_CALENDAR_YEAR_END)
        text_addf(sql, "make_date(extract(year FROM r%zu.ended)::int, 12, 31)", n);
    else
        text_addf(sql, "r%zu.ended", n);
    text_addf(sql, " + interval '%s')::date + 1 ELSE date 'infinity' END", window);
}

static void add_lapsed(const struct judge *j, const struct policy_rule *r, size_t n)
{
    char cutoff[11];
    if (j->due_dates != NULL) {
        text_addf(j->sql, "(r%zu.has_clock AND NOT r%zu.open AND r%zu.ended < given.due)", n, n, n);
        return;
    }
    local_date_format(rule_cutoff(j->as_of, r->window, r->start), cutoff);
    text_addf(j->sql, "(r%zu.has_clock AND NOT r%zu.open AND r%zu.ended <= date '%s')", n, n, n,
              cutoff);
}

/* The first rule that has an end which is open. */
static void add_open_rule(const struct judge *j)
{
    text_add(j->sql, ", CASE");
    for (size_t i = 0; i < j->g->policy->rule_count; i++) {
        CLEANUP(memory_release) char *name = db_quote_literal(j->g->policy->rules[i].name);
        text_addf(j->sql, " WHEN r%zu.speaks AND r%zu.open THEN %s::text", i, i, name);
    }
    text_add(j->sql, " END AS open_rule");
}

/* Over all rules: what covers the subject, what keeps it, what is without an end. */
static void add_verdict_columns(const struct judge *j)
{
    struct text *sql = j->sql;
    const struct policy *p = j->g->policy;
    text_add(sql, ", (false");
    for (size_t i = 0; i < p->rule_count; i++)
        text_addf(sql, " OR coalesce(r%zu.speaks, false)", i);
    text_add(sql, ") AS covered, (true");
    for (size_t i = 0; i < p->rule_count; i++) {
        text_addf(sql, " AND (NOT coalesce(r%zu.speaks, false) OR ", i);
        add_lapsed(j, &p->rules[i], i);
        text_add(sql, ")");
    }
    text_add(sql, ") AS lapsed, (false");
    for (size_t i = 0; i < p->rule_count; i++)
        text_addf(sql, " OR (coalesce(r%zu.speaks, false) AND NOT r%zu.has_clock)", i, i);
    text_add(sql, ") AS endless");
    if (j->with_open || j->everybody)
        add_open_rule(j);
    for (size_t i = 0; i < p->rule_count; i++) {
        text_addf(sql, ", CASE WHEN r%zu.speaks", i);
        text_add(sql, " THEN ");
        add_due_on(sql, &p->rules[i], i);
        text_addf(sql, " END AS due%zu", i);
    }
}

static void add_subjects(const struct judge *j)
{
    struct text *sql = j->sql;
    const struct graph *g = j->g;
    CLEANUP(memory_release)
    char **operators = graph_operators(&g->tables[0], g->subject_key, g->subject_key_count);
    for (size_t i = 0; i < g->subject_key_count; i++) {
        text_add(sql, i == 0 ? "" : ", ");
        belonging_column(sql, "s", g->subject_key[i]);
        text_addf(sql, " AS k%zu", i + 1);
    }
    add_verdict_columns(j);
    text_add(sql, j->subjects == NULL ? ", NULL::bigint AS n" : ", given.n");
    text_add(sql, " FROM ");
    belonging_from(sql, &g->tables[0]);
    text_add(sql, " AS s");
    if (j->subjects != NULL) {
        text_add(sql, " JOIN unnest(");
        for (size_t i = 0; i < g->subject_key_count; i++)
            text_addf(sql, "%s%s", i == 0 ? "" : ", ", j->subjects->arrays[i]);
        if (j->due_dates != NULL)
            text_addf(sql, ", %s", j->due_dates);
        text_add(sql, ") WITH ORDINALITY AS given (");
        for (size_t i = 0; i < g->subject_key_count; i++)
            text_addf(sql, "k%zu, ", i + 1);
        text_addf(sql, "%sn) ON true", j->due_dates != NULL ? "due, " : "");
        for (size_t i = 0; i < g->subject_key_count; i++) {
            text_add(sql, " AND ");
            belonging_column(sql, "s", g->subject_key[i]);
            text_addf(sql, " %s given.k%zu", operators[i], i + 1);
        }
    }
    for (size_t r = 0; r < g->policy->rule_count; r++) {
        text_addf(sql, " LEFT JOIN rule%zu AS r%zu ON true", r, r);
        for (size_t i = 0; i < g->subject_key_count; i++) {
            text_addf(sql, " AND r%zu.k%zu %s ", r, i + 1, operators[i]);
            belonging_column(sql, "s", g->subject_key[i]);
        }
    }
}

static void add_key_text(struct text *sql, const char *alias, size_t width)
{
    text_add(sql, "ARRAY[");
    for (size_t i = 1; i <= width; i++)
        text_addf(sql, "%s%s.k%zu::text", i == 1 ? "" : ", ", alias, i);
    text_add(sql, "]");
}

static void add_latest(struct text *sql, size_t rules)
{
    text_add(sql, "greatest(");
    for (size_t i = 0; i < rules; i++)
        text_addf(sql, "%sv.due%zu", i == 0 ? "" : ", ", i);
    text_add(sql, ")");
}

/* The name of the rule that lasts longest. */
static void add_latest_rule(struct text *sql, const struct graph *g)
{
    text_add(sql, "CASE");
    for (size_t i = 0; i < g->policy->rule_count; i++) {
        CLEANUP(memory_release) char *name = db_quote_literal(g->policy->rules[i].name);
        text_addf(sql, " WHEN v.due%zu = ", i);
        add_latest(sql, g->policy->rule_count);
        text_addf(sql, " THEN %s", name);
    }
    text_add(sql, " END");
}

static void add_state(const struct judge *j)
{
    text_add(j->sql, "CASE WHEN NOT v.covered OR v.endless THEN 'uncovered' ");
    if (j->everybody)
        text_add(j->sql, "WHEN NOT v.lapsed AND v.open_rule IS NOT NULL THEN 'open' "
                         "WHEN NOT v.lapsed THEN 'later' ");
    text_add(j->sql, "WHEN h.reason IS NOT NULL THEN 'held' ELSE 'due' END AS state");
}

/* Joined as h: why the subject must stay, or NULL.  A breach may affect everybody: of a few
 * subjects each is looked up, of all of them the reasons are gathered once. */
static void add_standing_holds(const struct judge *j)
{
    const struct graph *g = j->g;
    CLEANUP(memory_release) char *schema = db_quote_literal(g->tables[0].schema);
    CLEANUP(memory_release) char *table = db_quote_literal(g->tables[0].name);
    bool each = j->subjects != NULL;
    text_addf(j->sql,
              " LEFT JOIN %s(SELECT %smin(s.reason) AS reason FROM waarborg.standing_hold AS s "
              "WHERE s.subject_table = format('%%I.%%I', %s::text, %s::text)",
              each ? "LATERAL " : "", each ? "" : "s.subject_key, ", schema, table);
    text_add(j->sql, each ? " AND s.subject_key = "
                          : " GROUP BY s.subject_key) AS h ON v.covered AND h.subject_key = ");
    add_key_text(j->sql, "v", g->subject_key_count);
    if (each)
        text_add(j->sql, ") AS h ON v.covered");
}

static void write_select(const struct judge *j)
{
    struct text *sql = j->sql;
    const struct graph *g = j->g;
    size_t rules = g->policy->rule_count;
    const char *judged =
        j->everybody ? "v.covered AND NOT v.endless AND v.lapsed" : "v.covered AND NOT v.endless";
    for (size_t i = 0; i < rules; i++)
        add_rule(j, &g->policy->rules[i], i);
    text_add(sql, " SELECT v.n");
    for (size_t i = 1; i <= g->subject_key_count; i++)
        text_addf(sql, ", v.k%zu", i);
    text_add(sql, ", ");
    add_key_text(sql, "v", g->subject_key_count);
    text_add(sql, " AS subject_key, ");
    add_state(j);
    text_addf(sql, ", CASE WHEN %s THEN ", judged);
    add_latest_rule(sql, g);
    text_addf(sql, " END AS rule, CASE WHEN %s THEN ", judged);
    add_latest(sql, rules);
    text_add(sql, " END AS due_on, CASE WHEN NOT v.covered THEN 'no rule' WHEN v.endless "
                  "THEN 'no end date' ELSE h.reason END AS reason FROM (SELECT ");
    add_subjects(j);
    text_add(sql, ") AS v");
    add_standing_holds(j);
    if (!j->everybody)
        text_add(sql, " WHERE NOT v.covered OR v.endless OR v.lapsed");
}

void judge_select(struct text *sql, const struct graph *g, const char *timezone,
                  struct local_date as_of, const struct key_literals *subjects)
{
    write_select(&(struct judge){sql, g, timezone, as_of, subjects, NULL, false, false});
}

void judge_everybody_select(struct text *sql, const struct graph *g, const char *timezone,
                            struct local_date as_of)
{
    write_select(&(struct judge){sql, g, timezone, as_of, NULL, NULL, false, true});
}

void judge_again_select(struct text *sql, const struct graph *g, const char *timezone,
                        struct local_date as_of, const struct key_literals *subjects,
                        const char *due_dates)
{
    write_select(&(struct judge){sql, g, timezone, as_of, subjects, due_dates, false, false});
}

void judge_status_select(struct text *sql, const struct graph *g, const char *timezone,
                         struct local_date as_of, const struct key_literals *subjects)
{
    const struct judge j = {sql, g, timezone, as_of, subjects, NULL, true, false};
    size_t rules = g->policy->rule_count;
    for (size_t i = 0; i < rules; i++)
        add_rule(&j, &g->policy->rules[i], i);
    text_add(sql, " SELECT ");
    add_key_text(sql, "v", g->subject_key_count);
    text_add(sql, " AS subject_key, v.covered, v.endless, v.lapsed, v.open_rule, ");
    add_latest_rule(sql, g);
    text_add(sql, " AS rule, ");
    add_latest(sql, rules);
    text_add(sql, " AS due_on FROM (SELECT ");
    add_subjects(&j);
    text_add(sql, ") AS v");
}

void judge_fill_worklist(struct text *sql, const struct graph *g, const char *timezone,
                         struct local_date as_of)
{
    CLEANUP(memory_release) char *policy = db_quote_literal(g->policy->name);
    /* A subject that could not go keeps its story; it is tried again, alone and last. */
    text_addf(sql,
              "INSERT INTO waarborg.worklist (policy, subject_key, state, rule, due_on, ordinal, "
              "reason, since, last_tried, scan) SELECT %s, j.subject_key, "
              "CASE WHEN j.state = 'due' AND w.state = 'blocked' THEN 'blocked' ELSE j.state END, "
              "j.rule, j.due_on, CASE WHEN j.state = 'due' THEN row_number() OVER (ORDER BY ",
              policy);
    for (size_t i = 1; i <= g->subject_key_count; i++)
        text_addf(sql, "%sj.k%zu", i == 1 ? "" : ", ", i);
    text_add(sql, ") END, CASE WHEN j.state = 'due' AND w.state = 'blocked' THEN w.reason "
                  "ELSE j.reason END, CASE WHEN j.state = w.state OR (j.state = 'due' "
                  "AND w.state = 'blocked') THEN w.since ELSE $1::timestamptz END, w.last_tried, "
                  "$2::bigint FROM (");
    judge_select(sql, g, timezone, as_of, NULL);
    text_addf(sql,
              ") AS j LEFT JOIN waarborg.worklist AS w ON w.policy = %s "
              "AND w.subject_key = j.subject_key",
              policy);
}
