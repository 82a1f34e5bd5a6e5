/* config_scan: looks at a configuration file before libconfig does, for what libconfig lets pass:
 * whole numbers that do not fit (1.5 wraps them), @include, NUL, bytes that are not UTF-8. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* A fault of a line; the sentence is "what is wrong; what is allowed". */
typedef void config_scan_fault(void *context, unsigned line, const char *sentence);

/* True when the text may be given to libconfig, with or without faults. */
bool config_scan(const char *source, size_t length, config_scan_fault *fault, void *context);

/* UTF-8 (RFC 3629) without control characters. */
bool config_scan_is_clean(const char *text, size_t length);
