/* protocol: what waarborg does in which order, so that nothing is ever lost.
 *
 * A model for spin; check.sh looks at every state that it can reach.  Terms are those of the README.
 * One inline is one step; between any two steps anything under "What goes wrong" may happen.  The
 * order of the steps is in `Program`, near the end: read that first.
 *
 * Abstraction, step by step
 *   subject          one bit: its rows are all there or all gone (one DELETE ... RETURNING feeds the
 *                    segment; that what is archived is what was deleted is for other tests)
 *   batch            one subject, so two due subjects are two batches of one run; a re-erasure takes
 *                    all who are back in one.  Lock and second judgement are one step
 *   database         what is committed.  A transaction's changes stand in tx_* until the server
 *                    carries COMMIT out.  That PostgreSQL takes all or nothing, and keeps it through
 *                    a crash, is assumed
 *   session          of the connection that works.  It may outlive its program or its connection;
 *                    as long as it does, it holds the lock of its place (run_lock 1..16).  The run's
 *                    first connection is run_lock: it ends with the program or the server
 *   segment file,    name and bytes, each as the program sees it and as a power cut would leave it:
 *   manifest         fsync keeps bytes, fsync of the directory keeps names.  A disk may keep other
 *                    bytes than it was given; only reading back tells.  One directory
 *   journal          the set of its lines, as seen and as on the disk: a line is written, then
 *                    synced.  A cut may tear the last one.  How lines are linked is for other tests
 *   reconcile        reads the ledger in one step and compares it with directory and journal, which
 *                    the locks keep others from changing (`hold add` writes a line of its own kind)
 *   archive expire   row lock, mark, COMMIT, line, unlink; any segment may be past its term
 *   hold add         on a subject in the database: its row is locked first.  On one in the archive:
 *                    the ledger row of its segment is, then the line; acknowledged after the line
 *   administrator    restores, at any moment, a backup that was taken at any moment; and runs
 *                    `retention run --re-erase` when a run has refused
 *
 * What goes wrong: FAULTS times in all, any of
 *   the program killed, in the middle of a line, too; a power cut of program and disk, with or
 *   without the server; the server killed; the connection cut, with COMMIT on its way or not;
 * and besides, so often at most: the disk keeps other bytes (LIES), the server refuses COMMIT
 * (REFUSALS), the database is restored (RESTORES).
 *
 * Not modelled: more than one worker in a run (they record their batches one by one under a mutex);
 *   splitting of batches; files, journal or ledger that somebody changed, lost or put back;
 *   `archive restore`; release of holds; a second month's directory; holds on subjects in the
 *   database that are younger than the backup (the restore takes them away: the administrator
 *   places them again); together with holds, a restore while a program stands between COMMIT and
 *   line (the administrator stops it first).
 *
 * Deliberate mistakes, each a -D switch that check.sh must see fail, stand in #ifdef at the step
 * they spoil. */

#ifndef SUBJECTS
#define SUBJECTS 2
#endif
#ifndef SEGMENTS
#define SEGMENTS 4
#endif
#ifndef PROGRAMS
#define PROGRAMS 1
#endif
#ifndef FAULTS
#define FAULTS 2
#endif
#ifndef LIES
#define LIES 1
#endif
#ifndef REFUSALS
#define REFUSALS 1
#endif
#ifndef RESTORES
#define RESTORES 0
#endif
#ifndef HOLDS
#define HOLDS 0
#endif
#ifndef EXPIRIES
#define EXPIRIES 0
#endif

#define EVERYBODY ((1 << SUBJECTS) - 1)
#define BIT(x) (1 << (x))
#define HAS(set, x) (((set) >> (x)) & 1)
#define INCLUDES(set, part) (((part) & ~(set)) == 0)

/* ---- properties ----
 * Each is a variable that stays true, so that pan names the one that failed. */

bool no_row_lost = true;      /* rows are in the database, in the archive, or lawfully expired */
bool nobody_twice = true;     /* no second disposal in the journal without a re-erasure between */
bool one_line_each = true;    /* nothing is told twice */
bool journal_readable = true; /* no line is glued to a torn one */
bool in_order = true;         /* after recovery ledger = journal = directory and nothing is left */
bool no_false_alarm = true;   /* exit 4 only after a restore, and then --re-erase cures it */
bool held_stays = true;       /* what is held is neither disposed of nor destroyed */
bool nobody_is_back = true;   /* a night that ended well leaves nobody whom the journal erased */
bool one_chain = true;        /* no two segments of the ledger have one number in the chain */
/* And without a name: no cycle in which no night ever ends well (check.sh: progress). */

