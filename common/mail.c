#include "common/mail.h"

#include <pthread.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <gmime/gmime.h>

#include "common/mail_library.h"

#define MAX_NAME 300    /* bytes; a limit that no real name reaches */
#define MAX_VALUE 600   /* subject and headers: encoded and folded well below 998 a line */
#define MAX_ID 200      /* with its header name in one line */
#define MAX_ADDRESS 254 /* RFC 5321 4.5.3.1.3 */
#define MAX_LOCAL 64    /* RFC 5321 4.5.3.1.1 */

static void start_library(void)
{
    g_mime_init();
}

void mail_library_start(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, start_library);
}

void mail_library_release(void *pointer)
{
    void *object = *(void **)pointer;
    if (object != NULL)
        g_object_unref(object);
}

/* ---- Addresses ---- */

static bool is_atom_char(char c)
{
    return g_ascii_isalnum(c) || (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

/* Words of `part`, all made of what `allowed` allows, joined by single dots. */
static bool is_dotted(const char *part, size_t length, bool (*allowed)(char))
{
    bool in_word = false;
    for (size_t i = 0; i < length; i++) {
        if (part[i] == '.' ? !in_word : !allowed(part[i]))
            return false;
        in_word = part[i] != '.';
    }
    return in_word;
}

static bool is_label_char(char c)
{
    return g_ascii_isalnum(c) || c == '-';
}

static bool is_domain(const char *domain)
{
    if (!is_dotted(domain, strlen(domain), is_label_char))
        return false;
    for (const char *label = domain; *label != '\0';) {
        size_t length = strcspn(label, ".");
        if (length > 63 || label[0] == '-' || label[length - 1] == '-')
            return false;
        label += length + (label[length] == '.');
    }
    return true;
}

const char *mail_check_address(const char *text)
{
    if (text == NULL || text[0] == '\0')
        return "is empty";
    for (const char *c = text; *c != '\0'; c++) {
        if ((unsigned char)*c >= 0x80)
            return "has a character outside ASCII (a domain can be written in its xn-- form)";
        if ((unsigned char)*c <= ' ' || *c == 0x7f)
            return "has a blank or control character";
    }
    const char *at = strrchr(text, '@');
    if (at == NULL)
        return "has no @";
    if (strlen(text) > MAX_ADDRESS || at - text > MAX_LOCAL)
        return "is too long";
    /* sendmail passes addresses on to other programs as arguments. */
    if (text[0] == '-')
        return "begins with a hyphen";
    if (!is_dotted(text, (size_t)(at - text), is_atom_char))
        return "is not a mail address before its @";
    if (!is_domain(at + 1))
        return "has no valid domain after its @";
    return NULL;
}

/* ---- Fields ---- */

static bool refuse(const char *field, const char *fault, struct error *err)
{
    return error_set(err, ERR_USAGE, "%s %s", field, fault);
}

/* What could end the line it stands in, for whatever reads it: also NEL and the two separators of
 * Unicode. */
static bool ends_line(gunichar c)
{
    return g_unichar_iscntrl(c) || c == 0x2028 || c == 0x2029;
}

static bool check_line(const char *field, const char *text, size_t max_bytes, struct error *err)
{
    if (strlen(text) > max_bytes)
        return error_set(err, ERR_USAGE, "%s is longer than %zu bytes", field, max_bytes);
    if (!g_utf8_validate(text, -1, NULL))
        return refuse(field, "is not valid UTF-8", err);
    for (const char *c = text; *c != '\0'; c = g_utf8_next_char(c))
        if (ends_line(g_utf8_get_char(c)))
            return refuse(field, "holds a line break or another control character", err);
    return true;
}

/* whose: "the recipient", "recipient 3", "the sender" */
static bool check_box(const char *whose, const struct mail_box *box, struct error *err)
{
    char field[64];
    const char *fault = mail_check_address(box->address);
    if (fault != NULL)
        return error_set(err, ERR_USAGE, "%s's address %s", whose, fault);
    snprintf(field, sizeof field, "%s's name", whose);
    return box->name == NULL || check_line(field, box->name, MAX_NAME, err);
}

static bool check_boxes(const struct mail *mail, struct error *err)
{
    if (!check_box("the sender", &mail->from, err) ||
        (mail->reply_to.address != NULL && !check_box("the one to reply to", &mail->reply_to, err)))
        return false;
    if (mail->to_count == 0)
        return error_set(err, ERR_USAGE, "the mail has no recipient");
    if (mail->to_count > MAIL_MAX_RECIPIENTS)
        return error_set(err, ERR_USAGE, "the mail has %zu recipients; at most %d are allowed",
                         mail->to_count, MAIL_MAX_RECIPIENTS);
    for (size_t i = 0; i < mail->to_count; i++) {
        char whose[32] = "the recipient";
        if (mail->to_count > 1)
            snprintf(whose, sizeof whose, "recipient %zu", i + 1);
        if (!check_box(whose, &mail->to[i], err))
            return false;
    }
    return true;
}

static bool check_id(const char *field, const char *id, struct error *err)
{
    const char *at = id == NULL ? NULL : strchr(id, '@');
    if (at == NULL || strlen(id) > MAX_ID || !is_dotted(id, (size_t)(at - id), is_atom_char) ||
        !is_domain(at + 1))
        return error_set(err, ERR_USAGE,
                         "%s must be like word.word@example.org, of at most %d bytes", field,
                         MAX_ID);
    return true;
}

static bool check_body(const char *body, struct error *err)
{
    if (body == NULL || body[0] == '\0')
        return error_set(err, ERR_USAGE, "the text of the mail is empty");
    return g_utf8_validate(body, -1, NULL) ||
           error_set(err, ERR_USAGE, "the text of the mail is not valid UTF-8");
}

static bool check_language(const char *language, struct error *err)
{
    size_t length = strspn(language, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                     "0123456789-");
    return (length > 0 && length <= 35 && language[length] == '\0') ||
           error_set(err, ERR_USAGE, "the language of the mail must be a tag like nl or en-GB");
}

/* A second one of these would contradict the first, or send the mail to more people. */
static bool is_ours(const char *name)
{
    static const char *const ours[] = {"From",       "Sender",       "Reply-To",      "To",
                                       "Cc",         "Bcc",          "Subject",       "Date",
                                       "Message-ID", "In-Reply-To",  "References",    "Return-Path",
                                       "Received",   "MIME-Version", "Auto-Submitted"};
    for (size_t i = 0; i < COUNT_OF(ours); i++)
        if (strcasecmp(name, ours[i]) == 0)
            return true;
    return strncasecmp(name, "Content-", 8) == 0 || strncasecmp(name, "Resent-", 7) == 0;
}

static bool check_header(const struct mail_header *header, struct error *err)
{
    size_t length = strlen(header->name);
    bool named = length > 0 && length <= 60;
    for (size_t i = 0; i < length; i++)
        named = named && is_label_char(header->name[i]);
    if (!named)
        return error_set(err, ERR_USAGE,
                         "the name of an extra header may hold letters, digits and "
                         "hyphens, at most 60");
    if (is_ours(header->name))
        return error_set(err, ERR_USAGE, "the header %s cannot be set as an extra one",
                         header->name);
    char field[80];
    snprintf(field, sizeof field, "the header %s", header->name);
    return check_line(field, header->value, MAX_VALUE, err);
}

static bool check_mail(const struct mail *mail, struct error *err)
{
    if (!check_boxes(mail, err))
        return false;
    if (mail->subject == NULL || mail->subject[strspn(mail->subject, " ")] == '\0')
        return error_set(err, ERR_USAGE, "the subject of the mail is empty");
    if (!check_line("the subject of the mail", mail->subject, MAX_VALUE, err) ||
        !check_body(mail->body, err) || !check_id("the message id", mail->message_id, err) ||
        (mail->in_reply_to != NULL &&
         !check_id("the message id replied to", mail->in_reply_to, err)) ||
        (mail->language != NULL && !check_language(mail->language, err)))
        return false;
    for (size_t i = 0; i < mail->header_count; i++)
        if (!check_header(&mail->headers[i], err))
            return false;
    return true;
}

/* ---- The message ---- */

static void set_date(GMimeMessage *message, int64_t instant)
{
    time_t seconds = instant;
    struct tm local;
    localtime_r(&seconds, &local);
    /* The offset of the C library, so that TZ is read in one place. */
    GTimeZone *zone = g_time_zone_new_offset((gint32)local.tm_gmtoff);
    GDateTime *utc = g_date_time_new_from_unix_utc(instant);
    GDateTime *date = g_date_time_to_timezone(utc, zone);
    g_mime_message_set_date(message, date);
    g_date_time_unref(date);
    g_date_time_unref(utc);
    g_time_zone_unref(zone);
}

static void add_box(GMimeMessage *message, GMimeAddressType type, const struct mail_box *box)
{
    bool named = box->name != NULL && box->name[0] != '\0';
    CLEANUP(mail_library_release)
    InternetAddress *address = internet_address_mailbox_new(named ? box->name : NULL, box->address);
    /* Else the library looks for an older character set that will do. */
    internet_address_set_charset(address, "utf-8");
    internet_address_list_add(g_mime_message_get_addresses(message, type), address);
}

static void add_id(GMimeMessage *message, const char *header, const char *id)
{
    char value[MAX_ID + 3];
    snprintf(value, sizeof value, "<%s>", id);
    g_mime_object_append_header(GMIME_OBJECT(message), header, value, NULL);
}

static void set_headers(GMimeMessage *message, const struct mail *mail)
{
    add_box(message, GMIME_ADDRESS_TYPE_FROM, &mail->from);
    if (mail->reply_to.address != NULL)
        add_box(message, GMIME_ADDRESS_TYPE_REPLY_TO, &mail->reply_to);
    for (size_t i = 0; i < mail->to_count; i++)
        add_box(message, GMIME_ADDRESS_TYPE_TO, &mail->to[i]);
    g_mime_message_set_subject(message, mail->subject, "utf-8");
    set_date(message, mail->date);
    g_mime_message_set_message_id(message, mail->message_id);
    if (mail->in_reply_to != NULL) {
        add_id(message, "In-Reply-To", mail->in_reply_to);
        add_id(message, "References", mail->in_reply_to);
    }
    if (mail->auto_generated)
        g_mime_object_append_header(GMIME_OBJECT(message), "Auto-Submitted", "auto-generated",
                                    NULL);
    for (size_t i = 0; i < mail->header_count; i++)
        g_mime_object_append_header(GMIME_OBJECT(message), mail->headers[i].name,
                                    mail->headers[i].value, "utf-8");
}

/* The body as quoted-printable, with "From " at the start of a line written "=46rom ".  Encoded
 * here and not when the message is written, because that protection has to come after the encoding.
 */
static GMimeStream *encode_body(const char *body)
{
    GMimeStream *encoded = g_mime_stream_mem_new();
    GMimeStream *filtered = g_mime_stream_filter_new(encoded);
    GMimeFilter *filters[] = {g_mime_filter_dos2unix_new(TRUE),
                              g_mime_filter_basic_new(GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE, TRUE),
                              g_mime_filter_from_new(GMIME_FILTER_FROM_MODE_ARMOR)};
    for (size_t i = 0; i < COUNT_OF(filters); i++) {
        g_mime_stream_filter_add(GMIME_STREAM_FILTER(filtered), filters[i]);
        g_object_unref(filters[i]);
    }
    g_mime_stream_write_string(filtered, body);
    g_mime_stream_flush(filtered);
    g_object_unref(filtered);
    return encoded;
}

static GMimePart *make_part(const struct mail *mail)
{
    GMimePart *part = g_mime_part_new_with_type("text", "plain");
    GMimeStream *encoded = encode_body(mail->body);
    GMimeDataWrapper *content =
        g_mime_data_wrapper_new_with_stream(encoded, GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
    g_mime_object_set_content_type_parameter(GMIME_OBJECT(part), "charset", "utf-8");
    if (mail->language != NULL)
        g_mime_object_append_header(GMIME_OBJECT(part), "Content-Language", mail->language, NULL);
    g_mime_part_set_content(part, content);
    g_mime_part_set_content_encoding(part, GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
    g_object_unref(content);
    g_object_unref(encoded);
    return part;
}

bool mail_format(const struct mail *mail, struct text *ret, struct error *err)
{
    if (!check_mail(mail, err))
        return false;
    mail_library_start();
    CLEANUP(mail_library_release) GMimeMessage *message = g_mime_message_new(TRUE);
    CLEANUP(mail_library_release) GMimePart *part = make_part(mail);
    CLEANUP(mail_library_release) GMimeStream *stream = g_mime_stream_mem_new();
    set_headers(message, mail);
    g_mime_message_set_mime_part(message, GMIME_OBJECT(part));
    g_mime_object_write_to_stream(GMIME_OBJECT(message), NULL, stream);
    const GByteArray *bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
    text_add_bytes(ret, bytes->data, bytes->len);
    return true;
}
