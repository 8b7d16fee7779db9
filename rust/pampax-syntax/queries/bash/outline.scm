; Bash and its kin: functions, top-level variables, Bats tests.

(function_definition name: (word) @name) @definition.function

; `@test "title" {` is a command to the grammar; its body follows as commands of the file and ends with a command `}`.
((command
  name: (command_name) @_test
  argument: [(string (string_content) @name) (raw_string) @name (word) @name]
  argument: (word) @body) @definition.test
  (#eq? @_test "@test") (#eq? @body "{") (#set! chunk "no"))

; Variables of the file, with or without `export`, `readonly`, `declare`.
(program (variable_assignment name: (variable_name) @name) @definition.variable)
((program (declaration_command . (variable_assignment name: (variable_name) @name) .) @definition.variable)
  (#not-match? @definition.variable "^local\\b"))
((program (declaration_command (word) . (variable_assignment name: (variable_name) @name) .) @definition.variable)
  (#not-match? @definition.variable "^local\\b"))
((program (declaration_command (variable_assignment name: (variable_name) @name) @definition.variable) @_command)
  (#not-match? @_command "^local\\b"))

; References. Builtins and everyday commands are not told apart from functions: only names that are defined will resolve.
((command name: (command_name) @_source . argument: [
    (word) @reference.import
    (string) @reference.import
    (raw_string) @reference.import
    (concatenation) @reference.import])
  (#any-of? @_source "source" "." "load" "bats_load_library"))
((command name: (command_name (word) @reference.call))
  (#not-any-of? @reference.call "{" "}" "@test"))
((command name: (command_name) @_run . argument: (word) @reference.call)
  (#any-of? @_run "run" "time" "command" "eval" "exec" "trap"))
(simple_expansion (variable_name) @reference.use)
(expansion (variable_name) @reference.use)

(comment) @comment