#define PROPERTY(name, holds) \
    name = (holds);           \
    assert(name)

/* ---- the database ---- */

typedef Database {
    byte rows = EVERYBODY; /* subjects */
    byte held;      /* subjects: hold rows */
    byte segments;  /* ledger rows */
    byte destroyed; /* ledger rows that say so */
    byte returned;  /* subjects that a re-erasure still has to look for */
}
Database db, backup;

mtype = { gone, open, commit_sent, committed, refused }; /* a session */
mtype session[PROGRAMS] = gone;
bool connected[PROGRAMS];    /* the program's end of it */
byte tx_rows[PROGRAMS];      /* to be deleted, locked */
byte tx_segments[PROGRAMS];  /* ledger rows to be added */
byte tx_destroyed[PROGRAMS]; /* ledger rows to be marked, locked */
byte tx_held[PROGRAMS];
byte tx_returned[PROGRAMS];

#define NOBODY 255
byte run_lock = NOBODY;  /* advisory lock 0: ends with the program or the server */
byte run_known = NOBODY; /* whose run row is in the database: a restore takes it away */

/* ---- the archive directory: files 0..SEGMENTS-1, manifests behind them ---- */

#define FILES (2 * SEGMENTS)
#define MANIFEST(g) (SEGMENTS + (g))
mtype = { none, temporary, final };
mtype = { unsynced, good, bad };
mtype name[FILES] = none;         /* as seen */
mtype name_on_disk[FILES] = none; /* as after a power cut */
mtype bytes[FILES] = unsynced;
byte subjects[SEGMENTS]; /* what stands in segment and manifest */
byte chain_no[SEGMENTS];
byte claim = NOBODY; /* flock of the directory: ends with the program */

/* ---- the journal ---- */

typedef Journal {
    byte segments;  /* lines "segment" */
    byte expired;   /* lines "expire" */
    byte held;      /* lines "hold", subjects */
    byte told       /* subjects in lines since the last line "re-erase" */
}
Journal journal, journal_on_disk;
bool torn;
byte journal_lock = NOBODY;

/* ---- ghosts: what only the properties know ---- */

byte lawfully_expired; /* subjects */
byte kept, promised;   /* segments that a hold keeps: acknowledged; not yet */
bool was_restored;     /* and not yet re-erased */
bool rules_changed;    /* who was erased and is back is not due under today's rules */

/* ---- budgets ---- */

byte faults = FAULTS, lies = LIES, refusals = REFUSALS, expiries = EXPIRIES;
bool killed[PROGRAMS];
bool hold_under_way;
bool refused_before; /* somebody read the sentence: the next command is run --re-erase */
mtype = { nightly, re_erase, expire };

hidden byte i, count, last, set; /* within one step only */

#define IS_FINAL(g) (name[g] == final && name[MANIFEST(g)] == final)
#define IS_WHOLE(f) (name[f] != none && bytes[f] == good)
#define NOWHERE(f) (name[f] == none && name_on_disk[f] == none)
#define IS_FREE(g)                                                                            \
    (NOWHERE(g) && NOWHERE(MANIFEST(g)) &&                                                    \
     !HAS(db.segments | backup.segments | journal.segments | journal_on_disk.segments, g))

/* ---- checks ---- */

inline check_rows()
{
    set = db.rows | lawfully_expired;
    for (i : 0 .. SEGMENTS - 1) {
        if
        :: IS_WHOLE(i) && IS_WHOLE(MANIFEST(i)) -> set = set | subjects[i]
        :: else
        fi
    }
    PROPERTY(no_row_lost, INCLUDES(set, EVERYBODY))
}

/* set: whom the journal says were erased */
inline find_erased()
{
    set = 0;
    for (i : 0 .. SEGMENTS - 1) {
        if
        :: HAS(journal.segments, i) -> set = set | subjects[i]
        :: else
        fi
    }
}

inline count_segments(which)
{
    count = 0;
    last = 0;
    for (i : 0 .. SEGMENTS - 1) {
        if
        :: HAS(which, i) ->
            count++;
            if
            :: chain_no[i] > last -> last = chain_no[i]
            :: else
            fi
        :: else
        fi
    }
}

inline copy_database(from, to)
{
    to.rows = from.rows;
    to.held = from.held;
    to.segments = from.segments;
    to.destroyed = from.destroyed;
    to.returned = from.returned
}

