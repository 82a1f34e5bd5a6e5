/* dates: local dates from and against their text, for the tests that count with them. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "jobs/settings/rule_date.h"

static inline struct local_date date(const char *text)
{
    struct error err = {0};
    struct local_date value = {0};
    if (!local_date_parse(text, &value, &err))
        fail_msg("%s", err.message);
    return value;
}

static inline void assert_date(struct local_date value, const char *expect)
{
    char text[11];
    local_date_format(value, text);
    assert_string_equal(text, expect);
}
