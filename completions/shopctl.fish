function __shopctl_should_offer_completions_for_flags_or_options -a expected_commands
    set -l non_repeating_flags_or_options $argv[2..]
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __shopctl_parse_tokens
    test "$commands" = "$expected_commands"; and return $non_repeating_flags_or_options_absent
end

function __shopctl_should_offer_completions_for_positional -a expected_commands positional_index_comparison expected_positional_index
    set -l non_repeating_flags_or_options
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __shopctl_parse_tokens
    test "$commands" = "$expected_commands" -a \( "$positional_index" "$positional_index_comparison" "$expected_positional_index" \)
end

function __shopctl_parse_tokens -S
    set -l unparsed_tokens (__shopctl_tokens -pc)
    switch $unparsed_tokens[1]
    case 'shopctl'
        __shopctl_parse_subcommand 0 'version' 'h/help'
        switch $unparsed_tokens[1]
        case 'serve'
            __shopctl_parse_subcommand -r 1 'config=' 'set=+' 'database-url=' 'database-pool-size=' 'database-schema=' 'gateway-database-url=' 'products-database-url=' 'orders-database-url=' 'customers-database-url=' 'reviews-database-url=' 'amqp-url=' 'amqp-management-url=' 'redis-url=' 'redis-key-prefix=' 'gateway-listen=' 'products-listen=' 'orders-listen=' 'customers-listen=' 'reviews-listen=' 'products-address=' 'orders-address=' 'customers-address=' 'reviews-address=' 'gateway-rate-limit=' 'gateway-auth-rate-limit=' 'gateway-session-retention=' 'gateway-trusted-proxies=' 'gateway-cors-origins=' 'gateway-max-connections=' 'gateway-max-connections-per-client=' 'rpc-max-connections=' 'rpc-max-connections-per-client=' 'admin-max-connections=' 'gateway-idle-timeout=' 'gateway-head-timeout=' 'gateway-body-timeout=' 'gateway-answer-timeout=' 'gateway-lowest-rate=' 'admin-listen=' 'rpc-deadline=' 'auth-keys-file=' 'auth-jwks-file=' 'auth-issuer=' 'auth-audience=' 'tls-certificate=' 'tls-key=' 'tls-ca=' 'log-format=' 'log-level=' 'shutdown-drain=' 'shutdown-grace=' 'currency=' 'saga-deadline=' 'saga-resend=' 'saga-sweep=' 'messages-dead-letter-limit=' 'orders-backlog=' 'orders-longest-wait=' 'retention-sagas=' 'retention-audit=' 'version' 'h/help'
        case 'migrate'
            __shopctl_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'up'
                __shopctl_parse_subcommand 0 'role=+' 'create-databases' 'databases-only' 'o/output=' 'config=' 'set=+' 'version' 'h/help'
            case 'down'
                __shopctl_parse_subcommand 0 'role=' 'steps=' 'o/output=' 'config=' 'set=+' 'version' 'h/help'
            case 'status'
                __shopctl_parse_subcommand 0 'role=+' 'check' 'databases-only' 'o/output=' 'config=' 'set=+' 'version' 'h/help'
            end
        case 'dev'
            __shopctl_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'up'
                __shopctl_parse_subcommand 0 'data-dir=' 'ephemeral' 'management' 'only-servers' 'ready-file=' 'config=' 'set=+' 'version' 'h/help'
            case 'down'
                __shopctl_parse_subcommand 0 'data-dir=' 'version' 'h/help'
            case 'status'
                __shopctl_parse_subcommand 0 'data-dir=' 'check' 'o/output=' 'version' 'h/help'
            case 'env'
                __shopctl_parse_subcommand 0 'data-dir=' 'version' 'h/help'
            case 'logs'
                __shopctl_parse_subcommand -r 1 'f/follow' 'n/lines=' 'data-dir=' 'version' 'h/help'
            case 'reset'
                __shopctl_parse_subcommand 0 'data-dir=' 'version' 'h/help'
            end
        case 'order'
            __shopctl_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'place'
                __shopctl_parse_subcommand 0 'user=' 'item=+' 'file=' 'wait=' 'idempotency-key=' 'o/output=' 'config=' 'set=+' 'version' 'h/help'
            case 'show'
                __shopctl_parse_subcommand 1 'user=' 'o/output=' 'config=' 'set=+' 'version' 'h/help'
            end
        case 'user'
            __shopctl_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'list'
                __shopctl_parse_subcommand 0 'email=' 'limit=' 'o/output=' 'config=' 'set=+' 'version' 'h/help'
            case 'set-role'
                __shopctl_parse_subcommand 2 'o/output=' 'config=' 'set=+' 'version' 'h/help'
            end
        case 'token'
            __shopctl_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'issue'
                __shopctl_parse_subcommand 0 'user=' 'role=' 'ttl=' 'scope=+' 'config=' 'set=+' 'version' 'h/help'
            case 'keys'
                __shopctl_parse_subcommand 0 'version' 'h/help'
                switch $unparsed_tokens[1]
                case 'generate'
                    __shopctl_parse_subcommand 0 'file=' 'config=' 'set=+' 'algorithm=' 'o/output=' 'version' 'h/help'
                case 'rotate'
                    __shopctl_parse_subcommand 0 'file=' 'config=' 'set=+' 'algorithm=' 'stage' 'activate=' 'o/output=' 'version' 'h/help'
                case 'retire'
                    __shopctl_parse_subcommand 1 'file=' 'config=' 'set=+' 'o/output=' 'version' 'h/help'
                case 'list'
                    __shopctl_parse_subcommand 0 'file=' 'config=' 'set=+' 'o/output=' 'version' 'h/help'
                case 'jwks'
                    __shopctl_parse_subcommand 0 'file=' 'config=' 'set=+' 'version' 'h/help'
                end
            end
        case 'health'
            __shopctl_parse_subcommand 0 'address=' 'wait=' 'o/output=' 'config=' 'set=+' 'version' 'h/help'
        case 'saga'
            __shopctl_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'list'
                __shopctl_parse_subcommand 0 'state=' 'saga=' 'limit=' 'o/output=' 'config=' 'set=+' 'version' 'h/help'
            case 'inspect'
                __shopctl_parse_subcommand 1 'o/output=' 'config=' 'set=+' 'version' 'h/help'
            case 'retry'
                __shopctl_parse_subcommand 1 'all-stuck' 'o/output=' 'config=' 'set=+' 'version' 'h/help'
            end
        case 'queue'
            __shopctl_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'list'
                __shopctl_parse_subcommand 0 'o/output=' 'config=' 'set=+' 'version' 'h/help'
            case 'check'
                __shopctl_parse_subcommand 0 'o/output=' 'config=' 'set=+' 'version' 'h/help'
            case 'peek'
                __shopctl_parse_subcommand 1 'limit=' 'o/output=' 'config=' 'set=+' 'version' 'h/help'
            case 'replay'
                __shopctl_parse_subcommand 1 'limit=' 'message-id=+' 'dry-run' 'o/output=' 'config=' 'set=+' 'version' 'h/help'
            end
        case 'outbox'
            __shopctl_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'replay'
                __shopctl_parse_subcommand 0 'service=' 'since=' 'type=+' 'dry-run' 'o/output=' 'config=' 'set=+' 'version' 'h/help'
            end
        case 'audit'
            __shopctl_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'list'
                __shopctl_parse_subcommand 0 'user=' 'limit=' 'o/output=' 'config=' 'set=+' 'version' 'h/help'
            end
        case 'help'
            __shopctl_parse_subcommand -r 1 'version'
        end
    end
