; Scala 2 and 3.

[(comment) (block_comment)] @comment
(annotation) @attribute

; ---- types and packages (a package clause without braces holds nothing in the tree: it is no definition) ----
(package_clause name: (_) @name body: (_)) @definition.module
(package_object name: (_) @name) @definition.module
(class_definition name: (_) @name) @definition.class
(object_definition name: (_) @name) @definition.class
(trait_definition name: (_) @name) @definition.trait
(enum_definition name: (_) @name) @definition.enum
(type_definition name: (type_identifier) @name) @definition.type
; An extension is called after the type it extends.
(extension_definition parameters: (parameters . (parameter type: (type_identifier) @name))) @definition.implementation
(extension_definition parameters: (parameters . (parameter type: (generic_type type: (type_identifier) @name)))) @definition.implementation
(extension_definition parameters: (parameters . (parameter type: (stable_type_identifier (type_identifier) @name .)))) @definition.implementation
(extension_definition parameters: (parameters . (parameter type:
  [(tuple_type) (function_type) (compound_type) (infix_type) (singleton_type) (projected_type)] @name))) @definition.implementation

; ---- enum cases ----
(enum_case_definitions . (simple_enum_case name: (_) @name) .) @definition.enum-member
(enum_case_definitions (full_enum_case name: (_) @name)) @definition.enum-member
(enum_case_definitions (simple_enum_case name: (_) @name) @definition.enum-member)

; ---- functions ----
((function_definition name: (identifier) @name) @definition.constructor
  (#eq? @name "this"))
(package_object body: (template_body (function_definition name: (_) @name) @definition.function))
(package_clause body: (template_body (function_definition name: (_) @name) @definition.function))
(template_body (function_definition name: (_) @name) @definition.method)
(with_template_body (function_definition name: (_) @name) @definition.method)
(function_definition name: (_) @name) @definition.function
(function_declaration name: (_) @name (#set! chunk "no")) @definition.method

; ---- givens: one with members is an instance of its own, the others are values; without a name it is called after its type ----
(given_definition name: (_) @name body: [(with_template_body) (template_body)] @body) @definition.implementation
(given_definition !name return_type: (generic_type type: (type_identifier) @name) body: [(with_template_body) (template_body)] @body) @definition.implementation
(given_definition !name return_type: (type_identifier) @name body: [(with_template_body) (template_body)] @body) @definition.implementation
(compilation_unit (given_definition name: (_) @name) @definition.variable)
(compilation_unit (given_definition !name return_type: (generic_type type: (type_identifier) @name)) @definition.variable)
(compilation_unit (given_definition !name return_type: (type_identifier) @name) @definition.variable)
(template_body (given_definition name: (_) @name) @definition.field)
(template_body (given_definition !name return_type: (generic_type type: (type_identifier) @name)) @definition.field)
(template_body (given_definition !name return_type: (type_identifier) @name) @definition.field)

; ---- values ----
((object_definition body: (template_body (val_definition pattern: (identifier) @name) @definition.constant))
  (#match? @name "^[A-Z]"))
((object_definition body: (template_body (val_definition pattern: (identifiers (identifier) @name @definition.constant))))
  (#match? @name "^[A-Z]"))
((compilation_unit (val_definition pattern: (identifier) @name) @definition.constant)
  (#match? @name "^[A-Z]"))
(template_body [(val_definition pattern: (identifier) @name) (var_definition pattern: (identifier) @name)
                (val_declaration name: (_) @name) (var_declaration name: (_) @name)] @definition.field)
(template_body [(val_definition pattern: (identifiers (identifier) @name @definition.field))
                (var_definition pattern: (identifiers (identifier) @name @definition.field))
                (val_definition pattern: (tuple_pattern (identifier) @name @definition.field))
                (var_definition pattern: (tuple_pattern (identifier) @name @definition.field))])
(with_template_body [(val_definition pattern: (identifier) @name) (var_definition pattern: (identifier) @name)] @definition.field)
(enum_body [(val_definition pattern: (identifier) @name) (var_definition pattern: (identifier) @name)] @definition.field)
(compilation_unit [(val_definition pattern: (identifier) @name) (var_definition pattern: (identifier) @name)] @definition.variable)
(compilation_unit [(val_definition pattern: (identifiers (identifier) @name @definition.variable))
                   (val_definition pattern: (tuple_pattern (identifier) @name @definition.variable))])
(class_parameter ["val" "var"] name: (_) @name) @definition.field
; All parameters in the first list of a case class are its values.
(class_definition "case" [(identifier) (type_parameters) (access_modifier)] . class_parameters:
  (class_parameters (class_parameter name: (_) @name) @definition.field))
(full_enum_case class_parameters: (class_parameters (class_parameter name: (_) @name) @definition.field))

; ---- tests with a title ----
((call_expression
    function: (call_expression function: (identifier) @_test arguments: (arguments . (string) @name))
    arguments: (_) @body) @definition.test
  (#any-of? @_test "test" "it" "describe" "property" "scenario" "feature" "testM"))
((infix_expression
    left: [(string) @name (infix_expression right: (string) @name)] operator: (identifier) @_in right: (block) @body) @definition.test
  (#any-of? @_in "in" "should" "when" "must" "ignore"))

; ---- uses ----
(import_declaration path: (identifier) @reference.import .)
(import_declaration path: (identifier) @reference.import . (namespace_wildcard))
(import_declaration (namespace_selectors
  [(identifier) @reference.import
   (arrow_renamed_identifier name: (identifier) @reference.import)
   (as_renamed_identifier name: (identifier) @reference.import)]))
(export_declaration path: (identifier) @reference.import .)
(export_declaration (namespace_selectors
  [(identifier) @reference.import
   (arrow_renamed_identifier name: (identifier) @reference.import)
   (as_renamed_identifier name: (identifier) @reference.import)]))

(extends_clause
  [(type_identifier) @reference.inherit
   (generic_type type: (type_identifier) @reference.inherit)
   (generic_type type: (stable_type_identifier (type_identifier) @reference.inherit .))
   (stable_type_identifier (type_identifier) @reference.inherit .)])
(derives_clause [(type_identifier) @reference.implement (stable_type_identifier (type_identifier) @reference.implement .)])
(given_definition return_type:
  [(type_identifier) @reference.implement (generic_type type: (type_identifier) @reference.implement)]
  body: [(with_template_body) (template_body)])

(call_expression function:
  [(identifier) @reference.call
   (operator_identifier) @reference.call
   (field_expression field: (_) @reference.call)
   (generic_function function: (identifier) @reference.call)
   (generic_function function: (field_expression field: (_) @reference.call))])
(instance_expression
  [(type_identifier) @reference.call
   (generic_type type: (type_identifier) @reference.call)
   (stable_type_identifier (type_identifier) @reference.call .)])
(infix_expression operator: (identifier) @reference.call)
(annotation name: (type_identifier) @reference.use)

(type_identifier) @reference.type
