# The tables of a run, from all lines of its results.
def round($digits): if . == null then "-" else . * pow(10; $digits) | round | . / pow(10; $digits) end;
def row: "| " + (map(if . == null then "-" else tostring end) | join(" | ")) + " |";
def table($head): if length == 0 then empty else ($head | row), ($head | map("---") | row), (.[] | row), "" end;
def ms: . * 1000 | round(2);

. as $all
| ([$all[] | select(.name == "PostgreSQL alone") | .value]) as $alone
| (if $alone == [] then null else ($alone | add / length) end) as $anchor
| [$all[] | select(.part == "orders" and .load)] as $orders
| (if $anchor then
    "PostgreSQL alone, the same seven transactions an order, 16 clients: \($alone | map(round(0) | tostring) | join(" and ")) orders/s", ""
    else empty end),
($orders | map([.name, (.load.per_second | round(0)), (if $anchor then .load.per_second / $anchor | round(2) else null end),
    .load.p50_ms, .load.p99_ms, .load.failed])
 | table(["orders", "a second", "/ PostgreSQL alone", "p50 ms", "p99 ms", "failed"])),
($orders | map([.name] + (.each | [(.cpu_shopctl | ms), (.cpu_postgres | ms), (.cpu_rabbitmq | ms), (.cpu_redis | ms),
    (.cpu_shopctl + .cpu_postgres + .cpu_rabbitmq + .cpu_redis | ms)]))
 | table(["CPU ms an order", "shopctl", "PostgreSQL", "RabbitMQ", "Redis", "all"])),
($orders | map([.name] + (.each | [(if .statements > 0.5 then .statements | round(1) else null end), (.commits | round(1)),
    (.rows_written | round(1)), (.wal_syncs | round(1)), (.wal_bytes / 1024 | round(1)), (.published | round(2)),
    (.delivered | round(2)), (.acknowledged | round(2))]))
 | table(["an order takes", "statements", "commits", "rows written", "WAL syncs", "WAL KiB", "publishes", "deliveries", "acknowledgements"])),
($all[] | select(.part == "top") | .orders as $count
 | .statements | map([.database, (.calls / $count | round(2)), (.ms / $count | round(3)), "`" + (.query | gsub("[|`]"; "")) + "`"])
 | table(["top statements, by time", "an order", "ms an order", "statement"])),
([$all[] | select(.part == "grown" and .load)] as $grown
 | $grown | to_entries
 | map([.value.name, (.value.load.per_second | round(0)),
    (if .key % 2 == 1 then .value.load.per_second / $grown[.key - 1].load.per_second | round(2) else null end),
    .value.load.p50_ms, .value.load.p99_ms, .value.load.failed])
 | table(["grown", "a second", "/ the line before", "p50 ms", "p99 ms", "failed"])),
([$all[] | select(.part == "reads")] as $reads
 | $reads | map(. as $read | select(.beside)
    | ([$reads[] | select(.name == $read.beside) | .load.per_second] | add / length) as $anchor
    | [.name, (.load.per_second | round(0)), ($anchor | round(0)), (.load.per_second / $anchor | round(2)),
       .load.p50_ms, .load.p99_ms, (.cpu * 1e6 | round(0)), .load.failed])
 | table(["reads", "a second", "bare", "ratio", "p50 ms", "p99 ms", "CPU µs a read", "failed"])),
([$all[] | select(.part == "reads" and (.beside | not))]
 | map([.name, (.load.per_second | round(0)), .load.p50_ms, .load.p99_ms, (.cpu * 1e6 | round(0))])
 | table(["bare", "a second", "p50 ms", "p99 ms", "CPU µs"])),
([$all[] | select(.part == "idle")] | map([.name, (.rss_mb | round(0)), (.cpu_percent | round(2))])
 | table(["idle", "RSS MB", "CPU %"])),
([$all[] | select(.part == "program")] | map([.name, .value]) | table(["program", ""])),
([$all[] | select(.part == "drivers")] | map([.name, (.value | round(0)), (.anchor | round(0)), (.value / .anchor | round(2)), .beside])
 | table(["drivers", "a second", "anchor", "ratio", "the anchor is"]))
