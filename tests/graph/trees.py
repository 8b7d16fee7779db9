"""Small trees in many languages, each with the edges that a reader of them would draw."""

from __future__ import annotations

from typing import NamedTuple


class Tree(NamedTuple):
    """Files, and edges between them: kind, source and target, each a symbol or the path of a file."""

    files: dict[str, str]
    edges: set[tuple[str, str, str]]
    absent: set[tuple[str, str, str]] = frozenset()  # type: ignore[assignment]


PYTHON = Tree(
    {
        "app/__init__.py": "from .session import Session\n",
        "app/session.py": (
            "from .store import Store, open_store as make\nfrom . import base\nimport os\n\n\n"
            "class Session(base.Base):\n"
            "    def __init__(self, store: Store):\n        self.store = store\n\n"
            "    def save(self):\n        self.check()\n        self.store.put(self)\n        os.remove('x')\n\n\n"
            "def start() -> Session:\n    store = make()\n    store.put(1)\n    return Session(store)\n"
        ),
        "app/store.py": "class Store:\n    def put(self, item):\n        pass\n\n\ndef open_store() -> 'Store':\n    return Store()\n",
        "app/base.py": "class Base:\n    def check(self):\n        pass\n",
        "web.py": (
            "import app\nfrom app.session import start\nfrom flask import Flask\n\nserver = Flask(__name__)\n\n\n"
            "@server.route('/save')\ndef save_view():\n    start().save()\n    app.Session(None).save()\n    unknown.put(2)\n"
        ),
        "tests/test_session.py": "from app.session import start\n\n\ndef test_start():\n    assert start()\n",
    },
    {
        ("calls", "Session.save", "Base.check"),
        ("calls", "Session.save", "Store.put"),
        ("calls", "start", "open_store"),
        ("calls", "start", "Store.put"),
        ("calls", "start", "Session"),
        ("calls", "save_view", "start"),
        ("calls", "save_view", "Session.save"),
        ("calls", "test_start", "start"),
        ("inherits", "Session", "Base"),
        ("imports", "app/session.py", "Store"),
        ("imports", "app/session.py", "app/base.py"),
        ("imports", "web.py", "app/__init__.py"),
        ("routes", "web.py", "save_view"),
    },
    {("calls", "save_view", "Store.put")},
)

TYPESCRIPT = Tree(
    {
        "src/store.ts": (
            "export interface Store { put(item: string): void }\n"
            "export class MemoryStore implements Store {\n  put(item: string): void { this.log(item) }\n"
            "  private log(item: string) {}\n}\n"
            "export function openStore(): Store { return new MemoryStore() }\n"
        ),
        "src/index.ts": "export * from './store'\nexport { default as Session } from './session'\n",
        "src/session.ts": (
            "import { Store, openStore as make } from './index'\n"
            "export default class Session {\n  constructor(private readonly store: Store) {}\n"
            "  save() { this.store.put('a') }\n}\n"
            "export function start() { const session = new Session(make()); session.save() }\n"
        ),
        "src/web.ts": "import { Session } from './index'\nconst helper = (s: Session) => s.save()\n",
        "src/routes.js": ("const { list } = require('./handlers')\nconst app = express()\napp.get('/orders', list)\n"),
        "src/handlers.js": "exports.list = function (request) { return [] }\n",
    },
    {
        ("implements", "MemoryStore", "Store"),
        ("calls", "MemoryStore.put", "MemoryStore.log"),
        ("calls", "openStore", "MemoryStore"),
        ("calls", "Session.save", "Store.put"),
        ("calls", "start", "openStore"),
        ("calls", "start", "Session"),
        ("calls", "start", "Session.save"),
        ("calls", "helper", "Session.save"),
        ("imports", "src/session.ts", "src/index.ts"),
        ("imports", "src/session.ts", "Store"),
        ("routes", "src/routes.js", "list"),
    },
)

