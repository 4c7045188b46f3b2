#!/bin/bash

__shopctl_cursor_index_in_current_word() {
    local remaining="${COMP_LINE}"

    local word
    for word in "${COMP_WORDS[@]::COMP_CWORD}"; do
        remaining="${remaining##*([[:space:]])"${word}"*([[:space:]])}"
    done

    local -ir index="$((COMP_POINT - ${#COMP_LINE} + ${#remaining}))"
    if [[ "${index}" -le 0 ]]; then
        printf 0
    else
        printf %s "${index}"
    fi
}

# positional arguments:
#
# - 1: the current (sub)command's count of positional arguments
#
# required variables:
#
# - repeating_flags: the repeating flags that the current (sub)command can accept
# - non_repeating_flags: the non-repeating flags that the current (sub)command can accept
# - repeating_options: the repeating options that the current (sub)command can accept
# - non_repeating_options: the non-repeating options that the current (sub)command can accept
# - positional_number: value ignored
# - unparsed_words: unparsed words from the current command line
#
# modified variables:
#
# - non_repeating_flags: remove flags for this (sub)command that are already on the command line
# - non_repeating_options: remove options for this (sub)command that are already on the command line
# - positional_number: set to the current positional number
# - unparsed_words: remove all flags, options, and option values for this (sub)command
__shopctl_offer_flags_options() {
    local -ir positional_count="${1}"
    positional_number=0

    local was_flag_option_terminator_seen=false
    local is_parsing_option_value=false

    local -ar unparsed_word_indices=("${!unparsed_words[@]}")
    local -i word_index
    for word_index in "${unparsed_word_indices[@]}"; do
        if "${is_parsing_option_value}"; then
            # This word is an option value:
            # Reset marker for next word iff not currently the last word
            [[ "${word_index}" -ne "${unparsed_word_indices[${#unparsed_word_indices[@]} - 1]}" ]] && is_parsing_option_value=false
            unset "unparsed_words[${word_index}]"
            # Do not process this word as a flag or an option
            continue
        fi

        local word="${unparsed_words["${word_index}"]}"
        if ! "${was_flag_option_terminator_seen}"; then
            case "${word}" in
            --)
                unset "unparsed_words[${word_index}]"
                # by itself -- is a flag/option terminator, but if it is the last word, it is the start of a completion
                if [[ "${word_index}" -ne "${unparsed_word_indices[${#unparsed_word_indices[@]} - 1]}" ]]; then
                    was_flag_option_terminator_seen=true
                fi
                continue
                ;;
            -*)
                # ${word} is a flag or an option
                # If ${word} is an option, mark that the next word to be parsed is an option value
                local option
                for option in "${repeating_options[@]}" "${non_repeating_options[@]}"; do
                    [[ "${word}" = "${option}" ]] && is_parsing_option_value=true && break
                done

                # Remove ${word} from ${non_repeating_flags} or ${non_repeating_options} so it isn't offered again
                local not_found=true
                local -i index
                for index in "${!non_repeating_flags[@]}"; do
                    if [[ "${non_repeating_flags[${index}]}" = "${word}" ]]; then
                        unset "non_repeating_flags[${index}]"
                        non_repeating_flags=("${non_repeating_flags[@]}")
                        not_found=false
                        break
                    fi
                done
                if "${not_found}"; then
                    for index in "${!non_repeating_flags[@]}"; do
                        if [[ "${non_repeating_flags[${index}]}" = "${word}" ]]; then
                            unset "non_repeating_flags[${index}]"
                            non_repeating_flags=("${non_repeating_flags[@]}")
                            break
                        fi
                    done
                fi
                unset "unparsed_words[${word_index}]"
                continue
                ;;
            esac
        fi

        # ${word} is neither a flag, nor an option, nor an option value
        if [[ "${positional_number}" -lt "${positional_count}" || "${positional_count}" -lt 0 ]]; then
            # ${word} is a positional
            ((positional_number++))
            unset "unparsed_words[${word_index}]"
        else
            if [[ -z "${word}" ]]; then
                # Could be completing a flag, option, or subcommand
                positional_number=-1
            else
                # ${word} is a subcommand or invalid, so stop processing this (sub)command
                positional_number=-2
            fi
            break
        fi
    done

    unparsed_words=("${unparsed_words[@]}")

    if\
        ! "${was_flag_option_terminator_seen}"\
        && ! "${is_parsing_option_value}"\
        && [[ ("${cur}" = -* && "${positional_number}" -ge 0) || "${positional_number}" -eq -1 ]]
    then
        COMPREPLY+=($(compgen -W "${repeating_flags[*]} ${non_repeating_flags[*]} ${repeating_options[*]} ${non_repeating_options[*]}" -- "${cur}"))
    fi
}

