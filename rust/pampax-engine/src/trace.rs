//! Stack traces: the places and names of their frames, of the languages that print them.
//!
//! A frame is one line, in Go, Rust backtraces and Elixir two: the name, then the place. What belongs to no frame of a known form is
//! left to the caller. Third-party code is told by where it is installed: its frames count only if the repository has that very
//! file, because then the repository is that library.

use crate::query::{Name, Origin, Place};

/// Frames that are read; deeper ones are recursion.
const FRAMES_MAX: usize = 64;
/// Bytes of one line that are read.
const LINE_BYTES_MAX: usize = 2048;

/// Where installed code lies. What follows it is the path within the library.
const INSTALLED: &[&str] = &[
    "/site-packages/",
    "/dist-packages/",
    "/node_modules/",
    "/.cargo/registry/src/",
    "/rustc/",
    "/pkg/mod/",
    "/usr/local/go/src/",
    "/usr/lib/go/src/",
    "/usr/include/",
    "/gems/",
    "/sysdeps/",
    "/_internal/",
];
/// Names that begin so are of a language's own library.
const OWN_LIBRARY: &[&str] = &[
    "java.",
    "javax.",
    "jdk.",
    "sun.",
    "kotlin.",
    "scala.",
    "System.",
    "Microsoft.",
    "core::",
    "std::",
    "alloc::",
    "rust_begin_unwind",
    "runtime.",
    "node:",
    "__libc_",
    "__GI_",
    "<core::",
    "<std::",
    "<alloc::",
];

/// What a trace names, innermost frame first.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Trace {
    pub(crate) places: Vec<Place>,
    pub(crate) names: Vec<Name>,
    /// For each line of the text whether it is a frame.
    pub(crate) is_frame: Vec<bool>,
}

/// One frame: what a line, or a line and the one before, says.
#[derive(Debug, Default, PartialEq)]
struct Frame<'a> {
    name: &'a str,
    path: String,
    line: Option<u32>,
}

impl Trace {
    /// Reads the frames of `text`; no frames if it holds none.
    pub(crate) fn parse(text: &str) -> Self {
        let lines: Vec<&str> = text.lines().map(|line| crate::text::clip(line, LINE_BYTES_MAX).trim()).collect();
        let mut trace = Self { is_frame: vec![false; lines.len()], ..Self::default() };
        // Blocks are parted where the cause of what was printed before follows: the last cause is the innermost.
        let mut blocks: Vec<Vec<Frame<'_>>> = vec![Vec::new()];
        let mut is_python = false;
        let mut frames = 0;
        for (number, &line) in lines.iter().enumerate() {
            if line.starts_with("Caused by:") {
                blocks.push(Vec::new());
            }
            let before = number.checked_sub(1).map_or("", |before| lines[before]);
            let Some((frame, takes_before)) = frame(line, before) else { continue };
            trace.is_frame[number] = true;
            if takes_before && number > 0 {
                trace.is_frame[number - 1] = true;
            }
            is_python |= line.starts_with("File \"");
            frames += 1;
            if let Some(block) = blocks.last_mut().filter(|_| frames <= FRAMES_MAX) {
                block.push(frame);
            }
        }
        let mut ordered: Vec<Frame<'_>> = blocks.into_iter().rev().flatten().collect();
        if is_python {
            ordered.reverse();
        }
        for frame in &ordered {
            trace.take(frame);
        }
        trace
    }

    fn take(&mut self, frame: &Frame<'_>) {
        let (path, origin) = origin(frame);
        if !path.is_empty() {
            let function = name(frame.name).map(|name| name.text);
            let place = Place { path, line: frame.line, origin, function };
            if !self.places.contains(&place) {
                self.places.push(place);
            }
        }
        // Installed code has names such as `run` and `main` that the repository has too.
        if origin != Origin::Installed
            && let Some(name) = name(frame.name).filter(|name| !self.names.contains(name))
        {
            self.names.push(name);
        }
    }
}