inline copy_journal(from, to)
{
    to.segments = from.segments;
    to.expired = from.expired;
    to.held = from.held;
    to.told = from.told
}

/* ---- steps on files ---- */

inline write_temporary(f)
{
    d_step {
        name[f] = temporary;
        bytes[f] = unsynced
    }
}

/* fsync, then read back; new_file_read_back.  A disk may keep other bytes. */
inline read_back(f)
{
    atomic {
        if
        :: bytes[f] = good
        :: lies > 0 ->
            lies--;
            bytes[f] = bad
        fi;
#ifndef NO_READ_BACK
        if
        :: bytes[f] == bad -> goto failed
        :: else
        fi
#endif
    }
}

inline rename_to_final(f)
{
    name[f] = final
}

inline sync_directory()
{
    d_step {
        for (i : 0 .. FILES - 1) {
            name_on_disk[i] = name[i]
        };
        i = 0
    }
}

/* new_file_publish */
inline publish(f)
{
    rename_to_final(f);
#ifndef NO_DIRECTORY_SYNC
    sync_directory()
#endif
}

/* file_remove: the directory is synced also when the file was gone */
inline remove(f)
{
    d_step {
        if
        :: f < SEGMENTS && HAS(kept, f % SEGMENTS) ->
            PROPERTY(held_stays, !HAS(journal.segments, f));
            kept = kept & ~BIT(f)
        :: else
        fi;
        name[f] = none;
        bytes[f] = unsynced;
        check_rows()
    };
    sync_directory()
}

/* store_remove_segment: the manifest first; while it stands, its segment must */
inline remove_segment(g)
{
    remove(MANIFEST(g));
    remove(g)
}

/* ---- steps on the journal ---- */

inline lock_journal(me)
{
    atomic {
        journal_lock == NOBODY;
        journal_lock = me
    }
}

inline cut_torn_line()
{
#ifdef TORN_LINE_KEPT
    PROPERTY(journal_readable, !torn);
#endif
    torn = false
}

inline sync_journal()
{
    d_step {
        copy_journal(journal, journal_on_disk);
        journal_lock = NOBODY
    }
}

inline line_segment(me, g)
{
    lock_journal(me);
    d_step {
        cut_torn_line();
        PROPERTY(one_line_each, !HAS(journal.segments, g));
        PROPERTY(nobody_twice, (journal.told & subjects[g]) == 0);
        journal.segments = journal.segments | BIT(g);
        journal.told = journal.told | subjects[g]
    };
    sync_journal()
}

inline line_expire(me, g)
{
    lock_journal(me);
    d_step {
        cut_torn_line();
        PROPERTY(one_line_each, !HAS(journal.expired, g));
        journal.expired = journal.expired | BIT(g)
    };
    sync_journal()
}

inline line_re_erase(me)
{
    lock_journal(me);
    d_step {
        cut_torn_line();
        journal.told = 0
    };
    sync_journal()
}

/* ---- steps in the database ---- */

inline end_transaction(p)
{
    tx_rows[p] = 0;
    tx_segments[p] = 0;
    tx_destroyed[p] = 0;
    tx_held[p] = 0;
    tx_returned[p] = 0
}

#define ALL_SESSIONS_GONE (session[0] == gone && session[PROGRAMS - 1] == gone)

/* run_lock_take: the run, and for a moment every worker's place: no old session is at work */
inline take_run_lock(me)
{
    atomic {
#ifdef RECOVERY_WITHOUT_LOCK
        run_lock == NOBODY;
#else
        run_lock == NOBODY && ALL_SESSIONS_GONE;
#endif
        run_lock = me;
        run_known = me
    }
}

/* flock of the archive directory, never waits */
inline claim_archive(me)
{
    atomic {
#ifdef NO_CLAIM
        claim = me;
#else
        if
        :: claim == NOBODY -> claim = me
        :: else -> goto leave
        fi;
#endif
    }
}

/* worker_connect: waits until the old session has given its place back */
inline connect(me)
{
    atomic {
        session[me] == gone;
        session[me] = open;
        connected[me] = true
    }
}

/* A restore between reconcile and here is not this run's database any more. */
inline find_own_run(me)
{
#ifndef WORKER_JOINS_ANY_DATABASE
    if
    :: run_known == me
    :: else -> goto leave
    fi
#else
    skip
#endif
}

