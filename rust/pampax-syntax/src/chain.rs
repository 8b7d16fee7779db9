//! What stands before a name: the receiver of `session.store.save()` as a chain of names.
//!
//! Read from the text, backwards from the name, and not by queries: what stands before a dot, an arrow or a double colon is
//! written the same way in all languages here, and a pattern for each kind of receiver of each language would be many.
//!
//! A chain is written with dots whatever the language has: `self.store`, `Session()` for a call (and for `Session { … }`),
//! `items[]` for an element, `?` for what is no name, `""` for a literal.

/// The most names of a chain; what stands before them is `?`.
const NAMES_MAX: usize = 6;
/// A chain longer than this says nothing any more.
const BYTES_MAX: usize = 120;
/// How far back a bracket may be opened.
const BRACKETS_BYTES_MAX: usize = 4000;

/// The chain that ends at the separator before byte `name_start` of `text`: the receiver of the name that begins there.
/// Empty if the name stands by itself.
pub fn receiver_before(text: &str, name_start: usize) -> String {
    let bytes = text.as_bytes();
    let Some(end) = before_separator(bytes, name_start) else { return String::new() };
    chain_before(text, end).0
}

/// The chain that ends at byte `end` of `text`, and where it begins.
///
/// ```
/// let text = "x = app.session(user, [1]).store";
/// assert_eq!(pampax_syntax::chain_before(text, text.len()), ("app.session().store".to_owned(), 4));
/// ```
pub fn chain_before(text: &str, end: usize) -> (String, usize) {
    let bytes = text.as_bytes();
    let mut names: Vec<String> = Vec::new();
    let mut at = end.min(bytes.len());
    loop {
        let (name, start) = link(text, at);
        let is_known = name != "?" && name != "\"\"";
        names.push(name);
        at = start;
        let Some(before) = before_separator(bytes, at).filter(|_| is_known) else { break };
        if names.len() == NAMES_MAX {
            names.push("?".to_owned());
            break;
        }
        at = before;
    }
    names.reverse();
    let chain = names.join(".");
    if chain.len() > BYTES_MAX { ("?".to_owned(), at) } else { (chain, at) }
}

/// Where the text before a separator ends, if one stands before `at`.
fn before_separator(bytes: &[u8], at: usize) -> Option<usize> {
    let end = skip_space(bytes, at);
    let head = &bytes[..end];
    // A range or a cascade is no access; a number's point is none either, but no name follows it.
    if head.ends_with(b"..") {
        return None;
    }
    if bytes[end..at].contains(&b'\n') && is_comment(head) {
        return None;
    }
    let separators: [&[u8]; 7] = [b"?->", b"->", b"::", b"?.", b"&.", b"!!.", b"."];
    let length = separators.iter().find(|separator| head.ends_with(separator))?.len();
    // `::name` with nothing before it is the outermost scope: no receiver.
    let start = skip_space(bytes, end - length);
    (start > 0 && is_end(bytes[start - 1])).then_some(start)
}

/// Whether the last line of `head` ends in a comment, whose full stop is no separator.
fn is_comment(head: &[u8]) -> bool {
    let start = head.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    let line = head[start..].trim_ascii_start();
    line.starts_with(b"*") || line.contains(&b'#') || line.windows(2).any(|pair| matches!(pair, b"//" | b"--" | b"/*"))
}

fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while at > 0 && bytes[at - 1].is_ascii_whitespace() {
        at -= 1;
    }
    at
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'@' | b'#') || byte >= 0x80
}

/// Whether what stands before a separator may end with this byte.
fn is_end(byte: u8) -> bool {
    is_name(byte) || matches!(byte, b')' | b']' | b'}' | b'>' | b'"' | b'\'' | b'`' | b'!' | b'?')
}