/// The path that a repository may have, and what is known of where it lies.
fn origin(frame: &Frame<'_>) -> (String, Origin) {
    let path = frame.path.replace('\\', "/");
    let path = path.strip_prefix("file://").unwrap_or(&path);
    let path = path.split_once("webpack:///").map_or(path, |(_, rest)| rest);
    let path = path.split_once("://").map_or(path, |(_, rest)| rest.split_once('/').map_or("", |(_, path)| path));
    let path = path.split('?').next().unwrap_or(path);
    if path.starts_with("node:") || path.starts_with('<') || OWN_LIBRARY.iter().any(|own| frame.name.starts_with(own)) {
        return (String::new(), Origin::Installed);
    }
    let installed = INSTALLED.iter().filter_map(|folder| Some(path.rfind(folder)? + folder.len())).max();
    if let Some(start) = installed {
        return (path[start..].to_owned(), Origin::Installed);
    }
    // `/usr/lib/python3.11/json/decoder.py`
    if let Some((_, rest)) = path.split_once("/lib/python3").and_then(|(_, rest)| rest.split_once('/')) {
        return (rest.to_owned(), Origin::Installed);
    }
    let has_drive = path.as_bytes().get(1) == Some(&b':');
    let is_absolute = path.starts_with('/') || path.starts_with("../") || has_drive;
    let relative = path.trim_start_matches("./").trim_start_matches("../").trim_start_matches('/');
    let relative = if has_drive { relative.get(2..).unwrap_or("").trim_start_matches('/') } else { relative };
    (relative.to_owned(), if is_absolute { Origin::Absolute } else { Origin::Frame })
}

/// The name of a frame: of `github.com/acme/queue.(*Worker).loop` that is `loop`, qualified `worker.loop`.
fn name(text: &str) -> Option<Name> {
    let text = text.split_once("::{{").map_or(text, |(start, _)| start);
    let text = text.strip_prefix("async ").unwrap_or(text);
    let text = text.strip_prefix("new ").unwrap_or(text);
    // Java calls constructors so; in the text they are called like their class.
    let text = text.strip_suffix(".<init>").unwrap_or(text);
    // Only Go and modules in front of a Java name have slashes.
    let text = text.rsplit('/').next().unwrap_or(text);
    let cleaned: String =
        text.chars().map(|c| if matches!(c, ':' | '#' | '\\' | '$' | '>' | '-') { '.' } else { c }).collect();
    let parts: Vec<&str> = cleaned
        .split('.')
        .map(|part| part.trim_matches(|c: char| !c.is_alphanumeric() && c != '_'))
        .filter(|part| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '_'))
        // Closures are numbered.
        .filter(|part| !part.starts_with(|c: char| c.is_ascii_digit()) && !is_numbered_function(part))
        .collect();
    let last = *parts.last()?;
    if matches!(last, "module" | "anonymous" | "lambda" | "top" | "main" | "init" | "Object") && parts.len() == 1 {
        return None;
    }
    let qualified = (parts.len() > 1).then(|| parts.join(".").to_lowercase());
    Some(Name { text: last.to_owned(), qualified })
}

/// Go calls closures `func1`.
fn is_numbered_function(part: &str) -> bool {
    part.strip_prefix("func").is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The frame on a line, and whether the line before is part of it.
fn frame<'a>(line: &'a str, before: &'a str) -> Option<(Frame<'a>, bool)> {
    if let Some(rest) = line.strip_prefix("File \"") {
        return python(rest).map(|frame| (frame, false));
    }
    if let Some(rest) = line.strip_prefix("at ") {
        return at(rest, before);
    }
    if let Some(rest) = line.strip_prefix('#') {
        return numbered(rest).map(|frame| (frame, false));
    }
    if let Some(frame) = ruby(line.strip_prefix("from ").unwrap_or(line)) {
        return Some((frame, false));
    }
    if let Some(frame) = go(line, before) {
        return Some((frame, true));
    }
    elixir(line).or_else(|| panicked(line)).map(|frame| (frame, false))
}

