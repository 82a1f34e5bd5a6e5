/* pack_readme: README.txt of a pack: what is in it, and how to check it with sha256sum, openssl and
 * the shell alone. */
#pragma once

#include "common/document.h"
#include "jobs/report/pack_evidence.h"

/* d: any report of the pack: organisation, period and language are taken from it.  The commands, in
 * lines that begin with four blanks, are the same in both languages. */
void pack_readme_add(struct text *t, const struct document *d, const struct pack_evidence *evidence,
                     bool with_signature);
