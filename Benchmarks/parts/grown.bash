# Orders and pages with a past in the tables, each beside the same without. Sourced by Benchmarks/run.
# shellcheck shell=bash disable=SC2034,SC2154

# Orders of this many are written at once.
past_share=100000
# Lines of a page.
past_page=50

past_sql() { # ROLE [arguments of psql]; past rows are consistent among themselves, so that no trigger checks them
    local url=SHOPCTL_${1^^}_DATABASE_URL
    shift
    PGOPTIONS="-c session_replication_role=replica -c synchronous_commit=off" \
        psql -qXAt "${!url}" --single-transaction -v ON_ERROR_STOP=1 -v total="$past" -v buyers="$buyers" \
        -v base="$past_base" "$@" >>"$work/past.log" 2>&1
}

fill_roles() { # ROLE...
    local role first last
    for role; do
        if [ -e "Benchmarks/Grown/$role-first.sql" ]; then
            past_sql "$role" -f "Benchmarks/Grown/$role-first.sql" || return 1
        fi
        for ((first = 1; first <= past; first += past_share)); do
            last=$((first + past_share - 1 < past ? first + past_share - 1 : past))
            past_sql "$role" -v first="$first" -v last="$last" -f Benchmarks/Grown/past.sql \
                -f "Benchmarks/Grown/$role.sql" || return 1
        done
    done
}

fill_past() { # two roles at a time
    local other
    fill_roles orders reviews &
    other=$!
    fill_roles customers products || { wait "$other"; return 1; }
    wait "$other"
}

# Waits until the server itself has vacuumed and analysed what is new, as it does beside a shop, only without pauses.
await_autovacuum() {
    local role url late
    sql -c "ALTER SYSTEM SET autovacuum_naptime = '1s'" -c "ALTER SYSTEM SET autovacuum_vacuum_cost_delay = 0" \
        -c "SELECT pg_reload_conf()" >"$work/psql.log"
    for role in orders products customers reviews; do
        url=SHOPCTL_${role^^}_DATABASE_URL
        for _ in $(seq 600); do
            late=$(psql -qXAt "${!url}" -c "SELECT count(*) FROM pg_stat_user_tables WHERE n_live_tup > 10000
                AND (n_mod_since_analyze > n_live_tup / 5 OR n_ins_since_vacuum > n_live_tup / 2)") || return 1
            [ "$late" != 0 ] || break
            sleep 1
        done
        [ "$late" = 0 ] || return 1
    done
    while [ "$(sql -c "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'autovacuum worker'")" != 0 ]; do
        sleep 1
    done
    sql -c "ALTER SYSTEM RESET autovacuum_naptime" -c "ALTER SYSTEM RESET autovacuum_vacuum_cost_delay" \
        -c "SELECT pg_reload_conf()" -c "CHECKPOINT" >"$work/psql.log"
}

# The faults that the shop's own examination finds in what was filled in.
past_faults() {
    SHOPCTL_ADMIN_URL="http://127.0.0.1:${ports[one.admin]}" SHOPCTL_GATEWAY_URL="http://${gateways[0]}" \
        "$shopctl" doctor -o json 2>"$work/doctor.log" | jq -c '[.findings[]? | select(.kind | IN(
            "ledger_unbalanced", "balance_wrong", "stock_wrong", "branch_differs", "branch_without_saga",
            "order_unpaid", "payment_without_order", "order_stock"))]' || true
}

# The cursor of a page of a list, found as a client finds it: page by page.
cursor_of_page() { # PATH PAGE
    local cursor="" page
    for ((page = 1; page < $2; page++)); do
        cursor=$(curl -sS --fail-with-body --config "$work/reader" "http://${gateways[0]}$1${cursor:+&cursor=$cursor}" \
            | jq -r '.next_cursor // empty') || return 1
        [ -n "$cursor" ] || return 1
    done
    echo "$cursor"
}

page_load() { # NAME PATH TOKEN: the first page beside a late one
    local pages=$((past / 20 / past_page)) cursor
    pages=$((pages > 1000 ? 1000 : pages))
    attended cursor_of_page "$2" "$pages" >"$work/cursor" || fail "$1 has no page $pages: $(cat "$work/cursor")"
    cursor=$(cat "$work/cursor")
    printf 'GET\t%s\t%s\n' "$2" "$3" >"$work/first-page"
    printf 'GET\t%s&cursor=%s\t%s\n' "$2" "$cursor" "$3" >"$work/late-page"
    measure grown "$1, page 1" 16 first-page --expect '"id":'
    measure grown "$1, page $pages" 16 late-page --expect '"id":'
}

grown_orders() { # NAME
    measure grown "$1" 64 orders --header "Prefer: wait=20" --expect '"state":"confirmed"'
}

bench_grown() {
    local faults token
    ((past >= 2 * 20 * past_page)) || fail "--past must be $((2 * 20 * past_page)) at least: two pages of the first buyer"
    start_shop one
    seed
    grown_orders "orders, tables as they were"
    stop_shop
    say "grown: $past past orders"
    past_base=$(psql -qXAt "$SHOPCTL_ORDERS_DATABASE_URL" -c "SELECT coalesce(max(id), 0) FROM orders")
    : >"$work/past.log"
    attended fill_past || fail "no past: $(tail -n 5 "$work/past.log")"
    say "grown: the server vacuums and analyses"
    attended await_autovacuum || fail "the server has not analysed its tables"
    start_shop one
    faults=$(past_faults)
    [ "$faults" = "[]" ] || fail "the past is not one: ${faults:-$(tail -n 5 "$work/doctor.log")}"
    grown_orders "orders, $past past ones in the tables"
    token=$("$shopctl" token issue --user 1 --ttl 12h)
    (umask 077 && printf 'header = "Authorization: Bearer %s"\n' "$token" >"$work/reader")
    page_load "orders of a user" "/api/orders/1?limit=$past_page" "$token"
    # The gateway keeps first pages of searches without a price for seconds.
    page_load "the catalogue" "/api/products?min_price=1&limit=$past_page" ""
}
