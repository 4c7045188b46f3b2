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
    serve|migrate|dev|order|user|token|status|health|saga|queue|outbox|audit|error|completion|help)
        # Offer subcommand argument completions
        "_shopctl_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'serve migrate dev order user token status health saga queue outbox audit error completion help' -- "${cur}"))
        ;;
    esac
}

_shopctl_serve() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--config --database-url --database-pool-size --database-schema --gateway-database-url --products-database-url --orders-database-url --customers-database-url --reviews-database-url --amqp-url --amqp-management-url --redis-url --redis-key-prefix --gateway-listen --products-listen --orders-listen --customers-listen --reviews-listen --products-address --orders-address --customers-address --reviews-address --gateway-rate-limit --gateway-auth-rate-limit --gateway-session-retention --gateway-trusted-proxies --gateway-cors-origins --gateway-max-connections --gateway-max-connections-per-client --rpc-max-connections --rpc-max-connections-per-client --admin-max-connections --gateway-idle-timeout --gateway-head-timeout --gateway-body-timeout --gateway-answer-timeout --gateway-lowest-rate --admin-listen --rpc-deadline --auth-keys-file --auth-jwks-file --auth-issuer --auth-audience --tls-certificate --tls-key --tls-ca --log-format --log-level --shutdown-drain --shutdown-grace --currency --saga-deadline --saga-resend --saga-sweep --saga-stuck-after --messages-dead-letter-limit --orders-backlog --orders-longest-wait --retention-sagas --retention-audit)
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
    '--saga-stuck-after')
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

    # Offer positional completions
    case "${positional_number}" in
    *)
        __shopctl_add_completions -W 'gateway'$'\n''products'$'\n''orders'$'\n''customers'$'\n''reviews'$'\n''all'
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
    non_repeating_flags=(--create-databases --databases-only --no-headers --quiet -q --version -h --help)
    repeating_options=(--role --set)
    non_repeating_options=(--output -o --columns --timeout --color --config)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--role')
        __shopctl_add_completions -W 'gateway'$'\n''products'$'\n''orders'$'\n''customers'$'\n''reviews'
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        return
        ;;
    '--timeout')
        return
        ;;
    '--color')
        __shopctl_add_completions -W 'auto'$'\n''always'$'\n''never'
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
    non_repeating_flags=(--no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--role --steps --output -o --columns --timeout --color --config)
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
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        return
        ;;
    '--timeout')
        return
        ;;
    '--color')
        __shopctl_add_completions -W 'auto'$'\n''always'$'\n''never'
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
    non_repeating_flags=(--check --databases-only --no-headers --quiet -q --version -h --help)
    repeating_options=(--role --set)
    non_repeating_options=(--output -o --columns --timeout --color --config)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--role')
        __shopctl_add_completions -W 'gateway'$'\n''products'$'\n''orders'$'\n''customers'$'\n''reviews'
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        return
        ;;
    '--timeout')
        return
        ;;
    '--color')
        __shopctl_add_completions -W 'auto'$'\n''always'$'\n''never'
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
    non_repeating_flags=(--check --no-headers --quiet -q --version -h --help)
    repeating_options=()
    non_repeating_options=(--data-dir --output -o --columns --timeout --color)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--data-dir')
        __shopctl_add_completions -d
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        return
        ;;
    '--timeout')
        return
        ;;
    '--color')
        __shopctl_add_completions -W 'auto'$'\n''always'$'\n''never'
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
    place|show|story)
        # Offer subcommand argument completions
        "_shopctl_order_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'place show story' -- "${cur}"))
        ;;
    esac
}

_shopctl_order_place() {
    repeating_flags=()
    non_repeating_flags=(--no-headers --quiet -q --version -h --help)
    repeating_options=(--item --set)
    non_repeating_options=(--user --file --wait --idempotency-key --output -o --columns --timeout --color --config)
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
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        return
        ;;
    '--timeout')
        return
        ;;
    '--color')
        __shopctl_add_completions -W 'auto'$'\n''always'$'\n''never'
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
    non_repeating_flags=(--no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--user --output -o --columns --timeout --color --config)
    __shopctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--user')
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        return
        ;;
    '--timeout')
        return
        ;;
    '--color')
        __shopctl_add_completions -W 'auto'$'\n''always'$'\n''never'
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

