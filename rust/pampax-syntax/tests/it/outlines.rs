//! Small sources and their symbols.

use pampax_base::{Language, ReferenceKind, SymbolKind};
use pampax_syntax::Parser;

use crate::render::render_symbols;

/// Checks the symbols of `source`: one line each as [`render_symbols`] writes them.
fn check_outline(language: Language, source: &str, expected: &str) {
    let syntax = Parser::new().parse(Some(language), source);
    let outline = render_symbols(&syntax, source);
    let outline: Vec<&str> = outline.lines().skip(1).collect();
    let expected: Vec<&str> = expected.lines().filter(|line| !line.trim().is_empty()).collect();
    assert_eq!(outline, expected, "\n{source}");
}

/// Checks that `source` holds a reference of this kind to each of the names.
fn check_references(language: Language, source: &str, kind: ReferenceKind, expected: &[&str]) {
    let syntax = Parser::new().parse(Some(language), source);
    let of_kind = syntax.references.iter().filter(|reference| reference.kind == kind);
    let names: Vec<&str> = of_kind.map(|reference| &source[reference.name.range()]).collect();
    assert_eq!(names, expected, "\n{source}");
}

#[test]
fn python_decorators_docstrings_and_locals() {
    let source = r#"
"""Module."""
LIMIT = 10
name: str = "x"

@app.route("/")
@cached
async def index(request, *, page=1) -> str:  # why
    """Shows it."""
    local = 1
    return local


class Store(Base, metaclass=Meta):
    """Keeps."""
    size: int = 0

    def __init__(self):
        self.x = 1

    @property
    def total(self):
        return 1
"#;
    check_outline(
        Language::Python,
        source,
        r#"
constant LIMIT  3-3  LIMIT = 10
variable name  4-4  name: str = "x"
function index  6-11  async def index(request, *, page=1) -> str:
    doc: """Shows it."""
class Store  14-23  class Store(Base, metaclass=Meta):
    doc: """Keeps."""
  field Store.size  16-16  size: int = 0
  constructor Store.__init__  18-19  def __init__(self):
  method Store.total  21-23  def total(self):
"#,
    );
    check_references(Language::Python, source, ReferenceKind::Inherit, &["Base"]);
    let imports = "import os.path as p\nfrom ..a import b, c as d\n";
    check_references(Language::Python, imports, ReferenceKind::Import, &["os.path", "..a", "b", "c"]);
    check_references(Language::Python, "a.b.save(x)\nrun()\n", ReferenceKind::Call, &["save", "run"]);
}

