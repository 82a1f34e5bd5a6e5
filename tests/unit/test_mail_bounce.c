/* Returned mail in the shapes of several mail systems, and what strangers may write. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/mail_bounce.h"
#include "common/memory.h"
#include "common/text.h"

struct sample {
    const char *name;
    const char *mail;
    const char *visits;            /* "id action status\n" for each recipient */
    int report, unnamed, returned; /* as counted */
};

#define ID "DL-2026-0007.k.4f1d@waarborg.example.org"
#define REPORT "Content-Type: multipart/report; report-type=delivery-status;\n boundary=\"b1\"\n"
#define TOP "From: MAILER-DAEMON@mx.example\nTo: security@example.org\nSubject: Undelivered\n"
#define WORDS "--b1\nContent-Type: text/plain\n\nI am sorry.\n\n"
#define STATUS "--b1\nContent-Type: message/delivery-status\n\n"
#define ABOUT "Reporting-MTA: dns; mx.example\nArrival-Date: Mon, 26 Oct 2026 13:00:00 +0100\n\n"
#define WHO "Final-Recipient: rfc822; jan@example.nl\n"
#define FAILED WHO "Action: failed\nStatus: 5.1.1\n\n"
#define LETTER "From: security@example.org\nMessage-ID: <" ID ">\nSubject: A letter\n\nDear Jan\n\n"
#define RETURNED "--b1\nContent-Type: message/rfc822\n\n" LETTER
#define END "--b1--\n"

static const char report_start[] =
    TOP "MIME-Version: 1.0\n" REPORT "\n" WORDS STATUS "Reporting-MTA: dns; mx.example\n";