_shopctl_order_story() {
    repeating_flags=()
    non_repeating_flags=(--no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--output -o --columns --timeout --color --config)
    __shopctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        return
        ;;
    '--timeout')
        return
        ;;
    '--color')
        __shopctl_add_completions -W 'auto'$'\n''always'$'\n''never'
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
    non_repeating_flags=(--watch --no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--email --sort --since --until --limit --cursor --output -o --columns --timeout --color --config)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--email')
        return
        ;;
    '--sort')
        __shopctl_add_completions -W '-id'$'\n''id'
        return
        ;;
    '--since')
        return
        ;;
    '--until')
        return
        ;;
    '--limit')
        return
        ;;
    '--cursor')
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        return
        ;;
    '--timeout')
        return
        ;;
    '--color')
        __shopctl_add_completions -W 'auto'$'\n''always'$'\n''never'
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
    non_repeating_flags=(--no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--output -o --columns --timeout --color --config)
    __shopctl_offer_flags_options 2

    # Offer option value completions
    case "${prev}" in
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        return
        ;;
    '--timeout')
        return
        ;;
    '--color')
        __shopctl_add_completions -W 'auto'$'\n''always'$'\n''never'
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
    non_repeating_flags=(--no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--file --config --algorithm --output -o --columns --timeout --color)
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
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        return
        ;;
    '--timeout')
        return
        ;;
    '--color')
        __shopctl_add_completions -W 'auto'$'\n''always'$'\n''never'
        return
        ;;
    esac
}

_shopctl_token_keys_rotate() {
    repeating_flags=()
    non_repeating_flags=(--stage --no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--file --config --algorithm --activate --output -o --columns --timeout --color)
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
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        return
        ;;
    '--timeout')
        return
        ;;
    '--color')
        __shopctl_add_completions -W 'auto'$'\n''always'$'\n''never'
        return
        ;;
    esac
}

_shopctl_token_keys_retire() {
    repeating_flags=()
    non_repeating_flags=(--dry-run --no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--file --config --output -o --columns --timeout --color)
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
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        return
        ;;
    '--timeout')
        return
        ;;
    '--color')
        __shopctl_add_completions -W 'auto'$'\n''always'$'\n''never'
        return
        ;;
    esac
}

_shopctl_token_keys_list() {
    repeating_flags=()
    non_repeating_flags=(--no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--file --config --output -o --columns --timeout --color)
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
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        return
        ;;
    '--timeout')
        return
        ;;
    '--color')
        __shopctl_add_completions -W 'auto'$'\n''always'$'\n''never'
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

_shopctl_status() {
    repeating_flags=()
    non_repeating_flags=(--check --watch --no-headers --quiet -q --version -h --help)
    repeating_options=(--address --set)
    non_repeating_options=(--output -o --columns --timeout --color --config)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--address')
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        return
        ;;
    '--timeout')
        return
        ;;
    '--color')
        __shopctl_add_completions -W 'auto'$'\n''always'$'\n''never'
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
    non_repeating_flags=(--no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--address --wait --output -o --columns --timeout --color --config)
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
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        return
        ;;
    '--timeout')
        return
        ;;
    '--color')
        __shopctl_add_completions -W 'auto'$'\n''always'$'\n''never'
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
    non_repeating_flags=(--watch --no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--state --saga --sort --since --until --limit --cursor --output -o --columns --timeout --color --config)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--state')
        __shopctl_add_completions -W 'open'$'\n''stuck'$'\n''was-stuck'$'\n''all'$'\n''trying'$'\n''confirming'$'\n''cancelling'$'\n''confirmed'$'\n''cancelled'
        return
        ;;
    '--saga')
        __shopctl_add_completions -W 'order-placement'$'\n''order-cancellation'$'\n''product-deletion'
        return
        ;;
    '--sort')
        __shopctl_add_completions -W '-started_at'$'\n''started_at'
        return
        ;;
    '--since')
        return
        ;;
    '--until')
        return
        ;;
    '--limit')
        return
        ;;
    '--cursor')
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        return
        ;;
    '--timeout')
        return
        ;;
    '--color')
        __shopctl_add_completions -W 'auto'$'\n''always'$'\n''never'
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
    non_repeating_flags=(--no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--output -o --columns --timeout --color --config)
    __shopctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        return
        ;;
    '--timeout')
        return
        ;;
    '--color')
        __shopctl_add_completions -W 'auto'$'\n''always'$'\n''never'
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
    non_repeating_flags=(--all-stuck --dry-run --no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--output -o --columns --timeout --color --config)
    __shopctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        return
        ;;
    '--timeout')
        return
        ;;
    '--color')
        __shopctl_add_completions -W 'auto'$'\n''always'$'\n''never'
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
    list|check|peek|replay|drop)
        # Offer subcommand argument completions
        "_shopctl_queue_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'list check peek replay drop' -- "${cur}"))
        ;;
    esac
}

_shopctl_queue_list() {
    repeating_flags=()
    non_repeating_flags=(--watch --no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--output -o --columns --timeout --color --config)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        return
        ;;
    '--timeout')
        return
        ;;
    '--color')
        __shopctl_add_completions -W 'auto'$'\n''always'$'\n''never'
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
    non_repeating_flags=(--no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--output -o --columns --timeout --color --config)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        return
        ;;
    '--timeout')
        return
        ;;
    '--color')
        __shopctl_add_completions -W 'auto'$'\n''always'$'\n''never'
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
    non_repeating_flags=(--retry --watch --no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--sort --since --until --limit --cursor --output -o --columns --timeout --color --config)
    __shopctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--sort')
        __shopctl_add_completions -W 'died_at'$'\n''-died_at'
        return
        ;;
    '--since')
        return
        ;;
    '--until')
        return
        ;;
    '--limit')
        return
        ;;
    '--cursor')
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        return
        ;;
    '--timeout')
        return
        ;;
    '--color')
        __shopctl_add_completions -W 'auto'$'\n''always'$'\n''never'
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
    1)
        __shopctl_add_completions -W 'products'$'\n''orders'$'\n''customers'$'\n''reviews'
        return
        ;;
    esac
}

