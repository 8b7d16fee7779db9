; What ties a JavaScript or TypeScript file to others.

(import_statement
  (import_clause (named_imports (import_specifier name: (_) @import.name alias: (_)? @import.alias)))
  source: (string) @import.module)
((import_statement (import_clause (identifier) @import.alias) source: (string) @import.module) (#set! import "default"))
(import_statement (import_clause (namespace_import (identifier) @import.alias)) source: (string) @import.module)
(import_statement . source: (string) @import.module)
((export_statement
  (export_clause (export_specifier name: (_) @import.name alias: (_)? @import.alias))
  source: (string) @import.module) (#set! export "yes"))
((export_statement (namespace_export (_) @import.alias) source: (string) @import.module) (#set! export "yes"))
((export_statement "*" source: (string) @import.module) (#set! import "all") (#set! export "yes"))
(variable_declarator
  name: (identifier) @import.alias
  value: (call_expression function: (identifier) @_require arguments: (arguments . (string) @import.module))
  (#eq? @_require "require"))
(variable_declarator
  name: (object_pattern (shorthand_property_identifier_pattern) @import.name)
  value: (call_expression function: (identifier) @_require arguments: (arguments . (string) @import.module))
  (#eq? @_require "require"))
(variable_declarator
  name: (object_pattern (pair_pattern key: (_) @import.name value: (identifier) @import.alias))
  value: (call_expression function: (identifier) @_require arguments: (arguments . (string) @import.module))
  (#eq? @_require "require"))
(variable_declarator
  name: (identifier) @import.alias
  value: (member_expression
    object: (call_expression function: (identifier) @_require arguments: (arguments . (string) @import.module))
    property: (_) @import.name)
  (#eq? @_require "require"))
(expression_statement
  (call_expression function: (identifier) @_require arguments: (arguments . (string) @import.module))
  (#eq? @_require "require"))
(call_expression function: (import) arguments: (arguments . (string) @import.module))

; What variables are made by.
(variable_declarator name: (identifier) @binding.name value: [(new_expression) (call_expression) (await_expression)
  (identifier) (member_expression) (string) (array) (object) (template_string) (number)] @binding.value)
(assignment_expression left: [(identifier) (member_expression)] @binding.name right: [(new_expression) (call_expression)
  (await_expression) (array) (object)] @binding.value)

; Routes: Express, Koa, Fastify, Hono, and decorators as Nest has them.
(call_expression
  function: (member_expression property: (property_identifier) @route.method)
  arguments: (arguments . [(string) (template_string)] @route.path [(identifier) (member_expression)] @route.handler .)
  (#any-of? @route.method "get" "post" "put" "delete" "patch" "head" "options" "all") (#match? @route.path "^.(/|[*])|^..$"))
(call_expression
  function: (member_expression object: (identifier) @_router property: (property_identifier) @route.method)
  arguments: (arguments . (string) @route.path [(arrow_function) (function_expression)])
  (#any-of? @_router "app" "router" "server" "fastify" "api" "routes")
  (#any-of? @route.method "get" "post" "put" "delete" "patch" "head" "options" "all"))
(decorator (call_expression
  function: (identifier) @route.method
  arguments: (arguments . (string) @route.path))
  (#any-of? @route.method "Get" "Post" "Put" "Delete" "Patch" "All"))

; Keys of the configuration.
(member_expression
  object: (member_expression object: (identifier) @_process property: (property_identifier) @_env)
  property: (property_identifier) @config.key
  (#eq? @_process "process") (#eq? @_env "env"))
(call_expression
  function: (member_expression object: (identifier) @_table property: (property_identifier) @_get)
  arguments: (arguments . (string) @config.key)
  (#any-of? @_table "config" "settings" "conf") (#any-of? @_get "get" "has"))

; What a file exports under another name.
((export_statement "default" value: (identifier) @import.name) (#set! import "as-default") (#set! export "yes"))
((export_statement "default" declaration: (_ name: (_) @import.name)) (#set! import "as-default") (#set! export "yes"))
((export_statement (export_clause (export_specifier name: (_) @import.name alias: (_) @import.alias)) !source)
  (#set! export "yes"))
((assignment_expression
  left: (member_expression object: (identifier) @_module property: (property_identifier) @_exports)
  right: (identifier) @import.name
  (#eq? @_module "module") (#eq? @_exports "exports")) (#set! import "as-default") (#set! export "yes"))

; Names that are local, whatever they are: they hide those of the module.
(formal_parameters (identifier) @binding.name)
(arrow_function parameter: (identifier) @binding.name)
(object_pattern (shorthand_property_identifier_pattern) @binding.name)
(array_pattern (identifier) @binding.name)
(variable_declarator name: (identifier) @binding.name)
(for_in_statement left: (identifier) @binding.name)
(catch_clause parameter: (identifier) @binding.name)
