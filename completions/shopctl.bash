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
    serve|migrate|dev|order|product|category|customer|review|user|token|shop|status|top|doctor|health|saga|queue|outbox|audit|context|error|completion|help)
        # Offer subcommand argument completions
        "_shopctl_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'serve migrate dev order product category customer review user token shop status top doctor health saga queue outbox audit context error completion help' -- "${cur}"))
        ;;
    esac
}

_shopctl_serve() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--config --context --database-url --database-pool-size --database-schema --gateway-database-url --products-database-url --orders-database-url --customers-database-url --reviews-database-url --amqp-url --amqp-management-url --redis-url --redis-key-prefix --gateway-listen --products-listen --orders-listen --customers-listen --reviews-listen --products-address --orders-address --customers-address --reviews-address --gateway-rate-limit --gateway-auth-rate-limit --gateway-session-retention --gateway-trusted-proxies --gateway-cors-origins --gateway-max-connections --gateway-max-connections-per-client --rpc-max-connections --rpc-max-connections-per-client --admin-max-connections --gateway-idle-timeout --gateway-head-timeout --gateway-body-timeout --gateway-answer-timeout --gateway-lowest-rate --admin-listen --rpc-deadline --auth-keys-file --auth-jwks-file --auth-issuer --auth-audience --tls-certificate --tls-key --tls-ca --log-format --log-level --shutdown-drain --shutdown-grace --currency --saga-deadline --saga-resend --saga-sweep --saga-stuck-after --messages-dead-letter-limit --orders-backlog --orders-longest-wait --retention-sagas --retention-audit)
    __shopctl_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--config')
        __shopctl_add_completions -f
        return
        ;;
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion serve -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    up|down|redo|plan|status|verify|history|repair|baseline|new|lint|locks|wait)
        # Offer subcommand argument completions
        "_shopctl_migrate_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'up down redo plan status verify history repair baseline new lint locks wait' -- "${cur}"))
        ;;
    esac
}

_shopctl_migrate_up() {
    repeating_flags=()
    non_repeating_flags=(--create-databases --databases-only --dry-run --no-headers --quiet -q --version -h --help)
    repeating_options=(--role --set)
    non_repeating_options=(--to --dir --output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--to')
        return
        ;;
    '--role')
        __shopctl_add_completions -W 'gateway'$'\n''products'$'\n''orders'$'\n''customers'$'\n''reviews'
        return
        ;;
    '--dir')
        __shopctl_add_completions -d
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion migrate up -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion migrate up -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac
}

_shopctl_migrate_down() {
    repeating_flags=()
    non_repeating_flags=(--dry-run --yes --no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--to --role --reason --dir --output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--to')
        return
        ;;
    '--role')
        __shopctl_add_completions -W 'gateway'$'\n''products'$'\n''orders'$'\n''customers'$'\n''reviews'
        return
        ;;
    '--reason')
        return
        ;;
    '--dir')
        __shopctl_add_completions -d
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion migrate down -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion migrate down -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac
}

_shopctl_migrate_redo() {
    repeating_flags=()
    non_repeating_flags=(--dry-run --yes --no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--role --reason --dir --output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--role')
        __shopctl_add_completions -W 'gateway'$'\n''products'$'\n''orders'$'\n''customers'$'\n''reviews'
        return
        ;;
    '--reason')
        return
        ;;
    '--dir')
        __shopctl_add_completions -d
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion migrate redo -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion migrate redo -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac
}

_shopctl_migrate_plan() {
    repeating_flags=()
    non_repeating_flags=(--no-headers --quiet -q --version -h --help)
    repeating_options=(--role --set)
    non_repeating_options=(--to --dir --output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--to')
        return
        ;;
    '--role')
        __shopctl_add_completions -W 'gateway'$'\n''products'$'\n''orders'$'\n''customers'$'\n''reviews'
        return
        ;;
    '--dir')
        __shopctl_add_completions -d
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion migrate plan -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion migrate plan -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    non_repeating_options=(--dir --output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--role')
        __shopctl_add_completions -W 'gateway'$'\n''products'$'\n''orders'$'\n''customers'$'\n''reviews'
        return
        ;;
    '--dir')
        __shopctl_add_completions -d
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion migrate status -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion migrate status -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac
}

_shopctl_migrate_verify() {
    repeating_flags=()
    non_repeating_flags=(--no-headers --quiet -q --version -h --help)
    repeating_options=(--role --set)
    non_repeating_options=(--dir --output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--role')
        __shopctl_add_completions -W 'gateway'$'\n''products'$'\n''orders'$'\n''customers'$'\n''reviews'
        return
        ;;
    '--dir')
        __shopctl_add_completions -d
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion migrate verify -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion migrate verify -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac
}

