; What ties a Python file to others. The convention is in ../README.md.

(import_statement name: (dotted_name) @import.module)
(import_statement name: (aliased_import name: (dotted_name) @import.module alias: (_) @import.alias))
(import_from_statement module_name: (_) @import.module name: (dotted_name) @import.name)
(import_from_statement
  module_name: (_) @import.module
  name: (aliased_import name: (dotted_name) @import.name alias: (_) @import.alias))
((import_from_statement module_name: (_) @import.module (wildcard_import)) (#set! import "all"))

; Types of parameters, variables, fields; what functions return.
(typed_parameter . (identifier) @binding.name type: (_) @binding.type)
(typed_default_parameter name: (identifier) @binding.name type: (_) @binding.type)
(assignment left: [(identifier) (attribute)] @binding.name type: (_) @binding.type)
(assignment left: [(identifier) (attribute)] @binding.name right: [(call) (identifier) (attribute) (await) (string) (list)
  (dictionary) (set) (tuple) (integer) (float) (list_comprehension) (dictionary_comprehension)] @binding.value)
(named_expression name: (identifier) @binding.name value: (call) @binding.value)
(as_pattern (call) @binding.value alias: (as_pattern_target (identifier) @binding.name))
((except_clause value: (as_pattern . [(identifier) (attribute)] @binding.type alias: (as_pattern_target (identifier) @binding.name))))
((function_definition name: (identifier) @binding.name return_type: (_) @binding.type) (#set! binding "returns"))

; Routes: Flask, FastAPI, Django.
(decorator (call
  function: (attribute attribute: (identifier) @route.method)
  arguments: (argument_list . (string) @route.path))
  (#any-of? @route.method "route" "get" "post" "put" "delete" "patch" "head" "options" "websocket" "api_route"))
(call
  function: (identifier) @_path
  arguments: (argument_list . (string) @route.path . [(identifier) (attribute) (call)] @route.handler)
  (#any-of? @_path "path" "re_path" "url"))
(call
  function: (attribute attribute: (identifier) @_add)
  arguments: (argument_list . (string) @route.path
    (keyword_argument name: (identifier) @_view value: (_) @route.handler))
  (#eq? @_add "add_url_rule") (#eq? @_view "view_func"))

; Keys of the configuration.
(subscript
  value: [(attribute attribute: (identifier) @_table) (identifier) @_table]
  subscript: (string) @config.key
  (#any-of? @_table "environ" "config" "settings" "conf" "cfg"))
(call
  function: [
    (attribute object: [(identifier) @_table (attribute attribute: (identifier) @_table)] attribute: (identifier) @_get)
    (identifier) @_get]
  arguments: (argument_list . (string) @config.key)
  (#any-of? @_get "get" "getenv" "get_bool" "getboolean" "getint" "get_int" "setdefault")
  (#any-of? @_table "environ" "os" "config" "settings" "conf" "cfg"))

; Names that are local, whatever they are: they hide those of the module.
(parameters (identifier) @binding.name)
(lambda_parameters (identifier) @binding.name)
(default_parameter name: (identifier) @binding.name)
(list_splat_pattern (identifier) @binding.name)
(dictionary_splat_pattern (identifier) @binding.name)
(for_statement left: (identifier) @binding.name)
(for_in_clause left: (identifier) @binding.name)
(pattern_list (identifier) @binding.name)
(tuple_pattern (identifier) @binding.name)
(assignment left: (identifier) @binding.name)
(as_pattern alias: (as_pattern_target (identifier) @binding.name))
