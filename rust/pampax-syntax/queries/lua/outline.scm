; Lua: functions in all their spellings, tables that hold functions, top-level values.

; Functions: `function f`, `local function f`, `function M.f`, `function M:f`.
(function_declaration name: (identifier) @name) @definition.function
(function_declaration name: (dot_index_expression table: (_) @qualifier field: (identifier) @name)) @definition.function
(function_declaration name: (method_index_expression table: (_) @qualifier method: (identifier) @name)) @definition.method

; Functions given to a name: `local f = function`, `f = function`, `M.f = function`, `M["f"] = function`.
(variable_declaration
  (assignment_statement
    (variable_list . name: (identifier) @name)
    (expression_list . value: (function_definition body: (_)? @body)))) @definition.function
(chunk
  (assignment_statement
    (variable_list . name: [
      (identifier) @name
      (dot_index_expression field: (identifier) @name)
      (bracket_index_expression field: (string content: (string_content) @name))])
    (expression_list . value: (function_definition body: (_)? @body))) @definition.function)
(block
  (assignment_statement
    (variable_list . name: [
      (identifier) @name
      (dot_index_expression field: (identifier) @name)
      (bracket_index_expression field: (string content: (string_content) @name))])
    (expression_list . value: (function_definition body: (_)? @body))) @definition.function)

; Functions in a table: `{ f = function … end, ["f"] = function … end }`.
(field
  name: [(identifier) @name (string content: (string_content) @name)]
  value: (function_definition body: (_)? @body)) @definition.function

; A top-level table that holds functions is a class (its functions become methods).
(chunk
  (variable_declaration
    (assignment_statement
      (variable_list . name: (identifier) @name)
      (expression_list . value: (table_constructor (field name: (_) value: (function_definition))) @body))) @definition.class)
(chunk
  (assignment_statement
    (variable_list . name: [(identifier) @name (dot_index_expression field: (identifier) @name)])
    (expression_list . value: (table_constructor (field name: (_) value: (function_definition))) @body)) @definition.class)
(chunk
  (variable_declaration
    (assignment_statement
      (variable_list . name: (identifier) @name)
      (expression_list . value: (function_call
        arguments: (arguments (table_constructor (field name: (_) value: (function_definition))) @body))))) @definition.class)
(chunk
  (assignment_statement
    (variable_list . name: [(identifier) @name (dot_index_expression field: (identifier) @name)])
    (expression_list . value: (function_call
      arguments: (arguments (table_constructor (field name: (_) value: (function_definition))) @body)))) @definition.class)

; Busted and its kin: `describe("…", function() … end)`, `it("…", function() … end)`.
((function_call
  name: (identifier) @_call
  arguments: (arguments . (string content: (string_content) @name) (function_definition body: (_)? @body))) @definition.test
  (#any-of? @_call "describe" "context" "insulate" "expose" "it" "spec" "test" "pending"))

; Other top-level values. `local x = require …` is an import, `local x = y.z` an alias: neither is a definition.
(chunk
  (variable_declaration
    (assignment_statement
      (variable_list . name: (identifier) @name)
      (expression_list . value: [
        (table_constructor) (string) (number) (true) (false) (nil) (function_call)
        (binary_expression) (unary_expression) (parenthesized_expression)]))) @definition.variable
  (#not-match? @definition.variable "^local\\s+\\w+\\s*(<\\w+>)?\\s*=\\s*\\(?(require|import|safe_require)\\b"))
(chunk
  (assignment_statement
    (variable_list . name: [(identifier) @name (dot_index_expression field: (identifier) @name)])
    (expression_list . value: (_))) @definition.variable)

; The named values of a top-level table.
(chunk
  (variable_declaration
    (assignment_statement
      (expression_list . value: (table_constructor (field name: (identifier) @name) @definition.field)))))
(chunk
  (assignment_statement
    (expression_list . value: (table_constructor (field name: (identifier) @name) @definition.field))))

; References.
((function_call
  name: (identifier) @_require
  arguments: (arguments . (string content: (string_content) @reference.import)))
  (#eq? @_require "require"))
(function_call name: (identifier) @reference.call)
(function_call name: (dot_index_expression field: (identifier) @reference.call))
(function_call name: (method_index_expression method: (identifier) @reference.call))

(comment) @comment
