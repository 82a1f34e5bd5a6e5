#include "common/mail_bounce.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gmime/gmime.h>

#include "common/file.h"
#include "common/mail_library.h"
#include "common/text.h"

#define MAX_ID 250       /* ours are shorter */
#define MAX_FIELDS 65536 /* bytes of a delivery-status part or a returned header */
#define PIECE 8192       /* bytes of a line at a time */

struct reading {
    mail_return_visit *visit;
    void *context;
    struct mail_bounce_counts *counts;
};

/* ---- Fields ("Name: value", folded, in groups separated by empty lines) ---- */

/* Moves *at behind the next line and gives its end without CR and LF. */
static const char *next_line(const char **at)
{
    const char *start = *at;
    size_t length = strcspn(start, "\n");
    *at = start + length + (start[length] == '\n');
    while (length > 0 && start[length - 1] == '\r')
        length--;
    return start + length;
}

/* The value of the field at *at when it has this name, with folded lines joined. */
static bool read_field(const char *line, const char *end, const char *name, struct text *value)
{
    size_t length = strlen(name);
    if ((size_t)(end - line) <= length || strncasecmp(line, name, length) != 0)
        return false;
    const char *colon = line + length;
    while (colon < end && (*colon == ' ' || *colon == '\t'))
        colon++;
    if (colon == end || *colon != ':')
        return false;
    text_clear(value);
    text_add_bytes(value, colon + 1, (size_t)(end - colon - 1));
    const char *rest = end;
    (void)next_line(&rest);
    while (*rest == ' ' || *rest == '\t') {
        const char *folded = rest;
        const char *folded_end = next_line(&rest);
        text_add_bytes(value, folded, (size_t)(folded_end - folded));
    }
    return true;
}

/* Reads the named fields of the group at *at and moves behind it; false when there is none left. */
static bool read_group(const char **at, const char *const *names, struct text *values, size_t count)
{
    while (**at == '\r' || **at == '\n')
        (*at)++;
    if (**at == '\0')
        return false;
    for (size_t i = 0; i < count; i++)
        text_clear(&values[i]);
    while (**at != '\0') {
        const char *line = *at;
        const char *end = next_line(at);
        if (end == line)
            break;
        for (size_t i = 0; i < count; i++)
            (void)read_field(line, end, names[i], &values[i]);
    }
    return true;
}

/* The id between < and >, or the whole word; "" when it is none that we could have sent. */
static void take_id(const char *value, struct text *ret)
{
    const char *start = strchr(value, '<');
    start = start == NULL ? value : start + 1;
    start += strspn(start, " \t");
    size_t length = strcspn(start, "> \t\r\n");
    bool plain = length > 0 && length <= MAX_ID && memchr(start, '@', length) != NULL;
    for (size_t i = 0; plain && i < length; i++)
        plain = start[i] > ' ' && start[i] < 0x7f;
    text_clear(ret);
    if (plain)
        text_add_bytes(ret, start, length);
}

static enum mail_action read_action(const char *value)
{
    static const struct {
        const char *word;
        enum mail_action action;
    } actions[] = {{"failed", MAIL_FAILED},
                   {"delayed", MAIL_DELAYED},
                   {"delivered", MAIL_DELIVERED},
                   {"relayed", MAIL_RELAYED},
                   {"expanded", MAIL_EXPANDED}};
    value += strspn(value, " \t");
    size_t length = strcspn(value, " \t(;");
    for (size_t i = 0; i < COUNT_OF(actions); i++)
        if (length == strlen(actions[i].word) && strncasecmp(value, actions[i].word, length) == 0)
            return actions[i].action;
    return MAIL_ACTION_UNKNOWN;
}

/* RFC 3463: a class, and two numbers of at most three digits. */
static void read_status(const char *value, char dst[static 12])
{
    value += strspn(value, " \t");
    size_t length = strcspn(value, " \t(;");
    size_t dots = 0;
    size_t digits = 0;
    bool valid = length >= 5 && length < 10 && strchr("245", value[0]) != NULL;
    for (size_t i = 0; valid && i < length; i++) {
        bool dot = value[i] == '.';
        valid = dot ? digits > 0 : (value[i] >= '0' && value[i] <= '9' && digits < 3);
        digits = dot ? 0 : digits + 1;
        dots += dot;
    }
    dst[0] = '\0';
    if (valid && dots == 2 && digits > 0 && value[1] == '.') {
        memcpy(dst, value, length);
        dst[length] = '\0';
    }
}