_shopctl_migrate_history() {
    repeating_flags=()
    non_repeating_flags=(--watch --no-headers --quiet -q --version -h --help)
    repeating_options=(--role --set)
    non_repeating_options=(--dir --sort --since --until --limit --cursor --output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--role')
        __shopctl_add_completions -W 'gateway'$'\n''products'$'\n''orders'$'\n''customers'$'\n''reviews'
        return
        ;;
    '--dir')
        __shopctl_add_completions -d
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
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion migrate history -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion migrate history -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac
}

_shopctl_migrate_repair() {
    repeating_flags=()
    non_repeating_flags=(--clear-dirty --indexes --dry-run --no-headers --quiet -q --version -h --help)
    repeating_options=(--accept --set)
    non_repeating_options=(--role --at --set-version --reason --dir --output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--role')
        __shopctl_add_completions -W 'gateway'$'\n''products'$'\n''orders'$'\n''customers'$'\n''reviews'
        return
        ;;
    '--at')
        return
        ;;
    '--set-version')
        return
        ;;
    '--accept')
        return
        ;;
    '--reason')
        return
        ;;
    '--dir')
        __shopctl_add_completions -d
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion migrate repair -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion migrate repair -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac
}

_shopctl_migrate_baseline() {
    repeating_flags=()
    non_repeating_flags=(--from-golang-migrate --dry-run --no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--role --dir --output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--role')
        __shopctl_add_completions -W 'gateway'$'\n''products'$'\n''orders'$'\n''customers'$'\n''reviews'
        return
        ;;
    '--dir')
        __shopctl_add_completions -d
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion migrate baseline -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion migrate baseline -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac
}

_shopctl_migrate_new() {
    repeating_flags=()
    non_repeating_flags=(--no-headers --quiet -q --version -h --help)
    repeating_options=()
    non_repeating_options=(--role --dir --output -o --columns --timeout --color)
    __shopctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--role')
        __shopctl_add_completions -W 'gateway'$'\n''products'$'\n''orders'$'\n''customers'$'\n''reviews'
        return
        ;;
    '--dir')
        __shopctl_add_completions -d
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion migrate new -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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

_shopctl_migrate_lint() {
    repeating_flags=()
    non_repeating_flags=(--no-headers --quiet -q --version -h --help)
    repeating_options=(--role)
    non_repeating_options=(--dir --output -o --columns --timeout --color)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--role')
        __shopctl_add_completions -W 'gateway'$'\n''products'$'\n''orders'$'\n''customers'$'\n''reviews'
        return
        ;;
    '--dir')
        __shopctl_add_completions -d
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion migrate lint -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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

_shopctl_migrate_locks() {
    repeating_flags=()
    non_repeating_flags=(--no-headers --quiet -q --version -h --help)
    repeating_options=(--role --set)
    non_repeating_options=(--dir --output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--role')
        __shopctl_add_completions -W 'gateway'$'\n''products'$'\n''orders'$'\n''customers'$'\n''reviews'
        return
        ;;
    '--dir')
        __shopctl_add_completions -d
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion migrate locks -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion migrate locks -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac
}

_shopctl_migrate_wait() {
    repeating_flags=()
    non_repeating_flags=(--no-headers --quiet -q --version -h --help)
    repeating_options=(--role --set)
    non_repeating_options=(--dir --output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--role')
        __shopctl_add_completions -W 'gateway'$'\n''products'$'\n''orders'$'\n''customers'$'\n''reviews'
        return
        ;;
    '--dir')
        __shopctl_add_completions -d
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion migrate wait -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion migrate wait -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    non_repeating_flags=(--ephemeral --management --only-servers --seed --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--data-dir --ready-file --config --context)
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion dev up -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion dev status -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    non_repeating_flags=(--no-headers --quiet -q --version -h --help)
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
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion dev env -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    place|list|show|story|watch|cancel)
        # Offer subcommand argument completions
        "_shopctl_order_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'place list show story watch cancel' -- "${cur}"))
        ;;
    esac
}

_shopctl_order_place() {
    repeating_flags=()
    non_repeating_flags=(--dry-run --no-headers --quiet -q --version -h --help)
    repeating_options=(--item --set)
    non_repeating_options=(--user --file --wait --idempotency-key --reason --output -o --columns --timeout --color --config --context)
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
    '--reason')
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion order place -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion order place -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac
}

