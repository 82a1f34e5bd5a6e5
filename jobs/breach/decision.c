#include "jobs/breach/decision.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "common/local_time.h"
#include "common/nearest.h"
#include "jobs/breach/clock_state.h"
#include "jobs/breach/faults.h"

static const char *const risks[] = {"unlikely", "risk", "high"};

/* ---- reading ---- */

static enum answer read_answer(const char *field, const char *word, struct text *faults)
{
    if (word == NULL)
        return ANSWER_NONE;
    if (strcasecmp(word, "yes") == 0)
        return ANSWER_YES;
    if (strcasecmp(word, "no") == 0)
        return ANSWER_NO;
    fault_add(faults, field, "this is neither; allowed is yes or no");
    return ANSWER_NONE;
}

static const char *read_risk(const char *word, struct text *faults)
{
    CLEANUP(text_free) struct text near = {0};
    for (size_t i = 0; word != NULL && i < COUNT_OF(risks); i++)
        if (strcasecmp(word, risks[i]) == 0)
            return risks[i];
    if (word != NULL) {
        nearest_add(&near, "", word, risks, COUNT_OF(risks));
        fault_add(faults, "risk", "this is none; allowed is unlikely, risk or high%s",
                  text_get(&near));
    }
    return NULL;
}

static const char *read_ground(const char *word, const struct settings *settings,
                               struct text *faults)
{
    static const char *const grounds[] = {"A", "B", "C", "WFT"};
    for (size_t i = 0; word != NULL && i < COUNT_OF(grounds); i++) {
        if (strcasecmp(word, grounds[i]) != 0)
            continue;
        if (strcmp(grounds[i], "WFT") == 0 && !settings->breach.wft_undertaking)
            fault_add(faults, "ground",
                      "wft is for financial undertakings only (UAVG art. 42); "
                      "breach.wft_undertaking of the configuration is off");
        return grounds[i];
    }
    if (word != NULL)
        fault_add(faults, "ground",
                  "this is none; allowed is a (the data are unintelligible), b (measures took the "
                  "risk away), c (made public instead) of GDPR art. 34(3), or wft");
    return NULL;
}

static int64_t read_instant(const char *field, const char *word, int64_t now, struct text *faults)
{
    struct error wrong = {0};
    int64_t at;
    if (word == NULL)
        return CLOCK_NO_INSTANT;
    if (!local_time_parse(word, &at, &wrong)) {
        fault_add(faults, field, "%s", wrong.message);
        return CLOCK_NO_INSTANT;
    }
    if (at > now)
        fault_add(faults, field, "lies in the future");
    return at;
}

/* ---- the risk ---- */

static void infer_risk(struct decision *d, struct text *faults)
{
    if (d->customers == ANSWER_YES && d->ap != ANSWER_NO) {
        d->risk = "high";
        d->risk_because = "customers are told when the risk is high (GDPR art. 34)";
    } else if (d->ground != NULL && d->customers == ANSWER_NO && d->ap == ANSWER_YES) {
        d->risk = "high";
        d->risk_because = "only a high risk needs a ground not to tell customers (GDPR art. 34(3))";
    } else if (d->ap == ANSWER_YES && d->customers == ANSWER_NO) {
        d->risk = "risk";
        d->risk_because = "the AP is told and the customers are not";
    } else if (d->ap == ANSWER_NO && d->customers != ANSWER_YES) {
        d->risk = "unlikely";
        d->risk_because = "the AP need not be told only when a risk is unlikely (GDPR art. 33(1))";
    } else {
        fault_add(faults, "risk",
                  "is needed: unlikely, risk or high; it does not follow from --ap and "
                  "--customers alone");
    }
}

static void check_risk(const struct decision *d, struct text *faults)
{
    bool high = strcmp(d->risk, "high") == 0;
    if (strcmp(d->risk, "unlikely") != 0 && d->ap == ANSWER_NO)
        fault_add(faults, "ap", "must be yes unless a risk is unlikely (GDPR art. 33(1)); it is %s",
                  d->risk);
    if (high && d->customers == ANSWER_NONE)
        fault_add(faults, "customers",
                  "is needed: with a high risk they are told, or there is a ground not to (GDPR "
                  "art. 34)");
    if (high && d->customers == ANSWER_NO && d->ground == NULL)
        fault_add(faults, "ground",
                  "is needed when customers are not told although the risk is high: a, b or c of "
                  "GDPR art. 34(3), or wft");
}

