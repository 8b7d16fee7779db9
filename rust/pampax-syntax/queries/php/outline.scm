; PHP.

(comment) @comment
(attribute_list) @attribute

; ---- types and namespaces (a namespace without braces holds nothing in the tree: it is no definition) ----
(namespace_definition name: (namespace_name) @name body: (_)) @definition.module
(class_declaration name: (name) @name) @definition.class
(interface_declaration name: (name) @name) @definition.interface
(trait_declaration name: (name) @name) @definition.trait
(enum_declaration name: (name) @name) @definition.enum
(enum_case name: (name) @name) @definition.enum-member

; ---- functions ----
(function_definition name: (name) @name) @definition.function
((method_declaration name: (name) @name body: (_)) @definition.constructor
  (#eq? @name "__construct"))
(method_declaration name: (name) @name body: (_)) @definition.method
(method_declaration name: (name) @name (#set! chunk "no")) @definition.method
(program (expression_statement (assignment_expression
  left: (variable_name (name) @name)
  right: [(anonymous_function body: (_) @body) (arrow_function body: (_) @body)])) @definition.function)

; ---- properties and constants: one name makes the whole declaration the definition, several each their own part ----
(property_declaration (property_element name: (variable_name (name) @name)) (property_hook_list) @body) @definition.field
(property_declaration (property_element name: (variable_name (name) @name)) @definition.field . (property_element))
(property_declaration (property_element) . (property_element name: (variable_name (name) @name)) @definition.field .)
(property_declaration (property_element name: (variable_name (name) @name))) @definition.field
(property_promotion_parameter name: (variable_name (name) @name)) @definition.field
(const_declaration (const_element . (name) @name) @definition.constant . (const_element))
(const_declaration (const_element) . (const_element . (name) @name) @definition.constant .)
(const_declaration (const_element . (name) @name)) @definition.constant
((expression_statement (function_call_expression
  function: (name) @_define arguments: (arguments . (argument (string (string_content) @name))))) @definition.constant
  (#eq? @_define "define"))
(program (expression_statement (assignment_expression left: (variable_name (name) @name))) @definition.variable)

; ---- tests with a title ----
((function_call_expression function: (name) @_test arguments: (arguments
    . (argument (_) @name) . (argument [(anonymous_function body: (_) @body) (arrow_function body: (_) @body)]))) @definition.test
  (#any-of? @_test "it" "test" "describe"))

; ---- uses ----
(namespace_use_clause . [(name) (qualified_name)] @reference.import)
(namespace_use_declaration (namespace_name) @reference.import)
(require_once_expression [(string (string_content) @reference.import) (binary_expression right: (string (string_content) @reference.import))])
(require_expression [(string (string_content) @reference.import) (binary_expression right: (string (string_content) @reference.import))])
(include_once_expression [(string (string_content) @reference.import) (binary_expression right: (string (string_content) @reference.import))])
(include_expression [(string (string_content) @reference.import) (binary_expression right: (string (string_content) @reference.import))])

(base_clause [(name) @reference.inherit (qualified_name (name) @reference.inherit .)])
(class_interface_clause [(name) @reference.implement (qualified_name (name) @reference.implement .)])
; A trait is used like a base class.
(use_declaration [(name) @reference.inherit (qualified_name (name) @reference.inherit .)])

(function_call_expression function: [(name) @reference.call (qualified_name (name) @reference.call .)])
(member_call_expression name: (name) @reference.call)
(nullsafe_member_call_expression name: (name) @reference.call)
(scoped_call_expression name: (name) @reference.call)
(object_creation_expression [(name) @reference.call (qualified_name (name) @reference.call .)]
  (#not-eq? @reference.call "static") (#not-eq? @reference.call "self"))
(attribute [(name) @reference.use (qualified_name (name) @reference.use .)])

((named_type [(name) @reference.type (qualified_name (name) @reference.type .)])
  (#not-eq? @reference.type "static") (#not-eq? @reference.type "self"))
(scoped_call_expression scope: [(name) @reference.type (qualified_name (name) @reference.type .)])
(scoped_property_access_expression scope: [(name) @reference.type (qualified_name (name) @reference.type .)])
(class_constant_access_expression . [(name) @reference.type (qualified_name (name) @reference.type .)] . (_))
(binary_expression operator: "instanceof" right: [(name) @reference.type (qualified_name (name) @reference.type .)])
