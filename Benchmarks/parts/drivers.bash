# The three drivers under many tasks, each beside the server's own tool or the C library. Sourced by Benchmarks/run.
# shellcheck shell=bash disable=SC2034,SC2154

# Measures the driver and its anchor in turn, twice each, and notes the mean of both.
driver() { # NAME ANCHOR OWN OTHER; the last two are functions that print operations a second
    local turn figures=() others=()
    say "drivers: $1"
    for turn in 1 2; do
        attended "$3" >"$work/figure" || fail "$1: no figure"
        figures+=("$(cat "$work/figure")")
        attended "$4" >"$work/figure" || fail "$2: no figure"
        others+=("$(cat "$work/figure")")
    done
    jq -nc --arg name "$1" --arg beside "$2" --argjson own "[$(IFS=, && echo "${figures[*]}")]" \
        --argjson others "[$(IFS=, && echo "${others[*]}")]" \
        '{part: "drivers", name: $name, beside: $beside, value: ($own | add / length), anchor: ($others | add / length)}' \
        >>"$results"
}

postgres_driver() { .build/bench/drivers postgres 64 "$seconds"; }
pgbench_reads() {
    pgbench -n -S -M prepared -c 4 -j 2 -T "$seconds" "$DATABASE_URL" 2>"$work/pgbench.log" | awk '/^tps/ { print $3 }'
}

rabbitmq_driver() { .build/bench/drivers rabbitmq 256 "$seconds"; }
rabbitmq_alone() { .build/bench/rabbitmq-alone 256 "$seconds"; }

redis_driver() { .build/bench/drivers redis 64 "$seconds"; }
redis_gets() { # as a user without a password: others can read command lines
    redis-benchmark -h "$(state .redis.host)" -p "$(state .redis.port)" --user bench -a none -c 1 -P 64 \
        -n "$((seconds * 100000))" -q GET bench 2>"$work/redis.log" | tr '\r' '\n' \
        | sed -n 's/.*: \([0-9.]*\) requests per second.*/\1/p' | tail -n 1
}

bench_drivers() {
    attended Benchmarks/build-drivers >&2
    stop_shop
    attended pgbench -i -q "$DATABASE_URL" >"$work/pgbench.log" 2>&1 || fail "pgbench: $(cat "$work/pgbench.log")"
    .build/bench/rabbitmq-alone
    REDISCLI_AUTH=$(state .redis.password) redis-cli -h "$(state .redis.host)" -p "$(state .redis.port)" \
        ACL SETUSER bench on nopass '~bench' +get +config >"$work/redis.log"
    driver "Postgres, single rows by key, 64 tasks" "pgbench -S -M prepared -c 4" postgres_driver pgbench_reads
    driver "RabbitMQ, confirmed publishes, 256 tasks" "librabbitmq in a loop, 256 unconfirmed" \
        rabbitmq_driver rabbitmq_alone
    driver "Redis, GET, 64 tasks" "redis-benchmark -c 1 -P 64" redis_driver redis_gets
}
