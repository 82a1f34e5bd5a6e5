/* settings_file: a configuration file for one test, the smallest good one with one thing changed.
 * Included after cmocka.h. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/memory.h"
#include "jobs/settings/settings.h"

/* Line numbers matter to the cases. */
static const char good_file[] = "archive = {\n"
                                "  directory = \"/a\";\n"
                                "  seal_to = [ \"/fg.crt\" ];\n"
                                "  keep = \"90 days\";\n"
                                "};\n"
                                "evidence = { journal = \"/j\";\n"
                                "  reference_key = \"/k\"; };\n"
                                "run = { batch = 10; };\n"
                                "policies = ( {\n"
                                "  name = \"p\"; version = \"1\";\n"
                                "  legal_basis = \"law\";\n"
                                "  subject = { table = \"s.t\"; key = [ \"id\" ]; };\n"
                                "  rules = ( { name = \"r\";\n"
                                "    window = \"7 years\"; start = \"exact\";\n"
                                "    clocks = ( { table = \"s.a\"; ends = \"e\"; } );\n"
                                "    requires = [ \"s.a\" ]; } );\n"
                                "  links = ( { table = \"s.v\"; columns = [ \"c\" ];\n"
                                "    references = \"s.t\"; to = [ \"id\" ]; } );\n"
                                "  owns = [ \"s.o\" ];\n"
                                "  detach = [ \"s.t.r\" ];\n"
                                "  outside = [ \"s.x\" ];\n"
                                "} );\n";

struct loaded {
    char path[64];
    struct settings settings;
    struct text faults;
    struct error err;
    bool good;
};

static inline void unload(struct loaded *l)
{
    unlink(l->path);
    settings_free(&l->settings);
    text_free(&l->faults);
}

static inline void load(struct loaded *l, const char *content, unsigned mode)
{
    *l = (struct loaded){.path = "/tmp/waarborg-test-XXXXXX"};
    int fd = mkstemp(l->path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content, strlen(content)), (ssize_t)strlen(content));
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
    l->good = settings_load(l->path, &l->settings, &l->faults, &l->err);
}

/* good_file with the first `find` replaced; find "" puts `replace` in front. */
static inline char *changed(const char *find, const char *replace)
{
    const char *at = strstr(good_file, find);
    assert_non_null(at);
    return memory_format("%.*s%s%s", (int)(at - good_file), good_file, replace, at + strlen(find));
}

static inline void load_changed(struct loaded *l, const char *find, const char *replace,
                                unsigned mode)
{
    CLEANUP(memory_release) char *content = changed(find, replace);
    load(l, content, mode);
}

static inline size_t count_lines(const char *text)
{
    size_t lines = 0;
    for (; *text != '\0'; text++)
        lines += *text == '\n';
    return lines;
}

struct fault_case {
    const char *name, *find, *replace;
    const char *faults[3]; /* what follows the file's name, each in a line of its own */
};

static inline void check_fault_case(const struct fault_case *c)
{
    CLEANUP(unload) struct loaded l;
    size_t expected = 0;
    load_changed(&l, c->find, c->replace, 0644);
    assert_false(l.good);
    assert_int_equal(l.err.kind, ERR_USAGE);
    assert_null(l.settings.path);
    for (; expected < COUNT_OF(c->faults) && c->faults[expected] != NULL; expected++) {
        CLEANUP(memory_release) char *line = memory_format("%s%s", l.path, c->faults[expected]);
        const char *at = strstr(text_get(&l.faults), line);
        if (at == NULL || (at != text_get(&l.faults) && at[-1] != '\n'))
            fail_msg("no line '%s' in:\n%s", line, text_get(&l.faults));
    }
    if (count_lines(text_get(&l.faults)) != expected)
        fail_msg("more or fewer than %zu in:\n%s", expected, text_get(&l.faults));
    CLEANUP(memory_release) char *count = memory_format(" has %zu fault", expected);
    assert_non_null(strstr(l.err.message, count));
}

/* Each case: refused with ERR_USAGE, with these faults and no others. */
static inline void check_fault_cases(const struct fault_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        print_message("case: %s\n", cases[i].name);
        check_fault_case(&cases[i]);
    }
}
