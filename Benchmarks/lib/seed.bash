# Rows and requests for the load. Sourced by Benchmarks/run.
# shellcheck shell=bash disable=SC2034,SC2154

# Once: 1,000 products of 1,000 sellers, buyers with a balance, through the shop that runs; their orders, one a line,
# for the load.
seed() {
    local admin
    [ ! -e "$work/orders" ] || return 0
    say "seeding"
    psql -qX "$SHOPCTL_PRODUCTS_DATABASE_URL" -c "INSERT INTO products
        (seller_id, name, description, category, price, currency, amount)
        SELECT 1000 + i, 'Product ' || i, 'As good as any.', 'toys', 100, 'RUB', 1000000000
        FROM generate_series(1, 1000) AS i"
    seq "$buyers" >"$work/buyers"
    attended xargs -a "$work/buyers" -P 2 -I USER "$shopctl" token issue --user USER --ttl 12h >"$work/tokens"
    admin=$("$shopctl" token issue --user 1000000 --role admin)
    seq "$buyers" | awk -v token="$admin" '{
        printf "POST\t/api/top-ups\t%s\t{\"user_id\":%d,\"amount\":1000000000}\n", token, $1
    }' >"$work/top-ups"
    run_load --target "$target" --requests "$work/top-ups" --clients 8 --once || true
    [ "$(jq .failed "$work/load.json")" = 0 ] || fail "the top-ups failed: $(cat "$work/load.json")"
    awk 'BEGIN { srand(1) } { for (n = 0; n < 20; n++)
        printf "POST\t/api/orders\t%s\t{\"items\":[{\"product_id\":%d,\"quantity\":1}]}\n", $1, 1 + int(rand() * 1000) }' \
        "$work/tokens" >"$work/orders"
    awk '{ printf "POST\t/api/orders\t%s\t{\"items\":[{\"product_id\":7,\"quantity\":1}]}\n", $1 }' \
        "$work/tokens" >"$work/hot-orders"
}
