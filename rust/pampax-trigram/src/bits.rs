//! Binary interpolative coding of sorted numbers.
//!
//! Of a list of `n` different numbers between `low` and `high`, the middle one lies between `low + n/2` and
//! `high - (n - n/2 - 1)`, as the others need room beside it. It is written as its distance from the lower bound in as few
//! bits as the number of possible values takes, then the two halves are written within the bounds that it sets. Where only
//! one value is possible nothing is written: a run that fills its bounds is free.

/// Writes bits, the lowest first.
#[derive(Default)]
pub(crate) struct BitWriter {
    bytes: Vec<u8>,
    held: u64,
    held_bits: u32,
}

impl BitWriter {
    fn write(&mut self, value: u32, bits: u32) {
        self.held |= u64::from(value) << self.held_bits;
        self.held_bits += bits;
        while self.held_bits >= 8 {
            self.bytes.push(self.held as u8);
            self.held >>= 8;
            self.held_bits -= 8;
        }
    }

    /// Fills up the last byte, appends everything to `out`, and is empty again. Gives how many bytes that were.
    pub(crate) fn flush_to(&mut self, out: &mut Vec<u8>) -> usize {
        if self.held_bits > 0 {
            self.bytes.push(self.held as u8);
        }
        let length = self.bytes.len();
        out.append(&mut self.bytes);
        (self.held, self.held_bits) = (0, 0);
        length
    }
}

/// Reads what [`BitWriter`] wrote. Past the end it reads zeros and remembers that.
pub(crate) struct BitReader<'a> {
    bytes: &'a [u8],
    next: usize,
    held: u64,
    held_bits: u32,
    past_end: bool,
}

impl<'a> BitReader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, next: 0, held: 0, held_bits: 0, past_end: false }
    }

    fn read(&mut self, bits: u32) -> u32 {
        while self.held_bits < bits {
            if let Some(four) = self.bytes.get(self.next..self.next + 4).and_then(|four| four.try_into().ok()) {
                self.held |= u64::from(u32::from_le_bytes(four)) << self.held_bits;
                self.held_bits += 32;
                self.next += 4;
            } else {
                let byte = self.bytes.get(self.next).copied();
                self.past_end |= byte.is_none();
                self.held |= u64::from(byte.unwrap_or(0)) << self.held_bits;
                self.held_bits += 8;
                self.next += 1;
            }
        }
        let value = (self.held & ((1 << bits) - 1)) as u32;
        self.held >>= bits;
        self.held_bits -= bits;
        value
    }

    /// Whether more was read than there is.
    pub(crate) fn is_past_end(&self) -> bool {
        self.past_end
    }
}

/// Bits that a value below `count` takes.
fn width(count: u32) -> u32 {
    u32::BITS - (count - 1).leading_zeros()
}

/// Writes `value`, which is below `count`: the first values take a bit less if `count` is no power of two.
fn write_below(writer: &mut BitWriter, value: u32, count: u32) {
    let bits = width(count);
    let short = ((1_u64 << bits) - u64::from(count)) as u32;
    if value < short {
        writer.write(value, bits - 1);
    } else {
        // The top bits first, as the reader decides by them whether there is one more.
        let long = value + short;
        writer.write(long >> 1, bits - 1);
        writer.write(long & 1, 1);
    }
}

fn read_below(reader: &mut BitReader<'_>, count: u32) -> u32 {
    let bits = width(count);
    let short = ((1_u64 << bits) - u64::from(count)) as u32;
    let value = if bits > 1 { reader.read(bits - 1) } else { 0 };
    if value < short { value } else { ((value << 1) | reader.read(1)) - short }
}

