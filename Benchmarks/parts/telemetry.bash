# Orders a second with and without log lines. Sourced by Benchmarks/run.
# shellcheck shell=bash disable=SC2034,SC2154

bench_telemetry() {
    start_shop one
    seed
    order_load "one process, 64 clients, log level info" 64
    export SHOPCTL_LOG_LEVEL=error
    start_shop one
    order_load "one process, 64 clients, log level error" 64
    unset SHOPCTL_LOG_LEVEL
}
