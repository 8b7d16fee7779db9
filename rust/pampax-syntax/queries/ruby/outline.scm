; Ruby.

(comment) @comment

; ---- classes and modules (comments before the first statement are no part of the head) ----
(class name: [(constant) @name (scope_resolution name: (constant) @name)] (comment) @body) @definition.class
(module name: [(constant) @name (scope_resolution name: (constant) @name)] (comment) @body) @definition.module
(class name: [(constant) @name (scope_resolution name: (constant) @name)]) @definition.class
(module name: [(constant) @name (scope_resolution name: (constant) @name)]) @definition.module
; What `class << self` holds belongs to the class around it; of another object it is an extension.
(singleton_class value: [(constant) @name (scope_resolution name: (constant) @name)]) @definition.implementation
((assignment
  left: [(constant) @name (scope_resolution name: (constant) @name)]
  right: (call receiver: (constant) @_maker method: (identifier) @_new block: (_)? @body)) @definition.class
  (#any-of? @_maker "Class" "Struct" "Data") (#any-of? @_new "new" "define"))

; ---- methods ----
((method name: (identifier) @name (comment) @body) @definition.constructor
  (#eq? @name "initialize"))
(program (method name: (_) @name (comment) @body) @definition.function)
(method name: (_) @name (comment) @body) @definition.method
(singleton_method name: (_) @name (comment) @body) @definition.method
((method name: (identifier) @name) @definition.constructor
  (#eq? @name "initialize"))
(program (method name: (_) @name) @definition.function)
(method name: (_) @name) @definition.method
(singleton_method name: (_) @name) @definition.method
(alias name: (_) @name) @definition.method
((call !receiver method: (identifier) @_call arguments: (argument_list . (simple_symbol) @name) block: (_) @body) @definition.method
  (#any-of? @_call "define_method" "define_singleton_method") (#set! separator ":"))
((call !receiver method: (identifier) @_call arguments: (argument_list . (simple_symbol) @name)) @definition.method
  (#any-of? @_call "define_method" "define_singleton_method" "alias_method" "scope") (#set! chunk "no") (#set! separator ":"))

; ---- constants, attributes, variables ----
(assignment left: [(constant) @name (scope_resolution name: (constant) @name)]) @definition.constant
(assignment left: (left_assignment_list (constant) @name @definition.constant))
(operator_assignment left: (constant) @name operator: "||=") @definition.constant
(program (assignment left: (global_variable) @name) @definition.variable)
(class (body_statement (assignment left: (class_variable) @name) @definition.field))
(module (body_statement (assignment left: (class_variable) @name) @definition.field))
((call !receiver method: (identifier) @_attribute arguments: (argument_list . (simple_symbol) @name .)) @definition.field
  (#any-of? @_attribute
    "attr_accessor" "attr_reader" "attr_writer" "attr"
    "cattr_accessor" "cattr_reader" "cattr_writer" "mattr_accessor" "mattr_reader" "mattr_writer" "class_attribute")
  (#set! separator ":"))
((call !receiver method: (identifier) @_attribute arguments: (argument_list (simple_symbol) @name @definition.field))
  (#any-of? @_attribute
    "attr_accessor" "attr_reader" "attr_writer" "attr"
    "cattr_accessor" "cattr_reader" "cattr_writer" "mattr_accessor" "mattr_reader" "mattr_writer" "class_attribute")
  (#set! separator ":"))
((call !receiver method: (identifier) @_attribute arguments: (argument_list (string) @name @definition.field))
  (#any-of? @_attribute
    "attr_accessor" "attr_reader" "attr_writer" "attr"
    "cattr_accessor" "cattr_reader" "cattr_writer" "mattr_accessor" "mattr_reader" "mattr_writer" "class_attribute"))
; Associations of ActiveRecord.
((call !receiver method: (identifier) @_attribute arguments: (argument_list . (simple_symbol) @name)) @definition.field
  (#any-of? @_attribute "belongs_to" "has_one" "has_many" "has_and_belongs_to_many") (#set! separator ":"))

; ---- tests, tasks ----
((call method: (identifier) @_test arguments: (argument_list . [(string) (constant) (scope_resolution)] @name) block: (_) @body) @definition.test
  (#any-of? @_test
    "describe" "context" "it" "specify" "test" "should" "feature" "scenario" "xdescribe" "xcontext" "xit"
    "fdescribe" "fcontext" "fit" "shared_examples" "shared_examples_for" "shared_context"))
((call !receiver method: (identifier) @_task arguments: (argument_list . (simple_symbol) @name) block: (_) @body) @definition.function
  (#eq? @_task "task") (#set! separator ":"))
((call !receiver method: (identifier) @_task arguments: (argument_list . (string) @name) block: (_) @body) @definition.function
  (#eq? @_task "task"))
((call !receiver method: (identifier) @_task
  arguments: (argument_list . (pair key: (simple_symbol) @name)) block: (_) @body) @definition.function
  (#eq? @_task "task") (#set! separator ":"))
((call !receiver method: (identifier) @_task
  arguments: (argument_list . (pair key: [(hash_key_symbol) (string)] @name)) block: (_) @body) @definition.function
  (#eq? @_task "task"))
((call !receiver method: (identifier) @_namespace arguments: (argument_list . (simple_symbol) @name) block: (_) @body) @definition.module
  (#eq? @_namespace "namespace") (#set! separator ":"))

; ---- uses ----
((call !receiver method: (identifier) @_require arguments: (argument_list . (string (string_content) @reference.import)))
  (#any-of? @_require "require" "require_relative" "load" "require_dependency"))
((call !receiver method: (identifier) @_autoload arguments: (argument_list (_) . (string (string_content) @reference.import)))
  (#eq? @_autoload "autoload"))

(superclass [(constant) @reference.inherit (scope_resolution name: (constant) @reference.inherit)])
((call !receiver method: (identifier) @_mix
  arguments: (argument_list [(constant) @reference.inherit (scope_resolution name: (constant) @reference.inherit)]))
  (#any-of? @_mix "include" "extend" "prepend"))
((call receiver: (constant) @_maker method: (identifier) @_new
  arguments: (argument_list . [(constant) @reference.inherit (scope_resolution name: (constant) @reference.inherit)]))
  (#eq? @_maker "Class") (#eq? @_new "new"))

; `Point.new(1, 2)` calls Point.
((call receiver: [(constant) @reference.call (scope_resolution name: (constant) @reference.call)] method: (identifier) @_new)
  (#eq? @_new "new"))
((call method: [(identifier) (constant)] @reference.call)
  (#not-any-of? @reference.call
    "new" "require" "require_relative" "include" "extend" "prepend" "attr_accessor" "attr_reader" "attr_writer" "raise" "private"
    "public" "protected" "module_function" "private_constant"))
; A name with ? or ! can only be a method.
((identifier) @reference.call
  (#match? @reference.call "[?!]$"))
(constant) @reference.type
