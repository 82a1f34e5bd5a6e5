/* forecast: what the coming months will bring, policy by policy, as the database is now.
 *
 * Subjects come from the judgement of the scan as of the last day of the horizon (judge.h), and
 * each counts in the month of its due date, so windows, year ends, several rules, leap days and
 * ends that are already known for a day to come are as the nights will see them.  A policy counts
 * for itself: a subject of two policies is in both.
 *
 *   backlog + the months' `subjects` + held + beyond + open_ended + uncovered
 *       = subjects, the rows of the subject table
 *
 * Rows are counted exactly, as retention plan counts them: those that the deletes would reach now.
 * Not in it: rows of tables under `owns` (who still refers to them shows only while deleting).
 *
 * What nobody can know: agreements that end, begin again or get a complaint, rows that come in
 * before a subject goes, holds placed or released, subjects that turn out to be blocked or to share
 * rows with somebody who stays, speed on a machine that does something else.  Reads only; logs
 * nothing. */
#pragma once

#include <jansson.h>

#include "common/db.h"
#include "jobs/job.h"

enum { FORECAST_MONTHS = 24, FORECAST_MOST_MONTHS = 120 };

/* months: 1..FORECAST_MOST_MONTHS, beginning with that of ctx->as_of.  Every day has its night, and
 * who becomes due on it goes in it.
 *
 * *ret_months: an array with an object for each, {policy, month ("2026-11"),
 *   backlog   subjects due on or before the as-of date: all of them in the first month, else 0
 *   subjects  that become due in the month
 *   rows      of both
 *   bytes     that they become in the archive; null when nothing is known to tell it from
 *   seconds   that they take, and the scans of the month's nights; null when never measured}
 *
 * *ret_figures: an object {policy,
 *   subjects, backlog, held, beyond, open_ended, uncovered: they add up, see above
 *     held        would be due within the months, but for a hold
 *     beyond      due later
 *     open_ended  an end is open: never due as things stand
 *   blocked       of the backlog: could not go when last tried
 *   backlog_rows, backlog_bytes, backlog_seconds (without scans)
 *   backlog_ends  the date whose night leaves nothing undone, if every night uses the whole of
 *                 run.max_minutes and whoever is not blocked goes; null when that is nobody, when
 *                 it lasts longer than the months, or when the speed is not known
 *   brake         a run as of now would refuse without --accept-volume: so many are due
 *   horizon_ends  the last day of the last month
 *   runs_measured, rows_per_second, run_seconds, scan_seconds, bytes_per_row, segment_bytes:
 *                 of the latest runs (sql/retention/measure_runs.sql); null when unknown
 *   bytes_measured  true: bytes are those of the archive; false: of the tables, estimated}
 *
 * The caller owns both (json_decref); they are untouched on failure.  ERR_USAGE, with the reasons
 * on stderr, when the policy is refused as retention plan would.  Call it inside a transaction
 * (DB_REPEATABLE_READ_ONLY): its figures then come from one state of the database.  Takes about as
 * long as a scan and a count of the rows that go. */
MUST_CHECK bool forecast_policy(const struct job_ctx *ctx, struct db *db,
                                const struct policy *policy, int months, json_t **ret_months,
                                json_t **ret_figures, struct error *err);
