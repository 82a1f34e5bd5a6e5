#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/columns.h"
#include "common/html.h"
#include "common/render_parts.h"

/* Across, a chart is measured in parts of its width, so that letters keep their size on a phone and
 * on paper; what would collide there is left out by the style sheet (.roomy, .tight).  Down, and
 * for letters, it is in pixels. */
enum {
    TOP = 20,
    BASE = 200, /* where the bars stand */
    LABEL_Y = 218,
    YEAR_Y = 234,
    HEIGHT = 242,
    LETTER = 7, /* a wide one of the axis; the style sheet makes them 12 pixels high */
    GAP = 6,
    ROOMY = 600, /* pixels across at least, outside phones */
    TIGHT = 250, /* on a phone */
    FEWEST = 8,  /* fewer bars do not get wider than so many */
    MOST = 366,
    TICKS = 5,
    LONGEST_LABEL = 14, /* letters */
};
static const int64_t LARGEST_VALUE = INT64_C(1000000000000000); /* sums of these fit */

struct chart {
    const struct document *d;
    const struct document_part *part;
    const struct document_field *label, *series[DOCUMENT_SERIES];
    size_t count, series_count;
    size_t slots;      /* places for bars */
    int64_t step, top; /* of the axis */
};

static const struct document_field *find_field(const struct document_part *part, const char *key)
{
    for (const struct document_field *f = part->shape->fields; f->key != NULL; f++)
        if (strcmp(f->key, key) == 0)
            return f;
    return NULL;
}

static int64_t value_at(const struct chart *c, size_t series, size_t bar)
{
    const json_t *row = json_array_get(c->part->rows, bar);
    int64_t value = json_integer_value(json_object_get(row, c->series[series]->key));
    return value < 0 ? 0 : value;
}

static int64_t bar_total(const struct chart *c, size_t bar)
{
    int64_t total = 0;
    for (size_t s = 0; s < c->series_count; s++)
        total += value_at(c, s, bar);
    return total;
}

static bool chart_open(struct chart *c)
{
    const struct document_chart *shape = c->part->shape->chart;
    int64_t largest = 0;
    c->label = find_field(c->part, shape->label);
    while (c->series_count < DOCUMENT_SERIES && shape->series[c->series_count] != NULL) {
        c->series[c->series_count] = find_field(c->part, shape->series[c->series_count]);
        if (c->series[c->series_count++] == NULL)
            return false;
    }
    c->count = json_array_size(c->part->rows);
    c->slots = c->count < FEWEST ? FEWEST : c->count;
    if (c->label == NULL || c->count > MOST)
        return false;
    for (size_t bar = 0; bar < c->count; bar++) {
        for (size_t s = 0; s < c->series_count; s++)
            if (value_at(c, s, bar) > LARGEST_VALUE)
                return false;
        largest = bar_total(c, bar) > largest ? bar_total(c, bar) : largest;
    }
    /* 1, 2, 5, 10, 20, 50, ... */
    c->step = 1;
    for (int digit = 0; largest / c->step >= TICKS; digit++)
        c->step = digit % 3 == 1 ? c->step / 2 * 5 : c->step * 2;
    c->top = (largest + c->step - 1) / c->step * c->step;
    return largest > 0;
}

/* ---- words ---- */

static void add_number(struct text *out, const struct chart *c, int64_t value)
{
    static const struct document_field count = {.type = DOCUMENT_COUNT};
    CLEANUP(json_decrefp) json_t *number = json_integer(value);
    document_show(c->d, &count, number, out);
}

static void add_label(struct text *out, const struct chart *c, size_t bar)
{
    const json_t *row = json_array_get(c->part->rows, bar);
    document_show(c->d, c->label, json_object_get(row, c->label->key), out);
}

static const char *series_title(const struct chart *c, size_t series)
{
    return document_words(c->d, c->series[series]->title);
}

