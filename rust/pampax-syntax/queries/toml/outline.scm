; TOML: tables and their keys. An element of an array of tables goes by its `name` where it has one (`[[package]]` in lock
; files, `[[bin]]`), and its keys are data.

(table . [(bare_key) (dotted_key) (quoted_key)] @name) @definition.key
((table_array_element (pair . (bare_key) @_key (string) @name)) @definition.key
  (#eq? @_key "name"))
(table_array_element . [(bare_key) (dotted_key) (quoted_key)] @name) @definition.key

(document (pair . [(bare_key) (dotted_key) (quoted_key)] @name) @definition.key)
((table (pair . [(bare_key) (dotted_key) (quoted_key)] @name) @definition.key) (#set! chunk "no"))

(comment) @comment