_shopctl_queue_replay() {
    repeating_flags=()
    non_repeating_flags=(--dry-run --no-headers --quiet -q --version -h --help)
    repeating_options=(--message-id --set)
    non_repeating_options=(--limit --wait --output -o --columns --timeout --color --config)
    __shopctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--limit')
        return
        ;;
    '--message-id')
        return
        ;;
    '--wait')
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        return
        ;;
    '--timeout')
        return
        ;;
    '--color')
        __shopctl_add_completions -W 'auto'$'\n''always'$'\n''never'
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
    1)
        __shopctl_add_completions -W 'products'$'\n''orders'$'\n''customers'$'\n''reviews'
        return
        ;;
    esac
}

_shopctl_queue_drop() {
    repeating_flags=()
    non_repeating_flags=(--all --dry-run --yes --no-headers --quiet -q --version -h --help)
    repeating_options=(--message-id --set)
    non_repeating_options=(--reason --output -o --columns --timeout --color --config)
    __shopctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--message-id')
        return
        ;;
    '--reason')
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        return
        ;;
    '--timeout')
        return
        ;;
    '--color')
        __shopctl_add_completions -W 'auto'$'\n''always'$'\n''never'
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
    1)
        __shopctl_add_completions -W 'products'$'\n''orders'$'\n''customers'$'\n''reviews'
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
    non_repeating_flags=(--dry-run --no-headers --quiet -q --version -h --help)
    repeating_options=(--type --set)
    non_repeating_options=(--service --since --output -o --columns --timeout --color --config)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--service')
        __shopctl_add_completions -W 'products'$'\n''orders'$'\n''customers'$'\n''reviews'
        return
        ;;
    '--since')
        return
        ;;
    '--type')
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        return
        ;;
    '--timeout')
        return
        ;;
    '--color')
        __shopctl_add_completions -W 'auto'$'\n''always'$'\n''never'
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
    non_repeating_flags=(--watch --no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--user --sort --since --until --limit --cursor --output -o --columns --timeout --color --config)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--user')
        return
        ;;
    '--sort')
        __shopctl_add_completions -W '-at'$'\n''at'
        return
        ;;
    '--since')
        return
        ;;
    '--until')
        return
        ;;
    '--limit')
        return
        ;;
    '--cursor')
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        return
        ;;
    '--timeout')
        return
        ;;
    '--color')
        __shopctl_add_completions -W 'auto'$'\n''always'$'\n''never'
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

_shopctl_error() {
    repeating_flags=()
    non_repeating_flags=(--no-headers --quiet -q --version -h --help)
    repeating_options=()
    non_repeating_options=(--output -o --columns --timeout --color)
    __shopctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        return
        ;;
    '--timeout')
        return
        ;;
    '--color')
        __shopctl_add_completions -W 'auto'$'\n''always'$'\n''never'
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __shopctl_add_completions -W 'SHOP-001'$'\n''SHOP-002'$'\n''SHOP-003'$'\n''SHOP-004'$'\n''SHOP-005'$'\n''SHOP-006'$'\n''SHOP-007'$'\n''SHOP-008'$'\n''SHOP-009'$'\n''SHOP-010'$'\n''SHOP-011'$'\n''SHOP-012'$'\n''SHOP-101'$'\n''SHOP-102'$'\n''SHOP-103'$'\n''SHOP-104'$'\n''SHOP-105'$'\n''SHOP-106'$'\n''SHOP-107'$'\n''SHOP-108'$'\n''SHOP-201'$'\n''SHOP-202'$'\n''SHOP-203'$'\n''SHOP-204'$'\n''SHOP-205'$'\n''SHOP-206'$'\n''SHOP-301'$'\n''SHOP-302'$'\n''SHOP-401'$'\n''SHOP-402'$'\n''SHOP-403'$'\n''SHOP-404'$'\n''SHOP-501'$'\n''SHOP-502'$'\n''SHOP-601'$'\n''SHOP-602'$'\n''SHOP-701'$'\n''SHOP-702'$'\n''SHOP-703'$'\n''SHOP-801'$'\n''SHOP-802'$'\n''SHOP-803'$'\n''SHOP-804'
        return
        ;;
    esac
}

_shopctl_completion() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __shopctl_offer_flags_options 1

    # Offer positional completions
    case "${positional_number}" in
    1)
        __shopctl_add_completions -W 'bash'$'\n''zsh'$'\n''fish'
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
