/* make_seeds DIR TARGET: writes the inputs the fuzzing of a target starts from, with the writers of
 * the program.  (smoke.sh adds conf/waarborg.conf.) */
#include <jansson.h>
#include <string.h>
#include <sys/stat.h>

#include "common/journal.h"
#include "common/memory.h"
#include "jobs/archive/journal_lines.h"
#include "jobs/archive/manifest.h"
#include "jobs/archive/segment_member.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/keys.h"

#define AT INT64_C(1790000000)
#define DIGITS "2223456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static char *seed_path(const char *dir, const char *name)
{
    return memory_format("%s/%s", dir, name);
}

static void store_seed(const char *dir, const char *name, const void *bytes, size_t length)
{
    CLEANUP(memory_release) char *path = seed_path(dir, name);
    fuzz_store(path, bytes, length, 0600);
}

/* ---- journal ---- */

static bool add_run(struct journal *j, struct error *err)
{
    json_t *fields = json_pack("{si ss ss ss ss si si si si si}", "run", 1, "policy", "p", "as_of",
                               "2026-11-22", "fingerprint", "f", "outcome", "done", "subjects", 9,
                               "rows", 9, "segments", 1, "blocked", 0, "held", 0);
    bool done = journal_append(j, AT, "run", fields, err);
    json_decref(fields);
    return done;
}

static bool add_padded(struct journal *j, struct error *err)
{
    json_t *fields = json_pack("{si}", "pad", 9);
    bool done = journal_append(j, AT, "other", fields, err);
    json_decref(fields);
    return done;
}

/* steps: one letter a line. */
static void add_lines(struct journal *j, const char *steps)
{
    const struct segment_line segment = {"s1", "p", "2026-09/a", DIGITS, DIGITS, 1, 1, 9, 9};
    const struct expire_line expire = {"s1", "p", DIGITS, 1, 9};
    const struct restore_line restore = {"s1", DIGITS, 1, 3};
    const struct hold_line hold = {7, "p", DIGITS, "claim", "2027-01-01"};
    for (const char *step = steps; *step != '\0'; step++) {
        struct error err = {0};
        bool done = true;
        switch (*step) {
        case 'k':
            done = journal_line_reference_key(j, AT, DIGITS, &err);
            break;
        case 's':
            done = journal_line_segment(j, AT, &segment, &err);
            break;
        case 'r':
            done = add_run(j, &err);
            break;
        case 'b':
            done = journal_line_restore(j, AT, &restore, &err);
            break;
        case 'h':
            done = journal_line_hold(j, AT, &hold, &err);
            break;
        case 'l':
            done = journal_line_release(j, AT, hold.hold_id, DIGITS, &err);
            break;
        case 'x':
            done = journal_line_expire(j, AT, &expire, &err);
            break;
        case 'e':
            done = journal_line_re_erase(j, AT, 1, &err);
            break;
        default:
            done = add_padded(j, &err);
        }
        REQUIRE(done, "%s", err.message);
    }
}

static void seed_journals(const char *dir)
{
    static const struct {
        const char *name, *steps, *torn;
    } seeds[] = {{"empty", "", ""},       {"one", "s", ""},
                 {"all", "ksrbhlxe", ""}, {"torn", "ks", "{\"seq\":3,\"a"},
                 {"padded", "sp-", ""},   {"twice", "sshhxxll", ""}};
    for (size_t i = 0; i < COUNT_OF(seeds); i++) {
        CLEANUP(memory_release) char *path = seed_path(dir, seeds[i].name);
        CLEANUP(journal_close) struct journal *j = NULL;
        CLEANUP(text_free) struct text file = {0};
        struct error err = {0};
        REQUIRE(journal_open(path, true, &j, &err), "%s", err.message);
        add_lines(j, seeds[i].steps);
        fuzz_load(path, &file);
        text_add(&file, seeds[i].torn);
        store_seed(dir, seeds[i].name, text_get(&file), file.length);
    }
}

