; JSON: the keys of the first two levels, and of the third where an object stands there. Deeper ones are data.

(document (object (pair key: (string) @name value: [(object) (array)]? @body) @definition.key))
(document (object (pair value: (object
  (pair key: (string) @name value: [(object) (array)]? @body) @definition.key))))
(document (object (pair value: (object (pair value: (object
  (pair key: (string) @name value: (object) @body) @definition.key))))))

(comment) @comment
