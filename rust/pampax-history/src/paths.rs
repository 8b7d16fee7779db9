//! Paths that come out of a repository or from a caller, before they are joined to a folder.

/// The longest path looked at, in bytes: what systems accept.
pub(crate) const PATH_BYTES_MAX: usize = 4096;

/// Whether `path` (with forward slashes) stays inside the folder that it is relative to, on every system, and outside of git's
/// own files.
pub(crate) fn is_inside(path: &[u8]) -> bool {
    path.len() <= PATH_BYTES_MAX && path.split(|byte| *byte == b'/').all(is_name)
}

/// Whether `name` may be one component of a path.
pub(crate) fn is_name(name: &[u8]) -> bool {
    let forbidden = |byte: &u8| *byte == 0 || *byte == b'/' || (cfg!(windows) && matches!(byte, b'\\' | b':'));
    !name.is_empty()
        && name != b"."
        && name != b".."
        && !name.eq_ignore_ascii_case(b".git")
        && !name.iter().any(forbidden)
}

/// `path` for a person to read: a hostile one may hold anything.
pub(crate) fn shown(path: &[u8]) -> String {
    String::from_utf8_lossy(path).escape_debug().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_inside() {
        for good in ["a", "a/b.c", "..a/b..", ".github/x", "ä/ö", "a b"] {
            assert!(is_inside(good.as_bytes()), "{good}");
        }
        for bad in ["", "/a", "a/", "a//b", "..", "../a", "a/../b", "a/.", "a\0b", ".git/config", "x/.GIT/hooks"] {
            assert!(!is_inside(bad.as_bytes()), "{bad}");
        }
        assert!(!is_inside(&b"a/".repeat(4000)));
    }
}