_shopctl_order_list() {
    repeating_flags=()
    non_repeating_flags=(--watch --no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--state --buyer --user --sort --since --until --limit --cursor --output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--state')
        __shopctl_add_completions -W 'all'$'\n''open'$'\n''pending'$'\n''confirmed'$'\n''rejected'$'\n''cancelling'$'\n''cancelled'
        return
        ;;
    '--buyer'|'--user')
        return
        ;;
    '--sort')
        __shopctl_add_completions -W '-id'$'\n''id'$'\n''-price'$'\n''price'
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
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion order list -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion order list -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    non_repeating_options=(--user --output -o --columns --timeout --color --config --context)
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
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion order show -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion order show -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion order show -- positional@0 "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_shopctl_order_story() {
    repeating_flags=()
    non_repeating_flags=(--no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion order story -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion order story -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion order story -- positional@0 "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_shopctl_order_watch() {
    repeating_flags=()
    non_repeating_flags=(--no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion order watch -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion order watch -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion order watch -- positional@0 "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_shopctl_order_cancel() {
    repeating_flags=()
    non_repeating_flags=(--dry-run --no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--reason --wait --output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--reason')
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
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion order cancel -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion order cancel -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion order cancel -- positional@0 "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_shopctl_product() {
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
    list|show|create|update|stock|delete|import|export)
        # Offer subcommand argument completions
        "_shopctl_product_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'list show create update stock delete import export' -- "${cur}"))
        ;;
    esac
}

_shopctl_product_list() {
    repeating_flags=()
    non_repeating_flags=(--in-stock --watch --no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--category --seller --text --min-price --max-price --sort --since --until --limit --cursor --output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--category')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion product list -- --category "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--seller')
        return
        ;;
    '--text')
        return
        ;;
    '--min-price')
        return
        ;;
    '--max-price')
        return
        ;;
    '--sort')
        __shopctl_add_completions -W '-id'$'\n''id'$'\n''-price'$'\n''price'$'\n''name'
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
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion product list -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion product list -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac
}

_shopctl_product_show() {
    repeating_flags=()
    non_repeating_flags=(--no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion product show -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion product show -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion product show -- positional@0 "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_shopctl_product_create() {
    repeating_flags=()
    non_repeating_flags=(--dry-run --no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--seller --name --category --price --amount --description --photo-url --reason --output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--seller')
        return
        ;;
    '--name')
        return
        ;;
    '--category')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion product create -- --category "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--price')
        return
        ;;
    '--amount')
        return
        ;;
    '--description')
        return
        ;;
    '--photo-url')
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
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion product create -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion product create -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac
}

_shopctl_product_update() {
    repeating_flags=()
    non_repeating_flags=(--dry-run --no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--name --category --price --description --photo-url --if-version --reason --output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--name')
        return
        ;;
    '--category')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion product update -- --category "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--price')
        return
        ;;
    '--description')
        return
        ;;
    '--photo-url')
        return
        ;;
    '--if-version')
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
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion product update -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion product update -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion product update -- positional@0 "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_shopctl_product_stock() {
    repeating_flags=()
    non_repeating_flags=(--dry-run --no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--amount --change --if-version --reason --output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--amount')
        return
        ;;
    '--change')
        return
        ;;
    '--if-version')
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
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion product stock -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion product stock -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion product stock -- positional@0 "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_shopctl_product_delete() {
    repeating_flags=()
    non_repeating_flags=(--dry-run --no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--wait --if-version --reason --output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--wait')
        return
        ;;
    '--if-version')
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
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion product delete -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion product delete -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion product delete -- positional@0 "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_shopctl_product_import() {
    repeating_flags=()
    non_repeating_flags=(--all-or-nothing --keep-going --dry-run --no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--format --seller --from-line --reason --output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--format')
        __shopctl_add_completions -W 'csv'$'\n''jsonl'
        return
        ;;
    '--seller')
        return
        ;;
    '--from-line')
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
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion product import -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion product import -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __shopctl_add_completions -f
        return
        ;;
    esac
}

_shopctl_product_export() {
    repeating_flags=()
    non_repeating_flags=(--in-stock --no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--format --category --seller --text --min-price --max-price --output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--format')
        __shopctl_add_completions -W 'csv'$'\n''jsonl'
        return
        ;;
    '--category')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion product export -- --category "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--seller')
        return
        ;;
    '--text')
        return
        ;;
    '--min-price')
        return
        ;;
    '--max-price')
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion product export -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion product export -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __shopctl_add_completions -f
        return
        ;;
    esac
}

