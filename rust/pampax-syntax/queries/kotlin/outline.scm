; Kotlin.

[(line_comment) (block_comment)] @comment
(annotation) @attribute

; ---- types ----
(class_declaration "interface" name: (identifier) @name (class_body)? @body) @definition.interface
(class_declaration
  (modifiers (class_modifier) @_enum) name: (identifier) @name (enum_class_body)? @body
  (#eq? @_enum "enum")) @definition.enum
(class_declaration "class" name: (identifier) @name (class_body)? @body) @definition.class
(object_declaration name: (identifier) @name (class_body)? @body) @definition.class
; A companion without a name is no definition: its members are used as members of the class.
(companion_object name: (identifier) @name (class_body)? @body) @definition.class
(enum_entry (identifier) @name) @definition.enum-member
(type_alias type: (identifier) @name) @definition.type

; ---- functions ----
(class_body (function_declaration name: (identifier) @name (function_body) @body) @definition.method)
(class_body (function_declaration name: (identifier) @name (#set! chunk "no")) @definition.method)
(enum_class_body (function_declaration name: (identifier) @name (function_body) @body) @definition.method)
(function_declaration name: (identifier) @name (function_body) @body) @definition.function
(function_declaration name: (identifier) @name (#set! chunk "no")) @definition.function
(secondary_constructor "constructor" @name (block) @body) @definition.constructor
(secondary_constructor "constructor" @name (#set! chunk "no")) @definition.constructor
(anonymous_initializer "init" @name (block) @body) @definition.constructor

; ---- properties ----
(class_parameter ["val" "var"] . (identifier) @name) @definition.field
(source_file
  (property_declaration (modifiers (property_modifier) @_const) (variable_declaration . (identifier) @name)
    (#eq? @_const "const")) @definition.constant)
(class_body
  (property_declaration (modifiers (property_modifier) @_const) (variable_declaration . (identifier) @name)
    (#eq? @_const "const")) @definition.constant)
((source_file (property_declaration "val" (variable_declaration . (identifier) @name)) @definition.constant)
  (#match? @name "^[A-Z][A-Z0-9_]*$"))
((companion_object (class_body (property_declaration "val" (variable_declaration . (identifier) @name)) @definition.constant))
  (#match? @name "^[A-Z][A-Z0-9_]*$"))
((object_declaration (class_body (property_declaration "val" (variable_declaration . (identifier) @name)) @definition.constant))
  (#match? @name "^[A-Z][A-Z0-9_]*$"))
(source_file (property_declaration (variable_declaration . (identifier) @name)) @definition.variable)
(source_file (property_declaration (multi_variable_declaration (variable_declaration . (identifier) @name) @definition.variable)))
(class_body (property_declaration (variable_declaration . (identifier) @name)) @definition.field)
(enum_class_body (property_declaration (variable_declaration . (identifier) @name)) @definition.field)

; ---- tests with a title ----
((call_expression
    . (call_expression . (identifier) @_test (value_arguments . (value_argument (string_literal) @name)))
    (annotated_lambda) @body) @definition.test
  (#any-of? @_test "test" "it" "describe" "context" "should" "given" "then" "feature" "scenario" "expect"))

; ---- uses ----
(import (qualified_identifier) @reference.import)

(class_declaration "class"
  (delegation_specifiers (delegation_specifier (constructor_invocation (user_type (identifier) @reference.inherit .)))))
(class_declaration "class"
  (delegation_specifiers (delegation_specifier (constructor_invocation (user_type (identifier) @reference.inherit . (type_arguments))))))
(class_declaration "interface"
  (delegation_specifiers (delegation_specifier (user_type (identifier) @reference.inherit .))))
(class_declaration "interface"
  (delegation_specifiers (delegation_specifier (user_type (identifier) @reference.inherit . (type_arguments)))))
(class_declaration "class"
  (delegation_specifiers (delegation_specifier
    [(user_type (identifier) @reference.implement .)
     (user_type (identifier) @reference.implement . (type_arguments))
     (explicit_delegation . (user_type (identifier) @reference.implement .))
     (explicit_delegation . (user_type (identifier) @reference.implement . (type_arguments)))])))
([(object_declaration (delegation_specifiers (delegation_specifier (constructor_invocation (user_type (identifier) @reference.inherit .)))))
  (companion_object (delegation_specifiers (delegation_specifier (constructor_invocation (user_type (identifier) @reference.inherit .)))))
  (object_literal (delegation_specifiers (delegation_specifier (constructor_invocation (user_type (identifier) @reference.inherit .)))))])
(object_declaration
  (delegation_specifiers (delegation_specifier
    [(user_type (identifier) @reference.implement .)
     (user_type (identifier) @reference.implement . (type_arguments))
     (explicit_delegation . (user_type (identifier) @reference.implement .))])))
(companion_object
  (delegation_specifiers (delegation_specifier
    [(user_type (identifier) @reference.implement .)
     (user_type (identifier) @reference.implement . (type_arguments))
     (explicit_delegation . (user_type (identifier) @reference.implement .))])))
(object_literal
  (delegation_specifiers (delegation_specifier
    [(user_type (identifier) @reference.implement .)
     (user_type (identifier) @reference.implement . (type_arguments))])))

(call_expression . (identifier) @reference.call)
(call_expression . (navigation_expression (identifier) @reference.call .))
; The grammar reads `name<T>(x)` as two comparisons.
(binary_expression
  left: (binary_expression left: (identifier) @reference.call operator: "<")
  operator: ">" right: (parenthesized_expression))
(binary_expression
  left: (binary_expression left: (navigation_expression (identifier) @reference.call .) operator: "<")
  operator: ">" right: (parenthesized_expression))
(infix_expression (_) . (identifier) @reference.call . (_))
(callable_reference (identifier) @reference.use .)
(annotation (user_type (identifier) @reference.use .))
(annotation (constructor_invocation (user_type (identifier) @reference.use .)))

(user_type (identifier) @reference.type .)
(user_type (identifier) @reference.type . (type_arguments))
