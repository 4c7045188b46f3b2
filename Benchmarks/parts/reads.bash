# Reads a second, beside a bare route and a bare call of the same libraries. Sourced by Benchmarks/run.
# shellcheck shell=bash disable=SC2034,SC2154

http_pids=()
rpc_pids=()

# Starts a bare server and adds it to the processes named; it listens at `port`.
start_bare() { # PIDS KIND [arguments of the kind]
    local -n started_pids=$1
    local kind=$2
    shift 2
    next_port
    "$bare" "$kind" "127.0.0.1:$port" "$@" >"$work/bare-$kind" 2>"$work/bare-$kind.log" &
    started_pids+=($!)
    await_file "$work/bare-$kind" "${started_pids[0]}" || { cat "$work/bare-$kind.log" >&2; fail "no bare server: $kind"; }
}

stop_bare() {
    local pid
    for pid in "${http_pids[@]}" "${rpc_pids[@]}"; do
        kill -TERM "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    http_pids=()
    rpc_pids=()
}

# Runs a load and notes it, with the CPU that the processes have used. What is bare has nothing beside it.
reading() { # NAME BESIDE PIDS COMMAND...; the third is the name of an array
    local name=$1 beside=$2 before failure
    local -n measured_pids=$3
    shift 3
    say "reads: $name"
    before=$(cpu_seconds "${measured_pids[@]}")
    attended "$@" >"$work/load.json" || fail "$name: $(cat "$work/load.json")"
    jq -c --arg name "$name" --arg beside "$beside" --argjson before "$before" \
        --argjson after "$(cpu_seconds "${measured_pids[@]}")" '
        {part: "reads", name: $name, load: .}
        + (if $beside == "" then {} else {beside: $beside} end)
        + {cpu: (($after - $before) / .exchanges)}' "$work/load.json" >>"$results"
    failure=$(jq -r '.first_failure // empty' "$work/load.json")
    [ -z "$failure" ] || say "reads: $name: first failure: $failure"
}

# Requests by HTTP, once one of them has shown that it reads what it should.
http_reading() { # NAME BESIDE PIDS TARGET REQUESTS EXPECTED
    head -n 1 "$work/$5" >"$work/first-request"
    run_load --target "$4" --requests "$work/first-request" --clients 1 --once --expect "$6" || true
    [ "$(jq .failed "$work/load.json")" = 0 ] || fail "$1: $(cat "$work/load.json")"
    reading "$1" "$2" "$3" "$load" --target "$4" --requests "$work/$5" --clients 64 \
        --seconds "$seconds" --warm-up "$warm_up"
}

# Calls by gRPC, as a user whose token the process finds in its environment.
rpc_reading() { # NAME BESIDE PIDS TARGET METHOD
    reading "$1" "$2" "$3" "$bare" calls --target "$4" --method "$5" --requests "$work/calls" --clients 64 \
        --seconds "$seconds" --warm-up "$warm_up"
}

bare_route() { http_reading "bare route, $1" "" http_pids "$bare_http" bare-requests '"price"'; } # LAYOUT
bare_call() { rpc_reading "bare call" "" rpc_pids "$bare_rpc" bare.Bare/Echo; }

# Carts of ten lines, ratings, and the requests: products at random, a page of twenty, a user's own cart.
seed_reads() {
    seed
    psql -qX "$SHOPCTL_CUSTOMERS_DATABASE_URL" -v buyers="$buyers" >"$work/psql.log" <<'SQL'
INSERT INTO carts (user_id) SELECT generate_series(1, :buyers) ON CONFLICT DO NOTHING;
INSERT INTO cart_lines (user_id, product_id, amount)
SELECT u, 1 + (u * 7 + n * 97) % 1000, 2 FROM generate_series(1, :buyers) AS u, generate_series(1, 10) AS n
ON CONFLICT DO NOTHING;
SQL
    psql -qX "$SHOPCTL_REVIEWS_DATABASE_URL" -c "INSERT INTO ratings (product_id, count, sum)
        SELECT i, 10, 42 FROM generate_series(1, 1000) AS i
        ON CONFLICT (product_id) DO UPDATE SET count = 10, sum = 42" >"$work/psql.log"
    seq -f $'GET\t/api/products/%.0f' 1000 >"$work/products"
    printf 'GET\t/api/products?limit=20\n' >"$work/lists"
    # Tokens were issued in no order: each tells whose it is.
    jq -rR '. as $token | split(".")[1] | gsub("-"; "+") | gsub("_"; "/") | @base64d | fromjson
        | "GET\t/api/cart/\(.sub)\t\($token)"' "$work/tokens" >"$work/carts"
    printf 'GET\t/bare\n' >"$work/bare-requests"
    # The message that has only a product's id, as field 1.
    local id
    for ((id = 1; id <= 1000; id++)); do
        if ((id < 128)); then printf '08%02x\n' "$id"; else printf '08%02x%02x\n' $((id & 127 | 128)) $((id >> 7)); fi
    done >"$work/calls"
}

bench_reads() {
    local bare bare_http bare_rpc
    attended swift build -c release --static-swift-stdlib --product bare >&2
    bare=$(swift build -c release --static-swift-stdlib --show-bin-path)/bare
    start_shop one
    seed_reads
    later+=(stop_bare)
    # The bare route's answer is as large as a product's.
    curl -sSf -o "$work/product" "http://$target/api/products/1" || fail "no product to read"
    start_bare http_pids http "$work/product"
    bare_http=127.0.0.1:$port
    start_bare rpc_pids grpc
    bare_rpc=127.0.0.1:$port

    bare_route "one process"
    http_reading "GET product, one process" "bare route, one process" shop_pids "$target" products '"price"'
    http_reading "list of 20, one process" "bare route, one process" shop_pids "$target" lists '"price"'
    http_reading "cart of 10 lines, signed in, one process" "bare route, one process" shop_pids "$target" carts \
        '"in_stock"'
    bare_route "one process"

    BARE_TOKEN=$(head -n 1 "$work/tokens")
    export BARE_TOKEN
    bare_call
    rpc_reading "gRPC average rating" "bare call" shop_pids "127.0.0.1:${ports[one.reviews]}" \
        reviews.Reviews/GetAverageEvaluation
    rpc_reading "gRPC one product" "bare call" shop_pids "127.0.0.1:${ports[one.products]}" \
        products.Products/GetOneProduct
    bare_call
    unset BARE_TOKEN

    start_shop five
    bare_route "five processes"
    http_reading "GET product, five processes" "bare route, five processes" shop_pids "$target" products '"price"'
    bare_route "five processes"
    stop_bare
}