_shopctl_category() {
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
    list|create|rename|delete)
        # Offer subcommand argument completions
        "_shopctl_category_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'list create rename delete' -- "${cur}"))
        ;;
    esac
}

_shopctl_category_list() {
    repeating_flags=()
    non_repeating_flags=(--watch --no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--sort --limit --cursor --output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--sort')
        __shopctl_add_completions -W 'name'$'\n''-name'$'\n''products'$'\n''-products'
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
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion category list -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion category list -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac
}

_shopctl_category_create() {
    repeating_flags=()
    non_repeating_flags=(--dry-run --no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--reason --output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--reason')
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion category create -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion category create -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac
}

_shopctl_category_rename() {
    repeating_flags=()
    non_repeating_flags=(--dry-run --no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--reason --output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 2

    # Offer option value completions
    case "${prev}" in
    '--reason')
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion category rename -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion category rename -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion category rename -- positional@0 "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_shopctl_category_delete() {
    repeating_flags=()
    non_repeating_flags=(--dry-run --no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--reason --output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--reason')
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion category delete -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion category delete -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion category delete -- positional@0 "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_shopctl_customer() {
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
    show|statement|cart|top-up)
        # Offer subcommand argument completions
        "_shopctl_customer_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'show statement cart top-up' -- "${cur}"))
        ;;
    esac
}

_shopctl_customer_show() {
    repeating_flags=()
    non_repeating_flags=(--no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion customer show -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion customer show -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion customer show -- positional@0 "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_shopctl_customer_statement() {
    repeating_flags=()
    non_repeating_flags=(--watch --no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--sort --since --until --limit --cursor --output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
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
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion customer statement -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion customer statement -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion customer statement -- positional@0 "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_shopctl_customer_cart() {
    repeating_flags=()
    non_repeating_flags=(--no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion customer cart -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion customer cart -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion customer cart -- positional@0 "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_shopctl_customer_top-up() {
    repeating_flags=()
    non_repeating_flags=(--dry-run --no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--amount --reason --idempotency-key --output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--amount')
        return
        ;;
    '--reason')
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
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion customer top-up -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion customer top-up -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion customer top-up -- positional@0 "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_shopctl_review() {
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
    list|delete)
        # Offer subcommand argument completions
        "_shopctl_review_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'list delete' -- "${cur}"))
        ;;
    esac
}

_shopctl_review_list() {
    repeating_flags=()
    non_repeating_flags=(--watch --no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--product --user --sort --since --until --limit --cursor --output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--product')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion review list -- --product "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--user')
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
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion review list -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion review list -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac
}

_shopctl_review_delete() {
    repeating_flags=()
    non_repeating_flags=(--dry-run --no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--reason --output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--reason')
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion review delete -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion review delete -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion review delete -- positional@0 "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    non_repeating_options=(--email --sort --since --until --limit --cursor --output -o --columns --timeout --color --config --context)
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
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion user list -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion user list -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac
}

_shopctl_user_set-role() {
    repeating_flags=()
    non_repeating_flags=(--dry-run --no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--reason --output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 2

    # Offer option value completions
    case "${prev}" in
    '--reason')
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion user set-role -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion user set-role -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion user set-role -- positional@0 "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
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
    issue|inspect|verify|revoke|keys)
        # Offer subcommand argument completions
        "_shopctl_token_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'issue inspect verify revoke keys' -- "${cur}"))
        ;;
    esac
}

_shopctl_token_issue() {
    repeating_flags=()
    non_repeating_flags=(--no-headers --quiet -q --version -h --help)
    repeating_options=(--scope --set)
    non_repeating_options=(--user --role --ttl --output -o --columns --timeout --color --config --context)
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
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion token issue -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion token issue -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac
}

_shopctl_token_inspect() {
    repeating_flags=()
    non_repeating_flags=(--no-headers --quiet -q --version -h --help)
    repeating_options=()
    non_repeating_options=(--file --output -o --columns --timeout --color)
    __shopctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--file')
        __shopctl_add_completions -f
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion token inspect -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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

_shopctl_token_verify() {
    repeating_flags=()
    non_repeating_flags=(--no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--file --output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--file')
        __shopctl_add_completions -f
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion token verify -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion token verify -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac
}

_shopctl_token_revoke() {
    repeating_flags=()
    non_repeating_flags=(--dry-run --no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--user --reason --output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--user')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion token revoke -- --user "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion token revoke -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion token revoke -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    non_repeating_options=(--file --config --context --algorithm --output -o --columns --timeout --color)
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion token keys generate -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion token keys generate -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    non_repeating_flags=(--stage --dry-run --no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--file --config --context --algorithm --activate --reason --output -o --columns --timeout --color)
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion token keys rotate -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--reason')
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion token keys rotate -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    non_repeating_flags=(--dry-run --yes --no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--reason --file --config --context --output -o --columns --timeout --color)
    __shopctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--reason')
        return
        ;;
    '--file')
        __shopctl_add_completions -f
        return
        ;;
    '--config')
        __shopctl_add_completions -f
        return
        ;;
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion token keys retire -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion token keys retire -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion token keys retire -- positional@0 "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_shopctl_token_keys_list() {
    repeating_flags=()
    non_repeating_flags=(--no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--file --config --context --output -o --columns --timeout --color)
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion token keys list -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion token keys list -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    non_repeating_flags=(--no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--file --config --context --output -o --columns --timeout --color)
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion token keys jwks -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion token keys jwks -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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

_shopctl_shop() {
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
    seed)
        # Offer subcommand argument completions
        "_shopctl_shop_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'seed' -- "${cur}"))
        ;;
    esac
}

_shopctl_shop_seed() {
    repeating_flags=()
    non_repeating_flags=(--dry-run --no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--size --seed --password-file --gateway-url --output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--size')
        __shopctl_add_completions -W 'small'$'\n''medium'
        return
        ;;
    '--seed')
        return
        ;;
    '--password-file')
        __shopctl_add_completions -f
        return
        ;;
    '--gateway-url')
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion shop seed -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion shop seed -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    non_repeating_options=(--output -o --columns --timeout --color --config --context)
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
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion status -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion status -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac
}

_shopctl_top() {
    repeating_flags=()
    non_repeating_flags=(--once --no-headers --quiet -q --version -h --help)
    repeating_options=(--address --set)
    non_repeating_options=(--output -o --columns --timeout --color --config --context)
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
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion top -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion top -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac
}

_shopctl_doctor() {
    repeating_flags=()
    non_repeating_flags=(--fix --dry-run --no-headers --quiet -q --version -h --help)
    repeating_options=(--address --set)
    non_repeating_options=(--since --reason --output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--address')
        return
        ;;
    '--since')
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
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion doctor -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion doctor -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    non_repeating_options=(--address --wait --output -o --columns --timeout --color --config --context)
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
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion health -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion health -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    list|inspect|retry|cancel|resolve)
        # Offer subcommand argument completions
        "_shopctl_saga_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'list inspect retry cancel resolve' -- "${cur}"))
        ;;
    esac
}

_shopctl_saga_list() {
    repeating_flags=()
    non_repeating_flags=(--watch --no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--state --saga --stuck-for --step --reason --group-by --sort --since --until --limit --cursor --output -o --columns --timeout --color --config --context)
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
    '--stuck-for')
        return
        ;;
    '--step')
        __shopctl_add_completions -W 'try'$'\n''confirm'$'\n''cancel'$'\n''customers'$'\n''products'$'\n''reviews'$'\n''try:customers'$'\n''try:products'$'\n''try:reviews'$'\n''confirm:customers'$'\n''confirm:products'$'\n''confirm:reviews'$'\n''cancel:customers'$'\n''cancel:products'$'\n''cancel:reviews'
        return
        ;;
    '--reason')
        return
        ;;
    '--group-by')
        __shopctl_add_completions -W 'state'$'\n''reason'$'\n''step'
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
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion saga list -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion saga list -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac
}

