; What ties a PHP file to others.
(namespace_use_clause . [(name) (qualified_name)] @import.module alias: (name)? @import.alias)
(require_once_expression (string (string_content) @import.module))
(require_once_expression (binary_expression right: (string (string_content) @import.module)))
(require_expression (string (string_content) @import.module))
(require_expression (binary_expression right: (string (string_content) @import.module)))
(include_expression (string (string_content) @import.module))
(include_once_expression (string (string_content) @import.module))

(simple_parameter type: (_) @binding.type name: (variable_name) @binding.name)
((property_promotion_parameter type: (_) @binding.type name: (variable_name) @binding.name) (#set! binding "field"))
(property_promotion_parameter type: (_) @binding.type name: (variable_name) @binding.name)
(property_declaration type: (_) @binding.type (property_element name: (variable_name) @binding.name))
(assignment_expression left: [(variable_name) (member_access_expression)] @binding.name right: [
  (object_creation_expression) (function_call_expression) (member_call_expression) (scoped_call_expression)] @binding.value)
((function_definition name: (name) @binding.name return_type: (_) @binding.type) (#set! binding "returns"))
((method_declaration name: (name) @binding.name return_type: (_) @binding.type) (#set! binding "returns"))

; Routes: Laravel, Symfony.
(scoped_call_expression
  scope: (name) @_route name: (name) @route.method
  arguments: (arguments . (argument (string (string_content) @route.path)))
  (#eq? @_route "Route") (#any-of? @route.method "get" "post" "put" "delete" "patch" "any"))
(attribute (name) @_route parameters: (arguments . (argument (string (string_content) @route.path))) (#eq? @_route "Route"))
(function_call_expression function: (name) @_get
  arguments: (arguments . (argument (string (string_content) @config.key)))
  (#any-of? @_get "getenv" "env" "config"))