/* ---- manifest ---- */

static const struct segment_column row_columns[] = {{"id", "bigint", false},
                                                    {"a \"b\"", "text", false}};
static const struct segment_column link_columns[] = {{"id", "bigint", true},
                                                     {"referred_by", "bigint", false}};

static struct manifest_input manifest_of(const struct segment_result *segment)
{
    static const char *const key[] = {"id"};
    static const char *const from[] = {"order"};
    static const struct manifest_edge edges[] = {
        {EDGE_FOLLOW, "klant", "note", from, "klant", "customer", key, 1},
        {EDGE_OWNED, "klant", "customer", from, "klant", "address", key, 1},
        {EDGE_DETACH, "klant", "customer", from, "klant", "customer", key, 1},
        {EDGE_OTHER, "klant", "note", from, "klant", "address", key, 1}};
    static const struct manifest_reference references[] = {{DIGITS, "7 years", "2026-11-22"},
                                                           {DIGITS, "2 years", "2026-11-01"}};
    return (struct manifest_input){.segment_id = "0011223344556677",
                                   .run_id = 3,
                                   .chain_no = 4,
                                   .created_at = AT,
                                   .policy = "klant",
                                   .policy_version = "1.0",
                                   .fingerprint = DIGITS,
                                   .as_of = "2026-11-22",
                                   .database_name = "the \"db\"",
                                   .system_identifier = "7301234567890123456",
                                   .server_version = "15.8",
                                   .timezone = "Europe/Amsterdam",
                                   .subject_schema = "klant",
                                   .subject_table = "customer",
                                   .key_columns = key,
                                   .key_column_count = 1,
                                   .segment = segment,
                                   .edges = edges,
                                   .edge_count = COUNT_OF(edges),
                                   .references = references,
                                   .reference_count = COUNT_OF(references),
                                   .previous_sha256 = DIGITS};
}

static void seed_manifest(const char *dir, const char *name, size_t members, bool sealed)
{
    struct segment_member_result all[] = {
        {.member = {SEGMENT_ROWS, "klant", "note", row_columns, 2}, .rows = 3, .bytes = 100},
        {.member = {SEGMENT_UNLINKED, "klant", "customer", link_columns, 2},
         .rows = 1,
         .bytes = 90},
        {.member = {SEGMENT_ROWS, "klant", "customer", row_columns, 1}, .rows = 2, .bytes = 80}};
    struct segment_result segment = {.members = all,
                                     .member_count = members,
                                     .bytes = 999,
                                     .plain_bytes = strlen(segment_prologue),
                                     .sha256 = DIGITS,
                                     .file_name = sealed ? "2026-a.sql.gz.cms" : "2026-a.sql.gz"};
    CLEANUP(text_free) struct text json = {0};
    CLEANUP(text_free) struct text epilogue = {0};
    struct error err = {0};
    for (size_t i = 0; i < members; i++) {
        memcpy(all[i].sha256, DIGITS, sizeof all[i].sha256);
        all[i].offset = segment.plain_bytes;
        all[i].compressed_offset = 100 * (i + 1);
        segment.plain_bytes += all[i].bytes;
        segment.rows += all[i].rows;
    }
    segment_epilogue(all, members, &epilogue);
    segment.plain_bytes += epilogue.length;
    struct manifest_input input = manifest_of(&segment);
    input.recipients = sealed ? fuzz_all_recipients() : NULL;
    if (members == 1) {
        input.chain_no = 1;
        input.previous_sha256 = MANIFEST_NO_PREVIOUS;
        input.system_identifier = NULL;
    }
    REQUIRE(manifest_format(&input, &json, &err), "%s", err.message);
    store_seed(dir, name, text_get(&json), json.length);
}

/* ---- seal ---- */