_shopctl_saga_inspect() {
    repeating_flags=()
    non_repeating_flags=(--all --watch --no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--graph --output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--graph')
        __shopctl_add_completions -W 'mermaid'$'\n''dot'
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion saga inspect -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion saga inspect -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion saga inspect -- positional@0 "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_shopctl_saga_retry() {
    repeating_flags=()
    non_repeating_flags=(--dry-run --yes --all-stuck --no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--state --saga --stuck-for --step --having-reason --since --until --limit --reason --output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 1

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
    '--stuck-for')
        return
        ;;
    '--step')
        __shopctl_add_completions -W 'try'$'\n''confirm'$'\n''cancel'$'\n''customers'$'\n''products'$'\n''reviews'$'\n''try:customers'$'\n''try:products'$'\n''try:reviews'$'\n''confirm:customers'$'\n''confirm:products'$'\n''confirm:reviews'$'\n''cancel:customers'$'\n''cancel:products'$'\n''cancel:reviews'
        return
        ;;
    '--having-reason')
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
    '--reason')
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion saga retry -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion saga retry -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion saga retry -- positional@0 "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_shopctl_saga_cancel() {
    repeating_flags=()
    non_repeating_flags=(--dry-run --yes --no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--state --saga --stuck-for --step --having-reason --since --until --limit --reason --output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 1

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
    '--stuck-for')
        return
        ;;
    '--step')
        __shopctl_add_completions -W 'try'$'\n''confirm'$'\n''cancel'$'\n''customers'$'\n''products'$'\n''reviews'$'\n''try:customers'$'\n''try:products'$'\n''try:reviews'$'\n''confirm:customers'$'\n''confirm:products'$'\n''confirm:reviews'$'\n''cancel:customers'$'\n''cancel:products'$'\n''cancel:reviews'
        return
        ;;
    '--having-reason')
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
    '--reason')
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion saga cancel -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion saga cancel -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion saga cancel -- positional@0 "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_shopctl_saga_resolve() {
    repeating_flags=()
    non_repeating_flags=(--dry-run --no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--state --saga --stuck-for --step --having-reason --since --until --limit --participant --reason --yes-i-mean --output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 1

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
    '--stuck-for')
        return
        ;;
    '--step')
        __shopctl_add_completions -W 'try'$'\n''confirm'$'\n''cancel'$'\n''customers'$'\n''products'$'\n''reviews'$'\n''try:customers'$'\n''try:products'$'\n''try:reviews'$'\n''confirm:customers'$'\n''confirm:products'$'\n''confirm:reviews'$'\n''cancel:customers'$'\n''cancel:products'$'\n''cancel:reviews'
        return
        ;;
    '--having-reason')
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
    '--participant')
        __shopctl_add_completions -W 'customers'$'\n''products'$'\n''reviews'
        return
        ;;
    '--reason')
        return
        ;;
    '--yes-i-mean')
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion saga resolve -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion saga resolve -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion saga resolve -- positional@0 "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    list|check|peek|replay|drop|export|import|purge)
        # Offer subcommand argument completions
        "_shopctl_queue_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'list check peek replay drop export import purge' -- "${cur}"))
        ;;
    esac
}

