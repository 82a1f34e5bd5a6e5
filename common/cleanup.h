/* cleanup: release by scope.  CLEANUP(fn) before a declaration calls fn(&variable) when the scope
 * ends; the variable is initialised to NULL or {0}, and every fn accepts that.
 * MUST_CHECK marks results that may not be ignored; PRINTF_LIKE lets the compiler check formats. */
#pragma once

#define CLEANUP(fn) __attribute__((cleanup(fn)))
#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])
