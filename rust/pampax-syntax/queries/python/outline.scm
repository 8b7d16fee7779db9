; Python. Decorators are siblings of the definition inside decorated_definition: the framework attaches them.

(function_definition
  name: (identifier) @name
  (#eq? @name "__init__")) @definition.constructor

(function_definition
  name: (identifier) @name) @definition.function

(class_definition
  name: (identifier) @name) @definition.class

(decorator) @attribute
(comment) @comment

; The first string of a body documents what it is the body of.
(module . (expression_statement (string) @docstring))
(module . (comment)+ . (expression_statement . (string) @docstring))
(block . (expression_statement . (string) @docstring))

; Module and class level names. NAMES_IN_CAPITALS are constants.
(module
  (expression_statement
    (assignment left: (identifier) @name) @definition.constant)
  (#match? @name "^_*[A-Z][A-Z0-9_]*$"))

(module
  (expression_statement
    (assignment left: (identifier) @name) @definition.variable))

(module
  (expression_statement
    (assignment left: (pattern_list (identifier) @name)) @definition.variable))

(class_definition
  body: (block
    (expression_statement
      (assignment left: (identifier) @name) @definition.field)))

(type_alias_statement
  left: (type (identifier) @name)) @definition.type
(type_alias_statement
  left: (type (generic_type . (identifier) @name))) @definition.type

; Uses.
(call function: (identifier) @reference.call)
(call function: (attribute attribute: (identifier) @reference.call))
(decorator (identifier) @reference.use)
(decorator (attribute attribute: (identifier) @reference.use))

(class_definition superclasses: (argument_list (identifier) @reference.inherit))
(class_definition superclasses: (argument_list (attribute attribute: (identifier) @reference.inherit)))
(class_definition superclasses: (argument_list (subscript value: (identifier) @reference.inherit)))

(import_statement name: (dotted_name) @reference.import)
(import_statement name: (aliased_import name: (dotted_name) @reference.import))
(import_from_statement module_name: (dotted_name) @reference.import)
(import_from_statement module_name: (relative_import) @reference.import)
(import_from_statement name: (dotted_name) @reference.import)
(import_from_statement name: (aliased_import name: (dotted_name) @reference.import))

(type (identifier) @reference.type)
(type (attribute attribute: (identifier) @reference.type))
(type (subscript value: (identifier) @reference.type))
(type (subscript subscript: (identifier) @reference.type))
(type (generic_type (identifier) @reference.type))
(type (binary_operator (identifier) @reference.type))

; Values handed on: arguments, raised and caught exceptions, members of lists and tables.
(argument_list (identifier) @reference.use)
(argument_list (attribute attribute: (identifier) @reference.use))
(keyword_argument value: (identifier) @reference.use)
(keyword_argument value: (attribute attribute: (identifier) @reference.use))
(raise_statement (identifier) @reference.use)
(except_clause value: (identifier) @reference.use)
(except_clause value: (tuple (identifier) @reference.use))
(except_clause value: (as_pattern . (identifier) @reference.use))
(list (identifier) @reference.use)
(tuple (identifier) @reference.use)
(pair value: (identifier) @reference.use)
(assignment right: (identifier) @reference.use)
