; OCaml interfaces: the declarations of a module's signature.

; Modules and module types.
(module_definition (module_binding (module_name) @name module_type: (signature) @body) @definition.module)
(module_definition (module_binding (module_name) @name) @definition.module)
(module_type_definition (module_type_name) @name body: (_)? @body) @definition.interface

; Values: functions by their type. They are too short for chunks of their own and share those of the lines around them.
((value_specification [(value_name) @name (parenthesized_operator (_) @name)] type: (function_type)) @definition.function
  (#set! chunk "no"))
((value_specification
  [(value_name) @name (parenthesized_operator (_) @name)] type: (polymorphic_type (function_type))) @definition.function
  (#set! chunk "no"))
(value_specification [(value_name) @name (parenthesized_operator (_) @name)]) @definition.constant
(external [(value_name) @name (parenthesized_operator (_) @name)]) @definition.function

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
(method_specification (method_name) @name) @definition.method
(instance_variable_specification (instance_variable_name) @name) @definition.field

; References.
(open_module module: (module_path (module_name) @reference.import))
(include_module_type (module_type_path (module_type_name) @reference.inherit))
(include_module_type (module_type_constraint module_type: (module_type_path (module_type_name) @reference.inherit)))
(module_binding module_type: (module_type_path (module_type_name) @reference.implement))
(module_binding module_type: (module_type_constraint module_type: (module_type_path (module_type_name) @reference.implement)))
(type_constructor_path (type_constructor) @reference.type)
(class_type_path (class_type_name) @reference.type)
(module_type_path (module_type_name) @reference.type)
(extended_module_path (module_name) @reference.use)
(module_path (module_name) @reference.use)

(comment) @comment
