; C++, and headers of C. Out-of-class definitions are named by the last part of their qualified name.

; GoogleTest: TEST(Suite, Name) { … }
(function_definition
  declarator: (function_declarator
    declarator: (identifier) @_test
    parameters: (parameter_list . (parameter_declaration) . (parameter_declaration type: (type_identifier) @name) .))
  (#any-of? @_test "TEST" "TEST_F" "TEST_P" "TYPED_TEST")) @definition.test

(field_declaration_list
  (function_definition !type declarator: (function_declarator declarator: (identifier) @name)) @definition.constructor)
(field_declaration_list
  (template_declaration
    (function_definition !type declarator: (function_declarator declarator: (identifier) @name)) @definition.constructor))
((field_declaration_list
  (declaration declarator: (function_declarator declarator: (identifier) @name)) @definition.constructor)
  (#set! chunk "no"))

((function_definition !type declarator: (function_declarator declarator: (qualified_identifier) @name)) @definition.constructor
  (#not-match? @name "~|operator") (#set! separator "::"))
((function_definition declarator: [
    (function_declarator declarator: (attributed_declarator . (_) @name))
    (function_declarator declarator: (_) @name)
    (pointer_declarator declarator: (function_declarator declarator: (_) @name))
    (pointer_declarator declarator: (pointer_declarator declarator: (function_declarator declarator: (_) @name)))
    (reference_declarator (function_declarator declarator: (_) @name))
    (operator_cast) @name
  ]) @definition.function
  (#not-any-of? @name "TEST" "TEST_F" "TEST_P" "TYPED_TEST") (#set! separator "::"))

((declaration declarator: [
    (function_declarator declarator: [(identifier) (qualified_identifier) (destructor_name) (operator_name)] @name)
    (pointer_declarator declarator: (function_declarator declarator: (_) @name))
    (reference_declarator (function_declarator declarator: (_) @name))
  ]) @definition.function
  (#set! separator "::") (#set! chunk "no"))
((field_declaration declarator: [
    (function_declarator declarator: [(field_identifier) (operator_name) (destructor_name)] @name)
    (pointer_declarator declarator: (function_declarator declarator: [(field_identifier) (operator_name)] @name))
    (reference_declarator (function_declarator declarator: [(field_identifier) (operator_name)] @name))
  ]) @definition.method
  (#set! chunk "no"))

(type_definition type: (struct_specifier !name body: (_) @body) declarator: (type_identifier) @name) @definition.struct
(type_definition type: (union_specifier !name body: (_) @body) declarator: (type_identifier) @name) @definition.struct
(type_definition type: (enum_specifier !name body: (_) @body) declarator: (type_identifier) @name) @definition.enum
((type_definition declarator: (type_identifier) @name) @definition.type (#set! chunk "no"))
((type_definition declarator: (pointer_declarator declarator: (type_identifier) @name)) @definition.type (#set! chunk "no"))
((type_definition declarator: (function_declarator declarator: (parenthesized_declarator (pointer_declarator declarator: (type_identifier) @name)))) @definition.type (#set! chunk "no"))
(alias_declaration name: (type_identifier) @name) @definition.type
(concept_definition name: (identifier) @name) @definition.type

((class_specifier name: (_) @name body: (_) @body) @definition.class (#set! separator "::"))
((struct_specifier name: (_) @name body: (_) @body) @definition.struct (#set! separator "::"))
(union_specifier name: (type_identifier) @name body: (_) @body) @definition.struct
(enum_specifier name: (type_identifier) @name body: (_) @body) @definition.enum
(enumerator name: (identifier) @name) @definition.enum-member
((namespace_definition name: (_) @name) @definition.module)

(field_declaration declarator: (field_identifier) @name) @definition.field
(field_declaration declarator: (pointer_declarator declarator: (field_identifier) @name)) @definition.field
(field_declaration declarator: (reference_declarator (field_identifier) @name)) @definition.field
(field_declaration declarator: (array_declarator declarator: (field_identifier) @name)) @definition.field
(field_declaration declarator: (function_declarator declarator: (parenthesized_declarator (pointer_declarator declarator: (field_identifier) @name)))) @definition.field

(preproc_function_def name: (identifier) @name value: (_) @body) @definition.macro
(preproc_def name: (identifier) @name value: (_)) @definition.constant

; Globals; what stands inside a function is dropped by the framework.
((declaration (type_qualifier) @_const declarator: (init_declarator declarator: [(identifier) @name (array_declarator declarator: (identifier) @name)])) @definition.constant
  (#any-of? @_const "const" "constexpr"))
((declaration declarator: (init_declarator declarator: [(identifier) @name
  (qualified_identifier) @name
  (pointer_declarator declarator: (identifier) @name)
  (array_declarator declarator: (identifier) @name)])) @definition.variable (#set! separator "::"))
(declaration declarator: [(identifier) @name
  (pointer_declarator declarator: (identifier) @name)
  (array_declarator declarator: (identifier) @name)]) @definition.variable

(comment) @comment
; "template <…>" stands before the declaration it belongs to.
(template_declaration "template" @attribute)
(template_declaration parameters: (_) @attribute)
(template_declaration (requires_clause) @attribute)

; Uses.
(call_expression function: (identifier) @reference.call)
(call_expression function: (field_expression field: (field_identifier) @reference.call))
(call_expression function: (qualified_identifier name: (identifier) @reference.call))
(call_expression function: (qualified_identifier name: (qualified_identifier name: (identifier) @reference.call)))
(call_expression function: (template_function name: (identifier) @reference.call))
(call_expression function: (qualified_identifier name: (template_function name: (identifier) @reference.call)))
(call_expression function: (field_expression field: (template_method name: (field_identifier) @reference.call)))
(new_expression type: (type_identifier) @reference.call)
(new_expression type: (qualified_identifier name: (type_identifier) @reference.call))
(base_class_clause (type_identifier) @reference.inherit)
(base_class_clause (qualified_identifier name: (type_identifier) @reference.inherit))
(base_class_clause (template_type name: (type_identifier) @reference.inherit))
(preproc_include path: (_) @reference.import)
(using_declaration (qualified_identifier name: (identifier) @reference.import))
(using_declaration (identifier) @reference.import)
(type_identifier) @reference.type
(qualified_identifier scope: (namespace_identifier) @reference.use)
(qualified_identifier name: (identifier) @reference.use)
(argument_list (identifier) @reference.use)
(argument_list (pointer_expression argument: (identifier) @reference.use))
(initializer_list (identifier) @reference.use)
(init_declarator value: (identifier) @reference.use)
(assignment_expression right: (identifier) @reference.use)
(return_statement (identifier) @reference.use)
(case_statement value: (identifier) @reference.use)
((identifier) @reference.use (#match? @reference.use "^[A-Z][A-Z0-9_]+$"))
