{#- The silver tables of accepted events, as the contracts make them: one for the facts of a domain
    (`<domain>_events`), one for each type of rows (`<entity>_versions`). Each as

    {'name', 'domain', 'kind': `event` or `row`, 'types': its event types,
     'columns': its business columns, each once, as {'name', 'data_type'},
     'is_enabled': whether its models are built, see `disabled_sources`}

    Each is judged by itself: it has arrivals, a quarantine and a conservation of its own. What holds those
    of several grows by some 20 kB a type, and Athena takes 262,144 bytes: a domain of eleven tables had
    more. -#}
{% macro accepted_tables() -%}
    {%- set tables = {} -%}
    {%- set disabled = disabled_sources() -%}
    {%- for type in known_event_types() -%}
        {%- if type.accepted_model not in tables -%}
            {%- do tables.update({type.accepted_model: {
                'name': type.accepted_model,
                'domain': type.domain,
                'kind': type.kind,
                'types': [],
                'columns': [],
                'is_enabled': type.source not in disabled,
            }}) -%}
        {%- endif -%}
        {%- set table = tables[type.accepted_model] -%}
        {%- do table.types.append(type) -%}
        {%- for column in type.columns
            if column.name not in table.columns | map(attribute='name')
        -%}
            {%- do table.columns.append({'name': column.name, 'data_type': column.data_type}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{- return(tables.values() | list) -}}
{%- endmacro %}

{#- Of these, the ones that are built. -#}
{% macro enabled_tables() -%}
    {{- return(accepted_tables() | selectattr('is_enabled') | list) -}}
{%- endmacro %}

{#- The accepted table of that name; an error where no contract makes it. -#}
{% macro accepted_table(name) -%}
    {%- set found = accepted_tables() | selectattr('name', 'equalto', name) | list -%}
    {%- if not found -%}
        {%- do exceptions.raise_compiler_error(
            'no contract in ingestion/contracts makes the table ' ~ name
            ~ ': there are ' ~ accepted_tables() | map(attribute='name') | join(', ')
            ~ '. After a new contract, run `make contracts`.'
        ) -%}
    {%- endif -%}
    {{- return(found[0]) -}}
{%- endmacro %}

{#- The table of that name in a list; an empty list for `operations_events` where `operations` has no facts:
    its quarantine has the lines of no known type. -#}
{% macro judged_tables(name) -%}
    {{- return(
        accepted_tables() | selectattr('name', 'equalto', name) | list
        if name == 'operations_events' else [accepted_table(name)]
    ) -}}
{%- endmacro %}

{#- The names of all accepted tables that are built, and `operations_events`, whether there is one or not. -#}
{% macro judged_names() -%}
    {{- return(
        (enabled_tables() | map(attribute='name') | list + ['operations_events']) | unique | sort
    ) -}}
{%- endmacro %}

{#- The domain of one of these. -#}
{% macro domain_judged(name) -%}
    {{- return((judged_tables(name) | map(attribute='domain') | list + ['operations'])[0]) -}}
{%- endmacro %}

{#- The quarantine beside an accepted table: `orders_quarantined` beside `orders_events`,
    `products_versions_quarantined` beside `products_versions`. -#}
{% macro quarantine_of(name) -%}
    {{- return((name[:-7] if name.endswith('_events') else name) ~ '_quarantined') -}}
{%- endmacro %}

{#- The model that judges an accepted table's arrivals once a run. -#}
{% macro arrivals_of(table) -%}
    {{- return(
        'stg_' ~ table.domain ~ '__'
        ~ ('arrivals' if table.kind == 'event' else table.types[0].entity ~ '_arrivals')
    ) -}}
{%- endmacro %}

{#- The columns that make two bodies the same event or a conflict, by name. A row's position is among
    them: the same row read again is another event. -#}
{% macro typed_columns(table) -%}
    {{- return(
        ['event_type', 'event_at'] + (['op', 'sequence'] if table.kind == 'row' else [])
        + table.columns | map(attribute='name') | list
    ) -}}
{%- endmacro %}

{#- The system and the business columns of an accepted table, and their types: {name: type}. -#}
{% macro columns_of_rows(table) -%}
    {%- set columns = {'system': 'varchar'} -%}
    {%- for column in table.columns -%}
        {%- do columns.update({column.name: column.data_type}) -%}
    {%- endfor -%}
    {{- return(columns) -}}
{%- endmacro %}

{#- A column's type on this engine, from the one that the contracts give. -#}
{% macro engine_type(data_type) -%}
    {{- type_timestamp6() | trim if data_type == 'timestamp(6)' else data_type -}}
{%- endmacro %}

{#- `columns`, as one of an accepted table's types has them in its staging model: NULL where it has no
    business column of that name. -#}
{% macro columns_of_type(table, type, columns) -%}
    {%- set own = type.columns | map(attribute='name') | list -%}
    {%- set types = {} -%}
    {%- for column in table.columns if column.name not in own -%}
        {%- do types.update({column.name: engine_type(column.data_type)}) -%}
    {%- endfor -%}
    {%- for column in columns %}
        {{ 'cast(null as ' ~ types[column] ~ ') as ' ~ column if column in types else column }}
        {{- ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- The valid events of an accepted table, as a query.

    columns  those that are wanted beside the key and the typed columns
    filter   condition on them
    low      the arrival from which on they are wanted, text; none for all -#}
{% macro valid_events(table, columns, filter, low) -%}
    {{- judged_lines(
        table,
        ['source', 'event_id'] + typed_columns(table) + columns,
        'reject_reason is null and ' ~ filter,
        low
    ) -}}
{%- endmacro %}

{#- Whether two rows, by their aliases, hold the same event: all typed columns alike, NULL like NULL. -#}
{% macro same_event(table, left, right) -%}
    {%- for column in typed_columns(table) %}
        {{ 'and ' if not loop.first -}}
        {{ same_value(left ~ '.' ~ column, right ~ '.' ~ column) }}
    {%- endfor %}
{%- endmacro %}

{#- Whose ids an event speaks of: the variable `systems` names the system of a source. Unless it says
    otherwise each database is a system of its own, a feed is of the system that it names or of its
    own, and all other sources are one. -#}
{% macro system_of(source) -%}
    {%- set default = "'" ~ default_system() ~ "'" -%}
    {%- set systems = {} -%}
    {%- for type in known_event_types() if type.source is not none -%}
        {%- do systems.update({type.source: type.system}) -%}
    {%- endfor -%}
    {%- do systems.update(var('systems') or {}) -%}
    {%- if not systems -%}
        {{- return(default) -}}
    {%- endif -%}
    {%- set branches = [] -%}
    {%- for name, system in systems.items() -%}
        {%- do branches.append(
            'when ' ~ dbt.string_literal(dbt.escape_single_quotes(name))
            ~ ' then ' ~ dbt.string_literal(dbt.escape_single_quotes(system))
        ) -%}
    {%- endfor -%}
    {{- return('case ' ~ source ~ ' ' ~ branches | join(' ') ~ ' else ' ~ default ~ ' end') -}}
{%- endmacro %}

{#- The system of every source that the variable `systems` does not name. -#}
{% macro default_system() -%}
    {{- return('retailpulse') -}}
{%- endmacro %}
