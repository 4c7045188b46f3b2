# Measurements, each a line of JSON in the results' file. Sourced by Benchmarks/run.
# shellcheck shell=bash disable=SC2034,SC2154

# Runs a command so that a signal to this shell ends it: bash handles no signal while it waits for one in the foreground.
attended() {
    local status=0
    "$@" &
    child_pid=$!
    wait "$child_pid" || status=$?
    child_pid=
    return "$status"
}

run_load() { attended "$load" "$@" >"$work/load.json"; } # arguments of shop-load

# Measures exchanges, and what each of them costs; adds fields to the result by `extra`, a JSON object.
measure() { # PART NAME CLIENTS REQUESTS [arguments of shop-load]
    local part=$1 name=$2 clients=$3 requests=$4 before after
    shift 4
    say "$part: $name"
    before=$(counters)
    run_load --target "$target" --requests "$work/$requests" --clients "$clients" --seconds "$seconds" \
        --warm-up "$warm_up" "$@" || fail "$name: $(cat "$work/load.json")"
    after=$(counters)
    jq -c --arg part "$part" --arg name "$name" --argjson before "$before" --argjson after "$after" \
        --argjson memory "$(memories)" '
        .exchanges as $count
        | {part: $part, name: $name, load: ., memory: $memory,
           each: ($before | to_entries | map({key, value: (($after[.key] - .value) / $count)}) | from_entries)}' \
        "$work/load.json" >>"$results"
    local failure
    failure=$(jq -r '.first_failure // empty' "$work/load.json")
    [ -z "$failure" ] || say "$part: $name: first failure: $failure"
}

# Notes a figure that is no exchange.
note() { # PART NAME VALUE
    jq -nc --arg part "$1" --arg name "$2" --argjson value "$3" '{part: $part, name: $name, value: $value}' >>"$results"
}

last() { tail -n 1 "$results" | jq "$1"; }