_shopctl_queue_list() {
    repeating_flags=()
    non_repeating_flags=(--watch --no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--sort --limit --cursor --output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--sort')
        __shopctl_add_completions -W 'service'$'\n''-service'$'\n''ready'$'\n''-ready'
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
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion queue list -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion queue list -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    non_repeating_options=(--output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion queue check -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion queue check -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    repeating_options=(--filter --set)
    non_repeating_options=(--sort --since --until --limit --cursor --output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--sort')
        __shopctl_add_completions -W 'died_at'$'\n''-died_at'
        return
        ;;
    '--filter')
        __shopctl_add_completions -W 'type='$'\n''reason='$'\n''saga='$'\n''body='$'\n''older='$'\n''newer='
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
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion queue peek -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion queue peek -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    repeating_options=(--message-id --filter --set)
    non_repeating_options=(--limit --rate --canary --stop-after-failures --wait --reason --output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--limit')
        return
        ;;
    '--message-id')
        return
        ;;
    '--filter')
        __shopctl_add_completions -W 'type='$'\n''reason='$'\n''saga='$'\n''body='$'\n''older='$'\n''newer='
        return
        ;;
    '--rate')
        return
        ;;
    '--canary')
        return
        ;;
    '--stop-after-failures')
        return
        ;;
    '--wait')
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
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion queue replay -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion queue replay -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    repeating_options=(--message-id --filter --set)
    non_repeating_options=(--reason --output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--message-id')
        return
        ;;
    '--filter')
        __shopctl_add_completions -W 'type='$'\n''reason='$'\n''saga='$'\n''body='$'\n''older='$'\n''newer='
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
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion queue drop -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion queue drop -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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

