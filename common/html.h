/* html: text that came from elsewhere, inside a page of HTML.  UTF-8.  Never logs. */
#pragma once

#include "common/text.h"

/* Appends the value for element content and for attributes in double quotes. */
void html_escape(struct text *t, const char *value);

/* Appends the value as element content for people: control characters, and marks that turn the
 * direction of writing, are shown as \x1b and \u202e; LF and CRLF become <br>.  Anything that is
 * not plain ASCII stands in <bdi>, so that text written from right to left leaves what is beside
 * it in its order. */
void html_show(struct text *t, const char *value);

/* Appends the value as a string of CSS, with its quotes; it can end neither the string nor the
 * <style> element.  Control characters become blanks. */
void html_css_string(struct text *t, const char *value);
