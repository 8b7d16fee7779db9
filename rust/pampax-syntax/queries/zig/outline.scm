; Zig: functions, tests, and the constants that name types (`const Name = struct { … };`).

; A function that returns a struct it spells out is Zig's generic type: its functions are methods.
((function_declaration
  name: (identifier) @name
  type: (builtin_type) @_type
  body: (block (expression_statement (return_expression [(struct_declaration) (union_declaration) (enum_declaration)]))) @body)
  @definition.struct
  (#eq? @_type "type"))
(function_declaration name: (identifier) @name) @definition.function

(test_declaration (string (string_content) @name) (block) @body) @definition.test
(test_declaration (identifier) @name (block) @body) @definition.test
((test_declaration . (block) @body) @definition.test (#set! name "test"))

; Named types, at the top level and in other types.
([(source_file (variable_declaration . (identifier) @name [(struct_declaration) (opaque_declaration) (struct_initializer (struct_declaration))] @body) @definition.struct)
  (struct_declaration (variable_declaration . (identifier) @name [(struct_declaration) (opaque_declaration) (struct_initializer (struct_declaration))] @body) @definition.struct)
  (enum_declaration (variable_declaration . (identifier) @name [(struct_declaration) (opaque_declaration) (struct_initializer (struct_declaration))] @body) @definition.struct)
  (union_declaration (variable_declaration . (identifier) @name [(struct_declaration) (opaque_declaration) (struct_initializer (struct_declaration))] @body) @definition.struct)
  (opaque_declaration (variable_declaration . (identifier) @name [(struct_declaration) (opaque_declaration) (struct_initializer (struct_declaration))] @body) @definition.struct)])
([(source_file (variable_declaration . (identifier) @name (union_declaration) @body) @definition.struct)
  (struct_declaration (variable_declaration . (identifier) @name (union_declaration) @body) @definition.struct)
  (enum_declaration (variable_declaration . (identifier) @name (union_declaration) @body) @definition.struct)
  (union_declaration (variable_declaration . (identifier) @name (union_declaration) @body) @definition.struct)
  (opaque_declaration (variable_declaration . (identifier) @name (union_declaration) @body) @definition.struct)])
([(source_file (variable_declaration . (identifier) @name [(enum_declaration) (error_set_declaration)] @body) @definition.enum)
  (struct_declaration (variable_declaration . (identifier) @name [(enum_declaration) (error_set_declaration)] @body) @definition.enum)
  (enum_declaration (variable_declaration . (identifier) @name [(enum_declaration) (error_set_declaration)] @body) @definition.enum)
  (union_declaration (variable_declaration . (identifier) @name [(enum_declaration) (error_set_declaration)] @body) @definition.enum)
  (opaque_declaration (variable_declaration . (identifier) @name [(enum_declaration) (error_set_declaration)] @body) @definition.enum)])

; Their members.
((enum_declaration (container_field name: (identifier) @name) @definition.enum-member) (#not-eq? @name "_"))
(enum_declaration (container_field . type: (identifier) @name .) @definition.enum-member)
(error_set_declaration (identifier) @name @definition.enum-member)
((container_field name: (identifier) @name) @definition.field (#not-eq? @name "_"))
(union_declaration (container_field . type: (identifier) @name .) @definition.field)

; Other constants and variables. `const x = @import(…)` is an import, a private `const X = a.b.X` an alias and
; `const Self = @This()` says nothing: none is a definition.
(([(source_file (variable_declaration . (identifier) @name) @definition.constant)
   (struct_declaration (variable_declaration . (identifier) @name) @definition.constant)
   (enum_declaration (variable_declaration . (identifier) @name) @definition.constant)
   (union_declaration (variable_declaration . (identifier) @name) @definition.constant)
   (opaque_declaration (variable_declaration . (identifier) @name) @definition.constant)])
  (#match? @definition.constant "^(pub\\s+|export\\s+|extern\\s+(\"[^\"]*\"\\s+)?|threadlocal\\s+)*(comptime\\s+)?const\\b")
  (#not-match? @definition.constant "^(pub\\s+)?const\\s+\\w+\\s*=\\s*@(import|cImport)\\b")
  (#not-match? @definition.constant "^const\\s+\\w+\\s*=\\s*(@This\\(\\)|@import\\(\"[^\"]*\"\\)(\\.\\w+)+|[A-Za-z_]\\w*(\\.\\w+)+)\\s*;$"))
(([(source_file (variable_declaration . (identifier) @name) @definition.variable)
   (struct_declaration (variable_declaration . (identifier) @name) @definition.variable)
   (enum_declaration (variable_declaration . (identifier) @name) @definition.variable)
   (union_declaration (variable_declaration . (identifier) @name) @definition.variable)
   (opaque_declaration (variable_declaration . (identifier) @name) @definition.variable)])
  (#match? @definition.variable "^(pub\\s+|export\\s+|extern\\s+(\"[^\"]*\"\\s+)?|threadlocal\\s+)*var\\b"))

; References.
((builtin_function (builtin_identifier) @_import (arguments (string (string_content) @reference.import)))
  (#any-of? @_import "@import" "@embedFile" "@cInclude"))
(variable_declaration (field_expression member: (identifier) @reference.import) .)
(call_expression function: (identifier) @reference.call)
(call_expression function: (field_expression member: (identifier) @reference.call))
(struct_initializer (identifier) @reference.type)
(struct_initializer (field_expression member: (identifier) @reference.type))
(parameter type: (identifier) @reference.type)
(parameter type: (field_expression member: (identifier) @reference.type))
(parameter type: (pointer_type (identifier) @reference.type))
(parameter type: (nullable_type (identifier) @reference.type))
(function_declaration type: (identifier) @reference.type)
(function_declaration type: (field_expression member: (identifier) @reference.type))
(function_declaration type: (error_union_type ok: (identifier) @reference.type))
(function_declaration type: (error_union_type ok: (field_expression member: (identifier) @reference.type)))
(container_field type: (identifier) @reference.type)
(container_field type: (field_expression member: (identifier) @reference.type))
(container_field type: (pointer_type (identifier) @reference.type))
(variable_declaration type: (identifier) @reference.type)
(variable_declaration type: (field_expression member: (identifier) @reference.type))
(field_expression member: (identifier) @reference.use)

(comment) @comment
