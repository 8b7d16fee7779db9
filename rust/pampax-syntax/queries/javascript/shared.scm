; What JavaScript, TypeScript and TSX have in common.

; Test cases by their titles.
(call_expression
  function: [(identifier) @_test (member_expression object: (identifier) @_test)
             (call_expression function: (member_expression object: (identifier) @_test))]
  arguments: (arguments . [(string) (template_string)] @name
    [(arrow_function body: (_) @body) (function_expression body: (_) @body)])
  (#any-of? @_test "test" "it" "describe" "suite" "context" "specify" "bench" "fit" "fdescribe" "xit" "xdescribe")) @definition.test

(function_declaration name: (identifier) @name) @definition.function
(generator_function_declaration name: (identifier) @name) @definition.function

(method_definition
  name: (property_identifier) @name
  (#eq? @name "constructor")) @definition.constructor
(method_definition name: (_) @name) @definition.function

; Functions that get their name from what they are assigned to.
(variable_declarator
  name: (identifier) @name
  value: [(arrow_function body: (_) @body) (function_expression body: (_) @body) (generator_function body: (_) @body)]) @definition.function
(assignment_expression
  left: [(identifier) @name
         (member_expression property: (_) @name)
         (subscript_expression index: (string) @name)]
  right: [(arrow_function body: (_) @body) (function_expression body: (_) @body) (generator_function body: (_) @body)]) @definition.function
(assignment_expression
  left: (member_expression property: (_) @name)
  right: (assignment_expression
    right: [(arrow_function body: (_) @body) (function_expression body: (_) @body)])) @definition.function
(pair
  key: [(property_identifier) (string) (private_property_identifier)] @name
  value: [(arrow_function body: (_) @body) (function_expression body: (_) @body) (generator_function body: (_) @body)]) @definition.function
((export_statement
  "default"
  value: [(arrow_function body: (_) @body) (function_expression !name body: (_) @body)]) @definition.function
  (#set! name "default"))
(export_statement
  "default"
  value: (function_expression name: (identifier) @name body: (_) @body)) @definition.function

(class_declaration name: (_) @name) @definition.class
(variable_declarator name: (identifier) @name value: (class body: (_) @body)) @definition.class
(assignment_expression
  left: [(identifier) @name (member_expression property: (_) @name)]
  right: (class body: (_) @body)) @definition.class
((export_statement "default" value: (class !name body: (_) @body)) @definition.class (#set! name "default"))
(export_statement "default" value: (class name: (_) @name body: (_) @body)) @definition.class

; Names of the module. NAMES_IN_CAPITALS are constants.
(program
  [(lexical_declaration (variable_declarator name: (identifier) @name) @definition.constant)
   (export_statement declaration: (lexical_declaration (variable_declarator name: (identifier) @name) @definition.constant))]
  (#match? @name "^[A-Z][A-Z0-9_$]*$"))
(program
  [(lexical_declaration (variable_declarator name: (identifier) @name) @definition.variable)
   (variable_declaration (variable_declarator name: (identifier) @name) @definition.variable)
   (export_statement declaration: (lexical_declaration (variable_declarator name: (identifier) @name) @definition.variable))
   (export_statement declaration: (variable_declaration (variable_declarator name: (identifier) @name) @definition.variable))])

(comment) @comment
(decorator) @attribute

; Uses.
(call_expression
  function: (identifier) @_require
  arguments: (arguments . (string) @reference.import)
  (#eq? @_require "require"))
(call_expression function: (import) arguments: (arguments . (string) @reference.import))
(call_expression function: (identifier) @reference.call)
(call_expression function: (member_expression property: (_) @reference.call))
(new_expression constructor: (identifier) @reference.call)
(new_expression constructor: (member_expression property: (_) @reference.call))
(decorator (identifier) @reference.use)
(decorator (call_expression function: (identifier) @reference.use))
(import_statement source: (string) @reference.import)
(export_statement source: (string) @reference.import)
(import_specifier name: (_) @reference.import)
(import_clause (identifier) @reference.import)
(namespace_import (identifier) @reference.import)
(export_specifier name: (_) @reference.use)
(export_statement value: (identifier) @reference.use)
(arguments (identifier) @reference.use)
(pair value: (identifier) @reference.use)
(object (shorthand_property_identifier) @reference.use)
(array (identifier) @reference.use)
(assignment_expression right: (identifier) @reference.use)
(binary_expression operator: "instanceof" right: (identifier) @reference.type)
(member_expression object: (identifier) @reference.use (#match? @reference.use "^[A-Z]"))
