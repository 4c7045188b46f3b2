// libpq, loaded when its first function is called.
//
// A program that names it as a library it needs has it loaded at every start, with LDAP, Kerberos, GnuTLS and fifteen
// more behind it: 5 ms, also for `shopctl --help`. Each function here has the name and type of that in libpq which it
// calls. To use another function of libpq, add a line; without one the program does not link.

#include "shim.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

// The name that Debian's package libpq5 gives it, and what its libpq-dev would have the program need.
#define LIBPQ "libpq.so.5"

#define FUNCTIONS(F, P)                                                                                              \
    F(int, PQbackendPID, (const PGconn *connection), (connection))                                                   \
    F(int, PQcancel, (PGcancel *cancel, char *error, int size), (cancel, error, size))                               \
    P(PQclear, (PGresult *result), (result))                                                                         \
    F(char *, PQcmdStatus, (PGresult *result), (result))                                                             \
    F(char *, PQcmdTuples, (PGresult *result), (result))                                                             \
    F(PostgresPollingStatusType, PQconnectPoll, (PGconn *connection), (connection))                                  \
    F(PGconn *, PQconnectStartParams, (const char *const *keywords, const char *const *values, int expand),          \
      (keywords, values, expand))                                                                                    \
    P(PQconninfoFree, (PQconninfoOption *options), (options))                                                        \
    F(PQconninfoOption *, PQconninfoParse, (const char *text, char **error), (text, error))                          \
    F(int, PQconsumeInput, (PGconn *connection), (connection))                                                       \
    F(int, PQenterPipelineMode, (PGconn *connection), (connection))                                                  \
    F(char *, PQerrorMessage, (const PGconn *connection), (connection))                                              \
    F(int, PQexitPipelineMode, (PGconn *connection), (connection))                                                   \
    P(PQfinish, (PGconn *connection), (connection))                                                                  \
    F(int, PQflush, (PGconn *connection), (connection))                                                              \
    F(char *, PQfname, (const PGresult *result, int column), (result, column))                                       \
    P(PQfreeCancel, (PGcancel *cancel), (cancel))                                                                    \
    P(PQfreemem, (void *memory), (memory))                                                                           \
    F(Oid, PQftype, (const PGresult *result, int column), (result, column))                                          \
    F(PGcancel *, PQgetCancel, (PGconn *connection), (connection))                                                   \
    F(PGresult *, PQgetResult, (PGconn *connection), (connection))                                                   \
    F(int, PQgetisnull, (const PGresult *result, int row, int column), (result, row, column))                        \
    F(int, PQgetlength, (const PGresult *result, int row, int column), (result, row, column))                        \
    F(char *, PQgetvalue, (const PGresult *result, int row, int column), (result, row, column))                      \
    F(int, PQisBusy, (PGconn *connection), (connection))                                                             \
    F(int, PQnfields, (const PGresult *result), (result))                                                            \
    F(PGnotify *, PQnotifies, (PGconn *connection), (connection))                                                    \
    F(int, PQntuples, (const PGresult *result), (result))                                                            \
    F(int, PQpipelineSync, (PGconn *connection), (connection))                                                       \
    F(int, PQputCopyEnd, (PGconn *connection, const char *error), (connection, error))                               \
    F(char *, PQresultErrorField, (const PGresult *result, int field), (result, field))                              \
    F(char *, PQresultErrorMessage, (const PGresult *result), (result))                                              \
    F(ExecStatusType, PQresultStatus, (const PGresult *result), (result))                                            \
    F(int, PQsendPrepare,                                                                                            \
      (PGconn *connection, const char *name, const char *query, int count, const Oid *types),                        \
      (connection, name, query, count, types))                                                                       \
    F(int, PQsendQuery, (PGconn *connection, const char *query), (connection, query))                                \
    F(int, PQsendQueryParams,                                                                                        \
      (PGconn *connection, const char *query, int count, const Oid *types, const char *const *values,                \
       const int *lengths, const int *formats, int format),                                                          \
      (connection, query, count, types, values, lengths, formats, format))                                           \
    F(int, PQsendQueryPrepared,                                                                                      \
      (PGconn *connection, const char *name, int count, const char *const *values, const int *lengths,               \
       const int *formats, int format),                                                                              \
      (connection, name, count, values, lengths, formats, format))                                                   \
    F(PGVerbosity, PQsetErrorVerbosity, (PGconn *connection, PGVerbosity verbosity), (connection, verbosity))        \
    F(PQnoticeReceiver, PQsetNoticeReceiver, (PGconn *connection, PQnoticeReceiver receiver, void *context),         \
      (connection, receiver, context))                                                                               \
    F(int, PQsetnonblocking, (PGconn *connection, int on), (connection, on))                                         \
    F(int, PQsocket, (const PGconn *connection), (connection))                                                       \
    F(ConnStatusType, PQstatus, (const PGconn *connection), (connection))                                            \
    F(PGTransactionStatusType, PQtransactionStatus, (const PGconn *connection), (connection))

// What libpq's functions are, once it is loaded.
#define POINTER(type, name, parameters, arguments) static type(*real_##name) parameters;
#define POINTER_OF_PROCEDURE(name, parameters, arguments) POINTER(void, name, parameters, arguments)
FUNCTIONS(POINTER, POINTER_OF_PROCEDURE)

static pthread_once_t once = PTHREAD_ONCE_INIT;
// Looked at before each call, of which there is one a value: less than a call of pthread_once.
static bool loaded;

// Without libpq there is no way on; the status and the words are those of the loader.
static void fail(void) {
    fprintf(stderr, "shopctl: error while loading shared libraries: %s\n", dlerror());
    _Exit(127);
}

static void *find(void *library, const char *name) {
    void *function = dlsym(library, name);
    if (function == NULL) fail();
    return function;
}

static void load(void) {
    void *library = dlopen(LIBPQ, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) fail();
#define FIND(type, name, parameters, arguments) real_##name = (type(*) parameters)find(library, #name);
#define FIND_PROCEDURE(name, parameters, arguments) FIND(void, name, parameters, arguments)
    FUNCTIONS(FIND, FIND_PROCEDURE)
    __atomic_store_n(&loaded, true, __ATOMIC_RELEASE);
}

static void ready(void) { pthread_once(&once, load); }

// Hidden: libpq's own calls of its functions stay inside it, whatever the program exports.
#define CALL(type, name, parameters, arguments)                      \
    __attribute__((visibility("hidden"))) type name parameters {     \
        if (!__atomic_load_n(&loaded, __ATOMIC_ACQUIRE)) ready();    \
        return real_##name arguments;                                \
    }
#define CALL_PROCEDURE(name, parameters, arguments)                  \
    __attribute__((visibility("hidden"))) void name parameters {     \
        if (!__atomic_load_n(&loaded, __ATOMIC_ACQUIRE)) ready();    \
        real_##name arguments;                                       \
    }
FUNCTIONS(CALL, CALL_PROCEDURE)