/// `x.py", line 12, in run`
fn python(rest: &str) -> Option<Frame<'_>> {
    let (path, rest) = rest.split_once('"')?;
    let rest = rest.strip_prefix(", line ")?;
    let (line, rest) = split_number(rest);
    Some(Frame { name: rest.strip_prefix(", in ").unwrap_or(""), path: path.to_owned(), line: Some(line?) })
}

/// What follows `at `: Java, JavaScript, C# and the second line of Rust.
fn at<'a>(rest: &'a str, before: &'a str) -> Option<(Frame<'a>, bool)> {
    // C#: `Foo.Bar(String x) in /src/Foo.cs:line 12`
    if let Some((call, place)) = rest.split_once(" in ")
        && let Some((path, line)) = place.rsplit_once(":line ")
    {
        let name = call.split('(').next().unwrap_or(call);
        return Some((Frame { name, path: path.to_owned(), line: split_number(line).0 }, false));
    }
    if let Some((name, place)) = rest.split_once('(') {
        let place = place.strip_suffix(')').unwrap_or(place);
        let name = name.trim_end();
        if let Some((path, line)) = place_of(place) {
            let is_java = !path.contains(['/', '\\']) && name.contains('.') && !rest.contains(" (");
            let path = if is_java { java_path(name, path) } else { path.to_owned() };
            return Some((Frame { name, path, line }, false));
        }
        // `at Acme.Billing.Last()` of C# without symbols, `Foo.bar(Native Method)` of Java
        let is_name = name.contains('.') && !name.contains(' ');
        return is_name.then(|| (Frame { name, ..Frame::default() }, false));
    }
    let (path, line) = place_of(rest)?;
    let rust =
        before.split_once(": ").filter(|(number, _)| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()));
    let name = rust.map_or("", |(_, name)| strip_address(name));
    Some((Frame { name, path: path.to_owned(), line }, rust.is_some()))
}

/// The path of a Java class: its package is its folder.
fn java_path(name: &str, file: &str) -> String {
    // `app//com.acme.Foo.bar` names a class loader, `java.base/java.lang.Thread.run` a module.
    let name = name.rsplit('/').next().unwrap_or(name);
    let package: Vec<&str> =
        name.split('.').take_while(|part| part.starts_with(|c: char| c.is_lowercase() || c == '_')).collect();
    let is_method_alone = package.len() == name.split('.').count();
    let package = if is_method_alone { &package[..0] } else { &package[..] };
    package.iter().chain([&file]).copied().collect::<Vec<_>>().join("/")
}

/// What follows `#` in gdb, sanitizers and PHP: `3 0x… in name (…) at src/x.c:120`, `0 /var/www/x.php(12): App\Checkout->run()`.
fn numbered(rest: &str) -> Option<Frame<'_>> {
    let (number, rest) = split_number(rest);
    number?;
    let rest = strip_address(rest.trim_start());
    if let Some((place, call)) = rest.split_once("): ")
        && let Some((path, line)) = place.rsplit_once('(')
    {
        let name = call.split('(').next().unwrap_or("");
        return Some(Frame { name, path: path.to_owned(), line: Some(split_number(line).0?) });
    }
    let named = rest.strip_prefix("in ").unwrap_or(rest);
    // The place is the last word, with or without `at`; arguments have spaces of their own.
    if let Some((call, place)) = named.rsplit_once(char::is_whitespace)
        && let Some((path, line)) = place_of(place)
    {
        let call = call.trim_end().strip_suffix(" at").unwrap_or(call);
        let name = call.split([' ', '(']).next().unwrap_or("");
        return Some(Frame { name, path: path.to_owned(), line });
    }
    let has_call = rest.len() != named.len() || named.contains(" (");
    let name = named.split([' ', '(']).next().unwrap_or("");
    (has_call && !name.is_empty()).then_some(Frame { name, ..Frame::default() })
}