#define LOCKED_ROWS (tx_rows[0] | tx_rows[PROGRAMS - 1])
#define LEDGER_ROWS_TO_BE (tx_segments[0] | tx_segments[PROGRAMS - 1])
#define LOCKED_SEGMENTS (tx_destroyed[0] | tx_destroyed[PROGRAMS - 1])

/* batch: whom to take next, 0 when nobody is left.  One subject, or all who are back. */
inline pick_subjects(me)
{
    find_erased();
    batch = db.rows & ~db.held & ~LOCKED_ROWS;
    if
    :: command == re_erase -> batch = batch & db.returned
    :: else ->
        if
        :: rules_changed -> batch = batch & ~set
        :: else
        fi;
        batch = batch & (~batch + 1)
    fi
}

inline choose_segment_id(me)
{
    g = 0;
    do
    :: IS_FREE(g) && !HAS(LEDGER_ROWS_TO_BE, g) -> break
    :: else -> g++
    od;
    assert(g < SEGMENTS)
}

/* Takes and locks them, judges again, deletes: one DELETE ... RETURNING. */
inline delete_rows(me)
{
    atomic {
        if
        :: !connected[me] -> goto leave
        :: else
        fi;
        d_step {
            pick_subjects(me);
            if
            :: batch == 0
            :: else ->
                tx_rows[me] = batch;
                choose_segment_id(me);
                count_segments(db.segments);
                subjects[g] = batch;
                chain_no[g] = count + 1
            fi
        }
    }
}

/* Ledger row, disposal records, the end of the chain. */
inline write_ledger(me)
{
    atomic {
        if
        :: !connected[me] -> goto failed
        :: else -> tx_segments[me] = BIT(g)
        fi
    }
}

inline send_commit(me)
{
    atomic {
        if
        :: connected[me] -> session[me] = commit_sent
        :: else /* PQexec fails at once; who sent it looks */
        fi
    }
}

/* Waits for the answer.  When it is lost: the old session must be gone before the ledger's answer
 * counts, then the ledger is asked; when nobody can be asked, the files stay for the next run. */
inline await_commit(me)
{
    if
    :: atomic { connected[me] && session[me] == committed -> session[me] = open }
    :: atomic { connected[me] && session[me] == refused -> session[me] = open; goto failed }
    :: !connected[me] ->
#ifdef UNLINK_BEFORE_ASKING
        goto failed;
#endif
#ifndef ASK_WITHOUT_WAITING
        if
        :: connect(me)
        :: goto leave
        fi;
#endif
        if
        :: HAS(db.segments, g)
        :: else -> goto failed
        fi
    fi
}

/* The same for a command that need not know: the next one mends. */
inline await_or_leave(me)
{
    if
    :: atomic { connected[me] && session[me] == committed -> session[me] = open }
    :: atomic { connected[me] && session[me] == refused -> session[me] = open; goto leave }
    :: atomic { !connected[me] -> goto leave }
    fi
}

inline disconnect(me)
{
    atomic {
        if
        :: connected[me] ->
            connected[me] = false;
            session[me] = gone;
            end_transaction(me)
        :: else /* the server ends what is left */
        fi
    }
}

/* ---- reconcile ----
 * ledger, marked: what the ledger said when it was read */

/* On the run's first connection. */
inline read_ledger(me)
{
    atomic {
        if
        :: run_lock == me ->
            ledger = db.segments;
            marked = db.destroyed
        :: else -> goto leave
        fi
    }
}

#define UNKNOWN                                                                             \
    ((journal.segments & ~db.segments) | (journal.expired & ~db.destroyed) |                \
     (journal.held & ~db.held))

/* Journal lines the ledger does not know: the database was restored.  Until those who may be back
 * have been looked for, no ordinary run starts. */
inline refuse_unknown(me)
{
    atomic {
        if
        :: UNKNOWN || db.returned ->
            PROPERTY(no_false_alarm, was_restored);
            if
#ifndef NO_RE_ERASURE
            :: command == re_erase
#endif
            :: else ->
                refused_before = true;
                goto leave
            fi
        :: else
        fi
    }
}

/* --re-erase: ledger rows again from journal and manifests, in one transaction, the line before its
 * COMMIT. */
