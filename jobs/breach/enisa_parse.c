#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/memory.h"
#include "common/nearest.h"
#include "jobs/breach/enisa.h"
#include "jobs/breach/enisa_words.h"

#define SHOWN 80
#define MOST_WORDS 8 /* of any choice */

enum field { DPC, EI, C, I, A, MALICIOUS, INDIVIDUALS, UNINTELLIGIBLE, FIELDS };

static const struct {
    const char *name;
    const struct enisa_word *words; /* NULL: read by a function of its own */
    const char *allowed;
} fields[FIELDS] = {
    [DPC] = {"dpc", NULL,
             "simple, behavioural, financial or sensitive, with :1 to :4 when not the base, "
             "several joined by +, as in dpc=simple:2+financial"},
    [EI] = {"ei", enisa_ei_words,
            "0.25, 0.5, 0.75 or 1 (with a point), or negligible, limited, significant or maximum"},
    [C] = {"c", enisa_c_words, "none, known or unknown (who received the data)"},
    [I] = {"i", enisa_i_words, "none, recoverable or unrecoverable"},
    [A] = {"a", enisa_a_words, "none, temporary or permanent"},
    [MALICIOUS] = {"malicious", enisa_yes_no_words, "yes or no"},
    [INDIVIDUALS] = {"individuals", NULL, NULL},
    [UNINTELLIGIBLE] = {"unintelligible", enisa_yes_no_words, "yes or no"},
};

struct reading {
    struct enisa_input in;
    bool given[FIELDS];
    struct text *faults;
    int fault_count;
};

static void fault(struct reading *r, const char *field, const char *format, ...) PRINTF_LIKE(3, 4);

/* Without an end of line, so that near words can follow. */
static void fault(struct reading *r, const char *field, const char *format, ...)
{
    char sentence[512];
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    text_addf(r->faults, "enisa: %s%s%s", field, *field == '\0' ? "" : ": ", sentence);
    r->fault_count++;
}

static void fault_word(struct reading *r, enum field field, const char *word,
                       const struct enisa_word *words)
{
    char shown[SHOWN];
    const char *names[MOST_WORDS];
    size_t count = 0;
    for (; words->word != NULL; words++)
        names[count++] = words->word;
    log_escape(shown, sizeof shown, word);
    fault(r, fields[field].name, "\"%s\" is not known; allowed is %s", shown,
          fields[field].allowed);
    nearest_add(r->faults, "", shown, names, count);
    text_add(r->faults, "\n");
}

static void fault_value(struct reading *r, enum field field, const char *value, const char *wrong)
{
    char shown[SHOWN];
    log_escape(shown, sizeof shown, value);
    fault(r, fields[field].name, "\"%s\" %s\n", shown, wrong);
}

static char *trim(char *word)
{
    word += strspn(word, " \t");
    size_t length = strlen(word);
    while (length > 0 && strchr(" \t", word[length - 1]) != NULL)
        word[--length] = '\0';
    return word;
}

static void read_category(struct reading *r, char *word)
{
    char *number = strchr(word, ':');
    int category;
    if (number != NULL)
        *number++ = '\0';
    word = trim(word);
    if (!enisa_word_value(enisa_category_words, word, &category)) {
        fault_word(r, DPC, word, enisa_category_words);
        return;
    }
    int value = enisa_base((enum enisa_category)category);
    if (number != NULL) {
        number = trim(number);
        value = strlen(number) == 1 ? number[0] - '0' : 0;
    }
    if (value < 1 || value > 4)
        fault_value(r, DPC, number,
                    "is no number of a category; allowed is 1, 2, 3 or 4, as in simple:2");
    else if (r->in.dpc[category] > 0)
        fault_value(r, DPC, word, "is given twice; say it once");
    else
        r->in.dpc[category] = value;
}

static void read_individuals(struct reading *r, const char *value)
{
    char *end = NULL;
    errno = 0;
    long long number = strtoll(value, &end, 10);
    if (value[0] < '0' || value[0] > '9' || *end != '\0' || errno != 0 || number < 1)
        fault_value(r, INDIVIDUALS, value,
                    "is no such number; allowed is a whole number from 1, in digits only");
    else
        r->in.individuals = number;
}

static void read_value(struct reading *r, enum field field, char *value)
{
    int number = 0;
    if (field == DPC) {
        for (char *word = strsep(&value, "+"); word != NULL; word = strsep(&value, "+"))
            read_category(r, trim(word));
        return;
    }
    if (field == INDIVIDUALS) {
        read_individuals(r, value);
        return;
    }
    if (!enisa_word_value(fields[field].words, value, &number)) {
        fault_word(r, field, value, fields[field].words);
        return;
    }
    if (field == MALICIOUS)
        r->in.malicious = number != 0;
    else if (field == UNINTELLIGIBLE)
        r->in.unintelligible = number != 0;
    else
        *(field == EI  ? &r->in.ei_quarters
          : field == C ? &r->in.confidentiality
          : field == I ? &r->in.integrity
                       : &r->in.availability) = number;
}

static void fault_name(struct reading *r, const char *name)
{
    char shown[SHOWN];
    const char *names[FIELDS];
    for (int i = 0; i < FIELDS; i++)
        names[i] = fields[i].name;
    log_escape(shown, sizeof shown, name);
    fault(r, "", "\"%s\" is none of dpc, ei, c, i, a, malicious, individuals and unintelligible",
          shown);
    nearest_add(r->faults, "", shown, names, FIELDS);
    text_add(r->faults, "\n");
}

static void read_item(struct reading *r, char *item)
{
    char *value = strchr(item, '=');
    if (value == NULL) {
        char shown[SHOWN];
        log_escape(shown, sizeof shown, item);
        fault(r, "",
              "\"%s\" is no name=value; items are separated by commas, as in "
              "dpc=simple:2,ei=0.75,c=unknown\n",
              shown);
        return;
    }
    *value++ = '\0';
    const char *name = trim(item);
    int field = 0;
    while (field < FIELDS && strcmp(fields[field].name, name) != 0)
        field++;
    if (field == FIELDS)
        fault_name(r, name);
    else if (r->given[field])
        fault(r, name, "is given twice; say it once\n");
    else {
        r->given[field] = true;
        read_value(r, (enum field)field, trim(value));
    }
}

bool enisa_parse(const char *words, struct enisa_input *ret, struct text *faults, struct error *err)
{
    struct reading r = {.in.individuals = ENISA_UNKNOWN_NUMBER, .faults = faults};
    CLEANUP(memory_release) char *copy = memory_copy_text(words);
    char *rest = copy;
    if (*trim(copy) != '\0')
        for (char *item = strsep(&rest, ","); item != NULL; item = strsep(&rest, ","))
            read_item(&r, trim(item));
    for (int i = DPC; i <= EI; i++)
        if (!r.given[i])
            fault(&r, fields[i].name, "is missing; it is %s\n", fields[i].allowed);
    if (r.fault_count > 0)
        return error_set(err, ERR_USAGE, "the inputs of the ENISA score have %d fault%s",
                         r.fault_count, r.fault_count == 1 ? "" : "s");
    *ret = r.in;
    return true;
}