__shopctl_add_completions() {
    local completion
    while IFS='' read -r completion; do
        COMPREPLY+=("${completion}")
    done < <(IFS=$'\n' compgen "${@}" -- "${cur}")
}

__shopctl_custom_complete() {
    if [[ -n "${cur}" || -z ${COMP_WORDS[${COMP_CWORD}]} || "${COMP_LINE:${COMP_POINT}:1}" != ' ' ]]; then
        local -ar words=("${COMP_WORDS[@]}")
    else
        local -ar words=("${COMP_WORDS[@]::${COMP_CWORD}}" '' "${COMP_WORDS[@]:${COMP_CWORD}}")
    fi

    "${COMP_WORDS[0]}" "${@}" "${words[@]}"
}

_shopctl() {
    local state
    state="$(shopt -p;shopt -po)"
    trap "${state//$'\n'/;}" RETURN
    shopt -s extglob
    set +o history +o posix

    local -xr SAP_SHELL=bash
    local -x SAP_SHELL_VERSION
    SAP_SHELL_VERSION="$(IFS='.';printf %s "${BASH_VERSINFO[*]}")"
    local -r SAP_SHELL_VERSION

    local -r cur="${2}"
    local -r prev="${3}"

    local -i positional_number
    local -a unparsed_words=("${COMP_WORDS[@]:1:${COMP_CWORD}}")

    local -a repeating_flags=()
    local -a non_repeating_flags=(--version -h --help)
    local -a repeating_options=()
    local -a non_repeating_options=()
    __shopctl_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    serve|migrate|dev|order|user|token|health|saga|queue|outbox|audit|help)
        # Offer subcommand argument completions
        "_shopctl_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'serve migrate dev order user token health saga queue outbox audit help' -- "${cur}"))
        ;;
    esac
}

_shopctl_serve() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--config --database-url --database-pool-size --database-schema --gateway-database-url --products-database-url --orders-database-url --customers-database-url --reviews-database-url --amqp-url --amqp-management-url --redis-url --redis-key-prefix --gateway-listen --products-listen --orders-listen --customers-listen --reviews-listen --products-address --orders-address --customers-address --reviews-address --gateway-rate-limit --gateway-auth-rate-limit --gateway-session-retention --gateway-trusted-proxies --gateway-cors-origins --gateway-max-connections --gateway-max-connections-per-client --rpc-max-connections --rpc-max-connections-per-client --admin-max-connections --gateway-idle-timeout --gateway-head-timeout --gateway-body-timeout --gateway-answer-timeout --gateway-lowest-rate --admin-listen --rpc-deadline --auth-keys-file --auth-jwks-file --auth-issuer --auth-audience --tls-certificate --tls-key --tls-ca --log-format --log-level --shutdown-drain --shutdown-grace --currency --saga-deadline --saga-resend --saga-sweep --messages-dead-letter-limit --orders-backlog --orders-longest-wait --retention-sagas --retention-audit)
    __shopctl_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--config')
        __shopctl_add_completions -f
        return
        ;;
    '--set')
        return
        ;;
    '--database-url')
        return
        ;;
    '--database-pool-size')
        return
        ;;
    '--database-schema')
        return
        ;;
    '--gateway-database-url')
        return
        ;;
    '--products-database-url')
        return
        ;;
    '--orders-database-url')
        return
        ;;
    '--customers-database-url')
        return
        ;;
    '--reviews-database-url')
        return
        ;;
    '--amqp-url')
        return
        ;;
    '--amqp-management-url')
        return
        ;;
    '--redis-url')
        return
        ;;
    '--redis-key-prefix')
        return
        ;;
    '--gateway-listen')
        return
        ;;
    '--products-listen')
        return
        ;;
    '--orders-listen')
        return
        ;;
    '--customers-listen')
        return
        ;;
    '--reviews-listen')
        return
        ;;
    '--products-address')
        return
        ;;
    '--orders-address')
        return
        ;;
    '--customers-address')
        return
        ;;
    '--reviews-address')
        return
        ;;
    '--gateway-rate-limit')
        return
        ;;
    '--gateway-auth-rate-limit')
        return
        ;;
    '--gateway-session-retention')
        return
        ;;
    '--gateway-trusted-proxies')
        return
        ;;
    '--gateway-cors-origins')
        return
        ;;
    '--gateway-max-connections')
        return
        ;;
    '--gateway-max-connections-per-client')
        return
        ;;
    '--rpc-max-connections')
        return
        ;;
    '--rpc-max-connections-per-client')
        return
        ;;
    '--admin-max-connections')
        return
        ;;
    '--gateway-idle-timeout')
        return
        ;;
    '--gateway-head-timeout')
        return
        ;;
    '--gateway-body-timeout')
        return
        ;;
    '--gateway-answer-timeout')
        return
        ;;
    '--gateway-lowest-rate')
        return
        ;;
    '--admin-listen')
        return
        ;;
    '--rpc-deadline')
        return
        ;;
    '--auth-keys-file')
        return
        ;;
    '--auth-jwks-file')
        return
        ;;
    '--auth-issuer')
        return
        ;;
    '--auth-audience')
        return
        ;;
    '--tls-certificate')
        return
        ;;
    '--tls-key')
        return
        ;;
    '--tls-ca')
        return
        ;;
    '--log-format')
        return
        ;;
    '--log-level')
        return
        ;;
    '--shutdown-drain')
        return
        ;;
    '--shutdown-grace')
        return
        ;;
    '--currency')
        return
        ;;
    '--saga-deadline')
        return
        ;;
    '--saga-resend')
        return
        ;;
    '--saga-sweep')
        return
        ;;
    '--messages-dead-letter-limit')
        return
        ;;
    '--orders-backlog')
        return
        ;;
    '--orders-longest-wait')
        return
        ;;
    '--retention-sagas')
        return
        ;;
    '--retention-audit')
        return
        ;;
    esac
}

