/* mail_library: what mail and mail_bounce share of GMime; not for others. */
#pragma once

/* Starts GMime once; any thread.  It is never ended: what it keeps stays reachable. */
void mail_library_start(void);

/* For CLEANUP of any object of GMime. */
void mail_library_release(void *pointer);
