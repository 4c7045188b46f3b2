# The program's size, and how long commands take that need no server. Sourced by Benchmarks/run.
# shellcheck shell=bash disable=SC2034,SC2154

bench_program() {
    strip -o "$work/stripped" "$shopctl"
    note program "binary, stripped, MB" "$(stat --format %s "$work/stripped" | awk '{ printf "%.1f", $1 / 1e6 }')"
    rm "$work/stripped"
    attended env SHOPCTL="$shopctl" Benchmarks/start-up 51 >"$work/start-up"
    awk 'NR > 1 { printf "%s\t%s\n", substr($0, 1, 28), $(NF - 1) }' "$work/start-up" \
        | while IFS=$'\t' read -r name value; do note program "${name%"${name##*[! ]}"}, ms" "$value"; done
}
