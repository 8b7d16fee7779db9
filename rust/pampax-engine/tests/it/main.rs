//! The engine over real trees and real stores.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where by panicking")]

mod bundles;
mod grepping;
mod incremental;
mod searching;

use std::path::{Path, PathBuf};

use pampax_engine::{IndexReport, Options, Repository};

/// A project and a store in a temporary folder.
struct Project {
    _folder: tempfile::TempDir,
    root: PathBuf,
    store: PathBuf,
}

impl Project {
    /// A project with these files.
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap().join("project");
        std::fs::create_dir(&root).unwrap();
        let store = folder.path().join("store");
        let project = Self { _folder: folder, root, store };
        for (path, text) in files {
            project.write(path, text);
        }
        project
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn remove(&self, path: &str) {
        std::fs::remove_file(self.root.join(path)).unwrap();
    }

    fn open(&self) -> Repository {
        self.open_with(&self.store, 0)
    }

    fn open_with(&self, store: &Path, threads: usize) -> Repository {
        let options = Options { store: Some(store.to_path_buf()), threads, ..Options::default() };
        Repository::open(&self.root, options).unwrap()
    }
}

fn index(repository: &Repository) -> IndexReport {
    repository.index(false, &mut |_| true).unwrap()
}

/// A small project in several languages.
fn sample() -> Vec<(&'static str, &'static str)> {
    vec![
        (
            "src/session.py",
            "\"\"\"Sessions.\"\"\"\nimport hmac\n\nclass SessionStore:\n    \"\"\"Keeps sessions.\"\"\"\n\n    def __init__(self, secret):\n        self.secret = secret\n\n    def save(self, session):\n        \"\"\"Write a session to its cookie.\"\"\"\n        cookie = sign_cookie(self.secret, session)\n        return cookie\n\n    def load(self, cookie):\n        return verify_cookie(self.secret, cookie)\n\n\ndef sign_cookie(secret, value):\n    \"\"\"Sign a cookie so that nobody can forge it.\"\"\"\n    return hmac.new(secret, value)\n\n\ndef verify_cookie(secret, cookie):\n    return cookie\n",
        ),
        (
            "src/routes.js",
            "// Routing of requests.\nexport function matchRoute(path, routes) {\n  return routes.find((route) => route.path === path);\n}\n",
        ),
        (
            "src/pool.go",
            "package pool\n\n// Acquire takes a connection from the pool and waits if there is none.\nfunc (p *Pool) Acquire() *Conn {\n\treturn <-p.free\n}\n",
        ),
        (
            "tests/test_session.py",
            "from src.session import SessionStore\n\ndef test_save_signs_the_cookie():\n    assert SessionStore(b'x').save(b'y')\n",
        ),
        ("README.md", "# Sample\n\nSessions are kept in signed cookies.\n\n## Pool\n\nConnections are pooled.\n"),
        ("settings.toml", "[session]\nsecret = \"x\"\nlifetime_s = 60\n"),
    ]
}