JAVA = Tree(
    {
        "src/main/java/shop/Session.java": (
            "package shop;\n\nimport shop.store.Store;\n\npublic class Session extends Base {\n"
            "    private final Store store;\n    Session(Store store) { this.store = store; }\n"
            '    public void save() { check(); store.put(this); Audit.log("x"); }\n}\n'
        ),
        "src/main/java/shop/Base.java": "package shop;\n\nabstract class Base {\n    void check() {}\n}\n",
        "src/main/java/shop/Audit.java": "package shop;\n\nclass Audit {\n    static void log(String text) {}\n}\n",
        "src/main/java/shop/store/Store.java": "package shop.store;\n\npublic interface Store {\n    void put(Object item);\n}\n",
        "src/main/java/shop/store/FileStore.java": (
            "package shop.store;\n\npublic class FileStore implements Store {\n    public void put(Object item) {}\n}\n"
        ),
        "src/main/java/shop/Web.java": (
            'package shop;\n\nclass Web {\n    @GetMapping("/orders")\n    void orders(Session session) { session.save(); }\n}\n'
        ),
    },
    {
        ("inherits", "Session", "Base"),
        ("implements", "FileStore", "Store"),
        ("calls", "Session.save", "Base.check"),
        ("calls", "Session.save", "Store.put"),
        ("calls", "Session.save", "Audit.log"),
        ("calls", "Web.orders", "Session.save"),
        ("imports", "src/main/java/shop/Session.java", "Store"),
        ("routes", "src/main/java/shop/Web.java", "Web.orders"),
    },
)

GO = Tree(
    {
        "store/store.go": "package store\n\ntype Store struct{}\n\nfunc (s *Store) Put(item string) {}\n\nfunc Open() *Store { return &Store{} }\n",
        "server/server.go": (
            'package server\n\nimport "example.com/shop/store"\n\ntype Server struct {\n\tstore *store.Store\n}\n\n'
            "func New() *Server { return &Server{store: store.Open()} }\n\n"
            'func (s *Server) Save() {\n\ts.store.Put("a")\n\thelper()\n}\n'
        ),
        "server/helper.go": "package server\n\nfunc helper() {\n\tserver := New()\n\tserver.Save()\n}\n",
        "main.go": 'package main\n\nimport "example.com/shop/server"\n\nfunc main() {\n\tserver.New().Save()\n}\n',
    },
    {
        ("calls", "Server.Save", "Store.Put"),
        ("calls", "Server.Save", "helper"),
        ("calls", "New", "Open"),
        ("calls", "helper", "New"),
        ("calls", "helper", "Server.Save"),
        ("calls", "main", "New"),
        ("calls", "main", "Server.Save"),
        ("imports", "server/server.go", "store/store.go"),
    },
)

RUST = Tree(
    {
        "src/lib.rs": "mod store;\npub mod session;\n",
        "src/store.rs": (
            "pub trait Put { fn put(&self); }\npub struct Store;\n"
            "impl Put for Store { fn put(&self) {} }\nimpl Store { pub fn open() -> Self { Store } }\n"
        ),
        "src/session.rs": (
            "use crate::store::{Put, Store};\n\npub struct Session { store: Store }\n\n"
            "impl Session {\n    pub fn new() -> Self { Session { store: Store::open() } }\n"
            "    pub fn save(&self) { self.store.put(); self.check(); }\n    fn check(&self) {}\n}\n\n"
            "pub fn start() { let session = Session::new(); session.save(); }\n"
        ),
    },
    {
        ("implements", "Store", "Put"),
        ("calls", "Session.new", "Store.open"),
        ("calls", "Session.save", "Store.put"),
        ("calls", "Session.save", "Session.check"),
        ("calls", "start", "Session.new"),
        ("calls", "start", "Session.save"),
        ("imports", "src/session.rs", "Store"),
    },
)

CPP = Tree(
    {
        "include/session.h": '#include "store.h"\nclass Session : public Base {\n public:\n  void save();\n  Store* store;\n};\n',
        "include/store.h": "class Base { public: void check() {} };\nclass Store { public: void put(int item); };\nint helper(int a);\n",
        "src/session.cc": '#include "session.h"\nvoid Session::save() {\n  check();\n  store->put(1);\n  helper(2);\n}\n',
        "src/store.cc": '#include "store.h"\nvoid Store::put(int item) {}\nint helper(int a) { return a; }\n',
    },
    {
        ("inherits", "Session", "Base"),
        ("calls", "Session.save", "Base.check"),
        ("calls", "Session.save", "Store.put"),
        ("calls", "Session.save", "helper"),
        ("imports", "src/session.cc", "include/session.h"),
    },
)