inline adopt(me)
{
    connect(me);
    atomic {
        find_own_run(me);
        d_step {
            for (i : 0 .. SEGMENTS - 1) {
                PROPERTY(no_false_alarm, !HAS(journal.segments & ~db.segments, i) ||
                                             IS_WHOLE(MANIFEST(i)));
                PROPERTY(no_false_alarm,
                         !HAS(journal.segments & ~db.segments & ~journal.expired, i) ||
                             name[i] == final);
                if
                :: HAS(journal.segments & ~db.segments, i) ->
                    tx_segments[me] = tx_segments[me] | BIT(i);
                    tx_returned[me] = tx_returned[me] | subjects[i]
                :: else
                fi
            }
            tx_destroyed[me] = journal.expired & ~db.destroyed;
            tx_held[me] = journal.held & ~db.held
        }
    };
#ifdef RE_ERASURE_FORGOTTEN
    tx_returned[me] = 0;
#endif
#ifdef HOLD_RENUMBERED_BEFORE_COMMIT /* line "release" of the old number, new one after COMMIT */
    journal.held = 0;
    journal_on_disk.held = 0;
#endif
#ifndef RE_ERASURE_WITHOUT_LINE
    line_re_erase(me);
#endif
    send_commit(me);
    await_or_leave(me);
    disconnect(me);
#ifdef RE_ERASURE_WITHOUT_LINE
    line_re_erase(me);
#endif
#ifdef HOLD_RENUMBERED_BEFORE_COMMIT
    journal.held = db.held;
    journal_on_disk.held = db.held;
#endif
    read_ledger(me)
}

/* Who is held, or not there, need not be looked for any more. */
inline settle_returned(me)
{
    atomic {
        if
        :: connected[me] ->
            db.returned = 0;
            refused_before = false
        :: else -> goto leave
        fi
    }
}

/* Only the last of the chain may lack its line. */
inline refuse_shortened(me)
{
    d_step {
        count_segments(ledger);
        for (i : 0 .. SEGMENTS - 1) {
            PROPERTY(no_false_alarm, !HAS(ledger & ~journal.segments, i) || chain_no[i] == last)
        };
        i = 0
    }
}

inline check_files(me)
{
    d_step {
        for (i : 0 .. SEGMENTS - 1) {
            PROPERTY(no_false_alarm, !HAS(ledger, i) || name[MANIFEST(i)] == final);
            PROPERTY(no_false_alarm, !HAS(ledger & ~marked & ~journal.expired, i) ||
                                         name[i] == final)
        };
        i = 0
    }
}

#ifdef REMOVES_BEFORE_IT_REFUSES
#define TOLD_BY_JOURNAL 0
#else
#define TOLD_BY_JOURNAL journal.segments
#endif
#define IS_ORPHAN(g)                                              \
    ((name[g] == final || name[MANIFEST(g)] == final) &&          \
     !HAS(ledger | TOLD_BY_JOURNAL, g))

/* A run that was cut off leaves one orphan at most, and never a manifest without its segment. */
inline refuse_strangers(me)
{
    d_step {
        count = 0;
        for (i : 0 .. SEGMENTS - 1) {
            if
            :: IS_ORPHAN(i) ->
                count++;
                PROPERTY(no_false_alarm, name[i] == final)
            :: else
            fi
        }
        PROPERTY(no_false_alarm, count <= 1)
    }
}

/* A killed predecessor wrote, renamed or unlinked without coming to its fsync. */
inline sync_what_stands(me)
{
#ifndef JOURNAL_NOT_SYNCED_AT_START
    lock_journal(me);
    sync_journal();
#endif
#ifndef DIRECTORY_NOT_SYNCED_AT_START
    sync_directory()
#else
    skip
#endif
}

inline find_first(members)
{
    d_step {
        g = 0;
        do
        :: HAS(members, g) -> break
        :: else -> g++
        od;
        i = 0
    }
}

inline write_missing_lines(me)
{
    do
    :: ledger & ~journal.segments ->
        find_first(ledger & ~journal.segments);
        line_segment(me, g)
    :: marked & ~journal.expired ->
        find_first(marked & ~journal.expired);
        line_expire(me, g)
    :: else -> break
    od
}

#define IS_LEFTOVER(g) (name[g] == final && HAS(marked, g))

/* Files nobody knows, and files of segments that the ledger says are destroyed. */
inline remove_leftovers(me)
{
    g = 0;
    do
    :: g < SEGMENTS && IS_ORPHAN(g) -> remove_segment(g); g++
    :: g < SEGMENTS && IS_LEFTOVER(g) -> remove(g); g++
    :: atomic { g < SEGMENTS && !IS_ORPHAN(g) && !IS_LEFTOVER(g) -> g++ }
    :: atomic { g == SEGMENTS -> g = 0; break }
    od
}