_shopctl_migrate() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __shopctl_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    up|down|status)
        # Offer subcommand argument completions
        "_shopctl_migrate_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'up down status' -- "${cur}"))
        ;;
    esac
}

_shopctl_migrate_up() {
    repeating_flags=()
    non_repeating_flags=(--create-databases --databases-only --version -h --help)
    repeating_options=(--role --set)
    non_repeating_options=(--output -o --config)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--role')
        __shopctl_add_completions -W 'gateway'$'\n''products'$'\n''orders'$'\n''customers'$'\n''reviews'
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--config')
        __shopctl_add_completions -f
        return
        ;;
    '--set')
        return
        ;;
    esac
}

_shopctl_migrate_down() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--role --steps --output -o --config)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--role')
        __shopctl_add_completions -W 'gateway'$'\n''products'$'\n''orders'$'\n''customers'$'\n''reviews'
        return
        ;;
    '--steps')
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--config')
        __shopctl_add_completions -f
        return
        ;;
    '--set')
        return
        ;;
    esac
}

_shopctl_migrate_status() {
    repeating_flags=()
    non_repeating_flags=(--check --databases-only --version -h --help)
    repeating_options=(--role --set)
    non_repeating_options=(--output -o --config)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--role')
        __shopctl_add_completions -W 'gateway'$'\n''products'$'\n''orders'$'\n''customers'$'\n''reviews'
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--config')
        __shopctl_add_completions -f
        return
        ;;
    '--set')
        return
        ;;
    esac
}

_shopctl_dev() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __shopctl_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    up|down|status|env|logs|reset)
        # Offer subcommand argument completions
        "_shopctl_dev_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'up down status env logs reset' -- "${cur}"))
        ;;
    esac
}

_shopctl_dev_up() {
    repeating_flags=()
    non_repeating_flags=(--ephemeral --management --only-servers --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--data-dir --ready-file --config)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--data-dir')
        __shopctl_add_completions -d
        return
        ;;
    '--ready-file')
        __shopctl_add_completions -f
        return
        ;;
    '--config')
        __shopctl_add_completions -f
        return
        ;;
    '--set')
        return
        ;;
    esac
}

_shopctl_dev_down() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--data-dir)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--data-dir')
        __shopctl_add_completions -d
        return
        ;;
    esac
}

