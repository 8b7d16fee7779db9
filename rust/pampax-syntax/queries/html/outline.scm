; HTML: headings, elements with an id, inline scripts and styles.

((element (start_tag (tag_name) @_tag) . (text) @name) @definition.section
  (#match? @_tag "^[hH][1-6]$") (#set! chunk "no"))
((element (start_tag (tag_name) @_tag) . (element (start_tag) . (text) @name)) @definition.section
  (#match? @_tag "^[hH][1-6]$") (#set! chunk "no"))

((element (start_tag
  (tag_name) @_tag
  (attribute (attribute_name) @_id [(attribute_value) @name (quoted_attribute_value (attribute_value) @name)]))) @definition.element
  (#match? @_id "^[iI][dD]$") (#not-match? @_tag "^[hH][1-6]$"))
((element (self_closing_tag
  (attribute (attribute_name) @_id [(attribute_value) @name (quoted_attribute_value (attribute_value) @name)]))) @definition.element
  (#match? @_id "^[iI][dD]$"))

((script_element (start_tag) (raw_text) @body) @definition.element
  (#match? @body "\\S") (#set! name "script"))
((style_element (start_tag) (raw_text) @body) @definition.element
  (#match? @body "\\S") (#set! name "style"))

; Files the page takes in.
((start_tag (tag_name) @_tag
  (attribute (attribute_name) @_attribute [(attribute_value) @reference.import (quoted_attribute_value (attribute_value) @reference.import)]))
  (#any-of? @_tag "script" "link" "iframe" "embed") (#any-of? @_attribute "src" "href"))
((self_closing_tag (tag_name) @_tag
  (attribute (attribute_name) @_attribute [(attribute_value) @reference.import (quoted_attribute_value (attribute_value) @reference.import)]))
  (#any-of? @_tag "script" "link" "iframe" "embed") (#any-of? @_attribute "src" "href"))

(comment) @comment
