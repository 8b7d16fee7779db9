; JavaScript only.
(field_definition property: (property_identifier) @binding.name value: [(new_expression) (call_expression)] @binding.value)