C = Tree(
    {
        "store.h": "struct store { int size; };\nint store_put(struct store *store, int item);\n",
        "store.c": '#include "store.h"\nstatic int grow(struct store *store) { return 0; }\nint store_put(struct store *store, int item) { return grow(store); }\n',
        "main.c": '#include "store.h"\nint main(void) { struct store s; return store_put(&s, 1); }\n',
    },
    {
        ("calls", "store_put", "grow"),
        ("calls", "main", "store_put"),
        ("imports", "main.c", "store.h"),
    },
)

CSHARP = Tree(
    {
        "Session.cs": (
            "namespace Shop {\n  public class Session : Base, IStore {\n    private readonly Store store;\n"
            "    public void Save() { Check(); store.Put(1); }\n  }\n}\n"
        ),
        "Store.cs": (
            "namespace Shop {\n  public interface IStore { }\n  public class Base { protected void Check() { } }\n"
            "  public class Store { public void Put(int item) { } }\n}\n"
        ),
    },
    {
        ("inherits", "Shop.Session", "Shop.Base"),
        ("implements", "Shop.Session", "Shop.IStore"),
        ("calls", "Shop.Session.Save", "Shop.Base.Check"),
        ("calls", "Shop.Session.Save", "Shop.Store.Put"),
    },
)

KOTLIN = Tree(
    {
        "src/shop/Session.kt": (
            "package shop\n\nimport shop.store.Store\n\nclass Session(private val store: Store) : Base() {\n"
            "    fun save() {\n        check2()\n        store.putItem(1)\n    }\n}\n"
        ),
        "src/shop/Base.kt": "package shop\n\nopen class Base {\n    fun check2() {}\n}\n",
        "src/shop/store/Store.kt": "package shop.store\n\nclass Store {\n    fun putItem(item: Int) {}\n}\n",
    },
    {
        ("inherits", "Session", "Base"),
        ("calls", "Session.save", "Base.check2"),
        ("calls", "Session.save", "Store.putItem"),
        ("imports", "src/shop/Session.kt", "Store"),
    },
)

PHP = Tree(
    {
        "src/Shop/Session.php": (
            "<?php\nnamespace Shop;\n\nuse Shop\\Store\\FileStore;\n\nclass Session extends Base {\n"
            "    private FileStore $store;\n    public function save() { $this->check(); $this->store->put(1); }\n}\n"
        ),
        "src/Shop/Base.php": "<?php\nnamespace Shop;\n\nclass Base {\n    protected function check() {}\n}\n",
        "src/Shop/Store/FileStore.php": "<?php\nnamespace Shop\\Store;\n\nclass FileStore {\n    public function put($item) {}\n}\n",
    },
    {
        ("inherits", "Session", "Base"),
        ("calls", "Session.save", "Base.check"),
        ("calls", "Session.save", "FileStore.put"),
        ("imports", "src/Shop/Session.php", "FileStore"),
    },
)

RUBY = Tree(
    {
        "lib/session.rb": (
            "require_relative 'store'\n\nclass Session < Base\n  def initialize\n    @store = Store.new\n  end\n\n"
            "  def save_all\n    check_all()\n    @store.put_item(1)\n  end\nend\n"
        ),
        "lib/store.rb": "class Base\n  def check_all\n  end\nend\n\nclass Store\n  def put_item(item)\n  end\nend\n",
    },
    {
        ("inherits", "Session", "Base"),
        ("calls", "Session.save_all", "Base.check_all"),
        ("calls", "Session.save_all", "Store.put_item"),
        ("imports", "lib/session.rb", "lib/store.rb"),
    },
)

DART = Tree(
    {
        "lib/session.dart": (
            "import 'store.dart';\n\nclass Session extends Base {\n  void save() {\n    check();\n    openStore();\n  }\n}\n"
        ),
        "lib/store.dart": "class Base {\n  void check() {}\n}\n\nvoid openStore() {}\n",
    },
    {
        ("inherits", "Session", "Base"),
        ("calls", "Session.save", "Base.check"),
        ("calls", "Session.save", "openStore"),
        ("imports", "lib/session.dart", "lib/store.dart"),
    },
)

TREES = {
    "python": PYTHON,
    "typescript": TYPESCRIPT,
    "java": JAVA,
    "go": GO,
    "rust": RUST,
    "cpp": CPP,
    "c": C,
    "csharp": CSHARP,
    "kotlin": KOTLIN,
    "php": PHP,
    "ruby": RUBY,
    "dart": DART,
}
