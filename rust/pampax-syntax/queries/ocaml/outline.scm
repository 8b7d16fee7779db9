; OCaml implementations. Bindings are captured without their `let`, `and`, `type`: those words are taken in with the line.

; Modules and module types.
(module_definition (module_binding (module_name) @name body: (structure) @body) @definition.module)
(module_definition (module_binding (module_name) @name body: (functor body: (structure) @body)) @definition.module)
(module_definition (module_binding (module_name) @name body: (_)? @body) @definition.module)
(module_type_definition (module_type_name) @name body: (_)? @body) @definition.interface

; Functions: bindings with parameters, or bound to `fun` or `function`.
([(compilation_unit (value_definition (let_binding
    pattern: [(value_name) @name (parenthesized_operator (_) @name)] (parameter) body: (_)? @body) @definition.function))
  (structure (value_definition (let_binding
    pattern: [(value_name) @name (parenthesized_operator (_) @name)] (parameter) body: (_)? @body) @definition.function))])
([(compilation_unit (value_definition (let_binding
    pattern: [(value_name) @name (parenthesized_operator (_) @name)] body: [(fun_expression) (function_expression)] @body) @definition.function))
  (structure (value_definition (let_binding
    pattern: [(value_name) @name (parenthesized_operator (_) @name)] body: [(fun_expression) (function_expression)] @body) @definition.function))])
(external [(value_name) @name (parenthesized_operator (_) @name)]) @definition.function

; Inline tests: `let%test "title" = …`, `let%expect_test "title" = …`.
((value_definition (attribute_id) @_test (let_binding pattern: (string (string_content) @name) body: (_) @body)) @definition.test
  (#match? @_test "(test|bench)"))

; Other values.
([(compilation_unit (value_definition (let_binding
    pattern: [(value_name) @name (parenthesized_operator (_) @name) (typed_pattern pattern: (value_name) @name)]) @definition.constant))
  (structure (value_definition (let_binding
    pattern: [(value_name) @name (parenthesized_operator (_) @name) (typed_pattern pattern: (value_name) @name)]) @definition.constant))])
((value_specification [(value_name) @name (parenthesized_operator (_) @name)] type: (function_type)) @definition.function
  (#set! chunk "no"))
(value_specification [(value_name) @name (parenthesized_operator (_) @name)]) @definition.constant

; Types, their constructors and fields; exceptions.
(type_definition (type_binding name: (type_constructor) @name body: (variant_declaration) @body) @definition.enum)
(type_definition (type_binding name: (type_constructor) @name body: (record_declaration) @body) @definition.struct)
(type_definition (type_binding name: (type_constructor) @name) @definition.type)
(exception_definition (constructor_declaration (constructor_name) @name)) @definition.type
(constructor_declaration (constructor_name) @name) @definition.enum-member
(tag_specification (tag) @name) @definition.enum-member
(field_declaration (field_name) @name) @definition.field

; Classes.
(class_definition (class_binding (class_name) @name body: (_)? @body) @definition.class)
(class_type_definition (class_type_binding (class_type_name) @name body: (_)? @body) @definition.interface)
(method_definition (method_name) @name body: (_)? @body) @definition.method
(method_specification (method_name) @name) @definition.method
(instance_variable_definition (instance_variable_name) @name) @definition.field
(instance_variable_specification (instance_variable_name) @name) @definition.field

; References.
(open_module module: (module_path (module_name) @reference.import))
(include_module module: (module_path (module_name) @reference.import))
(include_module_type (module_type_path (module_type_name) @reference.inherit))
(module_binding module_type: (module_type_path (module_type_name) @reference.implement))
(module_binding module_type: (module_type_constraint module_type: (module_type_path (module_type_name) @reference.implement)))
(inheritance_definition class: (class_path (class_name) @reference.inherit))
(inheritance_definition class: (class_application class: (class_path (class_name) @reference.inherit)))
(module_application functor: (module_path (module_name) @reference.call))
(application_expression function: (value_path [(value_name) @reference.call (parenthesized_operator (_) @reference.call)]))
((infix_expression left: (value_path (value_name) @reference.call) operator: (concat_operator) @_operator)
  (#eq? @_operator "@@"))
((infix_expression operator: (rel_operator) @_operator right: (value_path (value_name) @reference.call))
  (#eq? @_operator "|>"))
(method_invocation method: (method_name) @reference.call)
(new_expression (class_path (class_name) @reference.call))
(value_path (module_path) (value_name) @reference.use)
(constructor_path (constructor_name) @reference.use)
(field_path (field_name) @reference.use)
(type_constructor_path (type_constructor) @reference.type)
(class_type_path (class_type_name) @reference.type)
(module_type_path (module_type_name) @reference.type)
(module_path (module_name) @reference.use)

(comment) @comment