/// One link of a chain that ends at `end`, and where it begins.
fn link(text: &str, end: usize) -> (String, usize) {
    let bytes = text.as_bytes();
    let unknown = |at: usize| ("?".to_owned(), at);
    let mut at = end;
    while at > 0 && matches!(bytes[at - 1], b'!' | b'?') {
        at -= 1;
    }
    let mut suffix = "";
    for _ in 0..4 {
        let Some(&last) = at.checked_sub(1).and_then(|last| bytes.get(last)) else { return unknown(at) };
        let opened = match last {
            b')' => opening(bytes, at, b'(', b')').map(|open| (open, "()")),
            b']' => opening(bytes, at, b'[', b']').map(|open| (open, "[]")),
            b'}' => opening(bytes, at, b'{', b'}').map(|open| (open, "()")),
            b'>' => opening(bytes, at, b'<', b'>').map(|open| (open, suffix)),
            b'"' | b'\'' | b'`' => return ("\"\"".to_owned(), at),
            _ => break,
        };
        let Some((open, kind)) = opened else { return unknown(at) };
        // The arguments of a type stand between the name and the call: `Session<T>()`, `Vec::<T>::new()`.
        suffix = if kind == "[]" && suffix == "()" { suffix } else { kind };
        at = skip_space(bytes, open);
        if last == b'>' && bytes[..at].ends_with(b"::") {
            at -= 2;
        }
    }
    let name_end = at;
    while at > 0 && is_name(bytes[at - 1]) {
        at -= 1;
    }
    if at == name_end || bytes[at].is_ascii_digit() {
        return if at < name_end { ("\"\"".to_owned(), at) } else { unknown(at) };
    }
    match text.get(at..name_end) {
        Some("return" | "if" | "while" | "in" | "not" | "and" | "or" | "for" | "await" | "yield" | "case") => {
            unknown(at)
        }
        Some(name) => (format!("{name}{suffix}"), at),
        None => unknown(at),
    }
}

/// Where the bracket that closes before `end` is opened. Strings are not told apart: a bracket in one only makes the chain
/// unknown or longer.
fn opening(bytes: &[u8], end: usize, open: u8, close: u8) -> Option<usize> {
    let mut depth = 0_u32;
    for at in (end.saturating_sub(BRACKETS_BYTES_MAX)..end).rev() {
        if bytes[at] == close {
            depth += 1;
        } else if bytes[at] == open {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return Some(at);
            }
        }
    }
    None
}

/// The chain of a whole expression; `?` if it is more than one.
pub(crate) fn expression(text: &str) -> String {
    let mut text = text.trim();
    let words = ["await ", "new ", "return ", "yield ", "go ", "move "];
    for _ in 0..4 {
        let stripped =
            text.strip_prefix(['&', '*', '(']).or_else(|| words.iter().find_map(|word| text.strip_prefix(word)));
        text = stripped.unwrap_or(text).trim_start().strip_prefix("mut ").unwrap_or(text.trim_start());
        text = stripped.map_or(text, str::trim);
    }
    let text = text.trim_end_matches([';', '?', '!']).trim_end();
    match text.as_bytes().first() {
        None => return "?".to_owned(),
        Some(b'"' | b'\'' | b'`' | b'0'..=b'9' | b'[' | b'{') => return "\"\"".to_owned(),
        Some(_) => {}
    }
    let (chain, start) = chain_before(text, text.len());
    if start == 0 { chain } else { "?".to_owned() }
}

/// Types that stand for what they hold: a value of them is used as if it were that.
const TRANSPARENT: &[&str] = &[
    "Optional",
    "Annotated",
    "ClassVar",
    "Final",
    "Required",
    "NotRequired",
    "Option",
    "Result",
    "Box",
    "Rc",
    "Arc",
    "Pin",
    "unique_ptr",
    "shared_ptr",
    "weak_ptr",
    "Promise",
    "Awaitable",
    "Future",
    "FutureOr",
    "Task",
    "ValueTask",
    "Readonly",
    "Partial",
    "Required",
    "NonNullable",
    "Nullable",
    "Ref",
    "RefMut",
    "MutexGuard",
    "Cow",
];

/// The name of a type as a chain, without pointers, references, arguments and what may be absent; `[]` for arrays; empty if
/// it is none that one name tells.
pub(crate) fn type_name(text: &str) -> String {
    type_name_within(text, 4)
}

fn type_name_within(text: &str, depth: u32) -> String {
    let text = stripped_type(text);
    let parts = alternatives(text);
    let mut parts =
        parts.iter().map(|part| part.trim()).filter(|part| !matches!(*part, "None" | "null" | "undefined" | "nil"));
    let (Some(text), None) = (parts.next(), parts.next()) else { return String::new() };
    let text = stripped_type(text);
    if text.ends_with("[]") || text.starts_with('[') || text.starts_with('(') || text.starts_with("...") {
        return "[]".to_owned();
    }
    let name_end = text.find(['<', '[', '(', '{', ' ', ',']).unwrap_or(text.len());
    let name = text[..name_end].trim_end_matches([':', '?', '!', '*', '&', '.']);
    let last = name.rsplit(['.', ':', '\\']).next().unwrap_or(name);
    let arguments = text.get(name_end + 1..).unwrap_or_default();
    if TRANSPARENT.contains(&last) && depth > 0 && matches!(text.as_bytes().get(name_end), Some(b'<' | b'[')) {
        let first = first_argument(arguments);
        return type_name_within(first, depth - 1);
    }
    let valid = |name: &str| name.bytes().all(|byte| is_name(byte) || matches!(byte, b'.' | b':' | b'\\'));
    if name.is_empty() || name.len() > BYTES_MAX || !valid(name) {
        return String::new();
    }
    name.replace("::", ".").replace('\\', ".").trim_matches('.').to_owned()
}

