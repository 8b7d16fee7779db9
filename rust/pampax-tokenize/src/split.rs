//! Where words end in text, and where parts end in an identifier.

/// What a byte is to the splitter. Bytes of non-ASCII characters are [`Class::Foreign`] and are looked at as characters.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Class {
    Separator,
    Underscore,
    Digit,
    Lower,
    Upper,
    Foreign,
}

/// The class of each byte.
pub(crate) static CLASSES: [Class; 256] = classes();

const fn classes() -> [Class; 256] {
    let mut table = [Class::Separator; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'_' => Class::Underscore,
            b'0'..=b'9' => Class::Digit,
            b'a'..=b'z' => Class::Lower,
            b'A'..=b'Z' => Class::Upper,
            0x80..=0xff => Class::Foreign,
            _ => Class::Separator,
        };
        byte += 1;
    }
    table
}

/// The first position at or after `from` whose byte does not belong to an ASCII identifier, and whether all bytes before it
/// are lower-case letters.
pub(crate) fn identifier_end(bytes: &[u8], from: usize) -> (usize, bool) {
    let mut all_lower = true;
    let mut end = from;
    while let Some(&byte) = bytes.get(end) {
        let class = CLASSES[usize::from(byte)];
        if matches!(class, Class::Separator | Class::Foreign) {
            break;
        }
        all_lower &= class == Class::Lower;
        end += 1;
    }
    (end, all_lower)
}

/// Whether the characters of a word go on with this one.
pub(crate) fn is_word_char(character: char) -> bool {
    character == '_' || character.is_alphanumeric()
}

/// Whether a script writes words without spaces, so that its runs are indexed by pairs of characters.
pub(crate) fn is_cjk(character: char) -> bool {
    matches!(u32::from(character),
        0x1100..=0x11ff        // Hangul Jamo
        | 0x3005..=0x3007      // Iteration mark, closing mark, zero
        | 0x3040..=0x30ff      // Hiragana, Katakana
        | 0x3100..=0x312f      // Bopomofo
        | 0x3130..=0x318f      // Hangul compatibility Jamo
        | 0x31f0..=0x31ff      // Katakana phonetic extensions
        | 0x3400..=0x4dbf      // Han extension A
        | 0x4e00..=0x9fff      // Han
        | 0xac00..=0xd7af      // Hangul syllables
        | 0xf900..=0xfaff      // Han compatibility
        | 0xff66..=0xff9f      // Half-width Katakana
        | 0x2_0000..=0x3_ffff) // Han extensions B and later
}

/// The parts of one identifier: pairs of start and end, in order, none empty, without the underscores.
///
/// `identifier` holds only ASCII letters, digits and underscores. `parts` is cleared first; it is the caller's so that it
/// can be used again.
pub(crate) fn split_identifier(identifier: &[u8], parts: &mut Vec<(u32, u32)>) {
    parts.clear();
    let mut start = 0;
    let mut previous = Class::Underscore;
    for (position, &byte) in identifier.iter().enumerate() {
        let class = CLASSES[usize::from(byte)];
        if class == previous {
            continue;
        }
        if (previous, class) == (Class::Upper, Class::Lower) {
            // The last capital of an acronym begins the word that follows: HTTP|Server.
            if position - start >= 2 && !is_plural_of_acronym(identifier, position) {
                parts.push((start as u32, position as u32 - 1));
                start = position - 1;
            }
        } else {
            if previous != Class::Underscore {
                parts.push((start as u32, position as u32));
            }
            start = position;
        }
        previous = class;
    }
    if previous != Class::Underscore {
        parts.push((start as u32, identifier.len() as u32));
    }
}

/// Whether the lower-case letter at `position`, after at least two capitals, is only a plural "s": `URLs`, `IDsByName`.
fn is_plural_of_acronym(identifier: &[u8], position: usize) -> bool {
    identifier[position] == b's'
        && identifier.get(position + 1).is_none_or(|&next| CLASSES[usize::from(next)] != Class::Lower)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(identifier: &str, expected: &str) {
        let mut parts = vec![(9, 9)];
        split_identifier(identifier.as_bytes(), &mut parts);
        let found: Vec<&str> = parts.iter().map(|&(start, end)| &identifier[start as usize..end as usize]).collect();
        assert_eq!(found.join(" "), expected, "{identifier}");
    }

    #[test]
    fn identifiers_split_where_people_read_a_border() {
        check("getUser", "get User");
        check("get_user", "get user");
        check("__init__", "init");
        check("_", "");
        check("", "");
        check("HTTPServer", "HTTP Server");
        check("parseJSON2Map", "parse JSON 2 Map");
        check("MAX_VALUE", "MAX VALUE");
        check("aB", "a B");
        check("AB", "AB");
        check("Ab", "Ab");
        check("ABc", "A Bc");
        check("URLs", "URLs");
        check("userIDs", "user IDs");
        check("IDsByName", "IDs By Name");
        check("URLsplit", "UR Lsplit");
        check("utf8_to_u16", "utf 8 to u 16");
        check("X", "X");
        check("getX", "get X");
        check("XMLHttpRequest", "XML Http Request");
        check("a__b", "a b");
        check("A1B2", "A 1 B 2");
        check("1stPlace", "1 st Place");
        check("iOSApp", "i OS App");
    }
}
