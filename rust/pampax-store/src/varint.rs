//! Numbers in as few bytes as they need: seven bits a byte, the lowest first (LEB128, as in DWARF and protocol buffers).

/// Appends a number.
pub(crate) fn put(bytes: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Appends a difference: small ones are short, whichever way they go.
pub(crate) fn put_signed(bytes: &mut Vec<u8>, difference: i32) {
    put(bytes, ((difference << 1) ^ (difference >> 31)) as u32);
}

/// Reads numbers one after the other. Past the end, and for what is no number, there is none: a damaged file ends early.
#[derive(Clone)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A reader of all of `bytes`.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// The next number.
    #[inline]
    pub(crate) fn number(&mut self) -> Option<u32> {
        let mut number = 0_u32;
        for (at, &byte) in self.bytes.iter().enumerate().take(5) {
            number |= u32::from(byte & 0x7F) << (7 * at);
            if byte < 0x80 {
                self.bytes = &self.bytes[at + 1..];
                return Some(number);
            }
        }
        self.bytes = &[];
        None
    }

    /// The next difference.
    #[inline]
    pub(crate) fn signed(&mut self) -> Option<i32> {
        self.number().map(|number| (number >> 1) as i32 ^ -((number & 1) as i32))
    }

    /// The next byte.
    #[inline]
    pub(crate) fn byte(&mut self) -> Option<u8> {
        let (&first, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(first)
    }

    /// The next `count` bytes.
    pub(crate) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(count)?;
        self.bytes = rest;
        Some(taken)
    }

    /// How many bytes are left.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn numbers_come_back(numbers: Vec<u32>, differences: Vec<i32>) {
            let mut bytes = Vec::new();
            for &number in &numbers {
                put(&mut bytes, number);
            }
            for &difference in &differences {
                put_signed(&mut bytes, difference);
            }
            let mut reader = Reader::new(&bytes);
            for number in numbers {
                prop_assert_eq!(reader.number(), Some(number));
            }
            for difference in differences {
                prop_assert_eq!(reader.signed(), Some(difference));
            }
            prop_assert_eq!(reader.len(), 0);
        }

        #[test]
        fn any_bytes_are_read_without_panic(bytes: Vec<u8>) {
            let mut reader = Reader::new(&bytes);
            while reader.number().is_some() {}
            prop_assert_eq!(reader.len(), 0);
        }
    }
}