inline remove_temporaries(me)
{
    do
    :: g < FILES && name[g] == temporary -> remove(g); g++
    :: atomic { g < FILES && name[g] != temporary -> g++ }
    :: atomic { g == FILES -> g = 0; break }
    od
}

/* After recovery everything agrees, on the disk too.  (After a restore meanwhile this is no longer
 * this run's database.) */
inline check_order(me)
{
    d_step {
        if
        :: run_known == me ->
            for (i : 0 .. SEGMENTS - 1) {
                PROPERTY(in_order, name[i] != temporary && name[MANIFEST(i)] != temporary);
                PROPERTY(in_order, (name[MANIFEST(i)] == final) == HAS(db.segments, i));
                PROPERTY(in_order, (name[i] == final) == HAS(db.segments & ~db.destroyed, i))
            }
            PROPERTY(in_order, journal.segments == db.segments &&
                                   journal.expired == db.destroyed);
            if
            :: !db.returned -> was_restored = false
            :: else
            fi
        :: else
        fi
    }
}

inline check_nobody_is_back(me)
{
    d_step {
        if
        :: run_known == me ->
            find_erased();
            PROPERTY(nobody_is_back, (db.rows & set & ~db.held) == 0);
            was_restored = false
        :: else
        fi
    }
}

/* ---- archive expire ---- */

/* Locks the ledger row, looks for holds under the lock, marks it. */
inline mark_destroyed(me)
{
    atomic {
        expiries--;
        if
        :: !connected[me] -> goto leave
        :: else
        fi;
        if
        :: HAS(db.segments & ~db.destroyed, 0) && !(subjects[0] & db.held) -> g = 0
        :: HAS(db.segments & ~db.destroyed, 1) && !(subjects[1] & db.held) -> g = 1
        :: HAS(db.segments & ~db.destroyed, 2) && !(subjects[2] & db.held) -> g = 2
        :: else -> goto leave
        fi;
        tx_destroyed[me] = BIT(g)
    }
}

/* ---- one command after another: the protocol ---- */

/* Of a program that ends or is killed.  Its sessions end when the server notices. */
inline release_locks(p)
{
    if
    :: run_lock == p -> run_lock = NOBODY
    :: else
    fi;
    if
    :: claim == p -> claim = NOBODY
    :: else
    fi;
    if
    :: journal_lock == p -> journal_lock = NOBODY
    :: else
    fi
}

/* Nothing is left of its memory, nor of what stood in files that are gone. */
inline forget_all()
{
    d_step {
        command = nightly;
        batch = 0;
        g = 0;
        ledger = 0;
        marked = 0;
        for (i : 0 .. SEGMENTS - 1) {
            if
            :: IS_FREE(i) && !HAS(LEDGER_ROWS_TO_BE, i) && !LOCKED_ROWS ->
                subjects[i] = 0;
                chain_no[i] = 0
            :: else
            fi
        };
        i = 0
    }
}


proctype Program(byte me)
{
    mtype command = nightly;
    byte batch;          /* subjects under way */
    byte g;              /* their segment */
    byte ledger, marked; /* reconcile */
start:
    {
        atomic {
            if
            :: refused_before -> command = re_erase
            :: !refused_before -> command = nightly
            :: expiries > 0 && !refused_before && db.segments -> command = expire
            fi
        };
#ifdef CLAIM_AFTER_LOCK
        take_run_lock(me);
        claim_archive(me);
#else
        claim_archive(me); /* first: who holds it knows that no other program can open a session */
        take_run_lock(me);
#endif

        /* reconcile: what refuses comes before anything is changed */
        read_ledger(me);
#ifdef REMOVES_BEFORE_IT_REFUSES
        remove_leftovers(me);
#endif
        refuse_unknown(me);
        refuse_shortened(me);
        check_files(me);
        refuse_strangers(me);
        sync_what_stands(me);
        if
        :: command == re_erase && UNKNOWN -> adopt(me)
        :: else
        fi;
        write_missing_lines(me);
        remove_leftovers(me);
        remove_temporaries(me);
        check_order(me);

        connect(me);
        find_own_run(me);
        if
        :: command == expire -> goto expiry
        :: else
        fi;
next_batch:
        delete_rows(me);
        if
        :: batch == 0 -> goto night_over
        :: else
        fi;
        write_temporary(g);
        read_back(g);
#ifndef RENAME_AFTER_COMMIT
        publish(g);
#endif
        write_temporary(MANIFEST(g));
        read_back(MANIFEST(g));
        publish(MANIFEST(g));
        write_ledger(me);
#ifdef JOURNAL_BEFORE_COMMIT
        line_segment(me, g);
#endif
        send_commit(me);
        await_commit(me);
#ifdef RENAME_AFTER_COMMIT
        publish(g);
#endif
#ifndef JOURNAL_BEFORE_COMMIT
        line_segment(me, g);
#endif
        goto next_batch;

failed: /* rolled back; what was written goes */
        disconnect(me);
        remove_segment(g);
        goto leave;

expiry:
        mark_destroyed(me);
#ifdef EXPIRY_UNLINKS_BEFORE_COMMIT
        remove(g);
#endif
        send_commit(me);
        await_or_leave(me);
#ifdef EXPIRY_UNLINKS_BEFORE_LINE
        remove(g);
#endif
        line_expire(me, g);
        remove(g);
        goto leave;

night_over:
        if
        :: command == re_erase -> settle_returned(me)
        :: else
        fi;
progress:
        check_nobody_is_back(me);

leave:
        disconnect(me);
        atomic {
            release_locks(me);
            forget_all();
            goto start
        }
    } unless {
        atomic {
            killed[me] ->
            killed[me] = false;
            forget_all();
            goto start
        }
    }
}