_shopctl_queue_export() {
    repeating_flags=()
    non_repeating_flags=(--no-headers --quiet -q --version -h --help)
    repeating_options=(--filter --set)
    non_repeating_options=(--output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--filter')
        __shopctl_add_completions -W 'type='$'\n''reason='$'\n''saga='$'\n''body='$'\n''older='$'\n''newer='
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion queue export -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion queue export -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __shopctl_add_completions -W 'products'$'\n''products.dead.v2'$'\n''orders'$'\n''orders.dead.v2'$'\n''customers'$'\n''customers.dead.v2'$'\n''reviews'$'\n''reviews.dead.v2'
        return
        ;;
    esac
}

_shopctl_queue_import() {
    repeating_flags=()
    non_repeating_flags=(--dry-run --no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--to --reason --output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--to')
        __shopctl_add_completions -W 'dead'$'\n''inbox'
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
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion queue import -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion queue import -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __shopctl_add_completions -f
        return
        ;;
    esac
}

_shopctl_queue_purge() {
    repeating_flags=()
    non_repeating_flags=(--dry-run --no-headers --quiet -q --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--reason --confirm --output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--reason')
        return
        ;;
    '--confirm')
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion queue purge -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion queue purge -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion queue purge -- positional@0 "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    list|replay)
        # Offer subcommand argument completions
        "_shopctl_outbox_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'list replay' -- "${cur}"))
        ;;
    esac
}

_shopctl_outbox_list() {
    repeating_flags=()
    non_repeating_flags=(--watch --no-headers --quiet -q --version -h --help)
    repeating_options=(--type --state --set)
    non_repeating_options=(--service --sort --since --until --limit --cursor --output -o --columns --timeout --color --config --context)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--service')
        __shopctl_add_completions -W 'products'$'\n''orders'$'\n''customers'$'\n''reviews'
        return
        ;;
    '--type')
        return
        ;;
    '--state')
        __shopctl_add_completions -W 'published'$'\n''unsent'$'\n''failing'
        return
        ;;
    '--sort')
        __shopctl_add_completions -W '-created_at'$'\n''created_at'
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
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion outbox list -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion outbox list -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac
}

_shopctl_outbox_replay() {
    repeating_flags=()
    non_repeating_flags=(--dry-run --no-headers --quiet -q --version -h --help)
    repeating_options=(--type --set)
    non_repeating_options=(--service --since --reason --output -o --columns --timeout --color --config --context)
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
    '--reason')
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion outbox replay -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion outbox replay -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    non_repeating_options=(--user --sort --since --until --limit --cursor --output -o --columns --timeout --color --config --context)
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
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion audit list -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
    '--context')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion audit list -- --context "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    '--set')
        return
        ;;
    esac
}

_shopctl_context() {
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
    list|show|use|set|delete)
        # Offer subcommand argument completions
        "_shopctl_context_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'list show use set delete' -- "${cur}"))
        ;;
    esac
}