void decision_read(const struct decision_words *words, const struct settings *settings, int64_t now,
                   struct text *faults, struct decision *ret)
{
    const struct {
        const char *field, *value;
    } texts[] = {{"because", words->because},
                 {"ap-because", words->ap_because},
                 {"customers-because", words->customers_because},
                 {"public-where", words->public_where}};
    struct decision d = {0};
    struct error counted = {0};
    size_t before = faults->length;
    d.ap = read_answer("ap", words->ap, faults);
    d.customers = read_answer("customers", words->customers, faults);
    d.ground = read_ground(words->ground, settings, faults);
    d.risk = read_risk(words->risk, faults);
    /* What cannot be read has been told; that the risk does not follow from it is no news. */
    if (words->risk == NULL && faults->length == before)
        infer_risk(&d, faults);
    if (d.risk != NULL)
        check_risk(&d, faults);
    if (words->ap == NULL)
        fault_add(faults, "ap", "is needed: yes or no");
    if (d.ground != NULL && d.customers != ANSWER_NO)
        fault_add(faults, "ground", "is for customers who are not told (--customers no)");
    if (fault_blank(words->because))
        fault_add(faults, "because", "the reasons are needed");
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        fault_unless_text(faults, texts[i].field, texts[i].value);
    int64_t at = read_instant("at", words->at, now, faults);
    d.at = at == CLOCK_NO_INSTANT ? now : at;
    d.public_at = read_instant("public-at", words->public_at, now, faults);
    if (d.ground != NULL && strcmp(d.ground, "C") == 0 && words->public_at == NULL)
        fault_add(faults, "public-at", "ground c needs when it was made public");
    if (d.ground != NULL && strcmp(d.ground, "C") == 0 && fault_blank(words->public_where))
        fault_add(faults, "public-where", "ground c needs where it was made public");
    d.has_enisa = words->enisa != NULL && enisa_parse(words->enisa, &d.enisa, faults, &counted);
    *ret = d;
}

/* ---- advice beside it ---- */

static void warn_of_score(const struct decision *d, struct text *warnings)
{
    char number[8];
    struct enisa_score score = enisa_score(&d->enisa);
    bool unlikely = strcmp(d->risk, "unlikely") == 0;
    bool far = (score.band >= ENISA_HIGH && unlikely) ||
               (score.band == ENISA_VERY_HIGH && strcmp(d->risk, "high") != 0) ||
               (score.band == ENISA_LOW && strcmp(d->risk, "high") == 0);
    if (far)
        text_addf(warnings,
                  "the ENISA score is %s (%s) and the decision is %s: far apart; see that the "
                  "reasons say why\n",
                  enisa_band_word(score.band, "en"),
                  enisa_quarters(number, sizeof number, score.se_quarters, "en"),
                  unlikely ? "that a risk is unlikely" : d->risk);
}

void decision_warn(const struct decision *d, const struct breach_check *breach,
                   struct text *warnings)
{
    int64_t people = breach->persons_max;
    if (breach->affected > people)
        people = breach->affected;
    if (d->has_enisa && d->enisa.individuals > people)
        people = d->enisa.individuals;
    if (d->has_enisa)
        warn_of_score(d, warnings);
    if (people > ENISA_MANY_INDIVIDUALS && strcmp(d->risk, "unlikely") == 0)
        text_addf(warnings,
                  "%" PRId64 " people and a risk that is unlikely: see that the reasons "
                  "say why\n",
                  people);
    if (d->customers == ANSWER_YES && d->ap == ANSWER_NO)
        text_add(warnings, "customers are told and the AP is not, which is seldom right (EDPB "
                           "Guidelines 01/2021)\n");
    if (d->at < breach->aware_at)
        text_add(warnings, "assessed before the organisation was aware (aware_at)\n");
}

/* ---- for the register ---- */

static json_t *answer_json(enum answer answer)
{
    return answer == ANSWER_NONE ? json_null() : json_boolean(answer == ANSWER_YES);
}

static json_t *instant_json(int64_t instant)
{
    char text[LOCAL_TIME_SIZE];
    return instant == CLOCK_NO_INSTANT ? json_null()
                                       : json_string(local_time_format_iso(instant, text));
}

static json_t *text_json(const char *value)
{
    return fault_blank(value) ? json_null() : json_string(value);
}

json_t *decision_to_json(const struct decision *d, const struct decision_words *words)
{
    return json_pack("{s:s,s:o,s:o,s:o,s:o,s:o,s:s?,s:o,s:o,s:o,s:o,s:o}", "risk", d->risk,
                     "notify_ap", answer_json(d->ap), "notify_customers", answer_json(d->customers),
                     "because", text_json(words->because), "ap_because",
                     text_json(words->ap_because), "customers_because",
                     text_json(words->customers_because), "exempt_ground", d->ground, "public_at",
                     instant_json(d->public_at), "public_where", text_json(words->public_where),
                     "assessed_at", instant_json(d->at), "enisa",
                     d->has_enisa ? enisa_to_json(&d->enisa) : json_null(), "enisa_quarters",
                     d->has_enisa ? json_integer(enisa_score(&d->enisa).se_quarters) : json_null());
}
