/* editor: lets a person edit a file, as `git commit` does, and keeps what was typed.
 *
 *   draft_create   the template is on the disk before the editor sees it
 *   editor_edit    ... the person writes and saves ...
 *   form_read      input with faults: form_annotate, draft_write, editor_edit again
 *   draft_remove   only when what was typed is safe elsewhere (registered and committed)
 * On every other way out the caller leaves the draft, or calls draft_keep, and prints its path;
 * `-f PATH` takes it up again.  Nothing here removes a draft but draft_remove.  Never logs.
 *
 * Drafts are files 0600, "<prefix>.<six letters>.conf", in $XDG_STATE_HOME/waarborg, or
 * $HOME/.local/state/waarborg when that is not set (or not absolute, as the XDG specification
 * says); that directory is made 0700 and must stay so.  Neither set: ERR_USAGE that names both.
 * The directory for temporary files is no place: it is emptied at a reboot. */
#pragma once

#include <stddef.h>

#include "common/error.h"

/* Runs $VISUAL, else $EDITOR, else `editor`, else `vi`, on the file and waits for it.  The value is
 * a shell command, options and quotes included.  It gets the terminal, also when our standard input
 * or output is not; SIGINT and SIGQUIT are its own meanwhile, not ours.
 * ERR_USAGE: no terminal and no variable set (the mend is -f FILE or --set), no such editor, or it
 * ended otherwise than with exit code 0: what was saved stays in the file. */
MUST_CHECK bool editor_edit(const char *path, struct error *err);

/* Writes a new draft and fsyncs it and its directory.  prefix: a plain name, "breach-open".
 * *ret_path is absolute and freed by the caller. */
MUST_CHECK bool draft_create(const char *prefix, const char *bytes, size_t length, char **ret_path,
                             struct error *err);
/* Replaces the whole draft: after a crash it holds the old or the new text. */
MUST_CHECK bool draft_write(const char *path, const char *bytes, size_t length, struct error *err);
/* Editors need not fsync: makes sure that what was saved survives a power cut, readable by nobody
 * else. */
MUST_CHECK bool draft_keep(const char *path, struct error *err);
/* With the copy that editors leave beside it ("...~").  A draft that is not there is fine. */
MUST_CHECK bool draft_remove(const char *path, struct error *err);