_shopctl_context_list() {
    repeating_flags=()
    non_repeating_flags=(--no-headers --quiet -q --version -h --help)
    repeating_options=()
    non_repeating_options=(--output -o --columns --timeout --color)
    __shopctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion context list -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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

_shopctl_context_show() {
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
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion context show -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion context show -- positional@0 "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_shopctl_context_use() {
    repeating_flags=()
    non_repeating_flags=(--none --no-headers --quiet -q --version -h --help)
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
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion context use -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion context use -- positional@0 "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_shopctl_context_set() {
    repeating_flags=()
    non_repeating_flags=(--from-env --no-headers --quiet -q --version -h --help)
    repeating_options=(--unset)
    non_repeating_options=(--output -o --columns --timeout --color)
    __shopctl_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--unset')
        return
        ;;
    '--output'|'-o')
        __shopctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''jsonl'$'\n''yaml'
        return
        ;;
    '--columns')
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion context set -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion context set -- positional@0 "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_shopctl_context_delete() {
    repeating_flags=()
    non_repeating_flags=(--dry-run --no-headers --quiet -q --version -h --help)
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
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion context delete -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion context delete -- positional@0 "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
        __shopctl_add_completions -W "$(__shopctl_custom_complete ---completion error -- --columns "${COMP_CWORD}" "$(__shopctl_cursor_index_in_current_word)")"
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
        __shopctl_add_completions -W 'SHOP-001'$'\n''001'$'\n''SHOP-002'$'\n''002'$'\n''SHOP-003'$'\n''003'$'\n''SHOP-004'$'\n''004'$'\n''SHOP-005'$'\n''005'$'\n''SHOP-006'$'\n''006'$'\n''SHOP-007'$'\n''007'$'\n''SHOP-008'$'\n''008'$'\n''SHOP-009'$'\n''009'$'\n''SHOP-010'$'\n''010'$'\n''SHOP-011'$'\n''011'$'\n''SHOP-012'$'\n''012'$'\n''SHOP-013'$'\n''013'$'\n''SHOP-101'$'\n''101'$'\n''SHOP-102'$'\n''102'$'\n''SHOP-103'$'\n''103'$'\n''SHOP-104'$'\n''104'$'\n''SHOP-105'$'\n''105'$'\n''SHOP-106'$'\n''106'$'\n''SHOP-107'$'\n''107'$'\n''SHOP-108'$'\n''108'$'\n''SHOP-201'$'\n''201'$'\n''SHOP-202'$'\n''202'$'\n''SHOP-203'$'\n''203'$'\n''SHOP-204'$'\n''204'$'\n''SHOP-205'$'\n''205'$'\n''SHOP-206'$'\n''206'$'\n''SHOP-207'$'\n''207'$'\n''SHOP-208'$'\n''208'$'\n''SHOP-209'$'\n''209'$'\n''SHOP-210'$'\n''210'$'\n''SHOP-211'$'\n''211'$'\n''SHOP-301'$'\n''301'$'\n''SHOP-302'$'\n''302'$'\n''SHOP-401'$'\n''401'$'\n''SHOP-402'$'\n''402'$'\n''SHOP-403'$'\n''403'$'\n''SHOP-404'$'\n''404'$'\n''SHOP-501'$'\n''501'$'\n''SHOP-502'$'\n''502'$'\n''SHOP-503'$'\n''503'$'\n''SHOP-504'$'\n''504'$'\n''SHOP-505'$'\n''505'$'\n''SHOP-506'$'\n''506'$'\n''SHOP-507'$'\n''507'$'\n''SHOP-508'$'\n''508'$'\n''SHOP-509'$'\n''509'$'\n''SHOP-510'$'\n''510'$'\n''SHOP-511'$'\n''511'$'\n''SHOP-601'$'\n''601'$'\n''SHOP-602'$'\n''602'$'\n''SHOP-701'$'\n''701'$'\n''SHOP-702'$'\n''702'$'\n''SHOP-703'$'\n''703'$'\n''SHOP-705'$'\n''705'$'\n''SHOP-706'$'\n''706'$'\n''SHOP-707'$'\n''707'$'\n''SHOP-801'$'\n''801'$'\n''SHOP-802'$'\n''802'$'\n''SHOP-803'$'\n''803'$'\n''SHOP-804'$'\n''804'$'\n''SHOP-805'$'\n''805'$'\n''SHOP-806'$'\n''806'$'\n''SHOP-807'$'\n''807'$'\n''SHOP-808'$'\n''808'$'\n''SHOP-809'$'\n''809'$'\n''SHOP-821'$'\n''821'$'\n''SHOP-822'$'\n''822'$'\n''SHOP-823'$'\n''823'$'\n''SHOP-824'$'\n''824'$'\n''SHOP-825'$'\n''825'$'\n''SHOP-841'$'\n''841'$'\n''SHOP-842'$'\n''842'$'\n''SHOP-843'$'\n''843'$'\n''SHOP-844'$'\n''844'$'\n''SHOP-845'$'\n''845'$'\n''SHOP-846'$'\n''846'$'\n''SHOP-847'$'\n''847'$'\n''SHOP-848'$'\n''848'$'\n''SHOP-849'$'\n''849'$'\n''SHOP-861'$'\n''861'$'\n''SHOP-862'$'\n''862'$'\n''SHOP-863'$'\n''863'
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

    # Offer positional completions
    if [[ "${COMP_CWORD}" -eq 2 ]]; then
        __shopctl_add_completions -W 'serve'$'\n''migrate'$'\n''dev'$'\n''order'$'\n''product'$'\n''category'$'\n''customer'$'\n''review'$'\n''user'$'\n''token'$'\n''shop'$'\n''status'$'\n''top'$'\n''doctor'$'\n''health'$'\n''saga'$'\n''queue'$'\n''outbox'$'\n''audit'$'\n''context'$'\n''error'$'\n''completion'
    fi
}

__shopctl_whole_words() {
    if [[ "${COMP_WORDBREAKS}" != *:* ]]; then
        _shopctl "${@}"
        return
    fi
    local -a words=()
    local -i index cword=0
    local word is_joined=false
    for index in "${!COMP_WORDS[@]}"; do
        word="${COMP_WORDS[index]}"
        if [[ "${#words[@]}" -gt 0 ]] && { [[ "${word}" = : ]] || "${is_joined}"; }; then
            words[-1]+="${word}"
        else
            words+=("${word}")
        fi
        is_joined=false
        [[ "${word}" = : ]] && is_joined=true
        [[ "${index}" -eq "${COMP_CWORD}" ]] && cword="$((${#words[@]} - 1))"
    done
    local -r whole="${words[cword]}" before="${words[cword - 1]}"
    local -a COMP_WORDS=("${words[@]}")
    local -i COMP_CWORD="${cword}"
    _shopctl "${1}" "${whole}" "${before}"
    # The shell puts what is offered behind the last colon.
    local -r kept="${whole%"${whole##*:}"}"
    COMPREPLY=("${COMPREPLY[@]#"${kept}"}")
}

complete -o filenames -F __shopctl_whole_words shopctl
