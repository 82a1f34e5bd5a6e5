/* render_sample: a document of one section, from JSON, rendered; for the tests of the renderer. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/cleanup.h"
#include "common/memory.h"
#include "common/render.h"

static const struct document_code sample_states[] = {{"in_time", {"in time", "op tijd"}, TONE_GOOD},
                                                     {"late", {"late", "te laat"}, TONE_BAD},
                                                     {.code = NULL}};

/* A column of each type, named after it. */
static const struct document_field sample_fields[] = {
    {.key = "text", .title = {"text", "tekst"}, .type = DOCUMENT_TEXT},
    {.key = "count", .title = {"count", "aantal"}, .type = DOCUMENT_COUNT},
    {.key = "number", .title = {"number", "getal"}, .type = DOCUMENT_NUMBER},
    {.key = "bytes", .title = {"bytes", "omvang"}, .type = DOCUMENT_BYTES},
    {.key = "seconds", .title = {"seconds", "duur"}, .type = DOCUMENT_SECONDS},
    {.key = "days", .title = {"days", "dagen"}, .type = DOCUMENT_DAYS},
    {.key = "date", .title = {"date", "datum"}, .type = DOCUMENT_DATE},
    {.key = "month", .title = {"month", "maand"}, .type = DOCUMENT_MONTH},
    {.key = "instant", .title = {"instant", "tijdstip"}, .type = DOCUMENT_INSTANT},
    {.key = "yes_no", .title = {"yes or no", "ja of nee"}, .type = DOCUMENT_YES_NO},
    {.key = "code",
     .title = {"code", "code"},
     .type = DOCUMENT_CODE,
     .codes = sample_states,
     .labels = NULL},
    {.key = "label", .title = {"label", "label"}, .type = DOCUMENT_CODE, .labels = "places"},
    {.key = "digest", .title = {"digest", "controlegetal"}, .type = DOCUMENT_DIGEST},
    {.key = NULL}};

/* Two columns, for what has to be read in a glance. */
static const struct document_field pair_fields[] = {
    {.key = "name", .title = {"name", "naam"}, .type = DOCUMENT_TEXT},
    {.key = "count", .title = {"count", "aantal"}, .type = DOCUMENT_COUNT},
    {.key = NULL}};

static const struct document_section sample_table = {
    .key = "sample", .title = {"Sample", "Proef"}, .kind = DOCUMENT_TABLE, .fields = sample_fields};
static const struct document_section sample_pairs = {
    .key = "pairs", .title = {"Pairs", "Paren"}, .kind = DOCUMENT_TABLE, .fields = pair_fields};
static const struct document_section sample_records = {.key = "records",
                                                       .title = {"Records", "Dossiers"},
                                                       .kind = DOCUMENT_RECORDS,
                                                       .fields = pair_fields};
static const struct document_section sample_figures = {.key = "figures",
                                                       .title = {"Figures", "Cijfers"},
                                                       .kind = DOCUMENT_FIGURES,
                                                       .fields = pair_fields};

/* rows: JSON; without bytes that are no UTF-8. */
static inline json_t *sample_rows(const char *rows)
{
    json_error_t fault;
    json_t *value = json_loads(rows, JSON_DECODE_ANY, &fault);
    if (value == NULL)
        fail_msg("no JSON: %s: %s", fault.text, rows);
    return value;
}

static inline struct document sample_document(enum document_language language)
{
    return (struct document){.name = "sample",
                             .title = {"A sample", "Een proef"},
                             .language = language,
                             .organisation = "Proefbedrijf B.V.",
                             .program = "waarborg 0.0.0",
                             .timezone = "Europe/Amsterdam",
                             .from = "2026-01-01",
                             .to = "2026-11-22",
                             .as_of = "2026-11-23",
                             .labels = sample_rows("{\"places\": {\"nl\": \"Nederland\"}}")};
}

/* The section alone; allocated. */
static inline char *sample_section(enum render_format format, enum document_language language,
                                   size_t width, const struct document_section *shape,
                                   const char *rows)
{
    struct text out = {0};
    CLEANUP(document_free) struct document d = sample_document(language);
    document_add(&d, shape, sample_rows(rows));
    render_document(
        &out, format,
        &(struct render_options){.document = &d, .section = shape->key, .width = width});
    return text_take(&out);
}
