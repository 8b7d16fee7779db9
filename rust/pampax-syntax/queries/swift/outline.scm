; Swift.

[(comment) (multiline_comment)] @comment
(modifiers (attribute) @attribute)

; ---- types ----
(class_declaration declaration_kind: "struct" name: (type_identifier) @name) @definition.struct
(class_declaration declaration_kind: "enum" name: (type_identifier) @name) @definition.enum
(class_declaration declaration_kind: ["class" "actor"] name: (type_identifier) @name) @definition.class
; An extension is called after the type it extends.
(class_declaration declaration_kind: "extension" name: (user_type (type_identifier) @name .)) @definition.implementation
(class_declaration declaration_kind: "extension"
  name: (user_type (type_identifier) @name . (type_arguments) .)) @definition.implementation
(class_declaration declaration_kind: "extension" name: [(array_type) (dictionary_type) (optional_type)] @name) @definition.implementation
(protocol_declaration name: (type_identifier) @name) @definition.interface
(typealias_declaration name: (type_identifier) @name) @definition.type
(associatedtype_declaration name: (type_identifier) @name) @definition.type

; ---- functions ----
(function_declaration name: [(simple_identifier) (custom_operator) (bang)
  "!=" "!==" "%" "%=" "&" "*" "*=" "+" "++" "+=" "-" "--" "-=" "/" "/=" "<" "<<" "<=" "=" "==" "===" ">" ">=" ">>" "^" "|" "~"] @name) @definition.function
(protocol_function_declaration name: [(simple_identifier) (custom_operator) (bang)
  "!=" "!==" "%" "%=" "&" "*" "*=" "+" "++" "+=" "-" "--" "-=" "/" "/=" "<" "<<" "<=" "=" "==" "===" ">" ">=" ">>" "^" "|" "~"] @name
  (#set! chunk "no")) @definition.method
(init_declaration "init" @name body: (_)) @definition.constructor
(init_declaration "init" @name (#set! chunk "no")) @definition.constructor
(deinit_declaration "deinit" @name body: (_)) @definition.method
(protocol_body (subscript_declaration "subscript" @name (computed_property)? @body (#set! chunk "no")) @definition.method)
(subscript_declaration "subscript" @name (computed_property)? @body) @definition.method
(macro_declaration "macro" . (simple_identifier) @name) @definition.macro

; ---- enum cases and properties: one name makes the whole declaration the definition, several each their own part ----
(enum_entry name: (simple_identifier) @name @definition.enum-member name: (simple_identifier))
(enum_entry name: (simple_identifier) name: (simple_identifier) @name @definition.enum-member)
(enum_entry name: (simple_identifier) @name) @definition.enum-member

((source_file (property_declaration
    (value_binding_pattern) @_let name: (pattern bound_identifier: (simple_identifier) @name) @definition.constant name: (pattern)))
  (#eq? @_let "let"))
((source_file (property_declaration
    (value_binding_pattern) @_let name: (pattern) name: (pattern bound_identifier: (simple_identifier) @name) @definition.constant))
  (#eq? @_let "let"))
(source_file (property_declaration
  name: (pattern bound_identifier: (simple_identifier) @name) @definition.variable name: (pattern)))
(source_file (property_declaration
  name: (pattern) name: (pattern bound_identifier: (simple_identifier) @name) @definition.variable))
(source_file (property_declaration name: (pattern (pattern (simple_identifier) @name @definition.variable))))
(class_body (property_declaration
  name: (pattern bound_identifier: (simple_identifier) @name) @definition.field name: (pattern)))
(class_body (property_declaration
  name: (pattern) name: (pattern bound_identifier: (simple_identifier) @name) @definition.field))

; The signature of a computed property ends where its code begins.
(class_body (property_declaration
  name: (pattern bound_identifier: (simple_identifier) @name) computed_value: (_) @body) @definition.field)
(enum_class_body (property_declaration
  name: (pattern bound_identifier: (simple_identifier) @name) computed_value: (_) @body) @definition.field)
(source_file (property_declaration
  name: (pattern bound_identifier: (simple_identifier) @name) computed_value: (_) @body) @definition.variable)
((source_file (property_declaration
    (value_binding_pattern) @_let name: (pattern bound_identifier: (simple_identifier) @name)) @definition.constant)
  (#eq? @_let "let"))
((class_body (property_declaration
    (modifiers (property_modifier) @_static) (value_binding_pattern) @_let
    name: (pattern bound_identifier: (simple_identifier) @name)) @definition.constant)
  (#eq? @_static "static") (#eq? @_let "let"))
((enum_class_body (property_declaration
    (modifiers (property_modifier) @_static) (value_binding_pattern) @_let
    name: (pattern bound_identifier: (simple_identifier) @name)) @definition.constant)
  (#eq? @_static "static") (#eq? @_let "let"))
(source_file (property_declaration name: (pattern bound_identifier: (simple_identifier) @name)) @definition.variable)
(class_body (property_declaration name: (pattern bound_identifier: (simple_identifier) @name)) @definition.field)
(enum_class_body (property_declaration name: (pattern bound_identifier: (simple_identifier) @name)) @definition.field)
(protocol_property_declaration name: (pattern bound_identifier: (simple_identifier) @name)) @definition.field

; ---- tests with a title ----
((call_expression . (simple_identifier) @_test
    (call_suffix (value_arguments . (value_argument value: (line_string_literal) @name)) (lambda_literal) @body)) @definition.test
  (#any-of? @_test "describe" "context" "it"))

; ---- uses ----
(import_declaration (identifier) @reference.import)

(protocol_declaration (inheritance_specifier inherits_from: (user_type (type_identifier) @reference.inherit .)))
; Only the first name after a class can be its base class.
(class_declaration declaration_kind: "class" [(type_identifier) (type_parameters)]
  . (inheritance_specifier inherits_from:
      [(user_type (type_identifier) @reference.inherit .)
       (user_type (type_identifier) @reference.inherit . (type_arguments) .)]))
(class_declaration (inheritance_specifier inherits_from:
  [(user_type (type_identifier) @reference.implement .)
   (user_type (type_identifier) @reference.implement . (type_arguments) .)]))

; `items[key]` is a call for the grammar, too: the bracket tells.
(call_expression . (simple_identifier) @reference.call (call_suffix (value_arguments "(")))
(call_expression . (simple_identifier) @reference.call (call_suffix (lambda_literal)))
((call_expression
  . (navigation_expression suffix: (navigation_suffix suffix: (simple_identifier) @reference.call)) (call_suffix (value_arguments "(")))
  (#not-eq? @reference.call "init"))
(call_expression
  . (navigation_expression suffix: (navigation_suffix suffix: (simple_identifier) @reference.call)) (call_suffix (lambda_literal)))
(macro_invocation (simple_identifier) @reference.call)
(attribute (user_type (type_identifier) @reference.use .))

(user_type (type_identifier) @reference.type .)
(user_type (type_identifier) @reference.type . (type_arguments) .)
