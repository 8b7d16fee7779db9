; TypeScript only; the rest is in javascript/edges.scm.

(import_statement (import_require_clause (identifier) @import.alias source: (string) @import.module))
(required_parameter pattern: (identifier) @binding.name type: (type_annotation) @binding.type)
(optional_parameter pattern: (identifier) @binding.name type: (type_annotation) @binding.type)
(variable_declarator name: (identifier) @binding.name type: (type_annotation) @binding.type)
(public_field_definition name: (property_identifier) @binding.name type: (type_annotation) @binding.type)
(public_field_definition name: (property_identifier) @binding.name value: [(new_expression) (call_expression)] @binding.value)
(property_signature name: (property_identifier) @binding.name type: (type_annotation) @binding.type)
; A parameter with a modifier is a field of the class; which is why its pattern stands beside the one above.
((required_parameter
  [(accessibility_modifier) "readonly"]
  pattern: (identifier) @binding.name type: (type_annotation) @binding.type)
  (#set! binding "field"))
((function_declaration name: (identifier) @binding.name return_type: (type_annotation) @binding.type) (#set! binding "returns"))
((function_signature name: (identifier) @binding.name return_type: (type_annotation) @binding.type) (#set! binding "returns"))
((method_definition name: (_) @binding.name return_type: (type_annotation) @binding.type) (#set! binding "returns"))
((method_signature name: (_) @binding.name return_type: (type_annotation) @binding.type) (#set! binding "returns"))
((abstract_method_signature name: (_) @binding.name return_type: (type_annotation) @binding.type) (#set! binding "returns"))
((variable_declarator name: (identifier) @binding.name value: (arrow_function return_type: (type_annotation) @binding.type))
  (#set! binding "returns"))

(required_parameter pattern: (identifier) @binding.name)
(optional_parameter pattern: (identifier) @binding.name)
