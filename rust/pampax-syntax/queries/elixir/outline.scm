; Elixir: every definition is a call (`def name(args) do … end`) whose target names what it defines. Clauses of one
; function are calls of their own: patterns marked `merge` are joined when they stand together.

; Modules, protocols, implementations.
((call target: (identifier) @_keyword (arguments . (alias) @name) (do_block) @body) @definition.module
  (#eq? @_keyword "defmodule"))
((call target: (identifier) @_keyword (arguments . [(alias) (atom) (dot)] @name)) @definition.module
  (#eq? @_keyword "defmodule"))
((call target: (identifier) @_keyword (arguments . (alias) @name) (do_block) @body) @definition.interface
  (#eq? @_keyword "defprotocol"))
; An implementation is named after the type it is for; without `for:` (inside the type's module) after the protocol.
((call
  target: (identifier) @_keyword
  (arguments . (alias) (keywords (pair key: (keyword) @_for value: [(alias) (list)] @name)))
  (do_block) @body) @definition.implementation
  (#eq? @_keyword "defimpl") (#match? @_for "^for:"))
((call target: (identifier) @_keyword (arguments . (alias) @name .) (do_block) @body) @definition.implementation
  (#eq? @_keyword "defimpl"))

; Functions and macros: `def f(x)`, `def f(x) when …`, `def f`, with a block, `do:` or no body.
((call
  target: (identifier) @_keyword
  (arguments . [
    (identifier) @name
    (call target: (identifier) @name)
    (binary_operator left: (call target: (identifier) @name) operator: "when")
    (binary_operator left: (identifier) @name operator: "when")])
  (do_block)? @body) @definition.function
  (#any-of? @_keyword "def" "defp" "defdelegate" "defguard" "defguardp" "defn" "defnp") (#set! merge "yes"))
((call
  target: (identifier) @_keyword
  (arguments . [
    (identifier) @name
    (call target: (identifier) @name)
    (binary_operator left: (call target: (identifier) @name) operator: "when")
    (binary_operator left: (identifier) @name operator: "when")])
  (do_block)? @body) @definition.macro
  (#any-of? @_keyword "defmacro" "defmacrop") (#set! merge "yes"))
; Operators: `def a <> b`, `defmacro left &&& right when …`, `defmacro unquote …`, `def !x`.
((call
  target: (identifier) @_keyword
  (arguments . (binary_operator left: (binary_operator left: (_) operator: _ @name right: (_)) operator: "when"))
  (do_block)? @body) @definition.function
  (#any-of? @_keyword "def" "defp" "defguard" "defguardp") (#set! merge "yes"))
((call
  target: (identifier) @_keyword
  (arguments . (binary_operator operator: _ @name))
  (do_block)? @body) @definition.function
  (#any-of? @_keyword "def" "defp" "defguard" "defguardp") (#not-eq? @name "when") (#set! merge "yes"))
((call
  target: (identifier) @_keyword
  (arguments . (binary_operator operator: _ @name))
  (do_block)? @body) @definition.macro
  (#any-of? @_keyword "defmacro" "defmacrop") (#not-eq? @name "when") (#set! merge "yes"))
((call
  target: (identifier) @_keyword
  (arguments . (unary_operator operator: _ @name))
  (do_block)? @body) @definition.function
  (#any-of? @_keyword "def" "defp" "defguard" "defguardp") (#set! merge "yes"))
((call
  target: (identifier) @_keyword
  (arguments . (unary_operator operator: _ @name))
  (do_block)? @body) @definition.macro
  (#any-of? @_keyword "defmacro" "defmacrop") (#set! merge "yes"))

; The fields of a struct or exception; the struct itself has the name of the module around it.
((call target: (identifier) @_keyword (arguments (list (atom) @name @definition.field)))
  (#any-of? @_keyword "defstruct" "defexception") (#set! separator ":"))
((call target: (identifier) @_keyword (arguments [
    (list (keywords (pair key: (keyword) @name) @definition.field))
    (keywords (pair key: (keyword) @name) @definition.field)]))
  (#any-of? @_keyword "defstruct" "defexception"))

; Types, callbacks and constant module attributes.
((unary_operator operator: "@" operand: (call
  target: (identifier) @_attribute
  (arguments . (binary_operator left: [(identifier) @name (call target: (identifier) @name)] operator: "::")))) @definition.type
  (#any-of? @_attribute "type" "typep" "opaque"))
((unary_operator operator: "@" operand: (call
  target: (identifier) @_attribute
  (arguments . [
    (binary_operator left: (call target: (identifier) @name) operator: "::")
    (binary_operator left: (binary_operator left: (call target: (identifier) @name) operator: "::") operator: "when")])))
  @definition.function
  (#any-of? @_attribute "callback" "macrocallback"))
((call
  target: (identifier) @_keyword
  (arguments . (alias))
  (do_block
    (unary_operator operator: "@" operand: (call target: (identifier) @name (arguments . (_)))) @definition.constant))
  (#eq? @_keyword "defmodule")
  (#not-match? @name "^(moduledoc|doc|typedoc|spec|type|typep|opaque|callback|macrocallback|optional_callbacks|impl|behaviour|derive|enforce_keys|tag|moduletag|describetag|compile|dialyzer|deprecated|on_load|before_compile|after_compile|on_definition|external_resource|fallback_to_any|vsn|since|nifs)$"))

; ExUnit: `describe "…" do`, `test "…" do`, `setup do`.
((call target: (identifier) @_keyword (arguments . (string (quoted_content) @name)) (do_block)? @body) @definition.test
  (#any-of? @_keyword "describe" "test" "property" "feature" "scenario"))
((call target: (identifier) @name (do_block) @body) @definition.function
  (#any-of? @name "setup" "setup_all"))

; What stands above a definition and belongs to it. A `@doc` with text is its doc comment, a `@moduledoc` that of the module.
((unary_operator operator: "@" operand: (call target: (identifier) @_attribute (arguments . [(string) (sigil)]))) @comment
  (#any-of? @_attribute "doc" "typedoc"))
((unary_operator operator: "@" operand: (call target: (identifier) @_attribute (arguments . [(string) (sigil)] @docstring)))
  (#any-of? @_attribute "moduledoc" "shortdoc"))
((unary_operator operator: "@" operand: (call
  target: (identifier) @_attribute
  (arguments . [(boolean) (atom) (keywords) (list) (binary_operator) (call) (string) (sigil) (alias) (identifier) (integer) (map)] @_value))) @attribute
  (#any-of? @_attribute "doc" "typedoc" "spec" "impl" "deprecated" "since" "tag" "decorate")
  (#not-match? @_value "^(\"|~[sS])"))

; References.
((call target: (identifier) @_keyword (arguments . (alias) @reference.import))
  (#any-of? @_keyword "alias" "import" "require" "use"))
((call target: (identifier) @_keyword (arguments . (dot left: (alias) @reference.import right: (tuple (alias) @reference.import))))
  (#any-of? @_keyword "alias" "import" "require" "use"))
((call target: (identifier) @_keyword (arguments . (alias) @reference.implement))
  (#eq? @_keyword "defimpl"))
((unary_operator operator: "@" operand: (call target: (identifier) @_attribute (arguments . (alias) @reference.implement)))
  (#eq? @_attribute "behaviour"))
((unary_operator operator: "@" operand: (call target: (identifier) @_attribute (arguments . [
  (binary_operator left: (call target: (identifier) @reference.use) operator: "::")
  (binary_operator left: (binary_operator left: (call target: (identifier) @reference.use) operator: "::") operator: "when")])))
  (#any-of? @_attribute "spec" "type" "typep" "opaque" "callback" "macrocallback"))
((call target: (identifier) @reference.call)
  (#not-match? @reference.call "^(def(p|delegate|guard|guardp|macro|macrop|n|np|module|protocol|impl|struct|exception|overridable)?|alias|case|cond|for|if|import|quote|raise|receive|require|reraise|super|throw|try|unless|unquote|unquote_splicing|use|with|doc|moduledoc|typedoc|shortdoc|spec|type|typep|opaque|callback|macrocallback|impl|behaviour|derive|tag|test|describe|setup|setup_all)$"))
(call target: (dot right: (identifier) @reference.call))
(binary_operator operator: "|>" right: (identifier) @reference.call)
(unary_operator operator: "&" operand: (binary_operator left: [
  (identifier) @reference.use
  (call target: (dot right: (identifier) @reference.use))] operator: "/"))
(unary_operator operator: "@" operand: (identifier) @reference.use)
(struct (alias) @reference.type)
(alias) @reference.use

(comment) @comment
