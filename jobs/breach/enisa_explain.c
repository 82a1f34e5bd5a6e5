#include <inttypes.h>
#include <stdlib.h>

#include "jobs/breach/enisa.h"
#include "jobs/breach/enisa_words.h"

struct phrase {
    const char *english, *dutch;
};

static const char *say(struct phrase p, const char *language)
{
    return enisa_is_dutch(language) ? p.dutch : p.english;
}

static const struct phrase categories[ENISA_CATEGORIES] = {
    [ENISA_SIMPLE] = {"simple data (name, contact, education, family, job)",
                      "gewone gegevens (naam, contact, opleiding, familie, werk)"},
    [ENISA_BEHAVIOURAL] = {"behavioural data (location, traffic, habits)",
                           "gegevens over gedrag (locatie, verkeer, gewoonten)"},
    [ENISA_FINANCIAL] = {"financial data (income, transactions, cards, invoices, benefits)",
                         "financiële gegevens (inkomen, betalingen, passen, rekeningen, "
                         "uitkeringen)"},
    [ENISA_SENSITIVE] = {"sensitive data (health, politics, sex life)",
                         "gevoelige gegevens (gezondheid, politiek, seksueel leven)"},
};

static const struct phrase meanings[ENISA_CATEGORIES][4] = {
    [ENISA_SIMPLE] =
        {{"nothing more can be guessed from them", "er valt verder niets uit af te leiden"},
         {"their volume, or whose they are, allows a profile or a guess at social or financial "
          "position",
          "door de hoeveelheid, of van wie ze komen, is een profiel of een vermoeden over sociale "
          "of financiële positie mogelijk"},
         {"they lead to a guess at health, sex life, politics or religion",
          "ze leiden tot een vermoeden over gezondheid, seksueel leven, politiek of geloof"},
         {"they are critical for somebody's safety, or about vulnerable people",
          "ze zijn van belang voor iemands veiligheid, of gaan over kwetsbare mensen"}},
    [ENISA_BEHAVIOURAL] = {{"they give no real insight", "ze geven geen echt inzicht"},
                           {"they show something of somebody's habits",
                            "ze laten iets zien van iemands gewoonten"},
                           {"they give a detailed profile", "ze geven een uitgebreid profiel"},
                           {"they give a profile on a sensitive matter",
                            "ze geven een profiel over een gevoelig onderwerp"}},
    [ENISA_FINANCIAL] = {{"they give no insight into somebody's finances",
                          "ze geven geen inzicht in iemands geldzaken"},
                         {"they tell something, without a real view of somebody's finances",
                          "ze zeggen iets, maar geven geen echt beeld van iemands geldzaken"},
                         {"they give a view of somebody's finances",
                          "ze geven een beeld van iemands geldzaken"},
                         {"they enable fraud, or give a detailed profile",
                          "ze maken fraude mogelijk, of geven een uitgebreid profiel"}},
    [ENISA_SENSITIVE] = {{"they give no insight into the sensitive matter",
                          "ze geven geen inzicht in het gevoelige onderwerp"},
                         {"they allow a general guess", "ze laten een algemeen vermoeden toe"},
                         {"they allow a guess at a sensitive fact",
                          "ze laten een vermoeden over een gevoelig feit toe"},
                         {"they state a sensitive fact", "ze noemen een gevoelig feit"}},
};

static const struct phrase identification[] = {
    [1] = {"negligible: hardly anybody can be recognised (a name that many in the country have)",
           "verwaarloosbaar: bijna niemand is te herkennen (een naam die velen in het land "
           "hebben)"},
    [2] = {"limited: people can be recognised with much effort (a name that few in the country "
           "have)",
           "beperkt: mensen zijn met veel moeite te herkennen (een naam die weinigen in het land "
           "hebben)"},
    [3] = {"significant: people can be recognised with some effort (a name in a small town)",
           "aanzienlijk: mensen zijn met enige moeite te herkennen (een naam in een kleine "
           "plaats)"},
    [4] = {"maximum: people are recognised at once (a name with date of birth or e-mail address)",
           "maximaal: mensen zijn meteen te herkennen (een naam met geboortedatum of e-mailadres)"},
};

static const struct phrase confidentiality[] = {
    {"exposed at most, nothing shows that anybody used the data",
     "hooguit blootgesteld, niets wijst erop dat iemand de gegevens heeft gebruikt"},
    {"received by people we know", "ontvangen door mensen die wij kennen"},
    {"received by people we do not know", "ontvangen door mensen die wij niet kennen"},
};

static const struct phrase integrity[] = {
    {"not altered, or no wrong use known and the original is there",
     "niet veranderd, of geen verkeerd gebruik bekend en het origineel is er nog"},
    {"altered and possibly wrongly used, but can be recovered",
     "veranderd en mogelijk verkeerd gebruikt, maar te herstellen"},
    {"altered and possibly wrongly used, cannot be recovered",
     "veranderd en mogelijk verkeerd gebruikt, niet te herstellen"},
};

static const struct phrase availability[] = {
    {"not lost, or recovered without difficulty", "niet verloren, of zonder moeite hersteld"},
    {"lost for a time, can be rebuilt with effort", "tijdelijk weg, met moeite op te bouwen"},
    {"lost for good, neither we nor the people themselves have them",
     "voorgoed weg, wij noch de mensen zelf hebben ze nog"},
};

static const struct phrase malice[] = {
    {"no malicious intent known", "geen kwade opzet bekend"},
    {"done with malicious intent", "met kwade opzet gedaan"},
};