_shopctl_dev_status() {
    repeating_flags=()
    non_repeating_flags=(--check --version -h --help)
    repeating_options=()
    non_repeating_options=(--data-dir --output -o)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--data-dir')
        __shopctl_add_completions -d
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    esac
}

_shopctl_dev_env() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--data-dir)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--data-dir')
        __shopctl_add_completions -d
        return
        ;;
    esac
}

_shopctl_dev_logs() {
    repeating_flags=()
    non_repeating_flags=(-f --follow --version -h --help)
    repeating_options=()
    non_repeating_options=(-n --lines --data-dir)
    __shopctl_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '-n'|'--lines')
        return
        ;;
    '--data-dir')
        __shopctl_add_completions -d
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __shopctl_add_completions -W 'postgres'$'\n''rabbitmq'$'\n''redis'
        return
        ;;
    esac
}

_shopctl_dev_reset() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--data-dir)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--data-dir')
        __shopctl_add_completions -d
        return
        ;;
    esac
}

_shopctl_order() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __shopctl_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    place|show)
        # Offer subcommand argument completions
        "_shopctl_order_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'place show' -- "${cur}"))
        ;;
    esac
}

_shopctl_order_place() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=(--item --set)
    non_repeating_options=(--user --file --wait --idempotency-key --output -o --config)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--user')
        return
        ;;
    '--item')
        return
        ;;
    '--file')
        __shopctl_add_completions -f
        return
        ;;
    '--wait')
        return
        ;;
    '--idempotency-key')
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--config')
        __shopctl_add_completions -f
        return
        ;;
    '--set')
        return
        ;;
    esac
}

_shopctl_order_show() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--user --output -o --config)
    __shopctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--user')
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--config')
        __shopctl_add_completions -f
        return
        ;;
    '--set')
        return
        ;;
    esac
}

_shopctl_user() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __shopctl_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    list|set-role)
        # Offer subcommand argument completions
        "_shopctl_user_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'list set-role' -- "${cur}"))
        ;;
    esac
}

_shopctl_user_list() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--email --limit --output -o --config)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--email')
        return
        ;;
    '--limit')
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--config')
        __shopctl_add_completions -f
        return
        ;;
    '--set')
        return
        ;;
    esac
}

_shopctl_user_set-role() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--output -o --config)
    __shopctl_offer_flags_options 2

    # Offer option value completions
    case "${prev}" in
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--config')
        __shopctl_add_completions -f
        return
        ;;
    '--set')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    2)
        __shopctl_add_completions -W 'customer'$'\n''admin'$'\n''service'
        return
        ;;
    esac
}

_shopctl_token() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __shopctl_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    issue|keys)
        # Offer subcommand argument completions
        "_shopctl_token_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'issue keys' -- "${cur}"))
        ;;
    esac
}

_shopctl_token_issue() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=(--scope --set)
    non_repeating_options=(--user --role --ttl --config)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--user')
        return
        ;;
    '--role')
        __shopctl_add_completions -W 'customer'$'\n''admin'$'\n''service'
        return
        ;;
    '--ttl')
        return
        ;;
    '--scope')
        return
        ;;
    '--config')
        __shopctl_add_completions -f
        return
        ;;
    '--set')
        return
        ;;
    esac
}

_shopctl_token_keys() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __shopctl_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    generate|rotate|retire|list|jwks)
        # Offer subcommand argument completions
        "_shopctl_token_keys_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'generate rotate retire list jwks' -- "${cur}"))
        ;;
    esac
}

_shopctl_token_keys_generate() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--file --config --algorithm --output -o)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--file')
        __shopctl_add_completions -f
        return
        ;;
    '--config')
        __shopctl_add_completions -f
        return
        ;;
    '--set')
        return
        ;;
    '--algorithm')
        __shopctl_add_completions -W 'ES256'$'\n''EdDSA'
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    esac
}

_shopctl_token_keys_rotate() {
    repeating_flags=()
    non_repeating_flags=(--stage --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--file --config --algorithm --activate --output -o)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--file')
        __shopctl_add_completions -f
        return
        ;;
    '--config')
        __shopctl_add_completions -f
        return
        ;;
    '--set')
        return
        ;;
    '--algorithm')
        __shopctl_add_completions -W 'ES256'$'\n''EdDSA'
        return
        ;;
    '--activate')
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    esac
}

