; What ties a Kotlin file to others.
((import (qualified_identifier) @import.module "*") (#set! import "all"))
(import (qualified_identifier) @import.module "as" (identifier) @import.alias)
(import (qualified_identifier) @import.module)
((package_header (qualified_identifier) @import.alias) (#set! import "all"))

(property_declaration (variable_declaration (identifier) @binding.name (_) @binding.type))
(property_declaration (variable_declaration . (identifier) @binding.name .) "=" . (_) @binding.value)
(parameter (identifier) @binding.name (_) @binding.type)
(class_parameter (identifier) @binding.name ":" . (_) @binding.type)
((class_parameter ["val" "var"] (identifier) @binding.name ":" . (_) @binding.type) (#set! binding "field"))
((function_declaration name: (identifier) @binding.name (function_value_parameters) . [(user_type) (nullable_type)] @binding.type)
  (#set! binding "returns"))
