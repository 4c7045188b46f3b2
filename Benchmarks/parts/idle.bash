# Memory and CPU of a shop that nobody uses, straight after its start. Sourced by Benchmarks/run.
# shellcheck shell=bash disable=SC2034,SC2154

bench_idle() {
    local layout before
    for layout in one five; do
        start_shop "$layout"
        # The start's own work must be over.
        attended sleep 5
        before=$(cpu_seconds "${shop_pids[@]}")
        attended sleep "$seconds"
        jq -nc --arg name "idle, $layout" --argjson memory "$(memory Rss "${shop_pids[@]}")" \
            --argjson cpu "$(cpu_seconds "${shop_pids[@]}")" --argjson before "$before" --argjson seconds "$seconds" \
            '{part: "idle", name: $name, rss_mb: $memory, cpu_percent: (($cpu - $before) / $seconds * 100)}' >>"$results"
    done
}