#[test]
fn javascript_names_of_functions() {
    check_outline(
        Language::JavaScript,
        r"
// Adds.
export const add = (a, b) => a + b, sub = function (a) { return a; };
Foo.prototype.bar = function () { const local = 1; };
module.exports = function make() {};
export default class extends Base {
  static #count = 0;
  onClick = (event) => { run(event); };
  constructor(x) { super(x); }
  get size() { return 1; }
}
export const LIMIT = 1;
test.skip(`works`, async () => { it('nested', () => {}); });
",
        r"
function add  2-3  export const add = (a, b) =>
    doc: // Adds.
function sub  3-3  sub = function (a)
function bar  4-4  Foo.prototype.bar = function ()
function exports  5-5  module.exports = function make()
class default  6-11  export default class extends Base
  field default.#count  7-7  static #count = 0
  method default.onClick  8-8  onClick = (event) =>
  constructor default.constructor  9-9  constructor(x)
  method default.size  10-10  get size()
constant LIMIT  12-12  export const LIMIT = 1
test works  13-13  test.skip(`works`, async () =>
  test works.nested  13-13  it('nested', () =>
",
    );
    let imports = "import a, { b as c } from './d';\nconst e = require('f');\nimport('g');\nexport * from 'h';\n";
    check_references(Language::JavaScript, imports, ReferenceKind::Import, &["a", "b", "./d", "f", "g", "h"]);
}

#[test]
fn typescript_types_and_overloads() {
    check_outline(
        Language::TypeScript,
        r"
export interface Shape<T> extends Base { area(): number; readonly name: string }
export type Pair = { left: number };
export enum Colour { Red, Green = 'g' }
declare module 'x' { function f(a: string): void; }
namespace A.B { export const y = 1; }
function over(a: string): string;
function over(a: any) { return a; }
@Component({ selector: 'app' })
export abstract class App<T> extends Base<T> implements OnInit, Other<T> {
  private x: number = 1;
  @Input() name = '';
  abstract run(): void;
}
",
        r"
interface Shape  2-2  export interface Shape<T> extends Base
  method Shape.area  2-2  area(): number
  field Shape.name  2-2  readonly name: string
type Pair  3-3  export type Pair = { left: number };
  field Pair.left  3-3  left: number
enum Colour  4-4  export enum Colour
  enum-member Colour.Red  4-4  Red
  enum-member Colour.Green  4-4  Green = 'g'
module x  5-5  declare module 'x'
  function x.f  5-5  function f(a: string): void;
module A.B  6-6  namespace A.B
function over  7-7  function over(a: string): string;
function over  8-8  function over(a: any)
class App  9-14  export abstract class App<T> extends Base<T> implements OnInit, Other<T>
  field App.x  11-11  private x: number = 1
  field App.name  12-12  name = ''
  method App.run  13-13  abstract run(): void
",
    );
    let source = "class A extends B<C> implements D, E<F> {}\ninterface G extends H {}\n";
    check_references(Language::TypeScript, source, ReferenceKind::Inherit, &["B", "H"]);
    check_references(Language::TypeScript, source, ReferenceKind::Implement, &["D", "E"]);
}

#[test]
fn tsx_components() {
    let source = "export const Page = ({ title }: Props) => (\n  <Layout>\n    <ui.Button onClick={save} />\n    <div />\n  </Layout>\n);\n";
    check_outline(Language::Tsx, source, "function Page  1-6  export const Page = ({ title }: Props) =>\n");
    check_references(Language::Tsx, source, ReferenceKind::Call, &["Layout", "Button"]);
}

#[test]
fn java_types_members_and_annotations() {
    check_outline(
        Language::Java,
        r#"
package a.b;
/** A box. */
@Entity(name = "box")
public final class Box<T> extends Base implements Runnable {
    static final int LIMIT = 3;
    private T value;
    public Box(T value) { this.value = value; }
    @Override
    public void run() { go(); }
    abstract void none(
        int a);
    enum State { OPEN, CLOSED }
    record Point(int x, int y) {}
}
@interface Marker { String value(); }
"#,
        r"
class Box  3-15  public final class Box<T> extends Base implements Runnable
    doc: /** A box. */
  constant Box.LIMIT  6-6  static final int LIMIT = 3;
  field Box.value  7-7  private T value;
  constructor Box.Box  8-8  public Box(T value)
  method Box.run  9-10  public void run()
  method Box.none  11-12  abstract void none( int a);
  enum Box.State  13-13  enum State
    enum-member Box.State.OPEN  13-13  OPEN
    enum-member Box.State.CLOSED  13-13  CLOSED
  class Box.Point  14-14  record Point(int x, int y)
interface Marker  16-16  @interface Marker
  method Marker.value  16-16  String value();
",
    );
}

#[test]
fn go_methods_and_groups() {
    check_outline(
        Language::Go,
        r"
package a

const (
	// A is one.
	A = iota
	B
)

var x, y = 1, 2

type Store struct {
	*Base
	size int
}
type Reader interface{ Read(p []byte) (int, error) }
type Kind = string

// Get gets.
func (s *Store) Get(key string) (v int, err error) {
	var local = 1
	return local, nil
}
func Map[T any](in []T) []T { return in }
",
        r"
constant A  5-6  A = iota
    doc: // A is one.
constant B  7-7  B
variable x  10-10  var x, y = 1, 2
variable y  10-10  var x, y = 1, 2
struct Store  12-15  type Store
  field Store.size  14-14  size int
interface Reader  16-16  type Reader
  method Reader.Read  16-16  Read(p []byte) (int, error)
type Kind  17-17  type Kind = string
method Store.Get  19-23  func (s *Store) Get(key string) (v int, err error)
    doc: // Get gets.
function Map  24-24  func Map[T any](in []T) []T
",
    );
}

#[test]
fn rust_impl_blocks_take_the_name_of_the_type() {
    check_outline(
        Language::Rust,
        r"
/// A list.
#[derive(Clone)]
pub struct List<T> { items: Vec<T> }
impl<T> Iterator for List<T> {
    type Item = T;
    /// Next.
    #[inline]
    fn next(&mut self) -> Option<T> { let local = 1; None }
}
impl<'a> From<&'a str> for crate::Name<'a> {}
pub trait Shape: Sized { const N: usize; fn area(&self) -> f32; }
macro_rules! list { () => { 1 } }
mod inner { pub(super) static X: u8 = 1; }
mod other;
pub enum E { A, B { x: u8 } }
",
        r"
struct List  2-4  pub struct List<T>
    doc: /// A list.
  field List.items  4-4  items: Vec<T>
implementation List  5-10  impl<T> Iterator for List<T>
  type List.Item  6-6  type Item = T;
  method List.next  7-9  fn next(&mut self) -> Option<T>
      doc: /// Next.
implementation Name  11-11  impl<'a> From<&'a str> for crate::Name<'a>
trait Shape  12-12  pub trait Shape: Sized
  constant Shape.N  12-12  const N: usize;
  method Shape.area  12-12  fn area(&self) -> f32;
macro list  13-13  macro_rules! list { () => { 1 } }
module inner  14-14  mod inner
  variable inner.X  14-14  pub(super) static X: u8 = 1;
enum E  16-16  pub enum E
  enum-member E.A  16-16  A
  enum-member E.B  16-16  B { x: u8 }
    field E.B.x  16-16  x: u8
",
    );
    let source = "use a::{b, c::d as e};\nmod f;\nimpl A for B {}\n";
    check_references(Language::Rust, source, ReferenceKind::Import, &["a", "b", "d", "f"]);
    check_references(Language::Rust, source, ReferenceKind::Implement, &["A"]);
}

#[test]
fn c_definitions_prototypes_and_typedefs() {
    check_outline(
        Language::C,
        r"
#define LIMIT 3
#define MAX(a, b) \
  ((a) > (b) ? (a) : (b))
typedef struct { int x; char *name; } Point;
struct node { struct node *next; };
enum colour { RED, GREEN };
typedef int (*callback)(void *);
static const int table[] = { 1 };
extern char *find(const char *name);
/* Finds. */
static char **find_all(const char *name, int n) {
  int local = 1;
  return 0;
}
",
        r"
constant LIMIT  2-2  #define LIMIT 3
macro MAX  3-4  #define MAX(a, b) \
struct Point  5-5  typedef struct
  field Point.x  5-5  int x;
  field Point.name  5-5  char *name;
struct node  6-6  struct node
  field node.next  6-6  struct node *next;
enum colour  7-7  enum colour
  enum-member colour.RED  7-7  RED
  enum-member colour.GREEN  7-7  GREEN
type callback  8-8  typedef int (*callback)(void *);
constant table  9-9  static const int table[] = { 1 };
function find  10-10  extern char *find(const char *name);
function find_all  11-15  static char **find_all(const char *name, int n)
    doc: /* Finds. */
",
    );
}

#[test]
fn cpp_templates_namespaces_and_out_of_class_definitions() {
    check_outline(
        Language::Cpp,
        r"
namespace a::b {
// A stack.
template <typename T>
class Stack : public Base<T> {
 public:
  Stack(int n) : n_(n) {}
  ~Stack();
  T &top() const;
  bool operator==(const Stack &other) const { return true; }
 private:
  int n_;
};
template <typename T>
T &Stack<T>::top() const { return x; }
Stack::Stack() {}
void a::Stack::push(int x) { int y = x; }
}
using Name = std::string;
TEST(Suite, Works) { EXPECT_EQ(1, 1); }
",
        r"
module a::b  2-18  namespace a::b
  class a::b.Stack  3-13  class Stack : public Base<T>
      doc: // A stack.
    constructor a::b.Stack.Stack  7-7  Stack(int n) : n_(n)
    method a::b.Stack.~Stack  8-8  ~Stack();
    method a::b.Stack.top  9-9  T &top() const;
    method a::b.Stack.operator==  10-10  bool operator==(const Stack &other) const
    field a::b.Stack.n_  12-12  int n_;
  function a::b.Stack.top  14-15  T &Stack<T>::top() const
  constructor a::b.Stack.Stack  16-16  Stack::Stack()
  function a::b.a.Stack.push  17-17  void a::Stack::push(int x)
type Name  19-19  using Name = std::string;
test Works  20-20  TEST(Suite, Works)
",
    );
}

#[test]
fn rust_tests_are_tests_whatever_stands_between() {
    let source = "#[cfg(test)]\nmod tests {\n    #[test]\n    fn works() {\n        assert!(true);\n    }\n\n    #[tokio::test]\n    #[ignore]\n    // slow\n    async fn waits() {\n        sleep().await;\n    }\n\n    fn helper() {}\n}\n";
    let syntax = Parser::new().parse(Some(Language::Rust), source);
    let kinds: Vec<(&str, SymbolKind)> =
        syntax.symbols.iter().map(|symbol| (symbol.name.as_str(), symbol.kind)).collect();
    let expected = [
        ("tests", SymbolKind::Module),
        ("works", SymbolKind::Test),
        ("waits", SymbolKind::Test),
        ("helper", SymbolKind::Function),
    ];
    assert_eq!(kinds, expected);
}

#[test]
fn a_typedef_of_a_structure_of_the_same_name_is_one_symbol() {
    let source = "typedef struct entry {\n    int key;\n} entry;\n\ntypedef struct node {\n    int left;\n} tree;\n";
    let syntax = Parser::new().parse(Some(Language::C), source);
    let names: Vec<String> = (0..syntax.symbols.len() as u32).map(|symbol| syntax.qualified_name(symbol)).collect();
    assert_eq!(names, ["entry", "entry.key", "tree", "tree.node", "tree.node.left"]);
}