static void describe_series(struct text *out, const struct chart *c, size_t series)
{
    int64_t sum = 0;
    size_t largest = 0;
    for (size_t bar = 0; bar < c->count; bar++) {
        sum += value_at(c, series, bar);
        if (value_at(c, series, bar) > value_at(c, series, largest))
            largest = bar;
    }
    text_addf(out, " %s: %s ", series_title(c, series), render_word(c->d, LABEL_TOGETHER));
    add_number(out, c, sum);
    text_addf(out, ", %s ", render_word(c->d, LABEL_LARGEST));
    add_number(out, c, value_at(c, series, largest));
    text_add(out, " (");
    add_label(out, c, largest);
    text_addf(out, "), %s ", render_word(c->d, LABEL_FIRST));
    add_number(out, c, value_at(c, series, 0));
    text_addf(out, ", %s ", render_word(c->d, LABEL_LAST));
    add_number(out, c, value_at(c, series, c->count - 1));
    text_add(out, ".");
}

/* What somebody who cannot see the bars wants to know; the table behind has the rest. */
static void add_description(struct text *out, const struct chart *c)
{
    CLEANUP(text_free) struct text words = {0};
    if (c->count > 1) {
        text_addf(&words, "%zu %s, ", c->count, render_word(c->d, LABEL_BARS));
        add_label(&words, c, 0);
        text_addf(&words, " %s ", render_word(c->d, LABEL_TO));
    }
    add_label(&words, c, c->count - 1);
    text_add(&words, ".");
    for (size_t s = 0; s < c->series_count; s++)
        describe_series(&words, c, s);
    html_escape(out, text_get(&words));
}

/* ---- shapes ---- */

static const char *tone_class(const struct chart *c, size_t series)
{
    static const char *const classes[] = {[TONE_PLAIN] = "plain",
                                          [TONE_GOOD] = "good",
                                          [TONE_ATTENTION] = "attention",
                                          [TONE_BAD] = "bad"};
    return classes[c->part->shape->chart->tones[series]];
}

/* Series differ by pattern as well: colours do not survive every printer, nor every eye. */
static void add_patterns(struct text *out, const struct chart *c)
{
    static const char *const marks[DOCUMENT_SERIES] = {
        "", "<path d=\"M-1 1l2-2M0 6l6-6M5 7l2-2\"/>", "<path d=\"M0 1.5h3M3 4.5h3\"/>",
        "<path d=\"M3 0v6M0 3h6\"/>"};
    text_add(out, "<defs>");
    for (size_t s = 1; s < c->series_count && s < COUNT_OF(marks); s++)
        text_addf(out,
                  "<pattern id=\"%s-p%zu\" class=\"%s\" width=\"6\" height=\"6\" "
                  "patternUnits=\"userSpaceOnUse\"><rect width=\"6\" height=\"6\"/>%s</pattern>",
                  c->part->shape->key, s, tone_class(c, s), marks[s]);
    text_add(out, "</defs>\n");
}

static void add_fill(struct text *out, const struct chart *c, size_t series)
{
    text_addf(out, " class=\"bar %s\"", tone_class(c, series));
    if (series > 0)
        text_addf(out, " fill=\"url(#%s-p%zu)\"", c->part->shape->key, series);
}

static double height_of(const struct chart *c, int64_t value)
{
    return (double)(BASE - TOP) * (double)value / (double)c->top;
}

static void add_axis(struct text *out, const struct chart *c)
{
    for (int64_t tick = 0; tick <= c->top; tick += c->step) {
        double y = BASE - height_of(c, tick);
        text_addf(out,
                  "<line class=\"%s\" x1=\"0\" x2=\"100%%\" y1=\"%.1f\" y2=\"%.1f\"/>"
                  "<text x=\"-8\" y=\"%.1f\" text-anchor=\"end\">",
                  tick == 0 ? "base" : "tick", y, y, y + 4);
        add_number(out, c, tick);
        text_add(out, "</text>\n");
    }
}