_shopctl_token_keys_retire() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--file --config --output -o)
    __shopctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--file')
        __shopctl_add_completions -f
        return
        ;;
    '--config')
        __shopctl_add_completions -f
        return
        ;;
    '--set')
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    esac
}

_shopctl_token_keys_list() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--file --config --output -o)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--file')
        __shopctl_add_completions -f
        return
        ;;
    '--config')
        __shopctl_add_completions -f
        return
        ;;
    '--set')
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    esac
}

_shopctl_token_keys_jwks() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--file --config)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--file')
        __shopctl_add_completions -f
        return
        ;;
    '--config')
        __shopctl_add_completions -f
        return
        ;;
    '--set')
        return
        ;;
    esac
}

_shopctl_health() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--address --wait --output -o --config)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--address')
        return
        ;;
    '--wait')
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--config')
        __shopctl_add_completions -f
        return
        ;;
    '--set')
        return
        ;;
    esac
}

_shopctl_saga() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __shopctl_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    list|inspect|retry)
        # Offer subcommand argument completions
        "_shopctl_saga_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'list inspect retry' -- "${cur}"))
        ;;
    esac
}

_shopctl_saga_list() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--state --saga --limit --output -o --config)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--state')
        return
        ;;
    '--saga')
        return
        ;;
    '--limit')
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--config')
        __shopctl_add_completions -f
        return
        ;;
    '--set')
        return
        ;;
    esac
}

_shopctl_saga_inspect() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--output -o --config)
    __shopctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--config')
        __shopctl_add_completions -f
        return
        ;;
    '--set')
        return
        ;;
    esac
}

_shopctl_saga_retry() {
    repeating_flags=()
    non_repeating_flags=(--all-stuck --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--output -o --config)
    __shopctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--config')
        __shopctl_add_completions -f
        return
        ;;
    '--set')
        return
        ;;
    esac
}

_shopctl_queue() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __shopctl_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    list|check|peek|replay)
        # Offer subcommand argument completions
        "_shopctl_queue_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'list check peek replay' -- "${cur}"))
        ;;
    esac
}

_shopctl_queue_list() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--output -o --config)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--config')
        __shopctl_add_completions -f
        return
        ;;
    '--set')
        return
        ;;
    esac
}

_shopctl_queue_check() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--output -o --config)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--config')
        __shopctl_add_completions -f
        return
        ;;
    '--set')
        return
        ;;
    esac
}

_shopctl_queue_peek() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--limit --output -o --config)
    __shopctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--limit')
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--config')
        __shopctl_add_completions -f
        return
        ;;
    '--set')
        return
        ;;
    esac
}

_shopctl_queue_replay() {
    repeating_flags=()
    non_repeating_flags=(--dry-run --version -h --help)
    repeating_options=(--message-id --set)
    non_repeating_options=(--limit --output -o --config)
    __shopctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--limit')
        return
        ;;
    '--message-id')
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--config')
        __shopctl_add_completions -f
        return
        ;;
    '--set')
        return
        ;;
    esac
}

_shopctl_outbox() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __shopctl_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    replay)
        # Offer subcommand argument completions
        "_shopctl_outbox_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'replay' -- "${cur}"))
        ;;
    esac
}

_shopctl_outbox_replay() {
    repeating_flags=()
    non_repeating_flags=(--dry-run --version -h --help)
    repeating_options=(--type --set)
    non_repeating_options=(--service --since --output -o --config)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--service')
        return
        ;;
    '--since')
        return
        ;;
    '--type')
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--config')
        __shopctl_add_completions -f
        return
        ;;
    '--set')
        return
        ;;
    esac
}

_shopctl_audit() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __shopctl_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    list)
        # Offer subcommand argument completions
        "_shopctl_audit_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'list' -- "${cur}"))
        ;;
    esac
}

_shopctl_audit_list() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--user --limit --output -o --config)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--user')
        return
        ;;
    '--limit')
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--config')
        __shopctl_add_completions -f
        return
        ;;
    '--set')
        return
        ;;
    esac
}

_shopctl_help() {
    repeating_flags=()
    non_repeating_flags=(--version)
    repeating_options=()
    non_repeating_options=()
    __shopctl_offer_flags_options -1
}

complete -o filenames -F _shopctl shopctl
