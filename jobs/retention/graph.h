/* graph: the tables that hold rows of a subject, with the keys that lead from one to the next.
 *
 * Built from the catalogue and the policy: starting at the subject table, every foreign key that
 * refers to a table of the graph brings in the table it stands on, again and again; `links` count
 * as keys.  Tables under `owns` come in as parents, tables with a `detach` column only to be
 * unlinked, tables under `outside` never.
 *
 * A partitioned table is one table (its root); a key that stands on some partitions only is a key
 * of the root restricted to those.  A table that inherits (INHERITS) is a table of its own with the
 * keys of its parent, because rows of it are not seen through ONLY.
 *
 * Life cycle: graph_build, use read-only, graph_free.  Indices into tables and keys stay valid. */
#pragma once

#include <stdint.h>

#include "common/db.h"
#include "jobs/retention/problem.h"
#include "jobs/settings/policy.h"

enum table_role {
    TABLE_SUBJECT, /* always tables[0] */
    TABLE_MEMBER,  /* its rows lead to a subject */
    TABLE_OWNED,   /* goes once nothing refers to it any more */
    TABLE_TOUCHED, /* stays; a detach column of it is set to NULL */
};

struct graph_column {
    char *name;
    char *type;     /* format_type */
    char *key_type; /* the same without length or domain: what its keys are cast to */
    char *equals;   /* "=" or OPERATOR("schema".=) */
    bool not_null;
    bool generated; /* GENERATED ALWAYS AS (...) STORED: left out of the archive */
};

struct graph_table {
    uint32_t oid;
    char *schema, *name;
    char *sql;     /* "schema"."name" */
    char *display; /* schema.name for people, quoted where needed */
    bool partitioned;
    enum table_role role;
    struct graph_column *columns;
    size_t column_count;
    char **primary_key;
    size_t primary_key_count, trigger_count;
    char **triggers;    /* definitions of the users' own, partitions included */
    bool may_keep_rows; /* a BEFORE DELETE trigger FOR EACH ROW may keep one from being deleted */
    int64_t row_estimate;
    int64_t bytes;
    size_t depth;   /* keys between it and the subject */
    bool recursive; /* has a key to itself that is followed */
};

enum key_use {
    KEY_FOLLOW,  /* rows of child belong to the subjects of the parent row */
    KEY_SELF,    /* as KEY_FOLLOW, child and parent are the same member table */
    KEY_BACK,    /* closes a cycle: not followed, only minded when deleting */
    KEY_SUBJECT, /* stands on the subject table: subjects do not belong to one another */
    KEY_DETACH,  /* set to NULL before its parent goes */
    KEY_OWNED,   /* child is in the graph, parent is owned */
    KEY_GUARD,   /* child is outside, parent is owned: keeps the parent row */
};

enum key_relax { RELAX_NONE, RELAX_NULL, RELAX_DEFER }; /* how a cycle is broken at this key */

struct graph_key {
    size_t child, parent; /* indices of tables; child is SIZE_MAX for KEY_GUARD */
    char *child_sql;      /* quoted name, also for KEY_GUARD */
    char *child_display;
    char *constraint; /* NULL for a link */
    char **columns, **to;
    char **operators; /* "=" or OPERATOR("schema".=), as the key itself compares */
    size_t column_count;
    char **nullable; /* what is set to NULL: detach column, or nullable columns of the key */
    size_t nullable_count;
    char on_delete; /* pg_constraint.confdeltype: a r c n d; 'a' for a link */
    bool deferrable;
    bool enforced;  /* a valid foreign key whose triggers are enabled, NO ACTION or RESTRICT */
    bool inherited; /* copied from the table that child inherits from */
    bool unique_target;
    enum key_use use;
    enum key_relax relax;
    char *partitions; /* oid[] literal when it stands on some partitions only, else NULL */
};

struct graph {
    const struct policy *policy;
    struct graph_table *tables;
    size_t table_count, table_capacity;
    struct graph_key *keys;
    size_t key_count, key_capacity;
    size_t *order; /* members and subject, children before parents, then owned tables */
    size_t order_count, subject_key_count;
    char **subject_key;       /* column names, as policy->key */
    char **subject_key_types; /* key_type of each */
};

/* Builds the graph.  Faults of policy and schema go to `problems`; with a refusal among them the
 * graph may be incomplete and must not be used for anything but showing it.  false only when the
 * database fails. */
MUST_CHECK bool graph_build(struct db *db, const struct policy *policy, struct graph *ret_graph,
                            struct problem_list *problems, struct error *err);
void graph_free(struct graph *g);

/* The tables as an oid[] for a parameter (free it), all or without those only touched. */
char *graph_oids(const struct graph *g, bool with_touched);
/* Index of the table, or SIZE_MAX. */
size_t graph_find_table(const struct graph *g, const char *schema, const char *name);
const struct graph_column *graph_find_column(const struct graph_table *t, const char *name);
/* How these columns of t compare with others of their type; borrowed, free the array only. */
char **graph_operators(const struct graph_table *t, char *const *columns, size_t count);

/* Key refers to the subject by the subject key itself, column for column? */
bool graph_key_is_direct(const struct graph *g, const struct graph_key *k);
/* Keys whose rows make t's rows belong: KEY_FOLLOW with this child. */
bool graph_is_followed(const struct graph_key *k, size_t child);
/* Can a row of this table belong to two subjects? */
bool graph_is_shareable(const struct graph *g, size_t table);
