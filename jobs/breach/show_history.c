#include <string.h>

#include "common/local_time.h"
#include "jobs/breach/fields.h"
#include "jobs/breach/page.h"
#include "jobs/breach/register.h"
#include "jobs/breach/show.h"
#include "sql.h"

#define VALUE_SHOWN 160 /* bytes of an old or new value; --json has all of it */

bool show_history_load(struct db *db, const char *reference, bool all, struct show *s,
                       struct error *err)
{
    CLEANUP(db_result_free) struct db_result *r = NULL;
    char limit[16];
    snprintf(limit, sizeof limit, "%d", SHOW_HISTORY + 1);
    const char *params[] = {reference, all ? NULL : limit};
    json_error_t fault;
    if (!db_query(db, DB_ROWS, sql_breach_list_history, COUNT_OF(params), params, &r, err))
        return false;
    s->older = !all && db_rows(r) > SHOW_HISTORY;
    s->history = json_array();
    for (size_t i = s->older ? 1 : 0; i < db_rows(r); i++)
        if (json_array_append_new(s->history, json_loads(db_text(r, i, 0), 0, &fault)) != 0)
            return error_set(err, ERR_DB, "database: the audit log gave no JSON: %s", fault.text);
    return true;
}

/* An insert has the whole row, which the screen shows elsewhere. */
static const char *const told_in_inserts[] = {"risk",  "because", "recipient", "kind",  "title",
                                              "clock", "step",    "customers", "state", "what",
                                              "path",  "type",    "status",    NULL};

static bool is_told(const char *key)
{
    for (size_t i = 0; told_in_inserts[i] != NULL; i++)
        if (strcmp(key, told_in_inserts[i]) == 0)
            return true;
    return false;
}

/* Instants in the log are text with the zone, and the fractions, of whoever wrote. */
static bool add_instant(struct text *t, const char *value)
{
    CLEANUP(text_free) struct text whole = {0};
    char shown[LOCAL_TIME_SIZE];
    struct error none = {0};
    int64_t at;
    size_t length = strlen(value);
    if (length < 16 || length > 40 || value[4] != '-' || value[10] != 'T')
        return false;
    size_t point = strcspn(value, ".");
    text_add_bytes(&whole, value, point);
    if (value[point] == '.')
        text_add(&whole, value + point + 1 + strspn(value + point + 1, "0123456789"));
    if (!local_time_parse(text_get(&whole), &at, &none))
        return false;
    text_add(t, local_time_format(at, shown));
    return true;
}

static void add_text(struct text *t, const char *value)
{
    size_t length = strlen(value);
    if (add_instant(t, value))
        return;
    if (length > VALUE_SHOWN) {
        length = VALUE_SHOWN;
        while (length > 0 && ((unsigned char)value[length] & 0xc0) == 0x80)
            length--;
    }
    for (size_t i = 0; i < length; i++)
        text_add_bytes(t, value[i] == '\n' ? " " : value + i, 1);
    text_add(t, value[length] == '\0' ? "" : "...");
}

static void add_value(struct text *t, const json_t *value)
{
    const json_t *item;
    size_t i;
    if (json_is_string(value))
        add_text(t, json_string_value(value));
    else if (json_is_integer(value))
        text_addf(t, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_boolean(value))
        text_add(t, json_is_true(value) ? "yes" : "no");
    else if (field_is_empty(value))
        text_add(t, "none");
    else if (json_is_object(value))
        text_add(t, "...");
    else
        json_array_foreach(value, i, item)
        {
            text_add(t, i == 0 ? "" : ", ");
            add_value(t, item);
        }
}

static void add_change(struct text *t, const char *key, bool insert, const json_t *old,
                       const json_t *new)
{
    text_addf(t, "%s: ", key);
    if (!insert) {
        add_value(t, old);
        text_add(t, " -> ");
    }
    add_value(t, new);
}

/* Counters that follow from the rest of the line. */
static bool is_noise(const char *key)
{
    static const char *const noise[] = {"version", "first", "last", "sha256_of_ids", "id"};
    for (size_t i = 0; i < COUNT_OF(noise); i++)
        if (strcmp(key, noise[i]) == 0)
            return true;
    return false;
}

/* How many customers a line is about, and how many of these were disposed of. */
static bool is_counter(const char *key)
{
    return strcmp(key, "customers") == 0 || strcmp(key, "forgotten") == 0;
}

static void add_changes(struct text *t, const json_t *line)
{
    const json_t *old = json_object_get(line, "old");
    json_t *new = json_object_get(line, "new");
    bool insert = field_is_empty(old);
    const char *between = ": ";
    const char *key;
    json_t *value;
    json_object_foreach(new, key, value)
    {
        if (is_noise(key) || (insert && !is_told(key)) ||
            (is_counter(key) && json_is_integer(value) && json_integer_value(value) == 0))
            continue;
        text_add(t, between);
        add_change(t, key, insert || is_counter(key), json_object_get(old, key), value);
        between = "; ";
    }
    const char *reason = json_string_value(json_object_get(line, "reason"));
    if (reason != NULL) {
        text_add(t, "\nbecause: ");
        add_text(t, reason);
    }
}

/* "notification_breach 3" says that this breach is one of those that notification 3 covers. */
static void add_object(struct text *t, const struct show *s, const char *object)
{
    static const char link[] = "notification_breach ";
    const json_t *row;
    size_t i;
    if (strncmp(object, link, strlen(link)) != 0) {
        text_add(t, object);
        return;
    }
    text_addf(t, "notification %s", object + strlen(link));
    json_array_foreach(json_object_get(s->register_, "notifications"), i, row)
    {
        CLEANUP(text_free) struct text number = {0};
        text_addf(&number, "%" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(row, "id")));
        if (strcmp(text_get(&number), object + strlen(link)) == 0)
            text_addf(t, " (%s, %s)", json_string_value(json_object_get(row, "recipient")),
                      json_string_value(json_object_get(row, "kind")));
    }
}

static void print_line(FILE *out, const struct show *s, const json_t *line)
{
    CLEANUP(text_free) struct text who = {0};
    CLEANUP(text_free) struct text changes = {0};
    char at[LOCAL_TIME_SIZE];
    const char *os_user = json_string_value(json_object_get(line, "os_user"));
    const char *role = json_string_value(json_object_get(line, "db_role"));
    const char *action = json_string_value(json_object_get(line, "action"));
    local_time_format(register_instant(line, "at"), at);
    text_addf(&who, "%s  %s", at, os_user == NULL ? role : os_user);
    if (os_user != NULL && strcmp(os_user, role) != 0)
        text_addf(&who, " (%s)", role);
    add_object(&changes, s, json_string_value(json_object_get(line, "object")));
    text_addf(&changes, " %s",
              strcmp(action, "insert") == 0   ? "added"
              : strcmp(action, "update") == 0 ? "changed"
                                              : action);
    page_text(out, 2, text_get(&who));
    add_changes(&changes, line);
    page_text(out, 6, text_get(&changes));
}

void show_history(FILE *out, const struct show *s)
{
    const json_t *line;
    size_t i;
    if (json_array_size(s->history) == 0)
        return;
    page_heading(out, "History, from the audit log");
    if (s->older)
        fprintf(out, "  the last %d lines; --history shows all of them\n", SHOW_HISTORY);
    json_array_foreach(s->history, i, line) print_line(out, s, line);
}
