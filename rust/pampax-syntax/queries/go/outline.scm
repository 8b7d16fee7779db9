; Go.

; Tests are functions by name; they keep it.
(function_declaration name: (identifier) @name) @definition.function
(method_declaration
  receiver: (parameter_list (parameter_declaration type: [
    (type_identifier) @qualifier
    (generic_type type: (type_identifier) @qualifier)
    (pointer_type [(type_identifier) @qualifier (generic_type type: (type_identifier) @qualifier)])]))
  name: (field_identifier) @name) @definition.method
(method_declaration name: (field_identifier) @name) @definition.method

(type_declaration (type_spec name: (type_identifier) @name type: (struct_type) @body) @definition.struct)
(type_declaration (type_spec name: (type_identifier) @name type: (interface_type) @body) @definition.interface)
(type_declaration (type_spec name: (type_identifier) @name) @definition.type)
(type_declaration (type_alias name: (type_identifier) @name) @definition.type)

(field_declaration name: (field_identifier) @name) @definition.field
((method_elem name: (field_identifier) @name) @definition.method (#set! chunk "no"))

(const_spec name: (identifier) @name) @definition.constant
(var_spec name: (identifier) @name) @definition.variable

(comment) @comment

; Uses.
(call_expression function: (identifier) @reference.call)
(call_expression function: (selector_expression field: (field_identifier) @reference.call))
(call_expression function: (parenthesized_expression (identifier) @reference.call))
(call_expression function: (index_expression operand: (identifier) @reference.call))
(call_expression function: (type_instantiation_expression type: (type_identifier) @reference.call))
(import_spec path: (_) @reference.import)
(struct_type (field_declaration_list (field_declaration !name type: (type_identifier) @reference.inherit)))
(struct_type (field_declaration_list (field_declaration !name type: (qualified_type name: (type_identifier) @reference.inherit))))
(type_elem (type_identifier) @reference.inherit)
(type_identifier) @reference.type
(selector_expression field: (field_identifier) @reference.use)
(argument_list (identifier) @reference.use)
(keyed_element value: (literal_element (identifier) @reference.use))
