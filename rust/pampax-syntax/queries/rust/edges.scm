; What ties a Rust file to others.

((use_declaration (visibility_modifier) argument: (_) @import.module) (#set! import "tree") (#set! export "yes"))
((use_declaration argument: (_) @import.module) (#set! import "tree"))
(extern_crate_declaration name: (identifier) @import.module alias: (_)? @import.alias)

(parameter pattern: (identifier) @binding.name type: (_) @binding.type)
(parameter pattern: (mut_pattern (identifier) @binding.name) type: (_) @binding.type)
(let_declaration pattern: (identifier) @binding.name type: (_) @binding.type)
(let_declaration pattern: (identifier) @binding.name value: (_) @binding.value)
(let_condition pattern: (tuple_struct_pattern (identifier) @binding.name) value: (_) @binding.value)
(field_declaration name: (field_identifier) @binding.name type: (_) @binding.type)
(const_item name: (identifier) @binding.name type: (_) @binding.type)
(static_item name: (identifier) @binding.name type: (_) @binding.type)
((function_item name: (identifier) @binding.name return_type: (_) @binding.type) (#set! binding "returns"))
((function_signature_item name: (identifier) @binding.name return_type: (_) @binding.type) (#set! binding "returns"))

; Routes: axum, actix and Rocket.
(call_expression
  function: (field_expression field: (field_identifier) @_route)
  arguments: (arguments . (string_literal) @route.path . (call_expression
    function: [(identifier) @route.method (scoped_identifier name: (identifier) @route.method)]
    arguments: (arguments . [(identifier) (scoped_identifier)] @route.handler)))
  (#eq? @_route "route"))
(attribute_item (attribute (identifier) @route.method arguments: (token_tree . (string_literal) @route.path))
  (#any-of? @route.method "get" "post" "put" "delete" "patch" "head" "options"))

(call_expression
  function: (scoped_identifier path: [(identifier) @_env (scoped_identifier name: (identifier) @_env)] name: (identifier) @_var)
  arguments: (arguments . (string_literal) @config.key)
  (#eq? @_env "env") (#any-of? @_var "var" "var_os"))

; Names that are local, whatever they are.
(let_declaration pattern: (mut_pattern (identifier) @binding.name) value: (_)? @binding.value)
(closure_parameters (identifier) @binding.name)
(for_expression pattern: (identifier) @binding.name)
(tuple_pattern (identifier) @binding.name)
(tuple_struct_pattern (identifier) @binding.name (#match? @binding.name "^[a-z]"))
