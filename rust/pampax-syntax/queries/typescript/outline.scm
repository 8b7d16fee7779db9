; TypeScript only; the rest is in javascript/shared.scm.

(abstract_class_declaration name: (_) @name) @definition.class
(interface_declaration name: (_) @name) @definition.interface
(enum_declaration name: (_) @name) @definition.enum
(enum_body name: (_) @name @definition.enum-member)
(enum_body (enum_assignment name: (_) @name) @definition.enum-member)
(type_alias_declaration name: (_) @name) @definition.type
(internal_module name: (_) @name) @definition.module
(module name: (_) @name) @definition.module

; Overloads and declarations without a body.
((function_signature name: (_) @name) @definition.function (#set! chunk "no"))
((method_signature name: (_) @name) @definition.method (#set! chunk "no"))
((abstract_method_signature name: (_) @name) @definition.method (#set! chunk "no"))

(public_field_definition
  name: (_) @name
  value: [(arrow_function body: (_) @body) (function_expression body: (_) @body)]) @definition.method
(public_field_definition name: (_) @name) @definition.field
(interface_body (property_signature name: (_) @name) @definition.field)
(type_alias_declaration value: (object_type (property_signature name: (_) @name) @definition.field))

(class_heritage (extends_clause value: (identifier) @reference.inherit))
(class_heritage (extends_clause value: (member_expression property: (_) @reference.inherit)))
(class_heritage (implements_clause (type_identifier) @reference.implement))
(class_heritage (implements_clause (generic_type name: (type_identifier) @reference.implement)))
(extends_type_clause type: (type_identifier) @reference.inherit)
(extends_type_clause type: (generic_type name: (type_identifier) @reference.inherit))
(type_identifier) @reference.type
