# Orders a second, beside what PostgreSQL alone does with the same seven transactions. Sourced by Benchmarks/run.
# shellcheck shell=bash disable=SC2034,SC2154

# Orders a second of pgbench: no broker, no HTTP, sixteen clients.
postgres_alone() {
    local output
    PGOPTIONS="-c search_path=postgres_alone" attended pgbench -n -f Benchmarks/PostgresAlone/order.sql -c 16 -j 2 -T "$seconds" \
        "$DATABASE_URL" >"$work/pgbench.log" 2>&1 || fail "pgbench: $(tail -n 3 "$work/pgbench.log")"
    output=$(awk '/^tps/ { print $3 }' "$work/pgbench.log")
    note orders "PostgreSQL alone" "$output"
}

order_load() { # NAME CLIENTS [REQUESTS [arguments of shop-load]]
    local name=$1 clients=$2 requests=${3:-orders}
    shift $(($# > 3 ? 3 : $#))
    measure orders "$name" "$clients" "$requests" --header "Prefer: wait=20" --expect '"state":"confirmed"' "$@"
}

bench_orders() {
    local peak
    sql -c "CREATE SCHEMA postgres_alone"
    PGOPTIONS="-c search_path=postgres_alone" sql -f Benchmarks/PostgresAlone/schema.sql >"$work/psql.log"
    postgres_alone
    start_shop one
    seed
    order_load "one process, 64 clients" 64
    peak=$(last .load.per_second)
    order_load "one process, 256 clients" 256
    order_load "one process, 8 clients" 8
    order_load "one process, a lone client" 1
    order_load "one process, half the peak load" 64 orders --rate "$(jq -n "$peak / 2")"
    order_load "one process, 64 buyers of one product" 64 hot-orders
    start_shop five
    order_load "five processes, 64 clients" 64
    start_shop two
    order_load "two replicas of each role, 64 clients" 64
    postgres_alone
}

# Statements are counted apart from the rest, since counting costs time. What is listed takes the most of it.
bench_statements() {
    local clients
    start_shop one
    seed
    for clients in 64 1; do
        count_statements yes
        order_load "one process, $clients clients, statements counted" "$clients"
        sql -c "SELECT coalesce(json_agg(top), '[]') FROM (
            SELECT d.datname AS database, s.calls, s.rows, round(s.total_exec_time::numeric) AS ms,
                left(regexp_replace(s.query, '\s+', ' ', 'g'), 160) AS query
            FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid WHERE d.datname LIKE 'shop_%'
            ORDER BY s.total_exec_time DESC LIMIT 25) AS top" >"$work/top.json"
        jq -c --arg name "$clients clients" --argjson orders "$(last .load.exchanges)" \
            '{part: "top", name: $name, orders: $orders, statements: .}' "$work/top.json" >>"$results"
        count_statements no
    done
}
