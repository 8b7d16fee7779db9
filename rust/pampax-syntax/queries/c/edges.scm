; What ties a C file to others.

(preproc_include path: (_) @import.module)
(declaration type: (_) @binding.type declarator: [
  (identifier) @binding.name
  (init_declarator declarator: (identifier) @binding.name)
  (pointer_declarator declarator: (identifier) @binding.name)
  (init_declarator declarator: (pointer_declarator declarator: (identifier) @binding.name))])
(parameter_declaration type: (_) @binding.type declarator: [
  (identifier) @binding.name
  (pointer_declarator declarator: (identifier) @binding.name)])
(field_declaration type: (_) @binding.type declarator: [
  (field_identifier) @binding.name
  (pointer_declarator declarator: (field_identifier) @binding.name)])
(call_expression function: (identifier) @_get arguments: (argument_list . (string_literal) @config.key) (#eq? @_get "getenv"))
