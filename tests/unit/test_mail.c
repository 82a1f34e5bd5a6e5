/* A mail as text: what is made is read back by GMime and looked at line by line; what is refused
 * names its field and quotes nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <gmime/gmime.h>

#include "common/mail.h"
#include "common/mail_library.h"
#include "common/memory.h"

static const struct mail_box recipient = {NULL, "jan@example.nl"};

static struct mail good(void)
{
    return (struct mail){.from = {"Security desk", "security@example.org"},
                         .to = &recipient,
                         .to_count = 1,
                         .subject = "A letter",
                         .body = "Hello.\n",
                         .message_id = "DL-2026-0007.letter.1@example.org",
                         .date = 1792760400}; /* 2026-10-23 13:00 UTC */
}

static void format(const struct mail *mail, struct text *ret)
{
    struct error err = {0};
    if (!mail_format(mail, ret, &err))
        fail_msg("refused: %s", err.message);
}

/* Also: ASCII, lines of at most 998, no CR, no line that a mailbox takes for a separator. */
static GMimeMessage *read_back(const struct text *message)
{
    const char *line = text_get(message);
    assert_int_equal(strlen(line), message->length);
    assert_int_equal(line[message->length - 1], '\n');
    for (size_t length; *line != '\0'; line += length + 1) {
        length = strcspn(line, "\n");
        assert_true(length <= 998);
        assert_false(strncmp(line, "From ", 5) == 0);
        for (size_t i = 0; i < length; i++)
            assert_true(line[i] == '\t' || (line[i] >= ' ' && line[i] < 0x7f));
    }
    mail_library_start();
    CLEANUP(mail_library_release)
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(message->data, message->length);
    CLEANUP(mail_library_release) GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeMessage *read = g_mime_parser_construct_message(parser, NULL);
    assert_non_null(read);
    return read;
}

static void expect_header(GMimeMessage *message, const char *name, const char *value)
{
    const char *actual = g_mime_object_get_header(GMIME_OBJECT(message), name);
    if (value == NULL) {
        assert_null(actual);
        return;
    }
    assert_non_null(actual);
    assert_string_equal(actual, value);
}

/* Found in the raw text as a whole line. */
static void expect_line(const struct text *message, const char *line)
{
    CLEANUP(memory_release) char *whole = memory_format("\n%s\n", line);
    CLEANUP(memory_release) char *text = memory_format("\n%s", text_get(message));
    if (strstr(text, whole) == NULL)
        fail_msg("no line '%s' in:%s", line, text);
}

static void test_whole_mail(void **state)
{
    (void)state;
    setenv("TZ", "Europe/Amsterdam", 1);
    tzset();
    struct mail mail = good();
    const struct mail_box two[] = {{"Jan Jansen", "jan@example.nl"}, {"", "piet@example.nl"}};
    const struct mail_header extra[] = {{"X-Waarborg", "remind"}};
    mail.to = two;
    mail.to_count = 2;
    mail.reply_to = (struct mail_box){NULL, "dpo@example.org"};
    mail.in_reply_to = "DL-2026-0007.first@example.org";
    mail.language = "nl";
    mail.auto_generated = true;
    mail.headers = extra;
    mail.header_count = 1;
    CLEANUP(text_free) struct text message = {0};
    format(&mail, &message);
    expect_line(&message, "From: Security desk <security@example.org>");
    expect_line(&message, "Reply-To: dpo@example.org");
    expect_line(&message, "To: Jan Jansen <jan@example.nl>, piet@example.nl");
    expect_line(&message, "Subject: A letter");
    expect_line(&message, "Date: Fri, 23 Oct 2026 15:00:00 +0200");
    expect_line(&message, "Message-Id: <DL-2026-0007.letter.1@example.org>");
    expect_line(&message, "In-Reply-To: <DL-2026-0007.first@example.org>");
    expect_line(&message, "References: <DL-2026-0007.first@example.org>");
    expect_line(&message, "Auto-Submitted: auto-generated");
    expect_line(&message, "X-Waarborg: remind");
    expect_line(&message, "MIME-Version: 1.0");
    expect_line(&message, "Content-Type: text/plain; charset=utf-8");
    expect_line(&message, "Content-Language: nl");
    expect_line(&message, "Content-Transfer-Encoding: quoted-printable");
    expect_line(&message, "Hello.");
}

