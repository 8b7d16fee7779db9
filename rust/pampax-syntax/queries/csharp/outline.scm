; C#.

(comment) @comment
(attribute_list) @attribute

; ---- types and namespaces (a namespace for the whole file has no body and would hold nothing: it is no definition) ----
(namespace_declaration name: (_) @name) @definition.module
(class_declaration name: (identifier) @name) @definition.class
(record_declaration "struct" name: (identifier) @name) @definition.struct
(record_declaration name: (identifier) @name) @definition.class
(struct_declaration name: (identifier) @name) @definition.struct
(interface_declaration name: (identifier) @name) @definition.interface
(enum_declaration name: (identifier) @name) @definition.enum
(enum_member_declaration name: (identifier) @name) @definition.enum-member
(delegate_declaration name: (identifier) @name) @definition.type

; ---- callable members ----
(constructor_declaration name: (identifier) @name) @definition.constructor
(destructor_declaration name: (identifier) @name) @definition.method
(method_declaration name: (identifier) @name body: (_)) @definition.method
(method_declaration name: (identifier) @name (#set! chunk "no")) @definition.method
(operator_declaration operator: _ @name body: (_)) @definition.method
(operator_declaration operator: _ @name (#set! chunk "no")) @definition.method
; A conversion is called after the type it makes.
(conversion_operator_declaration type: (_) @name) @definition.method
(indexer_declaration "this" @name accessors: (_)? @body value: (_)? @body) @definition.method
(compilation_unit (global_statement (local_function_statement name: (identifier) @name) @definition.function))

; ---- properties, events, fields ----
(property_declaration name: (identifier) @name) @definition.field
(event_declaration name: (identifier) @name) @definition.field
; The parameters of a record are its properties.
(record_declaration (parameter_list (parameter name: (identifier) @name) @definition.field))

; One name makes the whole declaration the definition, several each their own part.
(field_declaration
  (modifier) @_const (variable_declaration . type: (_) . (variable_declarator name: (identifier) @name) .)
  (#eq? @_const "const")) @definition.constant
(field_declaration (variable_declaration . type: (_) . (variable_declarator name: (identifier) @name) .)) @definition.field
(event_field_declaration (variable_declaration . type: (_) . (variable_declarator name: (identifier) @name) .)) @definition.field
(field_declaration
  (modifier) @_const
  (variable_declaration (variable_declarator name: (identifier) @name) @definition.constant . (variable_declarator))
  (#eq? @_const "const"))
(field_declaration
  (modifier) @_const
  (variable_declaration (variable_declarator) . (variable_declarator name: (identifier) @name) @definition.constant .)
  (#eq? @_const "const"))
(field_declaration
  (variable_declaration (variable_declarator name: (identifier) @name) @definition.field . (variable_declarator)))
(field_declaration
  (variable_declaration (variable_declarator) . (variable_declarator name: (identifier) @name) @definition.field .))
(event_field_declaration
  (variable_declaration (variable_declarator name: (identifier) @name) @definition.field . (variable_declarator)))
(event_field_declaration
  (variable_declaration (variable_declarator) . (variable_declarator name: (identifier) @name) @definition.field .))

; ---- uses ----
(using_directive [(identifier) (qualified_name)] @reference.import .)
(using_directive name: (_) [(identifier) (qualified_name)] @reference.import .)

; Only the name tells a base class from an interface.
(class_declaration (base_list
  [(identifier) @reference.implement
   (generic_name . (identifier) @reference.implement)
   (qualified_name name: (identifier) @reference.implement)
   (qualified_name name: (generic_name . (identifier) @reference.implement))])
  (#match? @reference.implement "^I[A-Z]"))
(class_declaration (base_list
  [(identifier) @reference.inherit
   (generic_name . (identifier) @reference.inherit)
   (primary_constructor_base_type type: (identifier) @reference.inherit)
   (primary_constructor_base_type type: (generic_name . (identifier) @reference.inherit))
   (qualified_name name: (identifier) @reference.inherit)
   (qualified_name name: (generic_name . (identifier) @reference.inherit))])
  (#not-match? @reference.inherit "^I[A-Z]"))
(record_declaration (base_list
  [(identifier) @reference.implement (generic_name . (identifier) @reference.implement)])
  (#match? @reference.implement "^I[A-Z]"))
(record_declaration (base_list
  [(identifier) @reference.inherit
   (generic_name . (identifier) @reference.inherit)
   (primary_constructor_base_type type: (identifier) @reference.inherit)
   (primary_constructor_base_type type: (generic_name . (identifier) @reference.inherit))])
  (#not-match? @reference.inherit "^I[A-Z]"))
(struct_declaration (base_list
  [(identifier) @reference.implement
   (generic_name . (identifier) @reference.implement)
   (qualified_name name: (identifier) @reference.implement)]))
(interface_declaration (base_list
  [(identifier) @reference.inherit
   (generic_name . (identifier) @reference.inherit)
   (qualified_name name: (identifier) @reference.inherit)]))

(invocation_expression function: (identifier) @reference.call)
(invocation_expression function: (generic_name . (identifier) @reference.call))
(invocation_expression function: (member_access_expression name: (identifier) @reference.call))
(invocation_expression function: (member_access_expression name: (generic_name . (identifier) @reference.call)))
(invocation_expression function: (conditional_access_expression
  (member_binding_expression name: (identifier) @reference.call)))
(invocation_expression function: (conditional_access_expression
  (member_binding_expression name: (generic_name . (identifier) @reference.call))))
(object_creation_expression type: (identifier) @reference.call)
(object_creation_expression type: (generic_name . (identifier) @reference.call))
(object_creation_expression type: (qualified_name name: (identifier) @reference.call))
(object_creation_expression type: (qualified_name name: (generic_name . (identifier) @reference.call)))
(attribute name: (identifier) @reference.use)
(attribute name: (qualified_name name: (identifier) @reference.use))

(_ type: (identifier) @reference.type)
(_ type: (qualified_name name: (identifier) @reference.type))
(method_declaration returns: (identifier) @reference.type)
(method_declaration returns: (qualified_name name: (identifier) @reference.type))
(generic_name . (identifier) @reference.type)
(type_argument_list (identifier) @reference.type)
(explicit_interface_specifier (identifier) @reference.type)