static const struct phrase consequences[] = {
    [ENISA_LOW] = {"people may meet some inconvenience, which they overcome without a problem",
                   "mensen kunnen wat ongemak hebben, dat zij zonder problemen te boven komen"},
    [ENISA_MEDIUM] = {"people may meet significant inconvenience, which they can overcome",
                      "mensen kunnen flink ongemak hebben, dat zij te boven kunnen komen"},
    [ENISA_HIGH] = {"people may meet serious difficulty, which they overcome with effort",
                    "mensen kunnen in ernstige moeilijkheden komen, die zij met moeite te boven "
                    "komen"},
    [ENISA_VERY_HIGH] = {"people may meet consequences that cannot be undone",
                         "mensen kunnen gevolgen ondervinden die niet meer te herstellen zijn"},
};

const char *enisa_advice_only(const char *language)
{
    return say((struct phrase){"This score is advice and decides nothing: whether the authority "
                               "and the customers must be told is decided by a person, with "
                               "reasons; breaches that score low have had to be notified.",
                               "Deze score is advies en beslist niets: of de toezichthouder en de "
                               "klanten het moeten weten, beslist een mens, met redenen; ook "
                               "datalekken met een lage score moesten worden gemeld."},
               language);
}

static void add_sum(struct text *t, const struct enisa_input *in, const struct enisa_score *s,
                    const char *language)
{
    char ei[8];
    char cb[8];
    char se[8];
    text_addf(t, "%s: SE = DPC x EI + CB = %d x %s + %s = %s, %s\n", ENISA_METHOD, s->dpc,
              enisa_quarters(ei, sizeof ei, in->ei_quarters, language),
              enisa_quarters(cb, sizeof cb, s->cb_quarters, language),
              enisa_quarters(se, sizeof se, s->se_quarters, language),
              enisa_band_word(s->band, language));
}

static void add_category(struct text *t, enum enisa_category category, int value, bool counts,
                         const char *language)
{
    int base = enisa_base(category);
    text_addf(t, "  DPC %d       %s: %s; ", value, say(categories[category], language),
              say(meanings[category][value - 1], language));
    text_addf(t, "%s %d", say((struct phrase){"base", "basis"}, language), base);
    if (value == base)
        text_add(t, say((struct phrase){", not adjusted", ", niet aangepast"}, language));
    else
        text_addf(t, ", %d %s", abs(value - base),
                  value > base ? say((struct phrase){"up", "omhoog"}, language)
                               : say((struct phrase){"down", "omlaag"}, language));
    text_add(t, counts ? "\n"
                       : say((struct phrase){"; a higher one counts\n", "; een hogere telt\n"},
                             language));
}

static void add_categories(struct text *t, const struct enisa_input *in,
                           const struct enisa_score *s, const char *language)
{
    bool adjusted = false;
    for (int i = 0; i < ENISA_CATEGORIES; i++)
        if (in->dpc[i] > 0) {
            enum enisa_category category = (enum enisa_category)i;
            add_category(t, category, in->dpc[i], category == s->highest, language);
            adjusted = adjusted || in->dpc[i] != enisa_base(category);
        }
    if (adjusted)
        text_addf(t, "              %s\n",
                  say((struct phrase){"reasons to go up: volume of data, a special organisation, "
                                      "special people; to go down: invalid or inaccurate data, "
                                      "public before, the nature of the data",
                                      "redenen voor omhoog: hoeveelheid, een bijzondere "
                                      "organisatie, bijzondere mensen; voor omlaag: ongeldig of "
                                      "onjuist, al openbaar, de aard van de gegevens"},
                      language));
}

static void add_part(struct text *t, struct phrase name, int quarters, struct phrase meaning,
                     const char *language)
{
    char value[8];
    text_addf(t, "  CB  +%-5s  %s: %s\n", enisa_quarters(value, sizeof value, quarters, language),
              say(name, language), say(meaning, language));
}

static const struct phrase unchanged = {"the score stays as it is", "de score blijft gelijk"};

static void add_flags(struct text *t, const struct enisa_input *in, const struct enisa_score *s,
                      const char *language)
{
    if (s->many_individuals)
        text_addf(t, "  %s %d (%" PRId64 "); %s.\n",
                  say((struct phrase){"Flag: more people than", "Vlag: meer mensen dan"}, language),
                  ENISA_MANY_INDIVIDUALS, in->individuals, say(unchanged, language));
    if (in->unintelligible)
        text_addf(t, "  %s; %s.\n",
                  say((struct phrase){"Flag: whoever has the data cannot read them",
                                      "Vlag: wie de gegevens heeft, kan ze niet lezen"},
                      language),
                  say(unchanged, language));
}

void enisa_explain(struct text *t, const struct enisa_input *in, const char *language)
{
    struct enisa_score s = enisa_score(in);
    char ei[8];
    add_sum(t, in, &s, language);
    add_categories(t, in, &s, language);
    text_addf(t, "  EI  %-6s  %s\n", enisa_quarters(ei, sizeof ei, in->ei_quarters, language),
              say(identification[in->ei_quarters], language));
    add_part(t, (struct phrase){"confidentiality", "vertrouwelijkheid"}, in->confidentiality,
             confidentiality[in->confidentiality], language);
    add_part(t, (struct phrase){"integrity", "integriteit"}, in->integrity,
             integrity[in->integrity], language);
    add_part(t, (struct phrase){"availability", "beschikbaarheid"}, in->availability,
             availability[in->availability], language);
    add_part(t, (struct phrase){"intent", "opzet"}, in->malicious ? 2 : 0,
             malice[in->malicious ? 1 : 0], language);
    add_flags(t, in, &s, language);
    text_addf(t, "  %s %s: %s.\n", say((struct phrase){"Meaning of", "Betekenis van"}, language),
              enisa_band_word(s.band, language), say(consequences[s.band], language));
    text_addf(t, "%s\n", enisa_advice_only(language));
}