static void test_offset_of_the_day(void **state)
{
    static const struct {
        const char *zone, *date;
        int64_t instant;
    } cases[] = {
        {"Europe/Amsterdam", "Date: Sun, 25 Oct 2026 02:30:00 +0200", 1792888200},
        {"Europe/Amsterdam", "Date: Sun, 25 Oct 2026 02:30:00 +0100", 1792891800},
        {"UTC", "Date: Sun, 25 Oct 2026 01:30:00 +0000", 1792891800},
        {"America/St_Johns", "Date: Sat, 24 Oct 2026 23:00:00 -0230", 1792891800},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        setenv("TZ", cases[i].zone, 1);
        tzset();
        struct mail mail = good();
        mail.date = cases[i].instant;
        CLEANUP(text_free) struct text message = {0};
        format(&mail, &message);
        expect_line(&message, cases[i].date);
    }
}

static char *repeated(const char *piece, size_t times)
{
    struct text t = {0};
    for (size_t i = 0; i < times; i++)
        text_add(&t, piece);
    return text_take(&t);
}

/* Folding is white space: a name that was folded is read with other white space. */
static void expect_same_words(const char *actual, const char *expected)
{
    assert_non_null(actual);
    while (*actual != '\0' || *expected != '\0') {
        size_t length = strcspn(actual, " \t\n");
        assert_int_equal(length, strcspn(expected, " "));
        assert_memory_equal(actual, expected, length);
        actual += length + strspn(actual + length, " \t\n");
        expected += length + strspn(expected + length, " ");
    }
}

static void check_round_trip(const char *name, const char *subject, const char *body)
{
    struct mail mail = good();
    CLEANUP(text_free) struct text message = {0};
    mail.from.name = name;
    mail.subject = subject;
    mail.body = body;
    format(&mail, &message);
    CLEANUP(mail_library_release) GMimeMessage *read = read_back(&message);
    assert_string_equal(g_mime_message_get_subject(read), subject);
    InternetAddress *from = internet_address_list_get_address(g_mime_message_get_from(read), 0);
    expect_same_words(internet_address_get_name(from), name);
    assert_string_equal(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(from)),
                        mail.from.address);
    assert_int_equal(internet_address_list_length(g_mime_message_get_from(read)), 1);
    CLEANUP(memory_release)
    char *text = g_mime_text_part_get_text(GMIME_TEXT_PART(g_mime_message_get_mime_part(read)));
    CLEANUP(memory_release)
    char *whole = memory_format("%s%s", body, body[strlen(body) - 1] == '\n' ? "" : "\n");
    assert_string_equal(text, whole);
}