/// `0x00007ffff7c22859 in name` without the address.
fn strip_address(text: &str) -> &str {
    let Some(rest) = text.strip_prefix("0x") else { return text };
    rest.trim_start_matches(|c: char| c.is_ascii_hexdigit()).trim_start_matches(" - ").trim_start()
}

/// ``app/models/user.rb:10:in `save'``, with `'User#save'` in newer Ruby.
fn ruby(line: &str) -> Option<Frame<'_>> {
    let (place, rest) = line.split_once(":in ")?;
    let (path, number) = place.rsplit_once(':')?;
    let number = number.parse().ok()?;
    let rest = rest.trim_start_matches(['`', '\'']);
    let name = rest.split(['\'', '`']).next().unwrap_or("").rsplit(' ').next().unwrap_or("");
    Some(Frame { name, path: path.to_owned(), line: Some(number) })
}

/// `/src/server.go:88 +0x1d` after `main.(*Server).Serve(0xc00001c0a8)`
fn go<'a>(line: &'a str, before: &'a str) -> Option<Frame<'a>> {
    let place = line.split(" +0x").next().unwrap_or(line);
    if place.contains(' ') {
        return None;
    }
    let (path, number) = place.rsplit_once(':')?;
    let call = before.strip_prefix("created by ").map(|rest| rest.split(" in goroutine").next().unwrap_or(rest));
    let is_call = before.ends_with(')') && !before.contains(' ') || before.ends_with("...)");
    let name = call.or_else(|| is_call.then(|| before.rfind('(').map_or(before, |end| &before[..end])))?;
    (path.rsplit('.').next() == Some("go")).then_some(())?;
    Some(Frame { name, path: path.to_owned(), line: number.parse().ok() })
}

/// `(acme 0.1.0) lib/acme/parser.ex:14: Acme.Parser.parse(nil, [])`
fn elixir(line: &str) -> Option<Frame<'_>> {
    let line = if line.starts_with('(') { line.split_once(") ")?.1 } else { line };
    let (place, call) = line.split_once(": ")?;
    let (path, number) = place.rsplit_once(':')?;
    matches!(path.rsplit('.').next(), Some("ex" | "exs")).then_some(())?;
    let name = call.split(['(', '/']).next().unwrap_or("");
    Some(Frame { name, path: path.to_owned(), line: number.parse().ok() })
}

/// `thread 'main' panicked at src/store.rs:214:38:`, in older Rust `panicked at 'message', src/store.rs:214:38`
fn panicked(line: &str) -> Option<Frame<'_>> {
    let (_, rest) = line.split_once(" panicked at ")?;
    let (path, line) = place_of(rest.rsplit(' ').next().unwrap_or(rest).trim_end_matches(':'))?;
    Some(Frame { name: "", path: path.to_owned(), line })
}

/// `path:12` or `path:12:5`; a path has a dot or a slash.
fn place_of(text: &str) -> Option<(&str, Option<u32>)> {
    let number = |text: &str| text.parse::<u32>().ok();
    let (start, last) = text.rsplit_once(':')?;
    let last = number(last)?;
    let (path, line) = match start.rsplit_once(':') {
        Some((path, line)) if number(line).is_some() => (path, number(line)),
        _ => (start, Some(last)),
    };
    (!path.is_empty() && path.contains(['.', '/', ':'])).then_some((path, line))
}