static void seed_sealed(const char *dir, const struct seal_recipients *to, const char *name,
                        size_t length)
{
    struct error err = {0};
    CLEANUP(text_free) struct text sealed = {0};
    CLEANUP(seal_writer_free) struct seal_writer *w = NULL;
    CLEANUP(memory_release) char *plain = memory_alloc(length + 1);
    CLEANUP(memory_release) char *file = memory_format("%s-%zu", name, length);
    for (size_t i = 0; i < length; i++)
        plain[i] = fuzz_plain_byte(i);
    REQUIRE(seal_writer_open(to, fuzz_sink, &sealed, &w, &err) &&
                seal_writer_add(w, plain, length, &err) && seal_writer_finish(w, &err),
            "%s", err.message);
    store_seed(dir, file, text_get(&sealed), sealed.length);
}

static void seed_seals(const char *dir)
{
    static const size_t lengths[] = {0, 1, 100, 5000};
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        seed_sealed(dir, fuzz_recipients(KEY_EC), "ec", lengths[i]);
        seed_sealed(dir, fuzz_recipients(KEY_RSA), "rsa", lengths[i]);
        seed_sealed(dir, fuzz_all_recipients(), "both", lengths[i]);
    }
}

/* ---- segment: decisions, not bytes of a file ---- */

static void seed_segments(const char *dir)
{
    /* members, damage count, level, [damage: kind, part, at, at, value]*, then for each member:
     * shape, names, rows */
    static const struct {
        const char *name;
        const char bytes[48];
        size_t length;
    } seeds[] = {
        {"nothing", "\x00\x00\x03", 3},
        {"one",
         "\x01\x00\x03\x00\x04\x00\x01\x00\x08"
         "1\t2\n3\t4\n",
         17},
        {"two",
         "\x02\x00\x06\x01\x04\x05\x00\x01\x00\x04"
         "1\t2\n\x42\x04\x05\x06\x02\x03\x00\x02"
         "7\n",
         24},
        {"sealed",
         "\xe1\x00\x03\x00\x04\x00\x01\x00\x08"
         "1\t2\n3\t4\n",
         17},
        {"large",
         "\x01\x00\x03\x80\x04\x00\x01\x00\x08"
         "1\t2\n3\t4\n\xff",
         18},
        {"damaged",
         "\x01\x01\x03\x01\x01\x00\x11\x20\x00\x04\x00\x01\x00\x08"
         "1\t2\n3\t4\n",
         22},
    };
    for (size_t i = 0; i < COUNT_OF(seeds); i++)
        store_seed(dir, seeds[i].name, seeds[i].bytes, seeds[i].length);
}

/* ---- config: beside conf/waarborg.conf ---- */

static const char small_file[] =
    "database = \"host=h password=x\";\n"
    "archive = { directory = \"/a\"; seal_to = [ ]; unsealed = true; keep = \"90 days\"; };\n"
    "evidence = { journal = \"/j\"; reference_key = \"/k\"; };\n"
    "policies = ( { name = \"p\"; version = \"1\"; legal_basis = \"law\";\n"
    "  subject = { table = \"s.t\"; key = [ \"id\" ]; };\n"
    "  rules = ( { name = \"r\"; window = \"7 years 1 day\"; start = \"calendar_year_end\";\n"
    "    clocks = ( { table = \"s.\\\"a b\\\"\"; ends = \"e\"; } ); } ); } );\n";

int main(int argc, char **argv)
{
    REQUIRE(argc == 3, "make_seeds DIR TARGET");
    const char *dir = argv[1];
    const char *target = argv[2];
    if (strcmp(target, "config") == 0)
        store_seed(dir, "small", small_file, strlen(small_file));
    if (strcmp(target, "journal") == 0)
        seed_journals(dir);
    if (strcmp(target, "segment") == 0)
        seed_segments(dir);
    if (strcmp(target, "seal") == 0)
        seed_seals(dir);
    if (strcmp(target, "manifest") == 0) {
        seed_manifest(dir, "nothing", 0, false);
        seed_manifest(dir, "first", 1, false);
        seed_manifest(dir, "three", 3, false);
        seed_manifest(dir, "sealed", 2, true);
    }
    return 0;
}
