import Foundation

struct Departure: Identifiable, Hashable {
    let id: String
    let destination: String
    let planned: Date
    var expected: Date
    var gate: String?
    var cancelled = false

    var delayMinutes: Int { Int(expected.timeIntervalSince(planned) / 60) }
}

actor DepartureBoard {
    private var departures: [String: Departure] = [:]
    private let rows: Int

    init(rows: Int) { self.rows = rows }

    func apply(_ update: Departure) {
        departures[update.id] = update
    }

    /// What fits on the screen: gone ships leave it after two minutes, cancelled ones stay for an hour.
    func visible(at now: Date) -> [Departure] {
        departures.values
            .filter { $0.cancelled ? now < $0.planned + 3600 : now < $0.expected + 120 }
            .sorted { ($0.expected, $0.id) < ($1.expected, $1.id) }
            .prefix(rows)
            .map { $0 }
    }
}
