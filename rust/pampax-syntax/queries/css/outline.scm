; CSS: rule sets by selector, at-rules by what they are about, custom properties.

; Rules inside others (`@media`, nesting) stay in the chunk of the outer one.
((block (rule_set (selectors) @name (block) @body) @definition.rule) (#set! chunk "no"))
(rule_set (selectors) @name (block) @body) @definition.rule
(media_statement . (_) @name (block) @body .) @definition.rule
(supports_statement . (_) @name (block) @body .) @definition.rule
(keyframes_statement [(keyframes_name) (string_value)] @name (keyframe_block_list) @body) @definition.rule
(at_rule (at_keyword) . (keyword_query) @name (block) @body) @definition.rule
(at_rule (at_keyword) @name . (block) @body) @definition.rule
(at_rule (at_keyword) @name (ERROR) (block) @body) @definition.rule

((declaration (property_name) @name) @definition.variable
  (#match? @name "^--"))

(import_statement [
  (string_value (string_content) @reference.import)
  (call_expression (arguments (string_value (string_content) @reference.import)))
  (call_expression (arguments (plain_value) @reference.import))])
((call_expression (function_name) @_var (arguments . (plain_value) @reference.use))
  (#eq? @_var "var"))
(class_selector (class_name) @reference.use)
(id_selector (id_name) @reference.use)

[(comment) (js_comment)] @comment
