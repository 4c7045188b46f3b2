/// Statements that change nothing by their text, so that they may be tried again when their answer is lost.
///
/// A function may do anything, also what a read-only transaction is allowed, such as a notification: so only those are
/// let pass that PostgreSQL has built in and that are known to read. All else is taken for a write. What is let pass
/// is sent in a read-only transaction, where the server refuses the writes that hide in views, operators and types.
enum HarmlessReads {
    static func prove(_ tokens: [SQLToken], _ first: String) -> Bool {
        guard ["select", "values", "table", "show", "with"].contains(first) else { return false }
        for (index, token) in tokens.enumerated() {
            let isCalled = index + 1 < tokens.count && tokens[index + 1] == .mark(UInt8(ascii: "("))
            switch token {
            case .word(let word):
                if writing.contains(word) { return false }
                if isCalled, !isHarmlessCall(word, after: tokens[..<index]) { return false }
            case .quotedName:
                if isCalled, tokens[..<index].last != .word("as") { return false }
            case .literal, .mark: break
            }
        }
        return true
    }

    private static func isHarmlessCall(_ word: String, after before: ArraySlice<SQLToken>) -> Bool {
        if before.last == .mark(UInt8(ascii: ".")) {
            return before.dropLast().last == .word("pg_catalog") && functions.contains(word)
        }
        // `AS name (columns)` names the columns of a row source.
        return before.last == .word("as") || keywords.contains(word) || functions.contains(word)
    }

    private static let writing: Set<String> = ["into", "insert", "update", "delete", "merge", "truncate"]

    /// Words of the language and types that an opening bracket may follow.
    private static let keywords: Set<String> = words(
        """
        select from where and or not in exists any all some as on using over filter by case when then else end array row
        cast union except intersect values with lateral limit offset having join distinct within group between like
        ilike is similar partition order rows materialized ordinality tablesample grouping sets cube rollup
        numeric decimal varchar char character bit varbit timestamp timestamptz time timetz interval
        """)

    private static let functions: Set<String> = words(
        """
        coalesce nullif greatest least count sum min max avg stddev variance array_agg string_agg json_agg jsonb_agg
        json_object_agg jsonb_object_agg bool_and bool_or every percentile_cont percentile_disc mode
        row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value
        json_build_object jsonb_build_object json_build_array jsonb_build_array to_json to_jsonb row_to_json
        array_to_json json_array_elements jsonb_array_elements json_array_elements_text jsonb_array_elements_text
        json_each jsonb_each json_each_text jsonb_each_text json_array_length jsonb_array_length jsonb_typeof
        json_typeof unnest generate_series generate_subscripts array_length array_position array_to_string
        string_to_array array_remove array_append array_cat cardinality
        now clock_timestamp statement_timestamp transaction_timestamp date_trunc date_part extract make_interval
        make_timestamptz age justify_hours to_char to_date to_timestamp to_number
        lower upper initcap length char_length character_length octet_length btrim ltrim rtrim trim left right lpad rpad
        substring substr overlay position strpos starts_with replace translate concat concat_ws format repeat reverse
        split_part regexp_replace regexp_match regexp_matches regexp_split_to_array ascii chr quote_literal quote_ident
        md5 sha224 sha256 sha384 sha512 encode decode hashtext get_byte
        abs ceil ceiling floor round trunc mod div power sqrt exp ln log sign random width_bucket
        to_tsvector to_tsquery plainto_tsquery phraseto_tsquery websearch_to_tsquery ts_rank ts_rank_cd ts_headline
        setweight numnode similarity
        current_database current_schema current_schemas current_setting version pg_typeof pg_backend_pid pg_sleep
        pg_is_in_recovery pg_blocking_pids pg_get_constraintdef pg_get_indexdef pg_get_expr pg_get_userbyid format_type
        to_regclass to_regtype obj_description col_description pg_database_size pg_relation_size
        pg_total_relation_size pg_table_size pg_size_pretty pg_column_size pg_encoding_to_char pg_postmaster_start_time
        has_table_privilege has_schema_privilege has_database_privilege gen_random_uuid
        """)

    private static func words(_ text: String) -> Set<String> {
        Set(text.split(whereSeparator: \.isWhitespace).map(String.init))
    }
}