/* ---- the server ---- */

inline carry_out(p)
{
    d_step {
        PROPERTY(held_stays, (tx_rows[p] & db.held) == 0);
        db.rows = db.rows & ~tx_rows[p];
        db.held = db.held | tx_held[p];
        db.returned = (db.returned & ~tx_rows[p]) | tx_returned[p];
        for (i : 0 .. SEGMENTS - 1) {
            if
            :: HAS(tx_segments[p], i) ->
                for (count : 0 .. SEGMENTS - 1) {
                    PROPERTY(one_chain, count == i || !HAS(db.segments | tx_segments[p], count) ||
                                            chain_no[count] != chain_no[i])
                }
            :: else
            fi;
            if
            :: HAS(tx_destroyed[p], i) && !HAS(journal.expired, i) ->
                lawfully_expired = lawfully_expired | subjects[i]
            :: else
            fi
        }
        db.segments = db.segments | tx_segments[p];
        db.destroyed = db.destroyed | tx_destroyed[p];
        end_transaction(p);
        session[p] = committed;
        check_rows()
    }
}

active proctype Server()
{
    byte p;
end:
    do
    :: atomic { session[0] == commit_sent -> carry_out(0) }
    :: atomic { session[0] == commit_sent && refusals > 0 && connected[0] ->
                refusals--; end_transaction(0); session[0] = refused }
    :: atomic { session[0] != gone && !connected[0] -> end_transaction(0); session[0] = gone }
#if PROGRAMS > 1
    :: atomic { session[1] == commit_sent -> carry_out(1) }
    :: atomic { session[1] != gone && !connected[1] -> end_transaction(1); session[1] = gone }
#endif
    od
}

/* ---- what comes from outside ---- */

/* hold add, of subject 0 */

#define KEEPS(g, s) (HAS(db.segments & ~db.destroyed, g) && HAS(subjects[g], s))
#ifdef EXPIRY_WITHOUT_ROW_LOCK
#define ROW_LOCK_IS_FREE true
#else
#define ROW_LOCK_IS_FREE (LOCKED_SEGMENTS == 0)
#endif
#ifdef HOLD_TRUSTS_RESTORED_LEDGER
#define LEDGER_IS_YOUNG true
#else
#define LEDGER_IS_YOUNG (!UNKNOWN)
#endif
#define ARCHIVED(s) (KEEPS(0, s) || KEEPS(1, s) || KEEPS(2, s) || KEEPS(SEGMENTS - 1, s))
#define KEEPING(g) (KEEPS(g, 0) << (g))

