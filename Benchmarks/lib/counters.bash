# Counters of processes, database and broker. Sourced by Benchmarks/run.
# shellcheck shell=bash disable=SC2034,SC2154

# Seconds of CPU that processes, and children they have waited for, have used.
cpu_seconds() { # PID...
    local pid
    for pid; do cat "/proc/$pid/stat" 2>/dev/null || true; done | awk -v hertz="$(getconf CLK_TCK)" \
        '{ sub(/^.*\) /, ""); sum += $12 + $13 + $14 + $15 } END { printf "%.2f\n", sum / hertz }'
}

# Megabytes of memory of processes: resident, and with `Pss` each shared page divided among those that share it.
memory() { # Rss|Pss PID...
    local field=$1 pid
    shift
    for pid; do cat "/proc/$pid/smaps_rollup" 2>/dev/null || true; done \
        | awk -v field="$field:" '$1 == field { sum += $2 } END { printf "%.1f\n", sum / 1024 }'
}

postgres_pids() {
    local postmaster
    postmaster=$(server_pid postgres)
    echo "$postmaster"
    pgrep -P "$postmaster"
}

# Messages of all queues since the broker's start, by what became of them.
broker_counters() {
    local tool
    tool=$(command -v erl_call || echo /usr/lib/erlang/lib/erl_interface-*/bin/erl_call)
    HOME=$(state .rabbitmq.home) ERL_EPMD_PORT=$(state .rabbitmq.epmd_port) \
        "$tool" -h "bench_$$" -n "$(state .rabbitmq.node_name)" -timeout 30 -e <<'ERLANG' \
        | sed 's/^{ok, "\(.*\)"}$/\1/'
Totals = maps:values(rabbit_global_counters:overview()),
Sum = fun(Key) -> lists:sum([maps:get(Key, Each, 0) || Each <- Totals]) end,
lists:flatten(io_lib:format("~b ~b ~b", [Sum(messages_received_total), Sum(messages_delivered_total), Sum(messages_acknowledged_total)])).
ERLANG
}

# Everything that is counted, as JSON.
counters() {
    local postgres broker
    mapfile -t postgres < <(postgres_pids)
    broker=$(broker_counters)
    sql -c "SELECT json_build_object(
        'commits', (SELECT sum(xact_commit) FROM pg_stat_database WHERE datname LIKE 'shop_%'),
        'rows_written', (SELECT sum(tup_inserted + tup_updated + tup_deleted) FROM pg_stat_database
            WHERE datname LIKE 'shop_%'),
        'wal_bytes', pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0'),
        'wal_syncs', (SELECT wal_sync FROM pg_stat_wal),
        'statements', (SELECT coalesce(sum(calls), 0) FROM pg_stat_statements))" \
        | jq -c --arg broker "$broker" --argjson shopctl "$(cpu_seconds "${shop_pids[@]}")" \
            --argjson postgres "$(cpu_seconds "${postgres[@]}")" \
            --argjson rabbitmq "$(cpu_seconds "$(server_pid beam.smp)")" \
            --argjson redis "$(cpu_seconds "$(server_pid redis-server)")" '
            ($broker / " " | map(tonumber)) as $messages
            | . + {cpu_shopctl: $shopctl, cpu_postgres: $postgres, cpu_rabbitmq: $rabbitmq, cpu_redis: $redis,
                   published: $messages[0], delivered: $messages[1], acknowledged: $messages[2]}'
}

# Resident memory of everything, as JSON.
memories() {
    local postgres
    mapfile -t postgres < <(postgres_pids)
    jq -nc --argjson shopctl "$(memory Rss "${shop_pids[@]}")" --argjson postgres "$(memory Pss "${postgres[@]}")" \
        --argjson rabbitmq "$(memory Rss "$(server_pid beam.smp)")" \
        --argjson redis "$(memory Rss "$(server_pid redis-server)")" \
        '{shopctl: $shopctl, postgres: $postgres, rabbitmq: $rabbitmq, redis: $redis}'
}

# Has statements counted from now on, or no longer.
count_statements() { # yes|no
    local track=none
    [ "$1" = no ] || track=top
    sql -c "ALTER SYSTEM SET pg_stat_statements.track = '$track'" -c "SELECT pg_reload_conf()" \
        -c "SELECT pg_stat_statements_reset()" >"$work/psql.log"
}
