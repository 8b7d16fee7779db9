; What ties a Java file to others.

((import_declaration (scoped_identifier) @import.module (asterisk)) (#set! import "all"))
(import_declaration [(scoped_identifier) (identifier)] @import.module)
(package_declaration [(scoped_identifier) (identifier)] @import.alias (#set! import "all"))

(local_variable_declaration type: (_) @binding.type declarator: (variable_declarator
  name: (identifier) @binding.name value: (_)? @binding.value))
(field_declaration type: (_) @binding.type declarator: (variable_declarator name: (identifier) @binding.name))
(formal_parameter type: (_) @binding.type name: (identifier) @binding.name)
(enhanced_for_statement type: (_) @binding.type name: (identifier) @binding.name)
(resource type: (_) @binding.type name: (identifier) @binding.name)
(catch_formal_parameter (catch_type . (_) @binding.type .) name: (identifier) @binding.name)
((method_declaration type: (_) @binding.type name: (identifier) @binding.name) (#set! binding "returns"))

; Routes: Spring, JAX-RS.
(annotation name: (identifier) @route.method
  arguments: (annotation_argument_list . (string_literal) @route.path)
  (#match? @route.method "^(Get|Post|Put|Delete|Patch|Request)Mapping$|^Path$"))
(annotation name: (identifier) @route.method
  arguments: (annotation_argument_list (element_value_pair key: (identifier) @_key value: (string_literal) @route.path))
  (#match? @route.method "^(Get|Post|Put|Delete|Patch|Request)Mapping$") (#any-of? @_key "value" "path"))

; Keys of the configuration: @Value("${server.port}"), System.getenv("PORT").
(annotation name: (identifier) @_value
  arguments: (annotation_argument_list . (string_literal) @config.key)
  (#eq? @_value "Value") (#match? @config.key "^\"\\$\\{"))
(method_invocation name: (identifier) @_get
  arguments: (argument_list . (string_literal) @config.key)
  (#any-of? @_get "getenv" "getProperty"))
