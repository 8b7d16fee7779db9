; What ties a Dart file to others.
(import_specification uri: (_ (uri (string_literal (_ (_) @import.module)))) alias: (identifier)? @import.alias)
((library_export uri: (_ (uri (string_literal (_ (_) @import.module))))) (#set! export "yes") (#set! import "all"))
((part_directive uri: (uri (string_literal (_ (_) @import.module)))) (#set! import "all"))
