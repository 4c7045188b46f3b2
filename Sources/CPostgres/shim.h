#ifndef SHOPCTL_CPOSTGRES_SHIM_H
#define SHOPCTL_CPOSTGRES_SHIM_H

#include <libpq-fe.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>

// Field codes for PQresultErrorField. postgres_ext.h has them as character macros, which Swift imports
// with a width that depends on the platform's `char`; constants have one type everywhere.
static const int pg_diag_severity_nonlocalized = 'V';
static const int pg_diag_sqlstate = 'C';
static const int pg_diag_message_primary = 'M';
static const int pg_diag_message_detail = 'D';
static const int pg_diag_message_hint = 'H';
static const int pg_diag_statement_position = 'P';
static const int pg_diag_schema_name = 's';
static const int pg_diag_table_name = 't';
static const int pg_diag_column_name = 'c';
static const int pg_diag_constraint_name = 'n';
static const int pg_diag_source_function = 'R';

// Linux calls that Swift's Glibc module does not have, or that are variadic.
static inline int pg_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }
static inline void pg_set_thread_name(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

#endif
