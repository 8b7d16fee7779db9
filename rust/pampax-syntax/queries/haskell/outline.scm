; Haskell: the module, functions with all their equations, types, classes and instances. Equations of one name and their
; type signature are siblings in the tree: patterns marked `merge` are joined when they stand together.

(header module: (module) @name) @definition.module

; Functions: type signatures and equations, at the top level and in classes and instances. Bindings without parameters
; (`main = …`) count as functions: most are point-free ones.
(declarations (signature name: [(variable) @name (prefix_id (operator) @name)]) @definition.function (#set! merge "yes"))
(declarations (signature names: (binding_list . name: [(variable) @name (prefix_id (operator) @name)])) @definition.function (#set! merge "yes"))
(declarations (function name: [(variable) @name (prefix_id (operator) @name)] match: (match) @body) @definition.function (#set! merge "yes"))
(declarations (function (infix operator: [(operator) @name (infix_id (variable) @name)]) match: (match) @body) @definition.function (#set! merge "yes"))
(declarations (bind name: [(variable) @name (prefix_id (operator) @name)] match: (match) @body) @definition.function (#set! merge "yes"))
(class_declarations (signature name: [(variable) @name (prefix_id (operator) @name)]) @definition.method (#set! merge "yes"))
(class_declarations (signature names: (binding_list . name: [(variable) @name (prefix_id (operator) @name)])) @definition.method (#set! merge "yes"))
(class_declarations (function name: [(variable) @name (prefix_id (operator) @name)] match: (match) @body) @definition.method (#set! merge "yes"))
(class_declarations (function (infix operator: [(operator) @name (infix_id (variable) @name)]) match: (match) @body) @definition.method (#set! merge "yes"))
(class_declarations (bind name: [(variable) @name (prefix_id (operator) @name)] match: (match) @body) @definition.method (#set! merge "yes"))
(class_declarations (default_signature (signature name: [(variable) @name (prefix_id (operator) @name)])) @definition.method (#set! merge "yes"))
(instance_declarations (signature name: [(variable) @name (prefix_id (operator) @name)]) @definition.method (#set! merge "yes"))
(instance_declarations (function name: [(variable) @name (prefix_id (operator) @name)] match: (match) @body) @definition.method (#set! merge "yes"))
(instance_declarations (function (infix operator: [(operator) @name (infix_id (variable) @name)]) match: (match) @body) @definition.method (#set! merge "yes"))
(instance_declarations (bind name: [(variable) @name (prefix_id (operator) @name)] match: (match) @body) @definition.method (#set! merge "yes"))
(foreign_import (signature name: (variable) @name)) @definition.function
(foreign_export (signature name: (variable) @name)) @definition.function

; Types. `data` with several constructors is an enumeration, with one a record. A comment on the first constructor stands
; before the `=`: the head ends there.
(data_type name: [(name) @name (prefix_id (_) @name)] . [(haddock) (comment)] @body
  constructors: (data_constructors (data_constructor) (data_constructor))) @definition.enum
(data_type name: [(name) @name (prefix_id (_) @name)] . patterns: (_) . [(haddock) (comment)] @body
  constructors: (data_constructors (data_constructor) (data_constructor))) @definition.enum
(data_type name: [(name) @name (prefix_id (_) @name)]
  constructors: (data_constructors (data_constructor) (data_constructor)) @body) @definition.enum
(data_type name: [(name) @name (prefix_id (_) @name)]
  constructors: (gadt_constructors (gadt_constructor) (gadt_constructor)) @body) @definition.enum
(data_type name: [(name) @name (prefix_id (_) @name)] constructors: (_)? @body) @definition.struct
(newtype name: [(name) @name (prefix_id (_) @name)] constructor: (_)? @body) @definition.struct
(type_synonym name: [(name) @name (prefix_id (_) @name)]) @definition.type
(type_family name: [(name) @name (prefix_id (_) @name)] closed_family: (_)? @body) @definition.type
(data_family name: [(name) @name (prefix_id (_) @name)]) @definition.type
(type_instance name: [(name) @name (prefix_id (_) @name)]) @definition.type
(data_instance (data_type name: (name) @name)) @definition.type
(data_instance (newtype name: (name) @name)) @definition.type

; Constructors and record fields.
(data_constructor constructor: (prefix name: [(constructor) @name (prefix_id (_) @name)])) @definition.enum-member
(data_constructor constructor: (record name: (constructor) @name)) @definition.enum-member
(data_constructor constructor: (infix operator: [(constructor_operator) @name (infix_id (constructor) @name)])) @definition.enum-member
(gadt_constructor name: (constructor) @name) @definition.enum-member
(newtype_constructor name: (constructor) @name) @definition.enum-member
(field . name: (field_name (variable) @name) . type: (_)) @definition.field
(field . name: (field_name (variable) @name) @definition.field . name: (field_name))
(field name: (field_name) . name: (field_name (variable) @name) @definition.field)

; Pattern synonyms.
(pattern_synonym (equation synonym: [
  (constructor) @name
  (apply function: [(constructor) @name (apply function: [(constructor) @name (apply function: (constructor) @name)])])
  (infix operator: (_) @name)
  (record constructor: (constructor) @name)])) @definition.function
(pattern_synonym (signature synonym: (constructor) @name)) @definition.function

; Classes and instances. An instance is named after the type it is for, or after its class if that is no plain type.
(class name: [(name) @name (prefix_id (_) @name)] declarations: (_)? @body) @definition.trait
(instance patterns: (type_patterns . [
    (name) @name
    (qualified id: (name) @name)
    (parens type: (qualified id: (name) @name))
    (parens type: (name) @name)
    (parens type: (apply constructor: [
      (name) @name
      (apply constructor: [(name) @name (apply constructor: [(name) @name (apply constructor: (name) @name)])])]))])
  declarations: (_)? @body) @definition.implementation
(instance
  name: [(name) @name (qualified id: (name) @name)]
  patterns: (type_patterns . [(variable) (list) (tuple) (unit) (prefix_list) (prefix_tuple) (literal) (parens type: [
    (variable) (function) (infix) (list) (tuple) (forall) (implicit_variable) (projection) (apply constructor: [
      (variable) (qualified) (list) (tuple) (prefix_tuple) (prefix_list) (prefix_id) (parens)
      (apply constructor: [(variable) (prefix_tuple) (prefix_id) (parens) (qualified)])])])])
  declarations: (_)? @body) @definition.implementation
(deriving_instance patterns: (type_patterns . [
    (name) @name
    (qualified id: (name) @name)
    (parens type: (qualified id: (name) @name))
    (parens type: (name) @name)
    (parens type: (apply constructor: [
      (name) @name
      (apply constructor: [(name) @name (apply constructor: [(name) @name (apply constructor: (name) @name)])])]))])
  ) @definition.implementation
(deriving_instance
  name: [(name) @name (qualified id: (name) @name)]
  patterns: (type_patterns . [(variable) (list) (tuple) (unit) (prefix_list) (prefix_tuple) (literal) (parens type: [
    (variable) (function) (infix) (list) (tuple) (apply constructor: [(variable) (qualified) (prefix_tuple) (prefix_id) (parens)])])]))
  @definition.implementation

; Test titles of hspec and tasty.
((infix
  left_operand: (apply function: (variable) @_test argument: (literal (string) @name))
  right_operand: (_) @body) @definition.test
  (#any-of? @_test "it" "specify" "prop" "testCase" "testProperty"))

; References: calls are heads of applications and the operands of application and composition operators.
(apply function: [(variable) @reference.call (qualified id: (variable) @reference.call)])
(apply function: [(constructor) @reference.call (qualified id: (constructor) @reference.call)])
(infix operator: (infix_id [(variable) @reference.call (qualified id: (variable) @reference.call)]))
((infix left_operand: [(variable) @reference.call (qualified id: (variable) @reference.call)] operator: (operator) @_operator)
  (#any-of? @_operator "$" "." "<$>" "<*>" "$!" "=<<" "<=<" ">=>" "<$!>" "*>" ">>" ">>="))
((infix operator: (operator) @_operator right_operand: [(variable) @reference.call (qualified id: (variable) @reference.call)])
  (#any-of? @_operator "." ">>=" ">=>" "<=<" "<&>" "&" "<|>" "*>" "<*" ">>"))
(exp [(variable) @reference.call (qualified id: (variable) @reference.call)])
(qualified id: (variable) @reference.use)

(instance name: [(name) @reference.implement (qualified id: (name) @reference.implement)])
(deriving_instance name: [(name) @reference.implement (qualified id: (name) @reference.implement)])
(deriving classes: [
  (name) @reference.implement
  (qualified id: (name) @reference.implement)
  (parens [(name) @reference.implement (qualified id: (name) @reference.implement)])
  (tuple [(name) @reference.implement (qualified id: (name) @reference.implement)])])
(class context: (context context: [
  (apply constructor: (name) @reference.inherit)
  (parens (apply constructor: (name) @reference.inherit))
  (tuple (apply constructor: (name) @reference.inherit))]))

(import module: (module) @reference.import)
(import names: (import_list name: (import_name [(variable) (name)] @reference.import)))
(name) @reference.type

[(comment) (haddock)] @comment

