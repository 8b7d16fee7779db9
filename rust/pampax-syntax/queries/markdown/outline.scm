; Markdown: sections by their headings. A section holds the sections of deeper headings.

(section . (atx_heading heading_content: (_) @name)) @definition.section
; The grammar opens no section for an underlined heading.
((setext_heading heading_content: (paragraph (inline) @name)) @definition.section (#set! chunk "no"))

((html_block) @comment (#match? @comment "^\\s*<!--"))