/// Without what stands before or behind the name of a type and does not change what it is.
fn stripped_type(text: &str) -> &str {
    let words = [
        "mut ",
        "const ",
        "final ",
        "ref ",
        "out ",
        "in ",
        "readonly ",
        "dyn ",
        "impl ",
        "struct ",
        "class ",
        "enum ",
        "late ",
        "typename ",
        "volatile ",
        "static ",
        "->",
    ];
    let mut text = text.trim();
    loop {
        let before = text;
        // A lifetime: `'a mut Session`.
        if let Some((_, rest)) =
            text.strip_prefix('\'').and_then(|rest| rest.split_once(' ')).filter(|(name, _)| name.bytes().all(is_name))
        {
            text = rest;
        }
        text = text.trim_matches(['"', '\'', '`']).trim();
        text = text.trim_start_matches(['&', '*', ':', '?', '\\']).trim_start();
        text = text.trim_end_matches(['&', '*', '?', '!']).trim_end();
        for word in words {
            text = text.strip_prefix(word).unwrap_or(text).trim_start();
        }
        if text == before {
            return text;
        }
    }
}

/// The parts of a union, cut at the `|` outside of brackets.
fn alternatives(text: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0_i32, 0);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'<' | b'[' | b'(' | b'{' => depth += 1,
            b'>' | b']' | b')' | b'}' => depth -= 1,
            b'|' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

/// What stands before the first comma or the end of a list of arguments.
fn first_argument(text: &str) -> &str {
    let mut depth = 0_i32;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'<' | b'[' | b'(' => depth += 1,
            b'>' | b']' | b')' | b',' if depth == 0 => return &text[..at],
            b'>' | b']' | b')' => depth -= 1,
            _ => {}
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_receiver(text: &str, expected: &str) {
        let start = text.find("NAME").unwrap();
        assert_eq!(receiver_before(text, start), expected, "{text}");
    }

    #[test]
    fn what_stands_before_a_name_is_its_receiver() {
        check_receiver("NAME()", "");
        check_receiver("return NAME()", "");
        check_receiver("self.NAME()", "self");
        check_receiver("a = self.store.NAME", "self.store");
        check_receiver("new Foo(1, (2)).NAME()", "Foo()");
        check_receiver("super().NAME()", "super()");
        check_receiver("x?.y!.NAME()", "x.y");
        check_receiver("this->store->NAME()", "this.store");
        check_receiver("$this->store\n    ->NAME()", "$this.store");
        check_receiver("Vec::<Foo>::NAME()", "Vec");
        check_receiver("Stack<T>::NAME()", "Stack");
        check_receiver("items[0].NAME()", "items[]");
        check_receiver("\", \".NAME(x)", "\"\"");
        check_receiver("(a or b).NAME()", "?");
        check_receiver("0..NAME", "");
        check_receiver("::NAME", "");
        check_receiver("x;\n// A comment.\nNAME()", "");
        check_receiver("store.\n    NAME()", "store");
        check_receiver("a.b.c.d.e.f.g.h.NAME", "?.c.d.e.f.g.h");
    }

    #[test]
    fn expressions_become_chains() {
        for (text, expected) in [
            ("Session(app, [1])", "Session()"),
            ("new Session<T>(a)", "Session()"),
            ("await db.open(\"x\")", "db.open()"),
            ("&Server{Port: 1}", "Server()"),
            ("a + b()", "?"),
            ("\"text\"", "\"\""),
            ("Foo::new()?", "Foo.new()"),
            ("[a, b]", "\"\""),
        ] {
            assert_eq!(expression(text), expected, "{text}");
        }
    }

    #[test]
    fn types_are_named_without_what_surrounds_them() {
        for (text, expected) in [
            ("Session", "Session"),
            (": Session | null", "Session"),
            ("t.Optional[models.Session]", "models.Session"),
            ("&'a mut Session", "Session"),
            ("&mut Session", "Session"),
            ("*store.Session", "store.Session"),
            ("std::unique_ptr<Session>", "Session"),
            ("Arc<Mutex<Session>>", "Mutex"),
            ("List<Session>", "List"),
            ("Session[]", "[]"),
            ("int | str", ""),
            ("\"Session\"", "Session"),
            ("const Session &", "Session"),
            ("\\App\\Session", "App.Session"),
        ] {
            assert_eq!(type_name(text), expected, "{text}");
        }
    }
}