static double middle_of(const struct chart *c, size_t bar)
{
    return ((double)bar + 0.5) * 100 / (double)c->slots;
}

static void add_bar(struct text *out, const struct chart *c, size_t bar)
{
    double slot = 100.0 / (double)c->slots, y = BASE;
    for (size_t s = 0; s < c->series_count; s++) {
        CLEANUP(text_free) struct text tip = {0};
        int64_t value = value_at(c, s, bar);
        if (value == 0)
            continue;
        y -= height_of(c, value);
        text_add(out, "<rect");
        add_fill(out, c, s);
        text_addf(out, " x=\"%.3f%%\" width=\"%.3f%%\" y=\"%.1f\" height=\"%.1f\"><title>",
                  ((double)bar + 0.16) * slot, 0.68 * slot, y, height_of(c, value));
        add_label(&tip, c, bar);
        text_addf(&tip, ", %s: ", series_title(c, s));
        add_number(&tip, c, value);
        html_escape(out, text_get(&tip));
        text_add(out, "</title></rect>\n");
    }
}

/* ---- letters that do not collide ---- */

struct room {
    bool roomy, tight; /* is there room for it, on a screen or on paper, and on a phone? */
};

static void add_letters(struct text *out, const struct room *room, double x, double y,
                        const char *letters)
{
    if (!room->roomy && !room->tight)
        return;
    text_addf(out, "<text%s x=\"%.3f%%\" y=\"%.1f\" text-anchor=\"middle\">",
              room->roomy && room->tight ? ""
              : room->roomy              ? " class=\"roomy\""
                                         : " class=\"tight\"",
              x, y);
    html_escape(out, letters);
    text_add(out, "</text>\n");
}

static void add_totals(struct text *out, const struct chart *c)
{
    size_t widest = 0;
    for (size_t bar = 0; bar < c->count; bar++) {
        CLEANUP(text_free) struct text number = {0};
        add_number(&number, c, bar_total(c, bar));
        widest = number.length > widest ? number.length : widest;
    }
    size_t need = (widest * LETTER + GAP) * c->slots;
    struct room room = {.roomy = need <= ROOMY, .tight = need <= TIGHT};
    for (size_t bar = 0; bar < c->count; bar++) {
        CLEANUP(text_free) struct text number = {0};
        add_number(&number, c, bar_total(c, bar));
        add_letters(out, &room, middle_of(c, bar), BASE - height_of(c, bar_total(c, bar)) - 5,
                    text_get(&number));
    }
}

/* "Nov 2026" and "23 Nov 2026" are split before the year; other labels are cut where they are too
 * long.  Both are emptied first. */
static void split_label(const struct chart *c, size_t bar, struct text *ret_label,
                        struct text *ret_year)
{
    CLEANUP(text_free) struct text whole = {0}, shown = {0};
    text_clear(ret_label);
    text_clear(ret_year);
    add_label(&whole, c, bar);
    const char *blank = strrchr(text_get(&whole), ' ');
    if ((c->label->type == DOCUMENT_MONTH || c->label->type == DOCUMENT_DATE) && blank != NULL) {
        text_add_bytes(ret_label, whole.data, (size_t)(blank - whole.data));
        text_add(ret_year, blank + 1);
        return;
    }
    size_t width = columns_escape(&shown, text_get(&whole), false);
    const char *at = text_get(&shown);
    if (width <= LONGEST_LABEL) {
        text_add(ret_label, at);
        return;
    }
    struct columns_line line = columns_next(&at, LONGEST_LABEL - 1);
    text_add_bytes(ret_label, line.at, line.length);
    text_add(ret_label, "…");
}

/* Every how many bars there is room for a label; a multiple of `of`, and one that hits the same
 * months every year. */
