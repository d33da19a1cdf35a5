/** What conditions may call, by DuckDB's names: nothing that makes rows, reads files or settings, or lets texts grow. */
export const ALLOWED_FUNCTIONS = {
  arithmetic:
    'abs ceil ceiling floor round trunc sign sqrt cbrt exp ln log log2 log10 pow power mod greatest least isnan isfinite isinf xor',
  text: 'lower lcase upper ucase length len char_length character_length strlen trim ltrim rtrim concat left right substring substr contains starts_with ends_with prefix suffix position strpos instr split_part reverse ascii unicode ord strip_accents nfc_normalize replace translate regexp_matches regexp_full_match regexp_extract nullif',
  lists:
    'list_value string_split str_split split string_to_array list_contains list_has array_contains array_has list_has_any list_has_all array_has_any array_has_all array_length list_position list_extract array_extract',
  dates:
    'date_part datepart date_diff datediff date_sub datesub date_trunc datetrunc age year month day hour minute second quarter week weekofyear weekday dayofweek isodow dayofyear dayofmonth dayname monthname yearweek isoyear decade century millennium era last_day epoch epoch_ms epoch_us epoch_ns make_date make_time make_timestamp to_timestamp strptime try_strptime strftime now today current_date get_current_timestamp transaction_timestamp to_years to_months to_days to_hours to_minutes to_seconds to_weeks to_quarters to_milliseconds to_microseconds time_bucket julian',
} as const;

/** What the parser makes of operators and of LIKE. */
const OPERATORS =
  '+ - * / // % ^ ** @ & | ~ << >> || ^@ && @> <@ ~~ !~~ ~~* !~~* like_escape not_like_escape ilike_escape not_ilike_escape';

const ALLOWED = new Set([...Object.values(ALLOWED_FUNCTIONS), OPERATORS].flatMap((names) => names.split(' ')));

export const isAllowedFunction = (name: string) => ALLOWED.has(name.toLowerCase());

/** What stands as a bare name and means the present. */
export const PRESENT = new Set(['current_date', 'current_timestamp', 'current_time', 'localtime', 'localtimestamp']);

/** Types that values may be cast to. */
export const ALLOWED_TYPES = new Set(
  'BOOLEAN,TINYINT,SMALLINT,INTEGER,BIGINT,HUGEINT,UTINYINT,USMALLINT,UINTEGER,UBIGINT,FLOAT,DOUBLE,DECIMAL,VARCHAR,DATE,TIME,TIMESTAMP,TIMESTAMP WITH TIME ZONE,INTERVAL'.split(
    ',',
  ),
);

/** Functions whose arguments from a place on must be constants, since their work grows with them faster than with the text. */
export const CONSTANT_FROM: Readonly<Record<string, number>> = {
  replace: 1,
  translate: 1,
  regexp_matches: 1,
  regexp_full_match: 1,
  regexp_extract: 1,
  strftime: 1,
  '~~': 1,
  '!~~': 1,
  '~~*': 1,
  '!~~*': 1,
  like_escape: 1,
  not_like_escape: 1,
  ilike_escape: 1,
  not_ilike_escape: 1,
};

/** Functions that DuckDB writes out with their argument twice: one inside another doubles without end. */
export const WRITTEN_OUT = new Set(['nullif', 'split_part']);
