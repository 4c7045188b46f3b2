# Private servers, durable, and processes of the shop on them. Sourced by Benchmarks/run, which sets `work` and `shopctl`.
# shellcheck shell=bash disable=SC2034,SC2154

data=
servers_pid=
shop_pids=()
gateways=()

state() { jq -r "$1" "$data/state.json"; }

# A descendant of the stack's owner that is a server, by its program.
server_pid() { # PROGRAM
    pgrep -P "$servers_pid" -x "$1" | head -n 1
}

await_file() { # FILE PID
    for _ in $(seq 1200); do
        [ -s "$1" ] && return 0
        kill -0 "$2" 2>/dev/null || return 1
        sleep 0.1
    done
    return 1
}

launch_servers() {
    "$shopctl" dev up --only-servers --data-dir "$data" --ready-file "$work/ready" 2>"$work/servers.log" &
    servers_pid=$!
    await_file "$work/ready" "$servers_pid" || { cat "$work/servers.log" >&2; fail "the servers did not start"; }
    rm -f "$work/ready"
}

stop_servers() {
    [ -n "$servers_pid" ] || return 0
    kill -TERM "$servers_pid" 2>/dev/null || true
    wait "$servers_pid" 2>/dev/null || true
    servers_pid=
}

# Starts PostgreSQL, RabbitMQ and Redis and makes the shop's databases and queues; `dev env` says where they are.
start_servers() {
    data=$work/data
    launch_servers
    # Statements are counted by an extension that is loaded at the start only, and told to count when it is wanted.
    psql -qX "$("$shopctl" dev env --data-dir "$data" | sed -n "s/^export DATABASE_URL='\(.*\)'$/\1/p")" \
        -c "ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'" >"$work/psql.log"
    stop_servers
    launch_servers
    eval "$("$shopctl" dev env --data-dir "$data")"
    sql -c "ALTER SYSTEM SET pg_stat_statements.track = 'none'" -c "SELECT pg_reload_conf()" \
        -c "CREATE EXTENSION pg_stat_statements" >"$work/psql.log"
    [ "$(sql -c 'SHOW fsync')$(sql -c 'SHOW synchronous_commit')" = onon ] || fail "the database is not durable"
    "$shopctl" migrate up >"$work/migrate.log" 2>&1 || { cat "$work/migrate.log" >&2; fail "no migration"; }
}

sql() { psql -qXAt "$DATABASE_URL" "$@"; }

# Sets `port` to one that nobody listens on, below those that the system gives to clients; never the same again.
port=$((20000 + RANDOM % 10000))
next_port() {
    while true; do
        port=$((port + 1))
        (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || return 0
    done
}

# Starts one process of the shop; `ports` has the port of each role and of each process' admin listener.
declare -A ports
launch() { # NAME ROLE...
    local name=$1 role
    shift
    local arguments=(--admin-listen "127.0.0.1:${ports[$name.admin]}")
    for role in gateway products orders customers reviews; do
        if [[ " $* " == *" $role "* || $1 = all ]]; then
            arguments+=("--$role-listen" "127.0.0.1:${ports[$name.$role]}")
        fi
    done
    for role in products orders customers reviews; do
        [ -z "${addresses[$role]:-}" ] || arguments+=("--$role-address" "${addresses[$role]}")
    done
    SHOPCTL_GATEWAY_RATE_LIMIT=0 SHOPCTL_GATEWAY_AUTH_RATE_LIMIT=0 SHOPCTL_SHUTDOWN_DRAIN=0 SHOPCTL_LOG_FORMAT=json \
        "$shopctl" serve "$@" "${arguments[@]}" >"$work/$name.log" 2>&1 &
    shop_pids+=($!)
}

# Runs the shop as one of: one (a process with every role), five (one of each role), two (twice all roles).
declare -A addresses
start_shop() { # LAYOUT
    local name role
    stop_shop
    gateways=()
    addresses=()
    local names=(one)
    case $1 in
    two) names=(one two) ;;
    five) names=(gateway products orders customers reviews) ;;
    esac
    for name in "${names[@]}"; do
        for role in admin gateway products orders customers reviews; do
            next_port
            ports[$name.$role]=$port
        done
    done
    if [ "$1" = five ]; then
        for role in products orders customers reviews; do addresses[$role]=127.0.0.1:${ports[$role.$role]}; done
        for name in "${names[@]}"; do launch "$name" "$name"; done
        gateways=("127.0.0.1:${ports[gateway.gateway]}")
    else
        for name in "${names[@]}"; do
            launch "$name" all
            gateways+=("127.0.0.1:${ports[$name.gateway]}")
        done
    fi
    for name in "${names[@]}"; do
        "$shopctl" health --address "127.0.0.1:${ports[$name.admin]}" --wait 60s >"$work/health.log" 2>&1 \
            || { tail -n 5 "$work"/*.log >&2; fail "the shop did not start: $name"; }
    done
    target=$(IFS=, && echo "${gateways[*]}")
}

stop_shop() {
    [ "${#shop_pids[@]}" -gt 0 ] || return 0
    kill -TERM "${shop_pids[@]}" 2>/dev/null || true
    wait "${shop_pids[@]}" 2>/dev/null || true
    shop_pids=()
}
