/* standing: how one breach stands after a command changed it: its clocks, and what is still to be
 * done.  Never logs. */
#pragma once

#include "jobs/breach/clock_view.h"
#include "jobs/breach/duty.h"

struct standing {
    struct clock_view_list clocks;
    struct duty_list duties;
};

MUST_CHECK bool standing_load(struct db *db, const char *reference, int64_t now,
                              struct standing *ret, struct error *err);
void standing_free(struct standing *s);

/* The lines of the clocks, then "Still to be done:" with the duties and their commands. */
void standing_print(FILE *out, const struct standing *s, int64_t now);

/* Sets the members "clocks" and "duties". */
void standing_add_json(json_t *object, const struct standing *s, int64_t now);

/* One "Warning: ..." a line of warnings, or for JSON an array of them (the caller's). */
void standing_print_warnings(FILE *out, const struct text *warnings);
json_t *standing_warnings_json(const struct text *warnings);
