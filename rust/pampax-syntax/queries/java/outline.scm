; Java.

(class_declaration name: (identifier) @name) @definition.class
(record_declaration name: (identifier) @name) @definition.class
(interface_declaration name: (identifier) @name) @definition.interface
(annotation_type_declaration name: (identifier) @name) @definition.interface
(enum_declaration name: (identifier) @name) @definition.enum
(enum_constant name: (identifier) @name) @definition.enum-member

(constructor_declaration name: (identifier) @name) @definition.constructor
(compact_constructor_declaration name: (identifier) @name) @definition.constructor

; Abstract methods stay in the lines of their type.
(method_declaration name: (identifier) @name body: (_) @body) @definition.method
((method_declaration name: (identifier) @name) @definition.method (#set! chunk "no"))
((annotation_type_element_declaration name: (identifier) @name) @definition.method (#set! chunk "no"))

(field_declaration
  (modifiers "static" "final")
  declarator: (variable_declarator name: (identifier) @name)) @definition.constant
(field_declaration
  declarator: (variable_declarator name: (identifier) @name)) @definition.field
(constant_declaration
  declarator: (variable_declarator name: (identifier) @name)) @definition.constant
(module_declaration name: (_) @name) @definition.module

(line_comment) @comment
(block_comment) @comment
(marker_annotation) @attribute
(annotation) @attribute

; Uses.
(method_invocation name: (identifier) @reference.call)
(object_creation_expression type: (type_identifier) @reference.call)
(object_creation_expression type: (generic_type (type_identifier) @reference.call))
(object_creation_expression type: (scoped_type_identifier (type_identifier) @reference.call .))
(method_reference (identifier) @reference.call .)
(superclass (type_identifier) @reference.inherit)
(superclass (generic_type (type_identifier) @reference.inherit))
(superclass (scoped_type_identifier (type_identifier) @reference.inherit .))
(super_interfaces (type_list (type_identifier) @reference.implement))
(super_interfaces (type_list (generic_type (type_identifier) @reference.implement)))
(extends_interfaces (type_list (type_identifier) @reference.inherit))
(extends_interfaces (type_list (generic_type (type_identifier) @reference.inherit)))
(import_declaration (scoped_identifier) @reference.import)
(import_declaration (identifier) @reference.import)
(marker_annotation name: (identifier) @reference.use)
(annotation name: (identifier) @reference.use)
(type_identifier) @reference.type
(field_access object: (identifier) @reference.use)
(method_invocation object: (identifier) @reference.use (#match? @reference.use "^[A-Z]"))