static size_t stride_for(const struct chart *c, size_t letters, size_t pixels, size_t of)
{
    static const size_t strides[] = {1, 2, 3, 4, 6, 12, 24, 36, 60, 120, 366};
    for (size_t i = 0; i < COUNT_OF(strides); i++)
        if (strides[i] % of == 0 && (letters * LETTER + GAP) * c->slots <= pixels * strides[i])
            return strides[i];
    return MOST;
}

static size_t widest_label(const struct chart *c)
{
    CLEANUP(text_free) struct text label = {0}, year = {0};
    size_t widest = 0;
    for (size_t bar = 0; bar < c->count; bar++) {
        CLEANUP(text_free) struct text unused = {0};
        split_label(c, bar, &label, &year);
        size_t width = columns_escape(&unused, text_get(&label), false);
        width = year.length > width ? year.length : width;
        widest = width > widest ? width : widest;
    }
    return widest;
}

/* A year is written where it is another than at the label before. */
static bool is_new_year(struct text *last, const struct text *year)
{
    if (year->length == 0 || strcmp(text_get(last), text_get(year)) == 0)
        return false;
    text_clear(last);
    text_add(last, text_get(year));
    return true;
}

static void add_labels(struct text *out, const struct chart *c)
{
    CLEANUP(text_free) struct text label = {0}, year = {0}, last_roomy = {0}, last_tight = {0};
    size_t letters = widest_label(c);
    size_t roomy = stride_for(c, letters, ROOMY, 1);
    size_t tight = stride_for(c, letters, TIGHT, roomy);
    for (size_t bar = 0; bar < c->count; bar += roomy) {
        struct room here = {.roomy = true, .tight = bar % tight == 0};
        split_label(c, bar, &label, &year);
        struct room years = {.roomy = is_new_year(&last_roomy, &year),
                             .tight = here.tight && is_new_year(&last_tight, &year)};
        add_letters(out, &here, middle_of(c, bar), LABEL_Y, text_get(&label));
        add_letters(out, &years, middle_of(c, bar), YEAR_Y, text_get(&year));
    }
}

static void add_legend(struct text *out, const struct chart *c)
{
    text_add(out, "<ul class=\"legend\">");
    for (size_t s = 0; s < c->series_count; s++) {
        text_add(out, "<li><svg aria-hidden=\"true\" width=\"14\" height=\"14\"><rect");
        add_fill(out, c, s);
        text_add(out, " x=\"1\" y=\"1\" width=\"12\" height=\"12\"/></svg> ");
        html_escape(out, series_title(c, s));
        text_add(out, "</li>");
    }
    text_add(out, "</ul>\n");
}

void render_chart(struct text *out, const struct document *d, const struct document_part *part)
{
    CLEANUP(columns_leave) struct columns_scope scope = columns_enter();
    CLEANUP(text_free) struct text widest = {0};
    struct chart c = {.d = d, .part = part};
    const char *key = part->shape->key;
    if (part->shape->chart == NULL || !chart_open(&c))
        return;
    add_number(&widest, &c, c.top);
    text_addf(out, "<figure>\n<figcaption>");
    html_escape(out, document_words(d, part->shape->chart->title));
    text_addf(out,
              "</figcaption>\n<svg class=\"chart\" role=\"img\" height=\"%d\" "
              "aria-labelledby=\"%s-chart %s-words\" style=\"--axis: %zupx\">\n"
              "<title id=\"%s-chart\">",
              HEIGHT, key, key, widest.length * LETTER + GAP + 8, key);
    html_escape(out, document_words(d, part->shape->chart->title));
    text_addf(out, "</title>\n<desc id=\"%s-words\">", key);
    add_description(out, &c);
    text_add(out, "</desc>\n");
    add_patterns(out, &c);
    add_axis(out, &c);
    for (size_t bar = 0; bar < c.count; bar++)
        add_bar(out, &c, bar);
    add_totals(out, &c);
    add_labels(out, &c);
    text_add(out, "</svg>\n");
    add_legend(out, &c);
    text_add(out, "</figure>\n");
}
