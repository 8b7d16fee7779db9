; C. Definitions make chunks, prototypes stay among the top-level lines.

(function_definition declarator: (function_declarator declarator: (identifier) @name)) @definition.function
(function_definition declarator: (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))) @definition.function
(function_definition declarator: (pointer_declarator declarator: (pointer_declarator declarator: (function_declarator declarator: (identifier) @name)))) @definition.function
(function_definition declarator: (function_declarator declarator: (parenthesized_declarator (identifier) @name))) @definition.function

((declaration declarator: (function_declarator declarator: (identifier) @name)) @definition.function (#set! chunk "no"))
((declaration declarator: (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))) @definition.function (#set! chunk "no"))

(type_definition type: (struct_specifier !name body: (_) @body) declarator: (type_identifier) @name) @definition.struct
(type_definition type: (union_specifier !name body: (_) @body) declarator: (type_identifier) @name) @definition.struct
(type_definition type: (enum_specifier !name body: (_) @body) declarator: (type_identifier) @name) @definition.enum
((type_definition declarator: (type_identifier) @name) @definition.type (#set! chunk "no"))
((type_definition declarator: (pointer_declarator declarator: (type_identifier) @name)) @definition.type (#set! chunk "no"))
((type_definition declarator: (function_declarator declarator: (parenthesized_declarator (pointer_declarator declarator: (type_identifier) @name)))) @definition.type (#set! chunk "no"))

(struct_specifier name: (type_identifier) @name body: (_) @body) @definition.struct
(union_specifier name: (type_identifier) @name body: (_) @body) @definition.struct
(enum_specifier name: (type_identifier) @name body: (_) @body) @definition.enum
(enumerator name: (identifier) @name) @definition.enum-member
(field_declaration declarator: (field_identifier) @name) @definition.field
(field_declaration declarator: (pointer_declarator declarator: (field_identifier) @name)) @definition.field
(field_declaration declarator: (array_declarator declarator: (field_identifier) @name)) @definition.field
(field_declaration declarator: (function_declarator declarator: (parenthesized_declarator (pointer_declarator declarator: (field_identifier) @name)))) @definition.field

(preproc_function_def name: (identifier) @name value: (_) @body) @definition.macro
(preproc_def name: (identifier) @name value: (_)) @definition.constant

; Globals; what stands inside a function is dropped by the framework.
((declaration (type_qualifier) @_const declarator: (init_declarator declarator: [(identifier) @name (array_declarator declarator: (identifier) @name)])) @definition.constant
  (#eq? @_const "const"))
(declaration declarator: (init_declarator declarator: [(identifier) @name
  (pointer_declarator declarator: (identifier) @name)
  (array_declarator declarator: (identifier) @name)
  (pointer_declarator declarator: (array_declarator declarator: (identifier) @name))])) @definition.variable
(declaration declarator: [(identifier) @name
  (pointer_declarator declarator: (identifier) @name)
  (array_declarator declarator: (identifier) @name)]) @definition.variable

(comment) @comment
(attribute_declaration) @attribute

; Uses.
(call_expression function: (identifier) @reference.call)
(call_expression function: (field_expression field: (field_identifier) @reference.call))
(preproc_include path: (_) @reference.import)
(type_identifier) @reference.type
(argument_list (identifier) @reference.use)
(argument_list (pointer_expression argument: (identifier) @reference.use))
(initializer_list (identifier) @reference.use)
(initializer_pair value: (identifier) @reference.use)
(init_declarator value: (identifier) @reference.use)
(assignment_expression right: (identifier) @reference.use)
(return_statement (identifier) @reference.use)
(case_statement value: (identifier) @reference.use)
((identifier) @reference.use (#match? @reference.use "^[A-Z][A-Z0-9_]+$"))
