#include "jobs/breach/remind_words.h"

#include <string.h>

#include "common/cleanup.h"

struct words {
    const char *english, *dutch;
};

#define SENT "--sent \"YYYY-MM-DD HH:MM\""

static const struct {
    const char *clock;
    struct words name, next;
    const char *command; /* %s: the reference, in every place */
} clocks[] = {
    {"ap",
     {"notification to the AP", "melding aan de AP"},
     {"Notify the AP.  It need not be complete yet: the rest may follow\n(GDPR art. 33(4)).",
      "Meld het datalek bij de AP.  De melding hoeft nog niet volledig te zijn:\nde rest mag "
      "volgen (AVG art. 33 lid 4)."},
     "waarborg breach draft %s ap\nwaarborg breach notify %s ap --kind initial " SENT},
    {"customers",
     {"telling the customers", "mededeling aan de klanten"},
     {"Tell the affected customers (GDPR art. 34).",
      "Breng de getroffen klanten op de hoogte (AVG art. 34)."},
     "waarborg breach letters %s --send"},
    {"follow_up",
     {"rest of the notification to the AP", "aanvulling van de melding aan de AP"},
     {"The first notification was incomplete: send the AP the rest.",
      "De eerste melding was onvolledig: stuur de AP de rest."},
     "waarborg breach draft %s ap\nwaarborg breach notify %s ap --kind follow_up " SENT},
    {"processor",
     {"word from the processor", "bericht van de verwerker"},
     {"The processor has to tell us by contract: ask, and record when it did.",
      "De verwerker moet ons volgens het contract inlichten: vraag ernaar, en leg\nvast wanneer "
      "dat is gebeurd."},
     "waarborg breach amend %s --set processor_informed_at=\"YYYY-MM-DD HH:MM\" --because ..."},
    {"nis2_warning",
     {"NIS2 early warning", "vroegtijdige waarschuwing (NIS2)"},
     {"Send the early warning to the CSIRT or the authority.",
      "Stuur de vroegtijdige waarschuwing aan het CSIRT of de autoriteit."},
     "waarborg breach notify %s nis2 --kind warning " SENT},
    {"nis2_notification",
     {"NIS2 notification", "melding (NIS2)"},
     {"Send the notification to the CSIRT or the authority.",
      "Stuur de melding aan het CSIRT of de autoriteit."},
     "waarborg breach notify %s nis2 --kind initial " SENT},
    {"nis2_final",
     {"NIS2 final report", "eindverslag (NIS2)"},
     {"Send the final report to the CSIRT or the authority.",
      "Stuur het eindverslag aan het CSIRT of de autoriteit."},
     "waarborg breach notify %s nis2 --kind final " SENT},
    {"dora_initial",
     {"DORA initial notification", "eerste melding (DORA)"},
     {"Send the initial notification to the supervisor.",
      "Stuur de eerste melding aan de toezichthouder."},
     "waarborg breach notify %s dora --kind initial " SENT},
    {"dora_intermediate",
     {"DORA intermediate report", "tussentijds verslag (DORA)"},
     {"Send the intermediate report to the supervisor.",
      "Stuur het tussentijdse verslag aan de toezichthouder."},
     "waarborg breach notify %s dora --kind follow_up " SENT},
    {"dora_final",
     {"DORA final report", "eindverslag (DORA)"},
     {"Send the final report to the supervisor.", "Stuur het eindverslag aan de toezichthouder."},
     "waarborg breach notify %s dora --kind final " SENT},
};

static const struct words assess = {
    "Assess the risk.  Unless a risk to people is unlikely, the AP has to be\nnotified before the "
    "limit; the notification need not be complete yet.",
    "Beoordeel het risico.  Tenzij een risico voor mensen onwaarschijnlijk is,\nmoet de AP voor "
    "het einde van de termijn een melding hebben; die hoeft nog\nniet volledig te zijn."};
static const struct words passed = {"The limit has passed: do it now.\n",
                                    "De termijn is voorbij: doe het nu.\n"};
static const struct words delay = {
    "\nThe law asks for the reasons for the delay (GDPR art. 33(1)).",
    "\nDe wet vraagt om de redenen van de vertraging (AVG art. 33 "
    "lid 1)."};
static const struct words other = {"See what the register says.",
                                   "Kijk wat het register daarover zegt."};

static const char *in(const char *language, struct words w)
{
    return strcmp(language, "nl") == 0 ? w.dutch : w.english;
}

/* COUNT_OF(clocks) for one that only the database knows. */
static size_t find(const char *clock)
{
    size_t i = 0;
    while (i < COUNT_OF(clocks) && strcmp(clock, clocks[i].clock) != 0)
        i++;
    return i;
}

const char *remind_clock_name(const char *clock, const char *language)
{
    size_t i = find(clock);
    return i == COUNT_OF(clocks) ? clock : in(language, clocks[i].name);
}

static bool is_ap(const char *clock)
{
    return strcmp(clock, "ap") == 0;
}

void remind_add_next(struct text *t, const char *clock, bool decided, bool late,
                     const char *language)
{
    size_t i = find(clock);
    if (late)
        text_add(t, in(language, passed));
    if (is_ap(clock) && !decided)
        text_add(t, in(language, assess));
    else
        text_add(t, in(language, i == COUNT_OF(clocks) ? other : clocks[i].next));
    if (late && is_ap(clock))
        text_add(t, in(language, delay));
}

void remind_add_command(struct text *t, const char *clock, bool decided, const char *reference)
{
    size_t i = find(clock);
    const char *command = i == COUNT_OF(clocks)      ? "waarborg breach show %s"
                          : is_ap(clock) && !decided ? "waarborg breach assess %s"
                                                     : clocks[i].command;
    for (const char *mark = strstr(command, "%s"); mark != NULL; mark = strstr(command, "%s")) {
        text_add_bytes(t, command, (size_t)(mark - command));
        text_add(t, reference);
        command = mark + strlen("%s");
    }
    text_add(t, command);
}
