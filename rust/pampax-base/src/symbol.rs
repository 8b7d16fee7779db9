//! What a definition is, and what a use of a name is.

use serde::{Deserialize, Serialize};

macro_rules! named_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        #[repr(u8)]
        pub enum $name { $($(#[$vmeta])* $variant,)+ }

        impl $name {
            /// Every value, in the order of their numbers.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name used in queries (`.scm` captures), in JSON and on the command line.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// The value with this name.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.name() == name)
            }

            /// The value with this number, as written in the store.
            pub fn from_number(number: u8) -> Option<Self> {
                Self::ALL.get(usize::from(number)).copied()
            }
        }
    };
}

named_enum! {
    /// What kind of definition a symbol is.
    SymbolKind {
        /// A free function.
        Function = "function",
        /// A function that belongs to a type.
        Method = "method",
        /// A constructor or initialiser.
        Constructor = "constructor",
        /// A class, object or record.
        Class = "class",
        /// A struct or union.
        Struct = "struct",
        /// An interface or protocol.
        Interface = "interface",
        /// A trait, mixin or type class.
        Trait = "trait",
        /// An implementation or extension block of a type defined elsewhere.
        Implementation = "implementation",
        /// An enumeration.
        Enum = "enum",
        /// One value of an enumeration.
        EnumMember = "enum-member",
        /// A type alias or another named type.
        Type = "type",
        /// A module, namespace or package declared inside a file.
        Module = "module",
        /// A field or property of a type.
        Field = "field",
        /// A constant.
        Constant = "constant",
        /// A variable at the top level of a file or module.
        Variable = "variable",
        /// A macro.
        Macro = "macro",
        /// A test case that has a title instead of a name.
        Test = "test",
        /// A section of a document (a heading).
        Section = "section",
        /// A key of a configuration or data file.
        Key = "key",
        /// A style rule (its selector).
        Rule = "rule",
        /// A table, view or index of a database schema.
        Table = "table",
        /// An element of a markup document that carries an id.
        Element = "element",
    }
}

impl SymbolKind {
    /// Whether symbols of this kind hold other definitions (a class, a module), which become chunks of their own.
    pub const fn is_container(self) -> bool {
        matches!(
            self,
            Self::Class
                | Self::Struct
                | Self::Interface
                | Self::Trait
                | Self::Implementation
                | Self::Enum
                | Self::Module
                | Self::Section
                | Self::Key
        )
    }

    /// Whether a symbol of this kind is something that can be called.
    pub const fn is_callable(self) -> bool {
        matches!(self, Self::Function | Self::Method | Self::Constructor | Self::Macro | Self::Test)
    }

    /// Whether a symbol of this kind names a type.
    pub const fn is_type(self) -> bool {
        matches!(
            self,
            Self::Class | Self::Struct | Self::Interface | Self::Trait | Self::Enum | Self::Type | Self::Implementation
        )
    }
}

named_enum! {
    /// What a use of a name does with it.
    ReferenceKind {
        /// Calls it.
        Call = "call",
        /// Names it as a type.
        Type = "type",
        /// Imports it, or the module it names.
        Import = "import",
        /// Inherits from it.
        Inherit = "inherit",
        /// Implements it.
        Implement = "implement",
        /// Uses it in another way (a value, a decorator, a key).
        Use = "use",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_lead_back_to_the_value() {
        for &kind in SymbolKind::ALL {
            assert_eq!(SymbolKind::from_name(kind.name()), Some(kind));
            assert_eq!(SymbolKind::from_number(kind as u8), Some(kind));
        }
        for &kind in ReferenceKind::ALL {
            assert_eq!(ReferenceKind::from_name(kind.name()), Some(kind));
            assert_eq!(ReferenceKind::from_number(kind as u8), Some(kind));
        }
        assert_eq!(SymbolKind::from_number(250), None);
    }
}
