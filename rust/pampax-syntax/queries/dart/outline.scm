; Dart.

[(comment) (documentation_comment)] @comment
(annotation) @attribute

; ---- types ----
(class_declaration "interface" name: (identifier) @name) @definition.interface
(class_declaration name: (identifier) @name) @definition.class
(class_declaration (mixin_application_class . (identifier) @name)) @definition.class
(mixin_declaration name: (identifier) @name) @definition.trait
(extension_declaration name: (identifier) @name) @definition.implementation
; An extension without a name is called after the type it extends.
(extension_declaration !name class: (type . (type_identifier) @name)) @definition.implementation
(extension_type_declaration name: (extension_type_name . (identifier) @name)) @definition.class
(extension_type_declaration name: (identifier) @name) @definition.class
(extension_type_representation name: (identifier) @name) @definition.field
(enum_declaration name: (identifier) @name) @definition.enum
(enum_entry name: (identifier) @name) @definition.enum-member
(type_alias . (type_identifier) @name) @definition.type
; The old form: `typedef int Compare(a, b);`
(type_alias (type) . (type_identifier) @name . [(formal_parameter_list) (type_parameters)]) @definition.type

; ---- functions of a file ----
(function_declaration signature: (function_signature name: (identifier) @name)) @definition.function
(getter_declaration signature: (getter_signature name: (identifier) @name)) @definition.function
(setter_declaration signature: (setter_signature name: (identifier) @name)) @definition.function
(external_function_declaration signature: (function_signature name: (identifier) @name) (#set! chunk "no")) @definition.function
(external_getter_declaration signature: (getter_signature name: (identifier) @name) (#set! chunk "no")) @definition.function
(external_setter_declaration signature: (setter_signature name: (identifier) @name) (#set! chunk "no")) @definition.function

(local_function_declaration (function_signature name: (identifier) @name) (function_body) @body) @definition.function

; ---- members ----
(method_declaration
  signature: (method_signature
    [(function_signature name: (identifier) @name)
     (getter_signature name: (identifier) @name)
     (setter_signature name: (identifier) @name)
     (operator_signature operator: _ @name)])
 ) @definition.method
(member_declaration
  (declaration
    [(function_signature name: (identifier) @name)
     (getter_signature name: (identifier) @name)
     (setter_signature name: (identifier) @name)
     (operator_signature operator: _ @name)])
  (#set! chunk "no")) @definition.method
; `Circle.unit()` is called "unit", `Circle()` "Circle".
(method_declaration
  signature: (method_signature
    [(constructor_signature name: [(identifier) "new"] @name . parameters: (_))
     (factory_constructor_signature name: [(identifier) "new"] @name . parameters: (_))])
 ) @definition.constructor
(member_declaration
  (declaration
    [(constructor_signature name: [(identifier) "new"] @name . parameters: (_))
     (constant_constructor_signature name: [(identifier) "new"] @name . parameters: (_))
     (factory_constructor_signature name: [(identifier) "new"] @name . parameters: (_))
     (redirecting_factory_constructor_signature name: [(identifier) "new"] @name . parameters: (_))])
  (#set! chunk "no")) @definition.constructor

; ---- fields and variables: one name makes the whole declaration the definition, several each their own part ----
(member_declaration
  (declaration "const" (static_final_declaration_list . (static_final_declaration name: (identifier) @name) .))) @definition.constant
(member_declaration
  (declaration (static_final_declaration_list . (static_final_declaration name: (identifier) @name) .))) @definition.field
(member_declaration
  (declaration (initialized_identifier_list . (initialized_identifier name: (identifier) @name) .))) @definition.field
(member_declaration (declaration (identifier_list . (identifier) @name .))) @definition.field
(declaration "const"
  (static_final_declaration_list (static_final_declaration name: (identifier) @name) @definition.constant . (static_final_declaration)))
(declaration "const"
  (static_final_declaration_list (static_final_declaration) . (static_final_declaration name: (identifier) @name) @definition.constant .))
(declaration
  (static_final_declaration_list (static_final_declaration name: (identifier) @name) @definition.field . (static_final_declaration)))
(declaration
  (static_final_declaration_list (static_final_declaration) . (static_final_declaration name: (identifier) @name) @definition.field .))
(declaration
  (initialized_identifier_list (initialized_identifier name: (identifier) @name) @definition.field . (initialized_identifier)))
(declaration
  (initialized_identifier_list (initialized_identifier) . (initialized_identifier name: (identifier) @name) @definition.field .))

(top_level_variable_declaration modifier: "const"
  (static_final_declaration_list . (static_final_declaration name: (identifier) @name) .)) @definition.constant
(top_level_variable_declaration
  (static_final_declaration_list . (static_final_declaration name: (identifier) @name) .)) @definition.variable
(top_level_variable_declaration
  (initialized_identifier_list . (initialized_identifier name: (identifier) @name) .)) @definition.variable
(external_variable_declaration (identifier_list (identifier) @name)) @definition.variable
(top_level_variable_declaration modifier: "const"
  (static_final_declaration_list (static_final_declaration name: (identifier) @name) @definition.constant . (static_final_declaration)))
(top_level_variable_declaration modifier: "const"
  (static_final_declaration_list (static_final_declaration) . (static_final_declaration name: (identifier) @name) @definition.constant .))
(top_level_variable_declaration
  (static_final_declaration_list (static_final_declaration name: (identifier) @name) @definition.variable . (static_final_declaration)))
(top_level_variable_declaration
  (static_final_declaration_list (static_final_declaration) . (static_final_declaration name: (identifier) @name) @definition.variable .))
(top_level_variable_declaration
  (initialized_identifier_list (initialized_identifier name: (identifier) @name) @definition.variable . (initialized_identifier)))
(top_level_variable_declaration
  (initialized_identifier_list (initialized_identifier) . (initialized_identifier name: (identifier) @name) @definition.variable .))

; ---- tests with a title ----
((call_expression function: (identifier) @_test arguments: (arguments
    . (string_literal) @name (function_expression body: (_) @body))) @definition.test
  (#any-of? @_test "test" "group" "testWidgets" "blocTest" "goldenTest"))

; ---- uses ----
(import_specification uri: (_ (uri (string_literal (_ (_) @reference.import)))))
(library_export uri: (_ (uri (string_literal (_ (_) @reference.import)))))
(part_directive uri: (uri (string_literal (_ (_) @reference.import))))

(superclass type: (type (type_identifier) @reference.inherit .))
(superclass type: (type (type_identifier) @reference.inherit . (type_arguments) .))
(mixins (type (type_identifier) @reference.inherit .))
(mixins (type (type_identifier) @reference.inherit . (type_arguments) .))
(mixin_application . (type (type_identifier) @reference.inherit .))
(interfaces (type (type_identifier) @reference.implement .))
(interfaces (type (type_identifier) @reference.implement . (type_arguments) .))
(mixin_declaration name: (_) (type (type_identifier) @reference.inherit .))

(call_expression function: (identifier) @reference.call)
(call_expression function: (member_expression property: (identifier) @reference.call))
(call_expression function: (null_aware_member_expression property: (identifier) @reference.call))
(cascade_call_expression property: (identifier) @reference.call)
(call_expression function: (static_member_shorthand (identifier) @reference.call))
(call_expression function: (constructor_tearoff (type_identifier) @reference.call))
(new_expression type: (type (type_identifier) @reference.call))
(const_object_expression type: (type (type_identifier) @reference.call))
(constructor_invocation type: (type_identifier) @reference.call)
(annotation name: (identifier) @reference.use)

(type (type_identifier) @reference.type)
(type_parameter (type (type_identifier) @reference.type))