fn split_number(text: &str) -> (Option<u32>, &str) {
    let end = text.bytes().take_while(u8::is_ascii_digit).count();
    (text[..end].parse().ok(), &text[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `places` as `path:line`, with `!` in front of installed code and `/` in front of absolute paths; `names` as the qualified or
    /// bare name.
    #[track_caller]
    fn check(text: &str, places: &[&str], names: &[&str]) {
        let trace = Trace::parse(text);
        let found: Vec<String> = trace
            .places
            .iter()
            .map(|place| {
                let mark = match place.origin {
                    Origin::Installed => "!",
                    Origin::Absolute => "/",
                    _ => "",
                };
                format!("{mark}{}:{}", place.path, place.line.map_or(String::new(), |line| line.to_string()))
            })
            .collect();
        assert_eq!(found, places);
        let found: Vec<String> = trace.names.into_iter().map(|name| name.qualified.unwrap_or(name.text)).collect();
        assert_eq!(found, names);
    }

    #[test]
    fn python_is_innermost_last_and_knows_installed_packages() {
        check(
            "Traceback (most recent call last):\n  File \"/home/ana/shop/server/main.py\", line 42, in <module>\n    run()\n  \
             File \"/home/ana/shop/server/loop.py\", line 118, in run\n    json.loads(x)\n  File \
             \"/usr/lib/python3.11/json/decoder.py\", line 355, in raw_decode\n  File \
             \"/venv/lib/python3.11/site-packages/flask/app.py\", line 9, in dispatch\nValueError: no",
            &[
                "!flask/app.py:9",
                "!json/decoder.py:355",
                "/home/ana/shop/server/loop.py:118",
                "/home/ana/shop/server/main.py:42",
            ],
            &["run"],
        );
    }

    #[test]
    fn java_has_packages_for_folders_and_the_last_cause_first() {
        check(
            "Exception in thread \"main\" com.acme.Failure: no\n\tat com.acme.shop.Cart.total(Cart.java:42)\n\tat \
             java.base/java.lang.Thread.run(Thread.java:833)\nCaused by: java.io.IOException\n\tat \
             com.acme.io.Reader$Line.next(Reader.java:7)\n\t... 3 more",
            &["com/acme/io/Reader.java:7", "com/acme/shop/Cart.java:42"],
            &["com.acme.io.reader.line.next", "com.acme.shop.cart.total"],
        );
    }

    #[test]
    fn go_has_the_name_on_the_line_before() {
        check(
            "goroutine 1 [running]:\nmain.(*Server).Serve(0xc00001c0a8)\n\t/src/server.go:88 \
             +0x1d\ngithub.com/acme/queue.Run.func1({0x1, 0x2}, ...)\n\t/go/pkg/mod/github.com/acme/queue@v1.2.0/run.go:5 \
             +0x9\nruntime.goexit()\n\t/usr/local/go/src/runtime/asm_amd64.s:1594\ncreated by main.start in goroutine \
             1\n\t/src/main.go:12 +0x2b",
            &["/src/server.go:88", "!github.com/acme/queue@v1.2.0/run.go:5", "/src/main.go:12"],
            &["main.server.serve", "main.start"],
        );
    }

    #[test]
    fn rust_backtraces_and_panics() {
        check(
            "thread 'main' panicked at src/store.rs:214:38:\ncalled `Option::unwrap()` on a `None` value\nstack backtrace:\n   0: \
             rust_begin_unwind\n             at /rustc/90b35a623/library/std/src/panicking.rs:645:5\n   3: \
             tokio::runtime::run\n             at ./src/x.rs:12:5\n   4: shop::main::{{closure}}\n             at \
             ./src/main.rs:3:1",
            &["src/store.rs:214", "src/x.rs:12", "src/main.rs:3"],
            &["tokio.runtime.run", "shop.main"],
        );
        check(
            "thread 'worker' panicked at 'index out of bounds', crates/planner/src/join.rs:91:17",
            &["crates/planner/src/join.rs:91"],
            &[],
        );
    }

    #[test]
    fn gdb_and_sanitizers() {
        check(
            "==1==ERROR: AddressSanitizer: heap-buffer-overflow\n    #0 0x4f8f49 in ngx_http_parse \
             src/http/ngx_http_parse.c:120:7\n#1  0x00007ffff7c22859 in abort () at abort.c:79\n#2  0x000055555555a1c2 in dictResize \
             (d=0x0, size=3) at dict.c:178\n#3  __GI_raise (sig=sig@entry=6) at ../sysdeps/unix/sysv/linux/raise.c:50\n#4 \
             0x55 in store::Segment::open(std::string const&) /build/src/segment.cpp:9:2\n#5 0x7f in poll () from /lib/libc.so.6",
            &["src/http/ngx_http_parse.c:120", "abort.c:79", "dict.c:178", "/build/src/segment.cpp:9"],
            &["ngx_http_parse", "abort", "dictResize", "store.segment.open", "poll"],
        );
    }

    #[test]
    fn javascript() {
        check(
            "TypeError: Cannot read properties of undefined\n    at Object.foo (/app/lib/foo.js:10:5)\n    at async \
             Promise.all (index 0)\n    at new Cart (webpack:///./src/cart.ts?1f:7:1)\n    at /app/lib/bar.js:3:9\n    at \
             render (/app/node_modules/react-dom/cjs/react-dom.js:14985:18)\n    at Module.load (node:internal/modules:601:3)",
            &["/app/lib/foo.js:10", "src/cart.ts:7", "/app/lib/bar.js:3", "!react-dom/cjs/react-dom.js:14985"],
            &["object.foo", "Cart"],
        );
    }

    #[test]
    fn c_sharp() {
        check(
            "System.InvalidOperationException: no\n   at System.Linq.ThrowHelper.ThrowNoElementsException()\n   at \
             Acme.Billing.Invoices.Last(String name) in /src/Billing/Invoices.cs:line 57\n   at Acme.Program.Main() in \
             C:\\code\\shop\\Program.cs:line 12",
            &["/src/Billing/Invoices.cs:57", "/code/shop/Program.cs:12"],
            &["acme.billing.invoices.last", "acme.program.main"],
        );
    }

    #[test]
    fn ruby_php_and_elixir() {
        check(
            "app/models/user.rb:10:in `save': undefined method (NoMethodError)\n\tfrom \
             /srv/app/controllers/users_controller.rb:31:in 'UsersController#create'\n\tfrom \
             /usr/lib/ruby/gems/3.2.0/gems/rack-3.0/lib/rack.rb:5:in `call'",
            &["app/models/user.rb:10", "/srv/app/controllers/users_controller.rb:31", "!rack-3.0/lib/rack.rb:5"],
            &["save", "userscontroller.create"],
        );
        check(
            "Stack trace:\n#0 /var/www/src/index.php(12): App\\Checkout->run('a b')\n#1 {main}",
            &["/var/www/src/index.php:12"],
            &["app.checkout.run"],
        );
        check(
            "** (FunctionClauseError) no function clause\n    (acme 0.1.0) lib/acme/parser.ex:14: Acme.Parser.parse(nil, [])",
            &["lib/acme/parser.ex:14"],
            &["acme.parser.parse"],
        );
    }

    #[test]
    fn what_is_no_trace_has_no_frames() {
        for text in [
            "at the end of the file",
            "meet at (noon)",
            "from here: in the morning",
            "#42 is fixed",
            "src/main.rs:42",
            "how does a frame at offset 12:30 look",
            "File \"x\"",
            "#",
            "at ",
            "at :",
            "🦀:in 3",
        ] {
            let trace = Trace::parse(text);
            assert_eq!((trace.places.len(), trace.names.len()), (0, 0), "{text}: {trace:?}");
        }
    }

    proptest::proptest! {
        /// Made of what frames are made of, so that every reader is entered and left half-way.
        #[test]
        fn any_text_is_read(
            parts in proptest::collection::vec(
                proptest::sample::select(vec![
                    "at ", "#0 ", "File \"", "\", line ", ", in ", "(", ")", ":", "12", "\n", "a.go", "x.c", "/", "\\", "C:", " in ",
                    ":in `", ":line ", " +0x1", "0x5f", "): ", "é", "🦀", " panicked at ", "created by ", "::{{", "/rustc/",
                    "/lib/python3", "://", ".", " ", "from ", "Caused by:",
                ]),
                0..40,
            )
        ) {
            let text = parts.concat();
            let trace = Trace::parse(&text);
            proptest::prop_assert_eq!(trace.is_frame.len(), text.lines().count());
            proptest::prop_assert!(trace.places.len() <= FRAMES_MAX && trace.names.iter().all(|name| !name.text.is_empty()));
        }
    }
}