/// Writes `numbers`, which rise and lie between `low` and `high`, both included.
pub(crate) fn encode(writer: &mut BitWriter, numbers: &[u32], low: u32, high: u32) {
    let count = numbers.len() as u32;
    if count == 0 || high - low + 1 == count {
        return;
    }
    let middle = numbers.len() / 2;
    let value = numbers[middle];
    let least = low + middle as u32;
    let most = high - (count - middle as u32 - 1);
    if most > least {
        write_below(writer, value - least, most - least + 1);
    }
    if middle > 0 {
        encode(writer, &numbers[..middle], low, value - 1);
    }
    if middle + 1 < numbers.len() {
        encode(writer, &numbers[middle + 1..], value + 1, high);
    }
}

/// Fills `numbers` with what [`encode`] wrote for as many numbers between `low` and `high`. The bounds hold whatever the
/// bits are: damage gives wrong numbers, never ones out of bounds or out of order.
pub(crate) fn decode(reader: &mut BitReader<'_>, numbers: &mut [u32], low: u32, high: u32) {
    let count = numbers.len() as u32;
    if count == 0 {
        return;
    }
    if high - low + 1 == count {
        for (number, place) in numbers.iter_mut().enumerate() {
            *place = low + number as u32;
        }
        return;
    }
    let middle = numbers.len() / 2;
    let least = low + middle as u32;
    let most = high - (count - middle as u32 - 1);
    let value = if most > least { least + read_below(reader, most - least + 1) } else { least };
    numbers[middle] = value;
    if middle > 0 {
        decode(reader, &mut numbers[..middle], low, value - 1);
    }
    if middle + 1 < numbers.len() {
        decode(reader, &mut numbers[middle + 1..], value + 1, high);
    }
}

/// Appends a number in groups of seven bits, the lowest first.
pub(crate) fn write_varint(out: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Takes a number off the front of `bytes`; `None` if there is none.
pub(crate) fn read_varint(bytes: &mut &[u8]) -> Option<u32> {
    let mut value = 0_u64;
    for group in 0..5 {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << (7 * group);
        if byte & 0x80 == 0 {
            return u32::try_from(value).ok();
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn round(numbers: &[u32], high: u32) -> usize {
        let mut writer = BitWriter::default();
        encode(&mut writer, numbers, 0, high);
        let mut bytes = Vec::new();
        let length = writer.flush_to(&mut bytes);
        let mut reader = BitReader::new(&bytes);
        let mut read = vec![0; numbers.len()];
        decode(&mut reader, &mut read, 0, high);
        assert_eq!(read, numbers);
        assert!(!reader.is_past_end());
        length
    }

    #[test]
    fn full_lists_are_free() {
        assert_eq!(round(&(0..1000).collect::<Vec<_>>(), 999), 0);
        assert_eq!(round(&[], 999), 0);
        assert_eq!(round(&[0], 0), 0);
        assert_eq!(round(&[u32::MAX - 1], u32::MAX - 1), 4);
    }

    #[test]
    fn varints_of_every_length() {
        for value in [0, 1, 127, 128, 16_383, 16_384, u32::MAX] {
            let mut bytes = Vec::new();
            write_varint(&mut bytes, value);
            assert_eq!(read_varint(&mut bytes.as_slice()), Some(value));
            assert_eq!(read_varint(&mut &bytes[..bytes.len() - 1]), None);
        }
        assert_eq!(read_varint(&mut [0xff; 6].as_slice()), None);
    }

    proptest! {
        #[test]
        fn any_list(numbers in prop::collection::btree_set(0_u32..5000, 0..400), more in 0_u32..5000) {
            let numbers: Vec<u32> = numbers.into_iter().collect();
            round(&numbers, numbers.last().copied().unwrap_or(0) + more);
        }

        #[test]
        fn any_bits_give_a_list_in_order(bytes in prop::collection::vec(any::<u8>(), 0..40), count in 1_usize..200, more in 0_u32..1000) {
            let high = count as u32 - 1 + more;
            let mut numbers = vec![0; count];
            decode(&mut BitReader::new(&bytes), &mut numbers, 0, high);
            prop_assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]));
            prop_assert!(numbers[count - 1] <= high);
        }
    }
}
