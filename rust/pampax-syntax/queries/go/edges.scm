; What ties a Go file to others.

(import_spec name: (_)? @import.alias path: (_) @import.module)

(parameter_declaration name: (identifier) @binding.name type: (_) @binding.type)
(var_spec name: (identifier) @binding.name type: (_) @binding.type)
(var_spec name: (identifier) @binding.name value: (expression_list . (_) @binding.value .))
(field_declaration name: (field_identifier) @binding.name type: (_) @binding.type)
(short_var_declaration left: (expression_list . (identifier) @binding.name) right: (expression_list . (_) @binding.value .))
((function_declaration name: (identifier) @binding.name result: [(type_identifier) (pointer_type) (qualified_type)
  (generic_type) (slice_type) (map_type)] @binding.type) (#set! binding "returns"))
((function_declaration name: (identifier) @binding.name result: (parameter_list . (parameter_declaration type: (_) @binding.type)))
  (#set! binding "returns"))
((method_declaration name: (field_identifier) @binding.name result: [(type_identifier) (pointer_type) (qualified_type)
  (generic_type) (slice_type) (map_type)] @binding.type) (#set! binding "returns"))
((method_declaration name: (field_identifier) @binding.name result: (parameter_list . (parameter_declaration type: (_) @binding.type)))
  (#set! binding "returns"))
((method_elem name: (field_identifier) @binding.name result: [(type_identifier) (pointer_type) (qualified_type)
  (generic_type)] @binding.type) (#set! binding "returns"))

; Routes: net/http, Gin, Echo, Chi.
(call_expression
  function: (selector_expression field: (field_identifier) @route.method)
  arguments: (argument_list . (interpreted_string_literal) @route.path [(identifier) (selector_expression)] @route.handler .)
  (#any-of? @route.method "GET" "POST" "PUT" "DELETE" "PATCH" "HEAD" "OPTIONS" "Any" "Get" "Post" "Put" "Delete" "Patch" "Head"
    "Options")
  (#match? @route.path "^\"/|^\"\"$"))
((call_expression
  function: (selector_expression field: (field_identifier) @_handle)
  arguments: (argument_list . (interpreted_string_literal) @route.path [(identifier) (selector_expression)] @route.handler .))
  (#any-of? @_handle "HandleFunc" "Handle"))

(call_expression
  function: (selector_expression field: (field_identifier) @_get)
  arguments: (argument_list . (interpreted_string_literal) @config.key)
  (#any-of? @_get "Getenv" "LookupEnv" "GetString" "GetInt" "GetBool" "GetDuration"))

; Names that are local, whatever they are.
(short_var_declaration left: (expression_list (identifier) @binding.name))
(range_clause left: (expression_list (identifier) @binding.name))