static const struct sample samples[] = {
    {"whole", TOP REPORT "\n" WORDS STATUS ABOUT FAILED RETURNED END, ID " failed 5.1.1\n", 1, 0,
     1},
    {"Postfix: header only, descriptions on each part, X- fields",
     "Return-Path: <>\nReceived: by mx.example (Postfix)\n\tid 4XyZ; Mon, 26 Oct 2026 13:00:00 "
     "+0100\nAuto-Submitted: auto-replied\n" TOP "MIME-Version: 1.0\n" REPORT
     "Content-Transfer-Encoding: 8bit\n\nThis is a MIME-encapsulated message.\n\n"
     "--b1\nContent-Description: Notification\nContent-Type: text/plain; charset=utf-8\n\nSorry\n\n"
     "--b1\nContent-Description: Delivery report\nContent-Type: message/delivery-status\n\n"
     "Reporting-MTA: dns; mx.example\nX-Postfix-Queue-ID: 4XyZ\nX-Postfix-Sender: rfc822; "
     "security@example.org\n\n"
     "Final-Recipient: rfc822; jan@example.nl\nOriginal-Recipient: rfc822;jan@example.nl\n"
     "Action: failed\nStatus: 5.2.2\nRemote-MTA: dns; mail.example.nl\n"
     "Diagnostic-Code: smtp; 552 5.2.2 <jan@example.nl>: mailbox\n    full\n\n"
     "--b1\nContent-Description: Undelivered Message Headers\nContent-Type: "
     "text/rfc822-headers\n\n"
     "Return-Path: <security@example.org>\nTo: jan@example.nl\nMessage-Id:\n <" ID ">\n\n" END,
     ID " failed 5.2.2\n", 1, 0, 1},
    {"Exim: status before its number in the other order, returned whole",
     "X-Failed-Recipients: jan@example.nl\nAuto-Submitted: auto-replied\n" TOP
     "Content-Type: multipart/report; report-type=delivery-status; boundary=b1\n\n"
     "--b1\nContent-type: text/plain; charset=us-ascii\n\nThis message was created "
     "automatically\n\n"
     "--b1\nContent-type: message/delivery-status\n\nReporting-MTA: dns; exim.example\n\n"
     "Action: failed\nFinal-Recipient: rfc822;jan@example.nl\nStatus: 5.0.0\n\n"
     "--b1\nContent-type: message/rfc822\n\nReturn-path: <security@example.org>\n" LETTER END,
     ID " failed 5.0.0\n", 1, 0, 1},
    {"Exchange: HTML for people, two parts of headers, thread of the mail",
     TOP
     "In-Reply-To: <" ID ">\nReferences: <" ID ">\nThread-Topic: A letter\n"
     "Content-Type: multipart/report; report-type=delivery-status;\n\tboundary=\"b1\"\n\n"
     "--b1\nContent-Type: multipart/alternative; differences=Content-Type;\n\tboundary=\"b2\"\n"
     "\n--b2\nContent-Type: text/plain\n\nDelivery has failed\n--b2\nContent-Type: text/html\n\n"
     "<p>Delivery has failed</p>\n--b2--\n\n" STATUS
     "Reporting-MTA: dns;EX01.example.local\nReceived-From-MTA: dns;gw.example\n"
     "Arrival-Date: Mon, 26 Oct 2026 12:00:00 +0000\n\n"
     "Final-Recipient: rfc822;jan@example.nl\nAction: failed\nStatus: 5.7.1\n"
     "Diagnostic-Code: smtp;550 5.7.1 RESOLVER.RST; not\n\tauthorized\n"
     "X-Display-Name: Jan Jansen\n\n" RETURNED END,
     ID " failed 5.7.1\n", 1, 0, 1},
    {"delayed is not returned",
     TOP REPORT "\n" WORDS STATUS ABOUT WHO
                "Action: delayed\nStatus: 4.4.1\nWill-Retry-Until: x\n\n" RETURNED END,
     ID " delayed 4.4.1\n", 1, 0, 0},
    {"several recipients, each with its own action",
     TOP REPORT "\n" WORDS STATUS ABOUT FAILED "Final-Recipient: rfc822; b@c.d\nACTION: Delivered "
                "(to mailbox)\nStatus: 2.0.0 (ok)\n\nFinal-Recipient: rfc822; "
                "e@f.g\nAction:relayed\nStatus:2.1.9\n\n\nFinal-Recipient: rfc822; "
                "l@i.st\nAction: expanded\nStatus: 2.0.0\n\n" RETURNED END,
     ID " failed 5.1.1\n" ID " delivered 2.0.0\n" ID " relayed 2.1.9\n" ID " expanded 2.0.0\n", 1,
     0, 1},
    {"no empty line after what is about the message",
     TOP REPORT "\n" WORDS STATUS "Reporting-MTA: dns; mx.example\n" FAILED RETURNED END,
     ID " failed 5.1.1\n", 1, 0, 1},
    {"action and status folded, or not to be understood",
     TOP REPORT "\n" WORDS STATUS ABOUT WHO "Action:\n failed\nStatus:\n\t5.1.10\n\n" WHO
                "Action: failure\nStatus: 5.1\n\n" WHO "Status: 9.1.1\n\n" WHO
                "Action: failed\nStatus: 5.1.1.1\n\n" WHO
                "Action: failed\nStatus: 5.1234.1\n\n" RETURNED END,
     ID " failed 5.1.10\n" ID " unknown \n" ID " unknown \n" ID " failed \n" ID " failed \n", 1, 0,
     3},
    {"the last boundary is missing", TOP REPORT "\n" WORDS STATUS ABOUT FAILED RETURNED,
     ID " failed 5.1.1\n", 1, 0, 1},
    {"base64",
     TOP REPORT "\n" WORDS
                "--b1\nContent-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\n"
                "UmVwb3J0aW5nLU1UQTogZG5zOyBteAoKRmluYWwtUmVjaXBpZW50OiByZmM4MjI7IGFAYi5jCkFj\n"
                "dGlvbjogZmFpbGVkClN0YXR1czogNS4xLjEK\n" RETURNED END,
     ID " failed 5.1.1\n", 1, 0, 1},
    {"letters outside ASCII (RFC 6533)",
     TOP REPORT "\n" WORDS "--b1\nContent-Type: message/global-delivery-status\n\n" ABOUT
                "Final-Recipient: utf-8; zoë@example.nl\nAction: failed\nStatus: 5.6.7\n\n"
                "--b1\nContent-Type: message/global-headers\n\nSubject: é\nMessage-ID: <" ID
                ">\n\n" END,
     ID " failed 5.6.7\n", 1, 0, 1},
    {"nothing returned, but an answer to our mail",
     "In-Reply-To: <" ID ">\n" TOP REPORT "\n" WORDS STATUS ABOUT FAILED END, ID " failed 5.1.1\n",
     1, 0, 1},
    {"nothing says which mail it is about", TOP REPORT "\n" WORDS STATUS ABOUT FAILED END, "", 1, 1,
     0},
    {"an id that cannot be ours",
     TOP REPORT "\n" WORDS STATUS ABOUT FAILED
                "--b1\nContent-Type: text/rfc822-headers\n\nMessage-ID: <no id>\n\n" END,
     "", 1, 1, 0},
    {"an empty status part", TOP REPORT "\n" WORDS STATUS "\n" RETURNED END, "", 1, 0, 0},
    {"a read receipt",
     TOP
     "Content-Type: multipart/report; report-type=disposition-notification; boundary=b1\n\n" WORDS
     "--b1\nContent-Type: message/disposition-notification\n\nOriginal-Message-ID: <" ID
     ">\nDisposition: manual-action/MDN-sent-manually; displayed\n\n" END,
     "", 0, 0, 0},
    {"a bounce that somebody forwards",
     TOP "Content-Type: multipart/mixed; boundary=b0\n\n--b0\nContent-Type: message/rfc822\n\n" TOP
         REPORT "\n" WORDS STATUS ABOUT FAILED RETURNED END "--b0--\n",
     "", 0, 0, 0},
    {"a mail with a status in it that is no report",
     TOP "Content-Type: multipart/mixed; boundary=b1\n\n" WORDS STATUS ABOUT FAILED RETURNED END,
     "", 0, 0, 0},
    {"a holiday notice",
     "From: jan@example.nl\nIn-Reply-To: <" ID ">\nAuto-Submitted: auto-replied\n\nAway.\n", "", 0,
     0, 0},
    {"the words of a bounce in the text of a mail", TOP "\n" STATUS ABOUT FAILED RETURNED, "", 0, 0,
     0},
    {"a report without its boundary",
     TOP
     "Content-Type: multipart/report; report-type=delivery-status\n\n" WORDS STATUS ABOUT FAILED,
     "", 0, 0, 0},
    {"no mail at all", "\001\002\003 rubbish\n\n\377\376", "", 0, 0, 0},
};

