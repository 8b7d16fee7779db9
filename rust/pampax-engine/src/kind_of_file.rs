//! What a path says about a file: is it a test, documentation, an example, somebody else's code?

/// The file tests something.
pub(crate) const TEST: u8 = 1;
/// The file documents something.
pub(crate) const DOCUMENT: u8 = 2;
/// The file shows how to use something.
pub(crate) const EXAMPLE: u8 = 4;
/// The file was copied from another project or made from other files.
pub(crate) const VENDORED: u8 = 8;
/// The file holds data or settings.
pub(crate) const CONFIGURATION: u8 = 16;
/// The file declares what others define (headers, stubs).
pub(crate) const DECLARATION: u8 = 32;
/// The file would have taken more than the ceiling for memory to parse, so it has no symbols. Not its path says so.
pub(crate) const UNPARSED: u8 = 64;

/// Folder names that mark everything below them.
const FOLDERS: &[(&str, u8)] = &[
    ("test", TEST),
    ("tests", TEST),
    ("testing", TEST),
    ("spec", TEST),
    ("specs", TEST),
    ("__tests__", TEST),
    ("__mocks__", TEST),
    ("testdata", TEST),
    ("fixtures", TEST),
    ("e2e", TEST),
    ("benches", EXAMPLE),
    ("bench", EXAMPLE),
    ("benchmark", EXAMPLE),
    ("benchmarks", EXAMPLE),
    ("doc", DOCUMENT),
    ("docs", DOCUMENT),
    ("documentation", DOCUMENT),
    ("example", EXAMPLE),
    ("examples", EXAMPLE),
    ("sample", EXAMPLE),
    ("samples", EXAMPLE),
    ("demo", EXAMPLE),
    ("demos", EXAMPLE),
    ("vendor", VENDORED),
    ("vendored", VENDORED),
    ("third_party", VENDORED),
    ("third-party", VENDORED),
    ("thirdparty", VENDORED),
    ("node_modules", VENDORED),
    ("external", VENDORED),
    // Made from other files: what the sources say is said again.
    ("dist", VENDORED),
    ("bundles", VENDORED),
    ("_build", VENDORED),
    ("generated", VENDORED),
    ("__generated__", VENDORED),
];

/// Extensions of documents and of settings.
const EXTENSIONS: &[(&str, u8)] = &[
    ("md", DOCUMENT),
    ("markdown", DOCUMENT),
    ("rst", DOCUMENT),
    ("txt", DOCUMENT),
    ("adoc", DOCUMENT),
    ("html", DOCUMENT),
    ("tex", DOCUMENT),
    ("po", DOCUMENT),
    ("json", CONFIGURATION),
    ("yaml", CONFIGURATION),
    ("yml", CONFIGURATION),
    ("toml", CONFIGURATION),
    ("ini", CONFIGURATION),
    ("cfg", CONFIGURATION),
    ("conf", CONFIGURATION),
    ("xml", CONFIGURATION),
    ("properties", CONFIGURATION),
    ("csv", CONFIGURATION),
    ("svg", CONFIGURATION),
    ("h", DECLARATION),
    ("hpp", DECLARATION),
    ("hh", DECLARATION),
    ("pyi", DECLARATION),
    ("mli", DECLARATION),
];

/// The flags of the file at `path` (relative, separated by `/`).
pub(crate) fn flags(path: &str) -> u8 {
    let lower = path.to_ascii_lowercase();
    let mut parts = lower.rsplit('/');
    let name = parts.next().unwrap_or("");
    let mut flags = 0;
    for folder in parts {
        flags |= FOLDERS.iter().filter(|(known, _)| *known == folder).fold(0, |all, (_, flag)| all | flag);
    }
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    flags |= EXTENSIONS.iter().filter(|(known, _)| *known == extension).fold(0, |all, (_, flag)| all | flag);
    if name.ends_with(".d.ts") {
        flags |= DECLARATION;
    }
    if is_test_name(stem, path.rsplit('/').next().unwrap_or("")) {
        flags |= TEST;
    }
    flags
}

/// Names of test files: `test_x`, `x_test`, `x.test.js`, `x.spec.ts`, `XTest.java`, `XTests.cs`, `x_spec.rb`, `conftest.py`.
fn is_test_name(stem: &str, original: &str) -> bool {
    let original_stem = original.rsplit_once('.').map_or(original, |(stem, _)| stem);
    stem.starts_with("test_")
        || stem.ends_with("_test")
        || stem.ends_with("_tests")
        || stem.ends_with("_spec")
        || matches!(stem.rsplit_once('.'), Some((_, "test" | "spec")))
        || stem.ends_with("-test")
        || stem == "conftest"
        || stem == "tests"
        || stem == "test"
        || ["Test", "Tests", "Spec", "TestCase"].iter().any(|end| {
            original_stem
                .strip_suffix(end)
                .is_some_and(|rest| rest.ends_with(|last: char| last.is_ascii_lowercase() || last.is_ascii_digit()))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_by_path() {
        for path in ["tests/a.py", "src/foo_test.go", "web/a.test.ts", "src/FooTests.cs", "spec/x.rb", "a/conftest.py"]
        {
            assert_eq!(flags(path) & TEST, TEST, "{path}");
        }
        for path in ["src/latest.rs", "src/contest.py", "attestation.go", "src/Contest.java", "src/protest.c"] {
            assert_eq!(flags(path) & TEST, 0, "{path}");
        }
        assert_eq!(flags("docs/index.md"), DOCUMENT);
        assert_eq!(flags("third_party/x/a.c"), VENDORED);
        assert_eq!(flags("include/a.h"), DECLARATION);
    }
}
