#ifndef SHOPCTL_CPOSTGRES_SHIM_H
#define SHOPCTL_CPOSTGRES_SHIM_H

// Debian has it in a folder of its own, others have it among the rest.
#if __has_include(<postgresql/libpq-fe.h>)
#include <postgresql/libpq-fe.h>
#else
#include <libpq-fe.h>
#endif

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

#endif