struct seen {
    struct text lines; /* "id action status\n" for each visit */
    int stop_after;    /* visits; 0: never */
};

static bool visit(void *context, const struct mail_return *r, struct error *err)
{
    static const char *const actions[] = {"unknown",   "failed",  "delayed",
                                          "delivered", "relayed", "expanded"};
    struct seen *seen = context;
    text_addf(&seen->lines, "%s %s %s\n", r->message_id, actions[r->action], r->status);
    if (seen->stop_after > 0 && --seen->stop_after == 0)
        return error_set(err, ERR_DB, "no more");
    return true;
}

static bool read_bytes(const struct text *content, struct seen *seen,
                       struct mail_bounce_counts *counts, struct error *err)
{
    char path[] = "/tmp/waarborg-bounce-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    FILE *file = fdopen(fd, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text_get(content), 1, content->length, file), content->length);
    assert_int_equal(fclose(file), 0);
    *err = (struct error){0};
    bool ok = mail_bounce_read(path, visit, seen, counts, err);
    unlink(path);
    return ok;
}

static void expect_counts(const struct mail_bounce_counts *c, int mails, int reports, int unnamed,
                          int returned)
{
    assert_int_equal(c->mails, mails);
    assert_int_equal(c->reports, reports);
    assert_int_equal(c->unnamed, unnamed);
    assert_int_equal(c->others, mails - reports);
    assert_int_equal(c->returned, returned);
}