/* ---- One mail ---- */

static bool has_type(GMimeObject *part, const char *type, const char *subtype)
{
    return g_mime_content_type_is_type(g_mime_object_get_content_type(part), type, subtype);
}

/* The decoded text of a part, of at most MAX_FIELDS, without zero bytes. */
static void read_part(GMimeObject *part, struct text *ret)
{
    text_clear(ret);
    GMimeDataWrapper *content =
        GMIME_IS_PART(part) ? g_mime_part_get_content(GMIME_PART(part)) : NULL;
    if (content == NULL)
        return;
    CLEANUP(mail_library_release) GMimeStream *decoded = g_mime_stream_mem_new();
    g_mime_data_wrapper_write_to_stream(content, decoded);
    const GByteArray *bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(decoded));
    size_t length = bytes->len < MAX_FIELDS ? bytes->len : MAX_FIELDS;
    for (size_t i = 0; i < length; i++)
        text_add_bytes(ret, bytes->data[i] == '\0' ? " " : (const char *)&bytes->data[i], 1);
}

/* The id of the mail a returned part holds. */
static void id_of_original(GMimeObject *part, struct text *ret)
{
    if (GMIME_IS_MESSAGE_PART(part)) {
        GMimeMessage *original = g_mime_message_part_get_message(GMIME_MESSAGE_PART(part));
        const char *id = original == NULL
                             ? NULL
                             : g_mime_object_get_header(GMIME_OBJECT(original), "Message-ID");
        take_id(id == NULL ? "" : id, ret);
        return;
    }
    static const char *const names[] = {"Message-ID"};
    CLEANUP(text_free) struct text header = {0};
    CLEANUP(text_free) struct text value = {0};
    read_part(part, &header);
    const char *at = text_get(&header);
    if (read_group(&at, names, &value, 1))
        take_id(text_get(&value), ret);
}

static bool visit_recipients(const struct reading *reading, const char *fields, const char *id,
                             struct error *err)
{
    static const char *const names[] = {"Action", "Status", "Final-Recipient"};
    struct text values[COUNT_OF(names)] = {{0}};
    bool ok = true;
    const char *at = fields;
    for (int groups = 0;
         ok && groups <= MAIL_BOUNCE_RECIPIENTS && read_group(&at, names, values, COUNT_OF(names));
         groups++) {
        struct mail_return r = {.message_id = id, .action = read_action(text_get(&values[0]))};
        read_status(text_get(&values[1]), r.status);
        /* The group about the message itself has none of them; some systems leave the empty line
         * after it out. */
        if (values[0].length == 0 && values[1].length == 0 && values[2].length == 0)
            continue;
        if (r.action == MAIL_FAILED)
            reading->counts->returned++;
        ok = reading->visit(reading->context, &r, err);
    }
    for (size_t i = 0; i < COUNT_OF(values); i++)
        text_free(&values[i]);
    return ok;
}

struct report {
    GMimeObject *status; /* borrowed; NULL: no report on delivery */
    struct text id;
};

/* A report has its parts directly in it; the third may be missing. */
static void look_for_report(GMimeMessage *message, struct report *report)
{
    GMimeObject *body = g_mime_message_get_mime_part(message);
    if (body == NULL || !GMIME_IS_MULTIPART(body) || !has_type(body, "multipart", "report"))
        return;
    int count = g_mime_multipart_get_count(GMIME_MULTIPART(body));
    for (int i = 0; i < count; i++) {
        GMimeObject *part = g_mime_multipart_get_part(GMIME_MULTIPART(body), i);
        if (has_type(part, "message", "delivery-status") ||
            has_type(part, "message", "global-delivery-status")) {
            report->status = report->status == NULL ? part : report->status;
        } else if (report->id.length == 0 &&
                   (has_type(part, "message", "rfc822") || has_type(part, "message", "global") ||
                    has_type(part, "text", "rfc822-headers") ||
                    has_type(part, "message", "global-headers"))) {
            id_of_original(part, &report->id);
        }
    }
    if (report->id.length == 0) {
        /* What was returned does not say it, but the report answers our mail. */
        const char *id = g_mime_object_get_header(GMIME_OBJECT(message), "In-Reply-To");
        take_id(id == NULL ? "" : id, &report->id);
    }
}

