; What ties a Ruby file to others.
(call !receiver method: (identifier) @_require
  arguments: (argument_list . (string (string_content) @import.module))
  (#eq? @_require "require"))
(call !receiver method: (identifier) @import.alias
  arguments: (argument_list . (string (string_content) @import.module))
  (#any-of? @import.alias "require_relative" "load"))
(assignment left: [(identifier) (instance_variable)] @binding.name right: [(call) (string) (array) (hash) (integer)] @binding.value)

; Routes: Rails, Sinatra.
(call !receiver method: (identifier) @route.method
  arguments: (argument_list . (string (string_content) @route.path)
    (pair key: (hash_key_symbol) @_to value: (string (string_content) @route.handler)))
  (#any-of? @route.method "get" "post" "put" "delete" "patch") (#eq? @_to "to"))
(call !receiver method: (identifier) @route.method
  arguments: (argument_list . (string (string_content) @route.path))
  block: (_)
  (#any-of? @route.method "get" "post" "put" "delete" "patch"))
(element_reference object: (constant) @_env (string (string_content) @config.key) (#eq? @_env "ENV"))
(call receiver: (constant) @_env method: (identifier) @_fetch
  arguments: (argument_list . (string (string_content) @config.key))
  (#eq? @_env "ENV") (#eq? @_fetch "fetch"))
