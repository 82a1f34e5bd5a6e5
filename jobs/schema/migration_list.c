#include "jobs/schema/migration_list.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "sql.h"

#define FOLDER "schema/"

/* "schema/001_ledger.sql" is one; "schema/list_applied.sql", a statement of the runner, is not. */
static bool is_migration(const char *file)
{
    return strncmp(file, FOLDER, strlen(FOLDER)) == 0 &&
           isdigit((unsigned char)file[strlen(FOLDER)]);
}

static bool read_one(const struct sql_file *file, struct migration *ret, struct error *err)
{
    const char *name = file->name + strlen(FOLDER);
    ret->number = (int)strtol(name, NULL, 10);
    ret->text = file->text;
    snprintf(ret->name, sizeof ret->name, "%.*s", (int)(strlen(name) - strlen(".sql")), name);
    return digest_bytes_hex(file->text, strlen(file->text), ret->sha256, err);
}

bool migration_list(struct migration **ret, size_t *ret_count, struct error *err)
{
    CLEANUP(memory_release) struct migration *list = NULL;
    size_t count = 0;
    size_t capacity = 0;
    for (const struct sql_file *file = sql_files; file->name != NULL; file++) {
        if (!is_migration(file->name))
            continue;
        MEMORY_GROW(list, count, capacity);
        list[count] = (struct migration){0};
        if (!read_one(file, &list[count], err))
            return false;
        count++;
        if (list[count - 1].number != (int)count)
            return error_set(err, ERR_INTEGRITY,
                             "this program was built wrong: its migration "
                             "%s is not number %zu",
                             list[count - 1].name, count);
    }
    *ret = list;
    *ret_count = count;
    list = NULL;
    return true;
}