end

function __shopctl_tokens
    if test (string split -m 1 -f 1 -- . "$FISH_VERSION") -gt 3
        commandline --tokens-raw $argv
    else
        commandline -o $argv
    end
end

function __shopctl_parse_subcommand -S -a positional_count
    argparse -s r -- $argv
    set -l option_specs $argv[2..]
    set -l is_repeating_positional $_flag_r
    set -el _flag_r
    set -a commands $unparsed_tokens[1]
    set positional_index 0
    while true
        set -e unparsed_tokens[1]
        argparse -sn "$commands" $option_specs -- $unparsed_tokens 2> /dev/null
        set unparsed_tokens $argv
        set positional_index (math $positional_index + 1)
        for non_repeating_flag_or_option in $non_repeating_flags_or_options
            if set -ql "_flag_$(string replace -a - _ -- $non_repeating_flag_or_option)"
                set non_repeating_flags_or_options_absent 1
                break
            end
        end
        test (count $unparsed_tokens) -eq 0 -o \( -z "$is_repeating_positional" -a "$positional_index" -gt "$positional_count" \) && break
    end
end

function __shopctl_complete_directories
    set -l token (commandline -t)
    string match -- '*/' $token
    set -l subdirs $token*/
    printf %s\n $subdirs
end

function __shopctl_custom_completion
    set -x SAP_SHELL fish
    set -x SAP_SHELL_VERSION $FISH_VERSION
    set -l tokens (__shopctl_tokens -p)
    if test -z "$(__shopctl_tokens -t)"
        set -l index (count (__shopctl_tokens -pc))
        set tokens $tokens[..$index] \'\' $tokens[(math $index + 1)..]
    end
    command $tokens[1] $argv $tokens
end

