#include "common/nearest.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#define LONGEST 63 /* no word of ours is longer; a longer one is near to nothing */
#define OFFERED 3

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static bool same_letter(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Insertions, deletions, replacements and swaps of neighbours that turn a into b, ignoring case. */
static size_t edit_distance(const char *a, const char *b)
{
    size_t before[LONGEST + 1];
    size_t last[LONGEST + 1];
    size_t row[LONGEST + 1];
    size_t length = strlen(b);
    for (size_t j = 0; j <= length; j++)
        last[j] = before[j] = j;
    for (size_t i = 1; a[i - 1] != '\0'; i++) {
        row[0] = i;
        for (size_t j = 1; j <= length; j++) {
            bool same = same_letter(a[i - 1], b[j - 1]);
            row[j] = least(least(last[j], row[j - 1]) + 1, last[j - 1] + (same ? 0 : 1));
            if (i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) &&
                same_letter(a[i - 2], b[j - 1]))
                row[j] = least(row[j], before[j - 2] + 1);
        }
        memcpy(before, last, sizeof before);
        memcpy(last, row, (length + 1) * sizeof *row);
    }
    return last[length];
}

/* 0 is nearest; anything above LONGEST is not near. */
static size_t distance(const char *word, const char *name)
{
    size_t length = strlen(word);
    if (length > LONGEST || strlen(name) > LONGEST)
        return LONGEST + 1;
    size_t edits = edit_distance(word, name);
    if (edits <= (length + 2) / 3)
        return edits;
    return length >= 3 && strncmp(word, name, length) == 0 ? LONGEST : LONGEST + 1;
}

void nearest_add(struct text *t, const char *prefix, const char *word, const char *const *names,
                 size_t count)
{
    const char *found[OFFERED];
    size_t found_count = 0;
    for (size_t wanted = 0; wanted <= LONGEST && found_count < OFFERED; wanted++)
        for (size_t i = 0; i < count && found_count < OFFERED; i++)
            if (names[i] != NULL && distance(word, names[i]) == wanted)
                found[found_count++] = names[i];
    for (size_t i = 0; i < found_count; i++) {
        const char *join = i + 1 == found_count ? " or " : ", ";
        text_addf(t, "%s%s%s", i == 0 ? "; did you mean " : join, prefix, found[i]);
    }
    if (found_count > 0)
        text_add(t, "?");
}