static bool read_message(const struct reading *reading, GMimeMessage *message, struct error *err)
{
    struct report report = {0};
    CLEANUP(text_free) struct text fields = {0};
    look_for_report(message, &report);
    bool ok = true;
    if (report.status == NULL) {
        reading->counts->others++;
    } else {
        reading->counts->reports++;
        read_part(report.status, &fields);
        if (report.id.length == 0)
            reading->counts->unnamed++;
        else
            ok = visit_recipients(reading, text_get(&fields), text_get(&report.id), err);
    }
    text_free(&report.id);
    return ok;
}

static bool read_mail(const struct reading *reading, const struct text *mail, struct error *err)
{
    if (strspn(text_get(mail), "\r\n") == mail->length)
        return true;
    reading->counts->mails++;
    CLEANUP(mail_library_release)
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(mail->data, mail->length);
    CLEANUP(mail_library_release) GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    CLEANUP(mail_library_release)
    GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
    if (message == NULL) {
        reading->counts->others++;
        return true;
    }
    return read_message(reading, message, err);
}

/* ---- The file ---- */

/* Cuts a stream of bytes, in pieces that may end anywhere in a line, into mails. */
struct splitter {
    struct text mail;
    bool line_start;  /* the next byte starts a line */
    bool after_empty; /* the line before was empty, or there was none */
};

/* Takes one line, or what there is of it. */
static bool take_piece(const struct reading *reading, struct splitter *s, const char *piece,
                       size_t length, struct error *err)
{
    bool separator =
        s->line_start && s->after_empty && length >= 5 && memcmp(piece, "From ", 5) == 0;
    if (separator) {
        bool ok = read_mail(reading, &s->mail, err);
        text_clear(&s->mail);
        if (!ok)
            return false;
    } else if (s->mail.length < MAIL_BOUNCE_BYTES) {
        size_t room = MAIL_BOUNCE_BYTES - s->mail.length;
        text_add_bytes(&s->mail, piece, length < room ? length : room);
    }
    s->after_empty = s->line_start && (piece[0] == '\n' || piece[0] == '\r');
    s->line_start = piece[length - 1] == '\n';
    return true;
}

static bool open_file(const char *path, FILE **ret, struct error *err)
{
    bool standard_input = strcmp(path, "-") == 0;
    int fd = standard_input ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) < 0) {
        (void)error_set_errno(err, "%s cannot be read", standard_input ? "standard input" : path);
        file_close(&fd);
        return false;
    }
    if (S_ISDIR(st.st_mode)) {
        file_close(&fd);
        return error_set(err, ERR_USAGE,
                         "%s is a directory: name a file with one mail or an mbox, or give mails "
                         "one by one",
                         path);
    }
    *ret = fdopen(fd, "r");
    if (*ret == NULL) {
        (void)error_set_errno(err, "%s cannot be read", path);
        file_close(&fd);
        return false;
    }
    return true;
}

/* The next line, or as much of it as fits; 0 at the end.  Zero bytes are bytes like others. */
static size_t read_piece(FILE *file, char piece[static PIECE])
{
    size_t length = 0;
    int c = 0;
    while (length < PIECE && c != '\n' && (c = getc_unlocked(file)) != EOF)
        piece[length++] = (char)c;
    return length;
}

static void close_file(FILE **file)
{
    if (*file != NULL)
        (void)fclose(*file);
    *file = NULL;
}

bool mail_bounce_read(const char *path, mail_return_visit *visit, void *context,
                      struct mail_bounce_counts *ret, struct error *err)
{
    CLEANUP(close_file) FILE *file = NULL;
    *ret = (struct mail_bounce_counts){0};
    const struct reading reading = {visit, context, ret};
    if (!open_file(path, &file, err))
        return false;
    mail_library_start();
    struct splitter s = {.line_start = true, .after_empty = true};
    char piece[PIECE];
    bool ok = true;
    for (size_t n; ok && (n = read_piece(file, piece)) > 0;)
        ok = take_piece(&reading, &s, piece, n, err);
    if (ok && ferror(file))
        ok = error_set_errno(err, "%s cannot be read to its end", path);
    ok = ok && read_mail(&reading, &s.mail, err);
    text_free(&s.mail);
    return ok;
}