static void check_sample(const struct sample *s, const char *line_end)
{
    CLEANUP(text_free) struct text content = {0};
    struct seen seen = {0};
    struct mail_bounce_counts counts;
    struct error err;
    for (const char *c = s->mail; *c != '\0'; c++) {
        if (*c == '\n')
            text_add(&content, line_end);
        else
            text_add_bytes(&content, c, 1);
    }
    if (!read_bytes(&content, &seen, &counts, &err))
        fail_msg("%s", err.message);
    assert_string_equal(text_get(&seen.lines), s->visits);
    expect_counts(&counts, 1, s->report, s->unnamed, s->returned);
    text_free(&seen.lines);
}

static void test_samples(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        print_message("case: %s\n", samples[i].name);
        check_sample(&samples[i], "\n");
        check_sample(&samples[i], "\r\n");
    }
}

/* All samples in one mbox: the sum of what each of them gives. */
static void mbox_of_samples(struct text *ret, struct text *visits, int *reports, int *unnamed,
                            int *returned)
{
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        text_addf(ret, "From MAILER-DAEMON Mon Oct 26 13:00:00 2026\n%s\n\n", samples[i].mail);
        text_add(visits, samples[i].visits);
        *reports += samples[i].report;
        *unnamed += samples[i].unnamed;
        *returned += samples[i].returned;
    }
}

static void test_mbox(void **state)
{
    (void)state;
    CLEANUP(text_free) struct text mbox = {0};
    CLEANUP(text_free) struct text visits = {0};
    int reports = 0;
    int unnamed = 0;
    int returned = 0;
    struct seen seen = {0};
    struct mail_bounce_counts counts;
    struct error err;
    mbox_of_samples(&mbox, &visits, &reports, &unnamed, &returned);
    assert_true(read_bytes(&mbox, &seen, &counts, &err));
    assert_string_equal(text_get(&seen.lines), text_get(&visits));
    expect_counts(&counts, COUNT_OF(samples), reports, unnamed, returned);
    text_free(&seen.lines);
}

static void test_visitor_stops(void **state)
{
    (void)state;
    CLEANUP(text_free) struct text mbox = {0};
    CLEANUP(text_free) struct text visits = {0};
    int reports = 0;
    int unnamed = 0;
    int returned = 0;
    struct seen seen = {.stop_after = 2};
    struct mail_bounce_counts counts;
    struct error err;
    mbox_of_samples(&mbox, &visits, &reports, &unnamed, &returned);
    assert_false(read_bytes(&mbox, &seen, &counts, &err));
    assert_int_equal(err.kind, ERR_DB);
    assert_true(counts.mails < (int64_t)COUNT_OF(samples));
    text_free(&seen.lines);
}

/* Cut anywhere, and with any byte changed: no crash, at most one mail, no id that is not in it. */
static void test_truncated_and_damaged(void **state)
{
    static const char bytes[] = {'\0', '\n', '-', ':', '<', '\x80', ' '};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(samples); i += 3) {
        size_t length = strlen(samples[i].mail);
        for (size_t at = 0; at < length; at += 7) {
            struct text content = {0};
            struct seen seen = {0};
            struct mail_bounce_counts counts;
            struct error err;
            text_add_bytes(&content, samples[i].mail, at);
            assert_true(read_bytes(&content, &seen, &counts, &err));
            assert_true(counts.mails <= 1);
            text_add(&content, samples[i].mail + at);
            content.data[at] = bytes[at % sizeof bytes];
            assert_true(read_bytes(&content, &seen, &counts, &err));
            text_free(&content);
            text_free(&seen.lines);
        }
    }
}

static void add_times(struct text *t, const char *piece, size_t times)
{
    for (size_t i = 0; i < times; i++)
        text_add(t, piece);
}

