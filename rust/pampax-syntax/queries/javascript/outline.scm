; JavaScript only; the rest is in shared.scm and jsx.scm.

(field_definition
  property: (_) @name
  value: [(arrow_function body: (_) @body) (function_expression body: (_) @body)]) @definition.method
(field_definition property: (_) @name) @definition.field

(class_heritage (identifier) @reference.inherit)
(class_heritage (member_expression property: (_) @reference.inherit))
(class_heritage (call_expression arguments: (arguments (identifier) @reference.inherit)))
