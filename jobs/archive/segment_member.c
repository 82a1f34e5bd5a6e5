#include "jobs/archive/segment_member.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/db.h"
#include "common/memory.h"

/* search_path and the styles are those the rows were written under (common/db.c), so that a value
 * has one meaning; replica, because rows stand children first. */
const char segment_prologue[] =
    "-- waarborg segment, format 1: rows that were deleted at the end of their retention window.\n"
    "-- To read it, with the private key of one recipient; without `openssl` when not sealed "
    "(.cms):\n"
    "--     openssl cms -decrypt -binary -inform DER -in FILE.sql.gz.cms -inkey KEY | zcat | less\n"
    "-- To load it: ... | zcat | psql -X DATABASE\n"
    "-- Rows stand children first.  Loading them with psql therefore switches foreign keys and\n"
    "-- triggers off, which needs a superuser; into a schema without keys, take that line out.\n"
    "-- `waarborg archive restore` needs no superuser, checks keys and leaves a record.\n"
    "\\set ON_ERROR_STOP on\n"
    "BEGIN;\n"
    "SET LOCAL client_encoding = 'UTF8';\n"
    "SET LOCAL standard_conforming_strings = on;\n"
    "SET LOCAL search_path = pg_catalog;\n"
    "SET LOCAL DateStyle = 'ISO, YMD';\n"
    "SET LOCAL IntervalStyle = 'postgres';\n"
    "SET LOCAL lc_monetary = 'C';\n"
    "SET LOCAL xmloption = content;\n"
    "SET LOCAL session_replication_role = replica;\n";

const char segment_member_trailer[] = "\\.\n";

static void add_name(struct text *t, const char *name)
{
    CLEANUP(memory_release) char *quoted = db_quote_name(name);
    text_add(t, quoted);
}

/* A newline in a name must not end the comment it stands in. */
static void add_escaped(struct text *t, const char *name)
{
    for (const char *p = name; *p != '\0'; p++) {
        unsigned char c = (unsigned char)*p;
        if (c < 0x20 || c == 0x7f)
            text_addf(t, "\\x%02x", c);
        else
            text_add_bytes(t, p, 1);
    }
}

void segment_member_title(const struct segment_member *member, struct text *t)
{
    add_escaped(t, member->schema);
    text_add(t, ".");
    add_escaped(t, member->table);
}

void segment_member_table(const struct segment_member *member, struct text *t)
{
    add_name(t, member->schema);
    text_add(t, ".");
    add_name(t, member->table);
}

void segment_member_columns(const struct segment_member *member, struct text *t)
{
    for (size_t i = 0; i < member->column_count; i++) {
        text_add(t, i == 0 ? "" : ", ");
        add_name(t, member->columns[i].name);
    }
}

static void add_temp_table(const struct segment_member *member, size_t number, struct text *t)
{
    text_addf(t, "CREATE TEMP TABLE waarborg_unlinked_%zu (", number);
    for (size_t i = 0; i < member->column_count; i++) {
        text_add(t, i == 0 ? "" : ", ");
        add_name(t, member->columns[i].name);
        text_addf(t, " %s", member->columns[i].type);
    }
    text_add(t, ") ON COMMIT DROP;\n");
}

void segment_member_header(const struct segment_member *member, size_t number, struct text *t)
{
    text_add(t, "-- ");
    segment_member_title(member, t);
    if (member->kind == SEGMENT_ROWS) {
        text_add(t, ": rows that were deleted\nCOPY ");
        segment_member_table(member, t);
    } else {
        text_add(t, ": values that were set to NULL\n");
        add_temp_table(member, number, t);
        text_addf(t, "COPY pg_temp.waarborg_unlinked_%zu", number);
    }
    text_add(t, " (");
    segment_member_columns(member, t);
    text_add(t, ") FROM stdin;\n");
}

void segment_member_update(const struct segment_member *member, const char *temp_table,
                           const char *condition, struct text *t)
{
    text_add(t, "UPDATE ");
    segment_member_table(member, t);
    text_add(t, " AS t SET ");
    for (size_t i = 0, n = 0; i < member->column_count; i++) {
        if (member->columns[i].is_key)
            continue;
        CLEANUP(memory_release) char *name = db_quote_name(member->columns[i].name);
        text_addf(t, "%s%s = coalesce(t.%s, u.%s)", n++ == 0 ? "" : ", ", name, name, name);
    }
    text_addf(t, " FROM pg_temp.%s AS u WHERE ", temp_table);
    for (size_t i = 0; i < member->column_count; i++) {
        if (!member->columns[i].is_key)
            continue;
        CLEANUP(memory_release) char *name = db_quote_name(member->columns[i].name);
        text_addf(t, "t.%s = u.%s AND ", name, name);
    }
    for (size_t i = 0, n = 0; i < member->column_count; i++) {
        if (member->columns[i].is_key)
            continue;
        CLEANUP(memory_release) char *name = db_quote_name(member->columns[i].name);
        text_addf(t, "%st.%s IS NULL", n++ == 0 ? "(" : " OR ", name);
    }
    text_addf(t, ")%s", condition);
}

void segment_epilogue(const struct segment_member_result *members, size_t count, struct text *t)
{
    for (size_t i = 0; i < count; i++) {
        if (members[i].member.kind != SEGMENT_UNLINKED)
            continue;
        char temp_table[64];
        snprintf(temp_table, sizeof temp_table, "waarborg_unlinked_%zu", i + 1);
        segment_member_update(&members[i].member, temp_table, "", t);
        text_add(t, ";\n");
    }
    text_add(t, "COMMIT;\n");
}

void segment_member_copy(const struct segment_member *src, struct segment_member *ret_copy)
{
    struct segment_column *columns = memory_alloc(src->column_count * sizeof *columns);
    for (size_t i = 0; i < src->column_count; i++)
        columns[i] = (struct segment_column){
            .name = memory_copy_text(src->columns[i].name),
            .type = memory_copy_text(src->columns[i].type),
            .is_key = src->columns[i].is_key,
        };
    *ret_copy = (struct segment_member){
        .kind = src->kind,
        .schema = memory_copy_text(src->schema),
        .table = memory_copy_text(src->table),
        .columns = columns,
        .column_count = src->column_count,
    };
}

/* The copies are ours although everybody else sees them as const. */
void segment_member_free(struct segment_member *member)
{
    for (size_t i = 0; i < member->column_count; i++) {
        free((void *)(uintptr_t)member->columns[i].name);
        free((void *)(uintptr_t)member->columns[i].type);
    }
    free((void *)(uintptr_t)member->columns);
    free((void *)(uintptr_t)member->schema);
    free((void *)(uintptr_t)member->table);
    *member = (struct segment_member){0};
}