/* Built in code: too large to write down. */
static void test_large_and_nested(void **state)
{
    enum {
        NESTED_MAIL,
        NESTED_PARTS,
        PARTS,
        HEADERS,
        LONG_LINE,
        RECIPIENTS,
        BODY,
        FAR,
        ZEROS,
        KINDS
    };
    (void)state;
    for (int kind = 0; kind < KINDS; kind++) {
        struct text t = {0};
        struct seen seen = {0};
        struct mail_bounce_counts counts;
        struct error err;
        print_message("case: %d\n", kind);
        if (kind == NESTED_MAIL)
            add_times(&t, "Content-Type: message/rfc822\n\n", 100000);
        for (int i = 0; kind == NESTED_PARTS && i < 100000; i++)
            text_addf(&t, "Content-Type: multipart/report; boundary=b%d\n\n--b%d\n", i, i);
        if (kind == PARTS) {
            text_add(&t, "Content-Type: multipart/report; boundary=b\n\n");
            add_times(&t, "--b\n\n", 1000000);
        }
        if (kind == HEADERS)
            add_times(&t, "X: y\n", 1000000);
        if (kind == LONG_LINE)
            add_times(&t, "Subject: x", 1000000);
        if (kind == RECIPIENTS) {
            text_add(&t, report_start);
            add_times(&t, "\nFinal-Recipient: rfc822; x@y.z\nAction: failed\n", 1000000);
        }
        if (kind == BODY) {
            text_add(&t, samples[0].mail);
            add_times(&t, "From the returned letter\nand more\n", 1000000);
        }
        if (kind == FAR) { /* what comes so late is not looked at */
            text_add(&t,
                     "In-Reply-To: <a@b>\nContent-Type: multipart/report; boundary=b\n\n--b\n\n");
            add_times(&t, "0123456789\n", MAIL_BOUNCE_BYTES / 11 + 1);
            text_add(&t, "--b\nContent-Type: message/delivery-status\n\nA: b\n\nAction: failed\n");
        }
        for (int i = 0; kind == ZEROS && i < 1000000; i++)
            text_add_bytes(&t, "\0\0\n", 3);
        assert_true(read_bytes(&t, &seen, &counts, &err));
        expect_counts(&counts, 1, kind == RECIPIENTS || kind == BODY, kind == RECIPIENTS,
                      kind == BODY);
        text_free(&t);
        text_free(&seen.lines);
    }
}

/* A report about more people than are looked at. */
static void test_many_recipients(void **state)
{
    (void)state;
    struct text t = {0};
    struct seen seen = {0};
    struct mail_bounce_counts counts;
    struct error err;
    text_add(&t, "In-Reply-To: <a@b>\n");
    text_add(&t, report_start);
    add_times(&t, "\nFinal-Recipient: rfc822; x@y.z\nAction: failed\n", 500);
    assert_true(read_bytes(&t, &seen, &counts, &err));
    expect_counts(&counts, 1, 1, 0, MAIL_BOUNCE_RECIPIENTS);
    text_free(&t);
    text_free(&seen.lines);
}

static void test_files(void **state)
{
    (void)state;
    struct seen seen = {0};
    struct mail_bounce_counts counts;
    struct error err = {0};
    assert_false(mail_bounce_read("/nowhere/x", visit, &seen, &counts, &err));
    assert_int_equal(err.kind, ERR_IO);
    assert_int_equal(err.sys_errno, ENOENT);
    assert_false(mail_bounce_read("/tmp", visit, &seen, &counts, &err));
    assert_int_equal(err.kind, ERR_USAGE);
    assert_true(mail_bounce_read("/dev/null", visit, &seen, &counts, &err));
    expect_counts(&counts, 0, 0, 0, 0);
}

static void test_standard_input(void **state)
{
    (void)state;
    struct seen seen = {0};
    struct mail_bounce_counts counts;
    struct error err = {0};
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    size_t length = strlen(samples[0].mail);
    assert_int_equal(write(ends[1], samples[0].mail, length), (ssize_t)length);
    close(ends[1]);
    int kept = dup(STDIN_FILENO);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    bool ok = mail_bounce_read("-", visit, &seen, &counts, &err);
    if (kept >= 0)
        dup2(kept, STDIN_FILENO);
    close(kept);
    assert_true(ok);
    assert_string_equal(text_get(&seen.lines), samples[0].visits);
    text_free(&seen.lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_samples),
        cmocka_unit_test(test_mbox),
        cmocka_unit_test(test_visitor_stops),
        cmocka_unit_test(test_truncated_and_damaged),
        cmocka_unit_test(test_large_and_nested),
        cmocka_unit_test(test_many_recipients),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_standard_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
