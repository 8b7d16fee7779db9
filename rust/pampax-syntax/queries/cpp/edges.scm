; What ties a C++ file to others.

(preproc_include path: (_) @import.module)
(declaration type: (placeholder_type_specifier)
  declarator: (init_declarator declarator: (identifier) @binding.name value: (_) @binding.value))
(declaration type: [(type_identifier) (qualified_identifier) (template_type) (primitive_type) (struct_specifier)] @binding.type
  declarator: [
    (identifier) @binding.name
    (init_declarator declarator: [
      (identifier) @binding.name
      (pointer_declarator declarator: (identifier) @binding.name)
      (reference_declarator (identifier) @binding.name)])
    (pointer_declarator declarator: (identifier) @binding.name)])
(parameter_declaration type: (_) @binding.type declarator: [
  (identifier) @binding.name
  (pointer_declarator declarator: (identifier) @binding.name)
  (reference_declarator (identifier) @binding.name)])
(field_declaration type: (_) @binding.type declarator: [
  (field_identifier) @binding.name
  (pointer_declarator declarator: (field_identifier) @binding.name)
  (reference_declarator (field_identifier) @binding.name)])
((function_definition type: [(type_identifier) (qualified_identifier) (template_type)] @binding.type
  declarator: [
    (function_declarator declarator: (_) @binding.name)
    (pointer_declarator declarator: (function_declarator declarator: (_) @binding.name))
    (reference_declarator (function_declarator declarator: (_) @binding.name))]) (#set! binding "returns"))
((field_declaration type: [(type_identifier) (qualified_identifier) (template_type)] @binding.type
  declarator: [
    (function_declarator declarator: (field_identifier) @binding.name)
    (pointer_declarator declarator: (function_declarator declarator: (field_identifier) @binding.name))
    (reference_declarator (function_declarator declarator: (field_identifier) @binding.name))]) (#set! binding "returns"))
(call_expression
  function: [(identifier) @_get (qualified_identifier name: (identifier) @_get)]
  arguments: (argument_list . (string_literal) @config.key)
  (#eq? @_get "getenv"))
