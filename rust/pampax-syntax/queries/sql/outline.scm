; SQL: what a schema creates. Dialects differ; where the grammar loses its way in a body, the head still counts (ERROR).

(create_table . (object_reference name: (_) @name) (column_definitions)? @body) @definition.table
(create_table (keyword_table) (object_reference name: (_) @name) . (column_definitions) @body) @definition.table
(create_table (keyword_table) (object_reference name: (_) @name)) @definition.table
(create_view (keyword_view) (object_reference name: (_) @name) (create_query)? @body) @definition.table
(create_materialized_view (keyword_view) (object_reference name: (_) @name) (create_query)? @body) @definition.table
(create_function (keyword_function) . (object_reference name: (_) @name) (function_body)? @body) @definition.function
(create_trigger (keyword_trigger) . (object_reference name: (_) @name)) @definition.function
(create_trigger (keyword_trigger) . (keyword_if) . (keyword_not) . (keyword_exists) . (object_reference name: (_) @name)) @definition.function
((create_index column: (_) @name) @definition.table (#set! chunk "no"))
((create_type (keyword_type) . (object_reference name: (_) @name)) @definition.type)
(create_type (keyword_type) (object_reference name: (_) @name)) @definition.type
(create_schema (identifier) @name) @definition.module
((create_sequence (object_reference name: (_) @name)) @definition.variable)

; Heads of what the grammar cannot read to the end: the name and the words before it are all that is certain.
((ERROR (keyword_create) . (keyword_function) . (object_reference name: (_) @name) @definition.function) (#set! chunk "no"))
((ERROR (keyword_create) . (keyword_or) . (keyword_replace) . (keyword_function) . (object_reference name: (_) @name) @definition.function)
  (#set! chunk "no"))
((ERROR (keyword_create) . (keyword_trigger) . (object_reference name: (_) @name) @definition.function) (#set! chunk "no"))
((ERROR (keyword_create) . (keyword_table) . (object_reference name: (_) @name) @definition.table) (#set! chunk "no"))
((ERROR (keyword_create) . (keyword_view) . (object_reference name: (_) @name) @definition.table) (#set! chunk "no"))

; Columns, values of enumerations, named constraints.
(create_table (column_definitions (column_definition name: (_) @name) @definition.field))
(create_type (column_definitions (column_definition name: (_) @name) @definition.field))
(add_column (column_definition name: (_) @name) @definition.field)
(create_type (enum_elements enum_element: (_) @name @definition.enum-member))

; References: tables in queries and constraints, calls, types of columns.
(invocation . (object_reference name: (_) @reference.call))
(create_trigger (keyword_execute) (object_reference name: (_) @reference.call) .)
(relation (object_reference name: (_) @reference.use))
(insert (object_reference name: (_) @reference.use))
(alter_table (object_reference name: (_) @reference.use))
(create_index (object_reference name: (_) @reference.use))
(create_trigger (keyword_on) . (object_reference name: (_) @reference.use))
(column_definition (object_reference name: (_) @reference.use))
(column_definition type: (object_reference name: (_) @reference.type))
(constraint (object_reference name: (_) @reference.use))

[(comment) (marginalia)] @comment