static void test_round_trips(void **state)
{
    static const struct {
        const char *label, *name, *subject, *body;
    } cases[] = {
        {"letters outside ASCII", "Zoë Brontë", "Datalek: é, € en 🔒", "Beste Zoë,\n\n€ 5 é\n"},
        {"another alphabet", "Информация", "данные", "Здравствуйте\n"},
        {"marks that mean something in a header", "Jansen, \"Jan\" (IT) <x@y.z>; \\ :@",
         "a: b, <c> (d) \"e\" ; =? ?=", "x\n"},
        {"dots, separators, signs of QP", "N", "s",
         ".\n..\n.x\nFrom me\n>From you\n=41\n--\n-- \nFrom "},
        {"blanks at the end of lines", "N", "s", "a \nb\t\n \n\n\nc\n"},
        {"no line feed at the end", "N", "s", "x"},
        {"headers in the text", "N", "s", "\nBcc: x@example.org\n\n\n"},
        {"control characters in the text", "N", "s", "a\001b\033[2Jc\f\n"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        print_message("case: %s\n", cases[i].label);
        check_round_trip(cases[i].name, cases[i].subject, cases[i].body);
    }
}

static void test_long_ones(void **state)
{
    (void)state;
    static const char *const pieces[] = {"x", "é",   "word ", "een woord, é ", "€", "From ",
                                         ".", "== ", "🔒"};
    for (size_t i = 0; i < COUNT_OF(pieces); i++) {
        print_message("case: %s\n", pieces[i]);
        size_t length = strlen(pieces[i]);
        CLEANUP(memory_release) char *name = repeated(pieces[i], 299 / length);
        CLEANUP(memory_release) char *subject = repeated(pieces[i], 599 / length);
        CLEANUP(memory_release) char *body = repeated(pieces[i], 100000 / length);
        /* Blanks at an end are not kept in a header. */
        g_strchomp(name);
        g_strchomp(subject);
        check_round_trip(name, subject, body);
    }
}

static void test_carriage_returns(void **state)
{
    (void)state;
    struct mail mail = good();
    CLEANUP(text_free) struct text message = {0};
    mail.body = "one\r\ntwo\r\n";
    format(&mail, &message);
    expect_line(&message, "one");
    expect_line(&message, "two");
}

static void test_many_recipients(void **state)
{
    (void)state;
    struct mail_box boxes[MAIL_MAX_RECIPIENTS];
    for (size_t i = 0; i < COUNT_OF(boxes); i++)
        boxes[i] = (struct mail_box){"Een zéér lange naam van een geadresseerde",
                                     "een.lang.adres.van.een.geadresseerde@example.org"};
    struct mail mail = good();
    CLEANUP(text_free) struct text message = {0};
    mail.to = boxes;
    mail.to_count = COUNT_OF(boxes);
    format(&mail, &message);
    CLEANUP(mail_library_release) GMimeMessage *read = read_back(&message);
    assert_int_equal(internet_address_list_length(g_mime_message_get_to(read)), COUNT_OF(boxes));
    expect_header(read, "In-Reply-To", NULL);
    expect_header(read, "Auto-Submitted", NULL);
}

/* ---- What is refused ---- */

#define SECRET "geheim"

static void expect_refused(const struct mail *mail, const char *fault)
{
    struct error err = {0};
    struct text message = {0};
    if (mail_format(mail, &message, &err))
        fail_msg("accepted; expected: %s", fault);
    assert_int_equal(err.kind, ERR_USAGE);
    assert_int_equal(message.length, 0);
    assert_string_equal(err.message, fault);
    assert_null(strstr(err.message, SECRET));
}

static void test_injection(void **state)
{
    static const char *const tails[] = {"\nBcc: x@y.z",
                                        "\rBcc: x@y.z",
                                        "\r\nBcc: x@y.z",
                                        "\n\nbody",
                                        "\v",
                                        "\x7f",
                                        "\xc2\x85"
                                        "Bcc: x@y.z",
                                        "\xe2\x80\xa8"
                                        "Bcc: x@y.z",
                                        "\t"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(tails); i++) {
        print_message("case: %zu\n", i);
        CLEANUP(memory_release) char *text = memory_format(SECRET "%s", tails[i]);
        CLEANUP(memory_release) char *address = memory_format(SECRET "@example.org%s", tails[i]);
        const char *says = "holds a line break or another control character";
        CLEANUP(memory_release) char *subject = memory_format("the subject of the mail %s", says);
        CLEANUP(memory_release) char *name = memory_format("the recipient's name %s", says);
        CLEANUP(memory_release) char *header = memory_format("the header X-A %s", says);
        const struct mail_header extra = {"X-A", text};
        const struct mail_box box = {text, "a@example.org"};
        struct error err = {0};
        struct text message = {0};
        struct mail mail = good();
        mail.subject = text;
        expect_refused(&mail, subject);
        mail = good();
        mail.to = &box;
        expect_refused(&mail, name);
        mail = good();
        mail.headers = &extra;
        mail.header_count = 1;
        expect_refused(&mail, header);
        mail = good();
        mail.message_id = address;
        expect_refused(&mail, "the message id must be like word.word@example.org, of at most 200 "
                              "bytes");
        mail = good();
        mail.from.address = address;
        assert_false(mail_format(&mail, &message, &err));
        assert_non_null(strstr(err.message, "the sender's address has "));
    }
}

static void test_refused_fields(void **state)
{
    (void)state;
    CLEANUP(memory_release) char *long_text = repeated("x", 601);
    const struct mail_box wrong[] = {{NULL, "a@example.org"}, {NULL, SECRET}};
    const struct mail_header ours = {"Bcc", "x@example.org"};
    const struct mail_header content = {"content-type", "text/html"};
    const struct mail_header unnamed = {"X-A: b\nBcc", "x"};
    struct mail mail = good();
#define CASE(fault, ...)              \
    do {                              \
        mail = good();                \
        __VA_ARGS__;                  \
        expect_refused(&mail, fault); \
    } while (0)
    CASE("the mail has no recipient", mail.to_count = 0);
    CASE("the mail has 101 recipients; at most 100 are allowed", mail.to_count = 101);
    CASE("recipient 2's address has no @", mail.to = wrong, mail.to_count = 2);
    CASE("the recipient's address has no @", mail.to = wrong + 1);
    CASE("the sender's address is empty", mail.from.address = NULL);
    CASE("the one to reply to's address is empty", mail.reply_to.address = "");
    CASE("the subject of the mail is empty", mail.subject = "  ");
    CASE("the subject of the mail is empty", mail.subject = NULL);
    CASE("the subject of the mail is longer than 600 bytes", mail.subject = long_text);
    CASE("the subject of the mail is not valid UTF-8", mail.subject = SECRET "\xff");
    CASE("the sender's name is longer than 300 bytes", mail.from.name = long_text);
    CASE("the text of the mail is empty", mail.body = "");
    CASE("the text of the mail is not valid UTF-8", mail.body = SECRET "\xe9");
    CASE("the language of the mail must be a tag like nl or en-GB", mail.language = "");
    CASE("the language of the mail must be a tag like nl or en-GB", mail.language = "nl\nX: y");
    CASE("the message id must be like word.word@example.org, of at most 200 bytes",
         mail.message_id = NULL);
    CASE("the message id must be like word.word@example.org, of at most 200 bytes",
         mail.message_id = "<a@b>");
    CASE("the message id replied to must be like word.word@example.org, of at most 200 bytes",
         mail.in_reply_to = "x");
    CASE("the header Bcc cannot be set as an extra one", mail.headers = &ours,
         mail.header_count = 1);
    CASE("the header content-type cannot be set as an extra one", mail.headers = &content,
         mail.header_count = 1);
    CASE("the name of an extra header may hold letters, digits and hyphens, at most 60",
         mail.headers = &unnamed, mail.header_count = 1);
}

static void test_addresses(void **state)
{
    static const struct {
        const char *address, *fault; /* NULL: good */
    } cases[] = {
        {"jan@example.org", NULL},
        {"j.jansen+dl_2026@mail.example.co.uk", NULL},
        {"o'brien@example.org", NULL},
        {"a/b=c!{d}|e~f^g`h*i%j$k#l&m?n@example.org", NULL},
        {"root@localhost", NULL},
        {"x@xn--bcher-kva.example", NULL},
        {"0123456789012345678901234567890123456789012345678901234567890123@example.org", NULL},
        {"", "is empty"},
        {NULL, "is empty"},
        {"jan", "has no @"},
        {"jan jansen@example.org", "has a blank or control character"},
        {"jan@example.org ", "has a blank or control character"},
        {"jan@example.org\n", "has a blank or control character"},
        {"zoë@example.org",
         "has a character outside ASCII (a domain can be written in its xn-- form)"},
        {"01234567890123456789012345678901234567890123456789012345678901234@example.org",
         "is too long"},
        {"-oQ/tmp@example.org", "begins with a hyphen"},
        {"@example.org", "is not a mail address before its @"},
        {".jan@example.org", "is not a mail address before its @"},
        {"jan.@example.org", "is not a mail address before its @"},
        {"jan..jansen@example.org", "is not a mail address before its @"},
        {"a@b@example.org", "is not a mail address before its @"},
        {"a@example.org,b@example.org", "is not a mail address before its @"},
        {"\"a\"@example.org", "is not a mail address before its @"},
        {"<a@example.org>", "is not a mail address before its @"},
        {"a@example.org>", "has no valid domain after its @"},
        {"jan@", "has no valid domain after its @"},
        {"jan@example..org", "has no valid domain after its @"},
        {"jan@.org", "has no valid domain after its @"},
        {"jan@example.org.", "has no valid domain after its @"},
        {"jan@-example.org", "has no valid domain after its @"},
        {"jan@example-.org", "has no valid domain after its @"},
        {"jan@exam_ple.org", "has no valid domain after its @"},
        {"jan@[127.0.0.1]", "has no valid domain after its @"},
        {"jan@0123456789012345678901234567890123456789012345678901234567890123.org",
         "has no valid domain after its @"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *fault = mail_check_address(cases[i].address);
        print_message("case: %s\n", cases[i].address);
        if (cases[i].fault == NULL)
            assert_null(fault);
        else
            assert_string_equal(fault == NULL ? "(none)" : fault, cases[i].fault);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_mail),       cmocka_unit_test(test_offset_of_the_day),
        cmocka_unit_test(test_round_trips),      cmocka_unit_test(test_long_ones),
        cmocka_unit_test(test_carriage_returns), cmocka_unit_test(test_many_recipients),
        cmocka_unit_test(test_injection),        cmocka_unit_test(test_refused_fields),
        cmocka_unit_test(test_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
