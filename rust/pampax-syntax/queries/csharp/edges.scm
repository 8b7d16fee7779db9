; What ties a C# file to others.
((using_directive !name [(identifier) (qualified_name)] @import.module .) (#set! import "all"))
(using_directive name: (_) @import.alias [(identifier) (qualified_name)] @import.module .)

(variable_declaration type: (_) @binding.type (variable_declarator name: (identifier) @binding.name)
  (#not-eq? @binding.type "var"))
(variable_declaration type: (_) @_var (variable_declarator name: (identifier) @binding.name (_) @binding.value .)
  (#eq? @_var "var"))
(parameter type: (_) @binding.type name: (identifier) @binding.name)
(property_declaration type: (_) @binding.type name: (identifier) @binding.name)
((method_declaration returns: (_) @binding.type name: (identifier) @binding.name) (#set! binding "returns"))

; Routes: ASP.NET.
(attribute name: (identifier) @route.method
  (attribute_argument_list . (attribute_argument (string_literal) @route.path))
  (#any-of? @route.method "HttpGet" "HttpPost" "HttpPut" "HttpDelete" "HttpPatch" "Route"))
(invocation_expression
  function: (member_access_expression name: (identifier) @route.method)
  arguments: (argument_list . (argument (string_literal) @route.path) (argument [(identifier) (member_access_expression)] @route.handler) .)
  (#any-of? @route.method "MapGet" "MapPost" "MapPut" "MapDelete" "MapPatch"))
