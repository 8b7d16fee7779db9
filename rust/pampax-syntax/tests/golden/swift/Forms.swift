// Written for this project: the forms of a Swift definition that the other fixtures lack.
import Foundation
import struct Forms.Base
@testable import Model

/// The default size.
public let defaultSize = 64, maximumSize = 4096
var counter: Int = 0
let (first, second) = (1, 2)
private(set) var title: String {
    get { "title" }
    set { print(newValue) }
}

typealias Handler<T> = (T) -> Void

infix operator <+>: AdditionPrecedence
precedencegroup Strong { higherThan: AdditionPrecedence }

/// Adds two numbers.
func add(_ a: Int, to b: Int = 0) -> Int {
    func local(_ x: Int) -> Int { x + 1 }
    let value = local(a)
    return max(value, 0) + b
}

func <+> (left: Point, right: Point) -> Point { Point(x: left.x + right.x, y: 0) }

/// Something that has a name.
public protocol Named: AnyObject, Equatable where Item: Hashable {
    associatedtype Item: Comparable
    static var shared: Self { get }
    var name: String { get set }
    init(name: String)
    func rename(to name: String) throws
    subscript(index: Int) -> Item { get }
}

struct Point: Hashable, Codable {
    static let origin = Point(x: 0, y: 0)
    var x: Int, y: Int
    var length: Double {
        return Double(x * x + y * y).squareRoot()
    }
    var label: String = "" {
        didSet { print(oldValue) }
    }

    enum CodingKeys: String, CodingKey {
        case x, y
        case label = "name"
    }

    static func == (left: Point, right: Point) -> Bool { left.x == right.x }

    mutating func move(by delta: Int) {
        x += delta
    }
}

/// The planets.
indirect enum Planet: Named {
    /// Close to the sun.
    case mercury(mass: Double, next: Planet)
    case earth, mars
    static let count = 3

    var weight: Double { 9.8 }
    func describe() -> String {
        switch self {
        case .mercury(let mass, _): return "m \(mass)"
        default: return "other"
        }
    }
}

@available(iOS 13, *)
@MainActor
public final class Store<Element: Named>: Base<Element>, Named, @unchecked Sendable {
    private var items: [String: Element] = [:]
    @Published var size = 0
    weak var delegate: StoreDelegate?
    lazy var cache: Cache = {
        let cache = Cache()
        cache.limit = 10
        return cache
    }()
    class var kind: String { "store" }
    typealias Key = String

    required init(name: String) {
        super.init(name: name)
    }

    convenience init?(path: String) {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        self.init(name: path)
        load(data)
    }

    deinit {
        counter -= 1
    }

    subscript(key: String) -> Element? {
        get { items[key] }
        set { items[key] = newValue }
    }

    @discardableResult
    open func load(_ data: Data) async throws -> [Element] {
        let decoder = JSONDecoder()
        let values = try decoder.decode([Element].self, from: data)
        values.forEach { items[$0.name] = $0 }
        return values
    }

    class func create() -> Self { fatalError() }

    struct Entry {
        let key: String
    }
}

extension Store: Sequence where Element: Hashable {
    func makeIterator() -> AnyIterator<Element> { AnyIterator(items.values.makeIterator()) }
    var isEmpty: Bool { items.isEmpty }
}

extension Array where Element == Int {
    func sum() -> Int { reduce(0, +) }
}

extension Foundation.Data {
    static let empty = Data()
}

actor Account {
    let number: Int
    init(number: Int) { self.number = number }
    nonisolated func show() {}
}

#if os(Linux)
func platform() -> String { "linux" }
#else
func platform() -> String { "other" }
#endif

@propertyWrapper
struct Clamped {
    var wrappedValue: Int
}

macro stringify<T>(_ value: T) -> (T, String) = #externalMacro(module: "M", type: "S")
