#include "jobs/command_line.h"

#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "common/nearest.h"

static const struct option_spec *find_letter(const struct option_spec *specs, char letter)
{
    for (; specs->name != NULL; specs++)
        if (specs->letter == letter)
            return specs;
    return NULL;
}

/* How many words a long option of ours takes: 0 when it is none.  *ret_last: which one. */
static int long_width(const struct option_spec *specs, const char *word,
                      const struct option_spec **ret_last)
{
    size_t length = strcspn(word, "=");
    for (; specs->name != NULL; specs++) {
        if (strlen(specs->name) != length || strncmp(specs->name, word, length) != 0)
            continue;
        *ret_last = specs;
        return specs->kind != OPTION_FLAG && word[length] == '\0' ? 2 : 1;
    }
    return 0;
}

/* The same for letters, joined or not: every one must be ours. */
static int letters_width(const struct option_spec *specs, const char *letters,
                         const struct option_spec **ret_last)
{
    if (*letters == '\0')
        return 0;
    for (; *letters != '\0'; letters++) {
        const struct option_spec *spec = find_letter(specs, *letters);
        if (spec == NULL)
            return 0;
        *ret_last = spec;
        if (spec->kind != OPTION_FLAG)
            return letters[1] == '\0' ? 2 : 1;
    }
    return 1;
}

static int option_width(const struct option_spec *specs, const char *word,
                        const struct option_spec **ret_last)
{
    if (strncmp(word, "--", 2) == 0)
        return long_width(specs, word + 2, ret_last);
    return word[0] == '-' ? letters_width(specs, word + 1, ret_last) : 0;
}

bool command_line_gather(const struct option_spec *specs, int argc, char **argv, struct error *err)
{
    if (argc < 2)
        return true;
    CLEANUP(memory_release) char **others = memory_alloc((size_t)argc * sizeof *others);
    int other_count = 0;
    int moved = 1;
    int i = 1;
    while (i < argc && strcmp(argv[i], "--") != 0) {
        const struct option_spec *last = NULL;
        int width = option_width(specs, argv[i], &last);
        if (i + width > argc)
            return error_set(err, ERR_USAGE, "option --%s needs a value: --%s=%s", last->name,
                             last->name, last->value);
        if (width == 0)
            others[other_count++] = argv[i++];
        for (; width > 0; width--)
            argv[moved++] = argv[i++];
    }
    while (i < argc)
        others[other_count++] = argv[i++];
    for (i = 0; i < other_count; i++)
        argv[moved + i] = others[i];
    return true;
}

/* The word of a command's words that begins at *pos; *pos moves behind it. */
static bool take_word(const char **pos, const char *word)
{
    size_t length = strcspn(*pos, " ");
    if (strlen(word) != length || strncmp(*pos, word, length) != 0)
        return false;
    *pos += (*pos)[length] == ' ' ? length + 1 : length;
    return true;
}

bool command_line_is_group(const struct job *jobs, size_t job_count, const char *word)
{
    for (size_t i = 0; i < job_count; i++) {
        const char *rest = jobs[i].words;
        if (take_word(&rest, word) && *rest != '\0')
            return true;
    }
    return false;
}

bool command_line_wants_help(char **words, int word_count)
{
    for (int i = 0; i < word_count && strcmp(words[i], "--") != 0; i++)
        if (strcmp(words[i], "--help") == 0 || strcmp(words[i], "-h") == 0)
            return true;
    return false;
}

/* Appends "; did you mean ...?" when a command is near to `words`, or ends with the word given. */
static void add_nearest(struct text *t, const struct job *jobs, size_t job_count, const char *words)
{
    CLEANUP(memory_release) const char **names = memory_alloc((job_count + 1) * sizeof *names);
    size_t length = t->length;
    for (size_t i = 0; i < job_count; i++)
        names[i] = jobs[i].words;
    nearest_add(t, "", words, names, job_count);
    if (t->length > length)
        return;
    for (size_t i = 0; i < job_count; i++) {
        const char *second = strchr(jobs[i].words, ' ');
        if (second != NULL && strcmp(second + 1, words) == 0)
            text_addf(t, "%s%s", t->length > length ? " or " : "; did you mean ", jobs[i].words);
    }
    if (t->length > length)
        text_add(t, "?");
}

static bool refuse_second(const struct job *jobs, size_t job_count, char **words, int word_count,
                          struct error *err)
{
    CLEANUP(text_free) struct text near = {0};
    CLEANUP(text_free) struct text list = {0};
    if (word_count > 1) {
        CLEANUP(memory_release) char *both = memory_format("%s %s", words[0], words[1]);
        add_nearest(&near, jobs, job_count, both);
        if (near.length > 0)
            return error_set(err, ERR_USAGE, "unknown command '%s'%s", both, text_get(&near));
    }
    for (size_t i = 0; i < job_count; i++) {
        const char *rest = jobs[i].words;
        if (!take_word(&rest, words[0]))
            continue;
        text_separate(&list, ", ");
        text_add(&list, rest);
    }
    return error_set(err, ERR_USAGE, "'%s' is to be followed by one of: %s", words[0],
                     text_get(&list));
}

static bool refuse_first(const struct job *jobs, size_t job_count, char **words, int word_count,
                         struct error *err)
{
    CLEANUP(text_free) struct text near = {0};
    if (word_count > 1) {
        CLEANUP(memory_release) char *both = memory_format("%s %s", words[0], words[1]);
        add_nearest(&near, jobs, job_count, both);
    }
    if (near.length == 0)
        add_nearest(&near, jobs, job_count, words[0]);
    return error_set(err, ERR_USAGE, "unknown command '%s'%s", words[0],
                     near.length > 0 ? text_get(&near) : "; waarborg --help lists the commands");
}

bool command_line_find(const struct job *jobs, size_t job_count, char **words, int word_count,
                       const struct job **ret_job, int *ret_used, struct error *err)
{
    if (word_count == 0)
        return error_set(err, ERR_USAGE, "no command given; waarborg --help lists them");
    const struct job *found = NULL;
    int used = 0;
    for (size_t i = 0; i < job_count; i++) {
        const char *rest = jobs[i].words;
        if (!take_word(&rest, words[0]))
            continue;
        bool two = *rest != '\0';
        if (two ? word_count < 2 || strcmp(rest, words[1]) != 0 : used == 2)
            continue;
        found = &jobs[i];
        used = two ? 2 : 1;
    }
    if (found != NULL) {
        *ret_job = found;
        *ret_used = used;
        return true;
    }
    if (command_line_is_group(jobs, job_count, words[0]))
        return refuse_second(jobs, job_count, words, word_count, err);
    return refuse_first(jobs, job_count, words, word_count, err);
}
