; Rust. An impl block is named after its type.

(_ (attribute_item (attribute [(identifier) @_test (scoped_identifier name: (identifier) @_test)]))
  . [(attribute_item) (line_comment)]* . (function_item name: (_) @name) @definition.test
  (#any-of? @_test "test" "rstest" "proptest" "quickcheck"))
(function_item name: (_) @name) @definition.function
((function_signature_item name: (_) @name) @definition.function (#set! chunk "no"))

(struct_item name: (type_identifier) @name) @definition.struct
(union_item name: (type_identifier) @name) @definition.struct
(enum_item name: (type_identifier) @name) @definition.enum
(enum_variant name: (identifier) @name) @definition.enum-member
(trait_item name: (type_identifier) @name) @definition.trait
(type_item name: (type_identifier) @name) @definition.type
(associated_type name: (type_identifier) @name) @definition.type

(impl_item type: (type_identifier) @name) @definition.implementation
(impl_item type: (generic_type type: (type_identifier) @name)) @definition.implementation
(impl_item type: (generic_type type: (scoped_type_identifier name: (type_identifier) @name))) @definition.implementation
(impl_item type: (scoped_type_identifier name: (type_identifier) @name)) @definition.implementation
(impl_item type: (reference_type type: (type_identifier) @name)) @definition.implementation
(impl_item type: (reference_type type: (generic_type type: (type_identifier) @name))) @definition.implementation
(impl_item type: [(primitive_type) (tuple_type) (array_type) (pointer_type) (dynamic_type) (function_type) (unit_type)
  (metavariable)] @name) @definition.implementation
(impl_item type: (reference_type type: [(primitive_type) (array_type) (dynamic_type)] @name)) @definition.implementation

(mod_item name: (identifier) @name body: (_) @body) @definition.module
(macro_definition name: (_) @name) @definition.macro
(const_item name: (identifier) @name) @definition.constant
(static_item name: (identifier) @name) @definition.variable
(field_declaration name: (field_identifier) @name) @definition.field

(line_comment) @comment
(block_comment) @comment
(attribute_item) @attribute

; Uses.
(call_expression function: (identifier) @reference.call)
(call_expression function: (scoped_identifier name: (identifier) @reference.call))
(call_expression function: (field_expression field: (field_identifier) @reference.call))
(call_expression function: (generic_function function: (identifier) @reference.call))
(call_expression function: (generic_function function: (scoped_identifier name: (identifier) @reference.call)))
(call_expression function: (generic_function function: (field_expression field: (field_identifier) @reference.call)))
(macro_invocation macro: (identifier) @reference.call)
(macro_invocation macro: (scoped_identifier name: (identifier) @reference.call))

(impl_item trait: (type_identifier) @reference.implement)
(impl_item trait: (generic_type type: (type_identifier) @reference.implement))
(impl_item trait: (scoped_type_identifier name: (type_identifier) @reference.implement))
(trait_item bounds: (trait_bounds (type_identifier) @reference.inherit))

(use_declaration argument: (identifier) @reference.import)
(use_declaration argument: (scoped_identifier name: (identifier) @reference.import))
(use_as_clause path: (identifier) @reference.import)
(use_as_clause path: (scoped_identifier name: (identifier) @reference.import))
(use_list (identifier) @reference.import)
(use_list (scoped_identifier name: (identifier) @reference.import))
(scoped_use_list path: (scoped_identifier name: (identifier) @reference.import))
(scoped_use_list path: (identifier) @reference.import)
(use_wildcard (scoped_identifier name: (identifier) @reference.import))
(mod_item name: (identifier) @reference.import !body)

(type_identifier) @reference.type
(attribute (identifier) @reference.use)
(attribute arguments: (token_tree (identifier) @reference.use))
(struct_expression name: (type_identifier) @reference.call)
(scoped_identifier path: (identifier) @reference.type (#match? @reference.type "^[A-Z]"))
(scoped_identifier name: (identifier) @reference.use (#match? @reference.use "^[A-Z]"))
(arguments (identifier) @reference.use)
((identifier) @reference.use (#match? @reference.use "^[A-Z][A-Z0-9_]+$"))
; Names inside a macro's arguments are not parsed further; a name before brackets is a call.
(token_tree (identifier) @reference.call . (token_tree))