#if HOLDS > 0
active proctype Hold()
{
end:
    if
    :: atomic { /* the subject's row is locked: a disposal is waited for */
           HAS(db.rows, 0) && !HAS(LOCKED_ROWS, 0) ->
           db.held = db.held | BIT(0);
           goto answered
       }
    :: atomic { /* the ledger row of its segment is locked: an expiry is waited for */
           !HAS(db.rows, 0) && ROW_LOCK_IS_FREE ->
           if
           :: ARCHIVED(0) && LEDGER_IS_YOUNG ->
               db.held = db.held | BIT(0);
               promised = KEEPING(0) | KEEPING(1) | KEEPING(2) | KEEPING(SEGMENTS - 1);
               hold_under_way = true
           :: else -> goto answered /* refused: destroyed, or the ledger is not to be trusted */
           fi
       }
    fi;
    if
    :: atomic { /* line and fsync */
           journal_lock == NOBODY ->
#ifndef HOLD_NOT_IN_JOURNAL
           cut_torn_line();
           journal.held = journal.held | BIT(0);
           journal_on_disk.held = journal.held;
#endif
           kept = promised
       }
    :: skip /* cut off before its line: nobody was told that it is held */
    fi;
    promised = 0;
    hold_under_way = false;
answered:
    skip
}
#endif

inline program_dies(p)
{
    if
    :: run_lock == p || claim == p ->
        killed[p] = true;
        connected[p] = false;
        release_locks(p)
    :: else
    fi
}

inline programs_die()
{
    program_dies(0);
#if PROGRAMS > 1
    program_dies(1)
#endif
}

inline server_dies()
{
    for (i : 0 .. PROGRAMS - 1) {
        session[i] = gone;
        connected[i] = false;
        end_transaction(i)
    }
    run_lock = NOBODY
}

/* The line that was being written may be there in part. */
inline tear_line()
{
    if
    :: journal.segments != journal_on_disk.segments || journal.expired != journal_on_disk.expired ||
       journal.told != journal_on_disk.told ->
        if
        :: true /* it arrived */
        :: copy_journal(journal_on_disk, journal)
        :: copy_journal(journal_on_disk, journal); torn = true
        fi
    :: else
    fi
}

/* Of a name that was not synced, either may be found; of bytes that were not, anything. */
inline disk_loses_power()
{
    tear_line();
    copy_journal(journal, journal_on_disk);
    f = 0;
    do
    :: f == FILES -> break
    :: f < FILES && name[f] == name_on_disk[f] -> f++
    :: f < FILES && name[f] != name_on_disk[f] -> f++
    :: f < FILES && name[f] != name_on_disk[f] -> name[f] = name_on_disk[f]; f++
    :: f < FILES && name[f] == final && name_on_disk[f] == none -> name[f] = temporary; f++
    od;
    f = 0;
    d_step {
        for (i : 0 .. FILES - 1) {
            name_on_disk[i] = name[i];
            if
            :: name[i] == none -> bytes[i] = unsynced
            :: name[i] != none && bytes[i] == unsynced -> bytes[i] = bad
            :: else
            fi
        }
        check_rows()
    }
}

active proctype Fault()
{
    byte f;
end:
    do
    :: atomic { faults > 0 && (run_lock != NOBODY || claim != NOBODY || !ALL_SESSIONS_GONE) ->
           faults--;
           if
           :: (run_lock == 0 || claim == 0) -> /* killed, perhaps while it wrote a line */
               if
               :: journal_lock == 0 -> tear_line()
               :: else
               fi;
               program_dies(0)
           :: true -> programs_die(); disk_loses_power() /* the database is elsewhere */
           :: true -> programs_die(); server_dies(); disk_loses_power()
           :: true -> server_dies()
           :: connected[0] -> connected[0] = false /* cut; COMMIT may be on its way */
#if PROGRAMS > 1
           :: connected[1] -> connected[1] = false
           :: (run_lock == 1 || claim == 1) -> program_dies(1)
#endif
           fi;
           f = 0
       }
    od
}

#if RESTORES > 0
/* A backup is taken at any moment, and may be put back more than once. */
active proctype Administrator()
{
    byte left = RESTORES, backups = RESTORES;
end:
    do
    :: atomic {
           backups > 0 ->
           backups--;
           copy_database(db, backup)
       }
    :: atomic {
           left > 0 && backups < RESTORES && !hold_under_way ->
           left--;
#if HOLDS > 0
           programs_die();
#endif
           server_dies();
           copy_database(backup, db);
           run_known = NOBODY;
           was_restored = true;
           lawfully_expired = lawfully_expired & ~db.rows;
           if
           :: rules_changed = true
           :: skip
           fi;
           d_step {
               check_rows();
               if
               :: left == 0 ->
                   backup.rows = EVERYBODY;
                   backup.held = 0;
                   backup.segments = 0;
                   backup.destroyed = 0;
                   backup.returned = 0
               :: else
               fi
           }
       }
    od
}
#endif

init
{
    atomic {
        run Program(0);
#if PROGRAMS > 1
        run Program(1)
#endif
    }
}
