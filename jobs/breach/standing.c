#include "jobs/breach/standing.h"

#include <string.h>

#include "jobs/breach/page.h"

bool standing_load(struct db *db, const char *reference, int64_t now, struct standing *ret,
                   struct error *err)
{
    CLEANUP(clock_view_free) struct clock_view_list clocks = {0};
    if (!clock_view_load(db, reference, &clocks, err) ||
        !duty_load(db, reference, now, &ret->duties, err))
        return false;
    ret->clocks = clocks;
    clocks = (struct clock_view_list){0};
    return true;
}

void standing_free(struct standing *s)
{
    clock_view_free(&s->clocks);
    duty_free(&s->duties);
}

void standing_print(FILE *out, const struct standing *s, int64_t now)
{
    clock_view_print(out, &s->clocks, now);
    if (s->duties.count == 0)
        return;
    fprintf(out, "Still to be done:\n");
    duty_print(out, &s->duties);
}

void standing_add_json(json_t *object, const struct standing *s, int64_t now)
{
    json_object_set_new(object, "clocks", clock_view_list_to_json(&s->clocks, now));
    json_object_set_new(object, "duties", duty_to_json(&s->duties));
}

void standing_print_warnings(FILE *out, const struct text *warnings)
{
    const char *at = text_get(warnings);
    while (*at != '\0') {
        CLEANUP(text_free) struct text line = {0};
        size_t length = strcspn(at, "\n");
        text_add(&line, "Warning: ");
        text_add_bytes(&line, at, length);
        page_text(out, 0, text_get(&line));
        at += length + (at[length] == '\n');
    }
}

json_t *standing_warnings_json(const struct text *warnings)
{
    json_t *all = json_array();
    const char *at = text_get(warnings);
    while (*at != '\0') {
        size_t length = strcspn(at, "\n");
        json_array_append_new(all, json_stringn(at, length));
        at += length + (at[length] == '\n');
    }
    return all;
}
