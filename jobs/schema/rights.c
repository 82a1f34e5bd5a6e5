#include "jobs/schema/rights.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "common/memory.h"
#include "sql.h"

/* The role whose members give this command; the first that fits. */
static const char *role_of(const char *command)
{
    static const struct {
        const char *words, *role;
    } roles[] = {{"retention approve", "waarborg_dpo"},
                 {"hold", "waarborg_dpo"},
                 {"breach", "waarborg_security"},
                 {"report pack", "waarborg_dpo"},
                 {"report", "waarborg_auditor, for report forecast waarborg_dpo,"},
                 {"evidence", "waarborg_dpo"},
                 {"", "waarborg_job"}};
    size_t i = 0;
    while (strncmp(command, roles[i].words, strlen(roles[i].words)) != 0)
        i++;
    return roles[i].role;
}

static bool is_part_of_name(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* Does a migration speak of waarborg.<name>? */
static bool is_ours(const char *name, size_t length)
{
    CLEANUP(memory_release)
    char *full = memory_format("waarborg.%.*s", (int)length, name);
    for (const struct sql_file *file = sql_files; file->name != NULL; file++) {
        if (strncmp(file->name, "schema/", strlen("schema/")) != 0)
            continue;
        for (const char *at = strstr(file->text, full); at != NULL; at = strstr(at + 1, full))
            if (!is_part_of_name(at[strlen(full)]))
                return true;
    }
    return false;
}

/* The server's sentence may be in any language; the name in it is not. */
static bool names_ours(const char *message)
{
    for (const char *word = message; *word != '\0';) {
        size_t length = 0;
        while (is_part_of_name(word[length]))
            length++;
        bool sequence = length > 4 && strncmp(word + length - 4, "_seq", 4) == 0;
        if (length > 0 &&
            (sequence || (length == strlen("waarborg") && strncmp(word, "waarborg", length) == 0) ||
             is_ours(word, length)))
            return true;
        word += length + (word[length] != '\0');
    }
    return false;
}

/* "…: database: ERROR 42501: sentence" -> sentence. */
static const char *sentence_of(const struct error *err)
{
    const char *at = strstr(err->message, err->sqlstate);
    if (at == NULL)
        return err->message;
    at += strlen(err->sqlstate);
    return at + strspn(at, ": ");
}

void rights_explain(const char *command, struct error *err)
{
    const char *sentence = sentence_of(err);
    if (err->kind != ERR_DB)
        return;
    if (strcmp(err->sqlstate, "WB016") == 0) {
        err->kind = ERR_USAGE;
        memmove(err->message, sentence, strlen(sentence) + 1);
    } else if (strcmp(err->sqlstate, "42501") == 0 && names_ours(sentence)) {
        CLEANUP(memory_release) char *said = memory_copy_text(sentence);
        if (strncmp(command, "migrate", strlen("migrate")) == 0)
            error_set(err, ERR_USAGE, "%s: migrate as the owner of the schema waarborg", said);
        else
            error_set(err, ERR_USAGE,
                      "a right in the schema waarborg is missing: %s; as its owner, waarborg "
                      "migrate --roles, then GRANT %s TO this user",
                      said, role_of(command));
    }
}

int rights_exit_code(const char *command, bool done, int exit_code, struct error *err)
{
    if (done)
        return exit_code;
    rights_explain(command, err);
    return error_exit_code(err);
}
