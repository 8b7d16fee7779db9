; Everything stands in typescript/outline.scm, javascript/shared.scm and javascript/jsx.scm.