complete -c 'shopctl' -f
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl" version' -l 'version' -d 'Show the version.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_positional "shopctl" -eq 1' -fa 'serve' -d 'Run servers of the shop.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_positional "shopctl" -eq 1' -fa 'migrate' -d 'Bring databases and the broker to the state this binary needs.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_positional "shopctl" -eq 1' -fa 'dev' -d 'Run a private shop on this machine, servers and all.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_positional "shopctl" -eq 1' -fa 'order' -d 'Place orders and look at them.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_positional "shopctl" -eq 1' -fa 'user' -d 'See who has an account, and say what they may do.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_positional "shopctl" -eq 1' -fa 'token' -d 'Issue access tokens, and look after the keys that sign them.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_positional "shopctl" -eq 1' -fa 'health' -d 'Ask a server process whether it is ready.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_positional "shopctl" -eq 1' -fa 'saga' -d 'See how far orders and deletions have come, and help those that are stuck.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_positional "shopctl" -eq 1' -fa 'queue' -d 'Look at the broker\'s queues, and see to dead letters.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_positional "shopctl" -eq 1' -fa 'outbox' -d 'Send messages again that services have sent before.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_positional "shopctl" -eq 1' -fa 'audit' -d 'See what was done to users\' things by somebody else.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_positional "shopctl" -eq 1' -fa 'help' -d 'Show subcommand help information.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" config' -l 'config' -d 'A JSON file with settings (or SHOPCTL_CONFIG).' -rF
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve"' -l 'set' -d 'A setting, as in rpc.deadline=5; may be repeated.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" database-url' -l 'database-url' -d 'PostgreSQL database of every role that has none of its own; {role} in it stands for the role\'s name; several hosts, one of them the primary, by commas.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" database-pool-size' -l 'database-pool-size' -d 'Connections to its database that a role opens at most (default: 8).' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" database-schema' -l 'database-schema' -d 'Schema of each database that has the shop\'s tables, whatever search_path the server sets (default: public).' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" gateway-database-url' -l 'gateway-database-url' -d 'PostgreSQL database of the role gateway; several hosts, one of them the primary, by commas.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" products-database-url' -l 'products-database-url' -d 'PostgreSQL database of the role products; several hosts, one of them the primary, by commas.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" orders-database-url' -l 'orders-database-url' -d 'PostgreSQL database of the role orders; several hosts, one of them the primary, by commas.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" customers-database-url' -l 'customers-database-url' -d 'PostgreSQL database of the role customers; several hosts, one of them the primary, by commas.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" reviews-database-url' -l 'reviews-database-url' -d 'PostgreSQL database of the role reviews; several hosts, one of them the primary, by commas.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" amqp-url' -l 'amqp-url' -d 'RabbitMQ, with the virtual host as path; several hosts are separated by commas.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" amqp-management-url' -l 'amqp-management-url' -d 'RabbitMQ\'s management interface, with user and password, as in http://user:password@host:15672; optional: with it bindings, policies and unacknowledged messages are checked.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" redis-url' -l 'redis-url' -d 'Redis, with the database number as path; several hosts, one of them the master, by commas.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" redis-key-prefix' -l 'redis-key-prefix' -d 'What every key in Redis begins with, so that several shops can share a server (default: shop:).' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" gateway-listen' -l 'gateway-listen' -d 'Address on which the role gateway serves HTTP; \'off\' for none (default: 127.0.0.1:8080).' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" products-listen' -l 'products-listen' -d 'Address on which the role products serves gRPC; \'off\' for none (default: 127.0.0.1:9001).' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" orders-listen' -l 'orders-listen' -d 'Address on which the role orders serves gRPC; \'off\' for none (default: 127.0.0.1:9002).' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" customers-listen' -l 'customers-listen' -d 'Address on which the role customers serves gRPC; \'off\' for none (default: 127.0.0.1:9003).' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" reviews-listen' -l 'reviews-listen' -d 'Address on which the role reviews serves gRPC; \'off\' for none (default: 127.0.0.1:9004).' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" products-address' -l 'products-address' -d 'Where other processes find the role products; not used for a role of the same process (default: 127.0.0.1:9001).' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" orders-address' -l 'orders-address' -d 'Where other processes find the role orders; not used for a role of the same process (default: 127.0.0.1:9002).' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" customers-address' -l 'customers-address' -d 'Where other processes find the role customers; not used for a role of the same process (default: 127.0.0.1:9003).' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" reviews-address' -l 'reviews-address' -d 'Where other processes find the role reviews; not used for a role of the same process (default: 127.0.0.1:9004).' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" gateway-rate-limit' -l 'gateway-rate-limit' -d 'Requests a minute that one client may make; 0 for no limit; counted in Redis, without it by each process (default: 600).' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" gateway-auth-rate-limit' -l 'gateway-auth-rate-limit' -d 'Sign-ins, and refreshes, a minute that one address may make; 0 for no limit; counted in Redis, without it by each process (default: 30).' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" gateway-session-retention' -l 'gateway-session-retention' -d 'Days that ended sessions are kept before they are deleted (default: 30).' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" gateway-trusted-proxies' -l 'gateway-trusted-proxies' -d 'Proxies, as addresses or ranges such as 10.0.0.0/8, whose X-Forwarded-For and -Proto are believed.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" gateway-cors-origins' -l 'gateway-cors-origins' -d 'Origins, such as https://shop.example, whose pages may call the gateway from browsers; \'*\' for all.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" gateway-max-connections' -l 'gateway-max-connections' -d 'Connections of clients that the gateway takes; by default what the limit on open files leaves.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" gateway-max-connections-per-client' -l 'gateway-max-connections-per-client' -d 'Connections that one address may have at the gateway, trusted proxies aside; by default half of all.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" rpc-max-connections' -l 'rpc-max-connections' -d 'Connections that each gRPC listener takes; by default what the limit on open files leaves.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" rpc-max-connections-per-client' -l 'rpc-max-connections-per-client' -d 'Connections that one address may have at each gRPC listener, two a process and role; by default half of all.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" admin-max-connections' -l 'admin-max-connections' -d 'Connections to the listener for health and metrics; a further one ends the oldest.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" gateway-idle-timeout' -l 'gateway-idle-timeout' -d 'How long a client of the gateway may be silent between two requests (default: 75).' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" gateway-head-timeout' -l 'gateway-head-timeout' -d 'How long the head of a request may take from its first byte (default: 15).' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" gateway-body-timeout' -l 'gateway-body-timeout' -d 'How long the body of a request may take in all (default: 60).' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" gateway-answer-timeout' -l 'gateway-answer-timeout' -d 'How long a client may take to read an answer (default: 120).' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" gateway-lowest-rate' -l 'gateway-lowest-rate' -d 'Bytes a second below which a client is too slow, after some seconds; by default 100 for heads, else 250.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" admin-listen' -l 'admin-listen' -d 'Address of the listener for health and metrics; \'off\' for none (default: 127.0.0.1:9000).' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" rpc-deadline' -l 'rpc-deadline' -d 'How long a call to another role may take (default: 2).' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" auth-keys-file' -l 'auth-keys-file' -d 'Private keys that sign access tokens, as JSON.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" auth-jwks-file' -l 'auth-jwks-file' -d 'Public keys (JSON Web Key Set) that access tokens are verified with; by default those of auth.keys-file.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" auth-issuer' -l 'auth-issuer' -d 'Issuer that access tokens name (default: shopctl).' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" auth-audience' -l 'auth-audience' -d 'Audience that access tokens name (default: shop).' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" tls-certificate' -l 'tls-certificate' -d 'Certificate chain of this process for gRPC, as PEM.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" tls-key' -l 'tls-key' -d 'Private key of tls.certificate, as PEM.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" tls-ca' -l 'tls-ca' -d 'Certificates, as PEM, that other roles\' certificates must come from; both sides then show one.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" log-format' -l 'log-format' -d 'How log lines look; auto is text on a terminal and json otherwise (default: auto).' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" log-level' -l 'log-level' -d 'Lowest level that is logged (default: info).' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" shutdown-drain' -l 'shutdown-drain' -d 'How long a stopping server still takes requests after it has said that it is not ready (default: 3).' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" shutdown-grace' -l 'shutdown-grace' -d 'How long a stopping server may take in all before it is forced (default: 25).' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" currency' -l 'currency' -d 'Currency of all amounts, as three letters (default: RUB).' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" saga-deadline' -l 'saga-deadline' -d 'How long a saga may stay undecided before it is cancelled (default: 900).' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" saga-resend' -l 'saga-resend' -d 'How long a saga waits for an answer before it asks again; the wait doubles each time (default: 5).' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" saga-sweep' -l 'saga-sweep' -d 'How often sagas are looked through for those that have waited long enough (default: 1).' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" messages-dead-letter-limit' -l 'messages-dead-letter-limit' -d 'Dead letters of a role that are an alarm: in the log, the metrics and the readiness report (default: 100).' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" orders-backlog' -l 'orders-backlog' -d 'Undecided orders past which new ones are refused, for a while, before anything of them is written (default: 2000).' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" orders-longest-wait' -l 'orders-longest-wait' -d 'How long orders may wait to be decided before new ones are refused, until the wait is shorter again (default: 60).' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" retention-sagas' -l 'retention-sagas' -d 'How long sagas that are over, and their participants\' records of them, are kept (default: 90).' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" retention-audit' -l 'retention-audit' -d 'How long the audit trail is kept (default: 730).' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" version' -l 'version' -d 'Show the version.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl serve" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl migrate" version' -l 'version' -d 'Show the version.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl migrate" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_positional "shopctl migrate" -eq 1' -fa 'up' -d 'Apply pending migrations and declare the broker\'s queues.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_positional "shopctl migrate" -eq 1' -fa 'down' -d 'Take back the latest migrations of one role.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_positional "shopctl migrate" -eq 1' -fa 'status' -d 'Show what is applied, pending or missing.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl migrate up"' -l 'role' -d 'Only this role\'s database and queues; may be repeated.' -rfka 'gateway products orders customers reviews'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl migrate up" create-databases' -l 'create-databases' -d 'Create databases that do not exist, through the server\'s database \'postgres\'.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl migrate up" databases-only' -l 'databases-only' -d 'Leave the broker alone.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl migrate up" o output' -l 'output' -s 'o' -d 'How the result is written.' -rfka 'table json jsonl yaml'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl migrate up" config' -l 'config' -d 'A JSON file with settings (or SHOPCTL_CONFIG).' -rF
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl migrate up"' -l 'set' -d 'A setting, as in rpc.deadline=5; may be repeated.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl migrate up" version' -l 'version' -d 'Show the version.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl migrate up" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl migrate down" role' -l 'role' -d 'Whose database.' -rfka 'gateway products orders customers reviews'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl migrate down" steps' -l 'steps' -d 'How many migrations to take back.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl migrate down" o output' -l 'output' -s 'o' -d 'How the result is written.' -rfka 'table json jsonl yaml'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl migrate down" config' -l 'config' -d 'A JSON file with settings (or SHOPCTL_CONFIG).' -rF
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl migrate down"' -l 'set' -d 'A setting, as in rpc.deadline=5; may be repeated.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl migrate down" version' -l 'version' -d 'Show the version.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl migrate down" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl migrate status"' -l 'role' -d 'Only this role\'s database and queues; may be repeated.' -rfka 'gateway products orders customers reviews'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl migrate status" check' -l 'check' -d 'Exit with 2 unless nothing is pending or missing.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl migrate status" databases-only' -l 'databases-only' -d 'Leave the broker alone.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl migrate status" o output' -l 'output' -s 'o' -d 'How the result is written.' -rfka 'table json jsonl yaml'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl migrate status" config' -l 'config' -d 'A JSON file with settings (or SHOPCTL_CONFIG).' -rF
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl migrate status"' -l 'set' -d 'A setting, as in rpc.deadline=5; may be repeated.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl migrate status" version' -l 'version' -d 'Show the version.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl migrate status" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl dev" version' -l 'version' -d 'Show the version.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl dev" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_positional "shopctl dev" -eq 1' -fa 'up' -d 'Start a private shop, and run it until it is stopped.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_positional "shopctl dev" -eq 1' -fa 'down' -d 'Stop a private shop that runs elsewhere.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_positional "shopctl dev" -eq 1' -fa 'status' -d 'Show whether a private shop runs, and where.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_positional "shopctl dev" -eq 1' -fa 'env' -d 'Print the variables that point a shell at a private shop.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_positional "shopctl dev" -eq 1' -fa 'logs' -d 'Print the logs of a private shop\'s servers.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_positional "shopctl dev" -eq 1' -fa 'reset' -d 'Delete the data of a private shop that is stopped.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl dev up" data-dir' -l 'data-dir' -d 'Where data, logs and state are kept.' -rfa '(__shopctl_complete_directories)'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl dev up" ephemeral' -l 'ephemeral' -d 'Keep nothing: a directory of its own, deleted at the end.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl dev up" management' -l 'management' -d 'Give RabbitMQ its management interface; \'dev env\' prints its URL.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl dev up" only-servers' -l 'only-servers' -d 'Start PostgreSQL, RabbitMQ and Redis, and no shop.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl dev up" ready-file' -l 'ready-file' -d 'Write the state of the shop here, as \'dev status -o json\', when it is ready.' -rF
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl dev up" config' -l 'config' -d 'A JSON file with settings (or SHOPCTL_CONFIG).' -rF
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl dev up"' -l 'set' -d 'A setting, as in rpc.deadline=5; may be repeated.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl dev up" version' -l 'version' -d 'Show the version.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl dev up" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl dev down" data-dir' -l 'data-dir' -d 'The shop\'s directory; by default that of SHOPCTL_DEV_DIRECTORY, or the usual one, or else the only ephemeral shop that runs.' -rfa '(__shopctl_complete_directories)'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl dev down" version' -l 'version' -d 'Show the version.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl dev down" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl dev status" data-dir' -l 'data-dir' -d 'The shop\'s directory; by default that of SHOPCTL_DEV_DIRECTORY, or the usual one, or else the only ephemeral shop that runs.' -rfa '(__shopctl_complete_directories)'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl dev status" check' -l 'check' -d 'Exit with 2 unless everything runs.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl dev status" o output' -l 'output' -s 'o' -d 'How the result is written.' -rfka 'table json jsonl yaml'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl dev status" version' -l 'version' -d 'Show the version.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl dev status" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl dev env" data-dir' -l 'data-dir' -d 'The shop\'s directory; by default that of SHOPCTL_DEV_DIRECTORY, or the usual one, or else the only ephemeral shop that runs.' -rfa '(__shopctl_complete_directories)'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl dev env" version' -l 'version' -d 'Show the version.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl dev env" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_positional "shopctl dev logs" -ge 1' -fka 'postgres rabbitmq redis'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl dev logs" f follow' -s 'f' -l 'follow' -d 'Go on printing what is added, until stopped.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl dev logs" lines n' -s 'n' -l 'lines' -d 'How many of the last lines of each.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl dev logs" data-dir' -l 'data-dir' -d 'The shop\'s directory; by default that of SHOPCTL_DEV_DIRECTORY, or the usual one, or else the only ephemeral shop that runs.' -rfa '(__shopctl_complete_directories)'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl dev logs" version' -l 'version' -d 'Show the version.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl dev logs" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl dev reset" data-dir' -l 'data-dir' -d 'The shop\'s directory; by default that of SHOPCTL_DEV_DIRECTORY, or the usual one, or else the only ephemeral shop that runs.' -rfa '(__shopctl_complete_directories)'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl dev reset" version' -l 'version' -d 'Show the version.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl dev reset" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl order" version' -l 'version' -d 'Show the version.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl order" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_positional "shopctl order" -eq 1' -fa 'place' -d 'Place an order.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_positional "shopctl order" -eq 1' -fa 'show' -d 'Show an order.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl order place" user' -l 'user' -d 'Who buys.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl order place"' -l 'item' -d 'A product, how many, and perhaps its price; may be repeated.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl order place" file' -l 'file' -d 'A file of items; - for standard input.' -rF
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl order place" wait' -l 'wait' -d 'Await the outcome, this long at most: 30, 90s, 5m.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl order place" idempotency-key' -l 'idempotency-key' -d 'Place it once, however often this is run.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl order place" o output' -l 'output' -s 'o' -d 'How the result is written.' -rfka 'table json jsonl yaml'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl order place" config' -l 'config' -d 'A JSON file with settings (or SHOPCTL_CONFIG).' -rF
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl order place"' -l 'set' -d 'A setting, as in rpc.deadline=5; may be repeated.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl order place" version' -l 'version' -d 'Show the version.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl order place" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl order show" user' -l 'user' -d 'Act as this user.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl order show" o output' -l 'output' -s 'o' -d 'How the result is written.' -rfka 'table json jsonl yaml'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl order show" config' -l 'config' -d 'A JSON file with settings (or SHOPCTL_CONFIG).' -rF
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl order show"' -l 'set' -d 'A setting, as in rpc.deadline=5; may be repeated.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl order show" version' -l 'version' -d 'Show the version.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl order show" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl user" version' -l 'version' -d 'Show the version.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl user" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_positional "shopctl user" -eq 1' -fa 'list' -d 'List accounts, the youngest first.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_positional "shopctl user" -eq 1' -fa 'set-role' -d 'Say what a user may do.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl user list" email' -l 'email' -d 'Those whose address has this in it, in any case.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl user list" limit' -l 'limit' -d 'How many at most.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl user list" o output' -l 'output' -s 'o' -d 'How the result is written.' -rfka 'table json jsonl yaml'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl user list" config' -l 'config' -d 'A JSON file with settings (or SHOPCTL_CONFIG).' -rF
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl user list"' -l 'set' -d 'A setting, as in rpc.deadline=5; may be repeated.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl user list" version' -l 'version' -d 'Show the version.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl user list" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_positional "shopctl user set-role" -eq 1' -fka 'customer admin service'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl user set-role" o output' -l 'output' -s 'o' -d 'How the result is written.' -rfka 'table json jsonl yaml'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl user set-role" config' -l 'config' -d 'A JSON file with settings (or SHOPCTL_CONFIG).' -rF
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl user set-role"' -l 'set' -d 'A setting, as in rpc.deadline=5; may be repeated.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl user set-role" version' -l 'version' -d 'Show the version.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl user set-role" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl token" version' -l 'version' -d 'Show the version.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl token" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_positional "shopctl token" -eq 1' -fa 'issue' -d 'Print an access token.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_positional "shopctl token" -eq 1' -fa 'keys' -d 'Look after the file of private keys.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl token issue" user' -l 'user' -d 'The user\'s id.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl token issue" role' -l 'role' -d 'What the user may do.' -rfka 'customer admin service'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl token issue" ttl' -l 'ttl' -d 'How long it is valid: 90s, 15m, 12h, 7d.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl token issue"' -l 'scope' -d 'A scope of the token; may be repeated.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl token issue" config' -l 'config' -d 'A JSON file with settings (or SHOPCTL_CONFIG).' -rF
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl token issue"' -l 'set' -d 'A setting, as in rpc.deadline=5; may be repeated.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl token issue" version' -l 'version' -d 'Show the version.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl token issue" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl token keys" version' -l 'version' -d 'Show the version.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl token keys" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_positional "shopctl token keys" -eq 1' -fa 'generate' -d 'Make a key file with one new key.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_positional "shopctl token keys" -eq 1' -fa 'rotate' -d 'Add a new key, and let it sign.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_positional "shopctl token keys" -eq 1' -fa 'retire' -d 'Remove a key: what it signed is no longer believed.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_positional "shopctl token keys" -eq 1' -fa 'list' -d 'Show the keys of a file.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_positional "shopctl token keys" -eq 1' -fa 'jwks' -d 'Print the public keys as a JSON Web Key Set.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl token keys generate" file' -l 'file' -d 'The key file; by default that of auth.keys-file.' -rF
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl token keys generate" config' -l 'config' -d 'A JSON file with settings (or SHOPCTL_CONFIG).' -rF
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl token keys generate"' -l 'set' -d 'A setting, as in rpc.deadline=5; may be repeated.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl token keys generate" algorithm' -l 'algorithm' -d 'How the key signs: es256 or eddsa.' -rfka 'ES256 EdDSA'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl token keys generate" o output' -l 'output' -s 'o' -d 'How the result is written.' -rfka 'table json jsonl yaml'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl token keys generate" version' -l 'version' -d 'Show the version.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl token keys generate" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl token keys rotate" file' -l 'file' -d 'The key file; by default that of auth.keys-file.' -rF
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl token keys rotate" config' -l 'config' -d 'A JSON file with settings (or SHOPCTL_CONFIG).' -rF
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl token keys rotate"' -l 'set' -d 'A setting, as in rpc.deadline=5; may be repeated.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl token keys rotate" algorithm' -l 'algorithm' -d 'How the new key signs: es256 or eddsa.' -rfka 'ES256 EdDSA'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl token keys rotate" stage' -l 'stage' -d 'Add a key that does not sign yet.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl token keys rotate" activate' -l 'activate' -d 'Add none, let this one sign.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl token keys rotate" o output' -l 'output' -s 'o' -d 'How the result is written.' -rfka 'table json jsonl yaml'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl token keys rotate" version' -l 'version' -d 'Show the version.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl token keys rotate" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl token keys retire" file' -l 'file' -d 'The key file; by default that of auth.keys-file.' -rF
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl token keys retire" config' -l 'config' -d 'A JSON file with settings (or SHOPCTL_CONFIG).' -rF
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl token keys retire"' -l 'set' -d 'A setting, as in rpc.deadline=5; may be repeated.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl token keys retire" o output' -l 'output' -s 'o' -d 'How the result is written.' -rfka 'table json jsonl yaml'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl token keys retire" version' -l 'version' -d 'Show the version.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl token keys retire" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl token keys list" file' -l 'file' -d 'The key file; by default that of auth.keys-file.' -rF
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl token keys list" config' -l 'config' -d 'A JSON file with settings (or SHOPCTL_CONFIG).' -rF
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl token keys list"' -l 'set' -d 'A setting, as in rpc.deadline=5; may be repeated.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl token keys list" o output' -l 'output' -s 'o' -d 'How the result is written.' -rfka 'table json jsonl yaml'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl token keys list" version' -l 'version' -d 'Show the version.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl token keys list" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl token keys jwks" file' -l 'file' -d 'The key file; by default that of auth.keys-file.' -rF
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl token keys jwks" config' -l 'config' -d 'A JSON file with settings (or SHOPCTL_CONFIG).' -rF
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl token keys jwks"' -l 'set' -d 'A setting, as in rpc.deadline=5; may be repeated.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl token keys jwks" version' -l 'version' -d 'Show the version.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl token keys jwks" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl health" address' -l 'address' -d 'The admin listener (default: SHOPCTL_ADMIN_URL, or admin.listen).' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl health" wait' -l 'wait' -d 'Ask again until it is ready, for so long at most: 30s, 5m.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl health" o output' -l 'output' -s 'o' -d 'How the result is written.' -rfka 'table json jsonl yaml'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl health" config' -l 'config' -d 'A JSON file with settings (or SHOPCTL_CONFIG).' -rF
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl health"' -l 'set' -d 'A setting, as in rpc.deadline=5; may be repeated.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl health" version' -l 'version' -d 'Show the version.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl health" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl saga" version' -l 'version' -d 'Show the version.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl saga" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_positional "shopctl saga" -eq 1' -fa 'list' -d 'List sagas, the youngest first.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_positional "shopctl saga" -eq 1' -fa 'inspect' -d 'Show one saga: what happened, what it waits for, what to do next.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_positional "shopctl saga" -eq 1' -fa 'retry' -d 'Have a saga\'s coordinator ask again, now.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl saga list" state' -l 'state' -d 'Which: open, stuck, all, trying, confirming, cancelling, confirmed, cancelled (default: open).' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl saga list" saga' -l 'saga' -d 'Only one kind: order-placement, order-cancellation, product-deletion.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl saga list" limit' -l 'limit' -d 'How many at most.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl saga list" o output' -l 'output' -s 'o' -d 'How the result is written.' -rfka 'table json jsonl yaml'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl saga list" config' -l 'config' -d 'A JSON file with settings (or SHOPCTL_CONFIG).' -rF
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl saga list"' -l 'set' -d 'A setting, as in rpc.deadline=5; may be repeated.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl saga list" version' -l 'version' -d 'Show the version.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl saga list" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl saga inspect" o output' -l 'output' -s 'o' -d 'How the result is written.' -rfka 'table json jsonl yaml'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl saga inspect" config' -l 'config' -d 'A JSON file with settings (or SHOPCTL_CONFIG).' -rF
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl saga inspect"' -l 'set' -d 'A setting, as in rpc.deadline=5; may be repeated.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl saga inspect" version' -l 'version' -d 'Show the version.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl saga inspect" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl saga retry" all-stuck' -l 'all-stuck' -d 'Every saga that is flagged as stuck.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl saga retry" o output' -l 'output' -s 'o' -d 'How the result is written.' -rfka 'table json jsonl yaml'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl saga retry" config' -l 'config' -d 'A JSON file with settings (or SHOPCTL_CONFIG).' -rF
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl saga retry"' -l 'set' -d 'A setting, as in rpc.deadline=5; may be repeated.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl saga retry" version' -l 'version' -d 'Show the version.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl saga retry" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl queue" version' -l 'version' -d 'Show the version.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl queue" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_positional "shopctl queue" -eq 1' -fa 'list' -d 'List the queues of the shop with what is in them.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_positional "shopctl queue" -eq 1' -fa 'check' -d 'Check that every message reaches its queue, and that nothing drops it there.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_positional "shopctl queue" -eq 1' -fa 'peek' -d 'Look at a service\'s dead letters; they stay where they are.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_positional "shopctl queue" -eq 1' -fa 'replay' -d 'Send a service\'s dead letters back to its inbox.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl queue list" o output' -l 'output' -s 'o' -d 'How the result is written.' -rfka 'table json jsonl yaml'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl queue list" config' -l 'config' -d 'A JSON file with settings (or SHOPCTL_CONFIG).' -rF
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl queue list"' -l 'set' -d 'A setting, as in rpc.deadline=5; may be repeated.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl queue list" version' -l 'version' -d 'Show the version.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl queue list" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl queue check" o output' -l 'output' -s 'o' -d 'How the result is written.' -rfka 'table json jsonl yaml'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl queue check" config' -l 'config' -d 'A JSON file with settings (or SHOPCTL_CONFIG).' -rF
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl queue check"' -l 'set' -d 'A setting, as in rpc.deadline=5; may be repeated.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl queue check" version' -l 'version' -d 'Show the version.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl queue check" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl queue peek" limit' -l 'limit' -d 'How many at most.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl queue peek" o output' -l 'output' -s 'o' -d 'How the result is written.' -rfka 'table json jsonl yaml'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl queue peek" config' -l 'config' -d 'A JSON file with settings (or SHOPCTL_CONFIG).' -rF
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl queue peek"' -l 'set' -d 'A setting, as in rpc.deadline=5; may be repeated.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl queue peek" version' -l 'version' -d 'Show the version.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl queue peek" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl queue replay" limit' -l 'limit' -d 'How many at most; by default all that are there now.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl queue replay"' -l 'message-id' -d 'Only the letter with this id; may be repeated.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl queue replay" dry-run' -l 'dry-run' -d 'Only show what would be sent back.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl queue replay" o output' -l 'output' -s 'o' -d 'How the result is written.' -rfka 'table json jsonl yaml'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl queue replay" config' -l 'config' -d 'A JSON file with settings (or SHOPCTL_CONFIG).' -rF
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl queue replay"' -l 'set' -d 'A setting, as in rpc.deadline=5; may be repeated.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl queue replay" version' -l 'version' -d 'Show the version.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl queue replay" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl outbox" version' -l 'version' -d 'Show the version.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl outbox" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_positional "shopctl outbox" -eq 1' -fa 'replay' -d 'Have a service send its messages of a time again.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl outbox replay" service' -l 'service' -d 'Whose messages.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl outbox replay" since' -l 'since' -d 'What was published since then: a time such as 2026-11-26T14:00:00Z, or a span before now such as 20m.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl outbox replay"' -l 'type' -d 'Only messages of this type; may be repeated.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl outbox replay" dry-run' -l 'dry-run' -d 'Only count what would be sent again.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl outbox replay" o output' -l 'output' -s 'o' -d 'How the result is written.' -rfka 'table json jsonl yaml'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl outbox replay" config' -l 'config' -d 'A JSON file with settings (or SHOPCTL_CONFIG).' -rF
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl outbox replay"' -l 'set' -d 'A setting, as in rpc.deadline=5; may be repeated.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl outbox replay" version' -l 'version' -d 'Show the version.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl outbox replay" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl audit" version' -l 'version' -d 'Show the version.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl audit" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_positional "shopctl audit" -eq 1' -fa 'list' -d 'List what admins, services and operators did for users, the latest first.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl audit list" user' -l 'user' -d 'What was done to this user\'s things.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl audit list" limit' -l 'limit' -d 'How many at most.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl audit list" o output' -l 'output' -s 'o' -d 'How the result is written.' -rfka 'table json jsonl yaml'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl audit list" config' -l 'config' -d 'A JSON file with settings (or SHOPCTL_CONFIG).' -rF
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl audit list"' -l 'set' -d 'A setting, as in rpc.deadline=5; may be repeated.' -rfka ''
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl audit list" version' -l 'version' -d 'Show the version.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl audit list" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'shopctl' -n '__shopctl_should_offer_completions_for_flags_or_options "shopctl help" version' -l 'version' -d 'Show the version.'
