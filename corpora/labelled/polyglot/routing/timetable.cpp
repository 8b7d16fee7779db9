#include "timetable.hpp"

#include <algorithm>
#include <queue>

namespace tidewater {

void Timetable::add(Leg leg) {
    auto& list = departures_[leg.from];
    auto place = std::upper_bound(list.begin(), list.end(), leg,
                                  [](const Leg& a, const Leg& b) { return a.departs < b.departs; });
    list.insert(place, std::move(leg));
}

const std::vector<Leg>& Timetable::departures(const Port& port) const {
    static const std::vector<Leg> none;
    auto found = departures_.find(port);
    return found == departures_.end() ? none : found->second;
}

std::optional<std::vector<Leg>> Timetable::earliest_arrival(const Port& from, const Port& to, Minutes at) const {
    struct Reached {
        Minutes when;
        Port port;
        bool operator>(const Reached& other) const { return when > other.when; }
    };
    std::priority_queue<Reached, std::vector<Reached>, std::greater<>> open;
    std::unordered_map<Port, Minutes> best{{from, at}};
    std::unordered_map<Port, Leg> taken;
    open.push({at, from});
    while (!open.empty()) {
        auto [when, port] = open.top();
        open.pop();
        if (port == to) break;
        if (when > best[port]) continue;
        Minutes ready = port == from ? when : when + kTimeToChange;
        for (const Leg& leg : departures(port)) {
            if (leg.departs < ready) continue;
            auto known = best.find(leg.to);
            if (known == best.end() || leg.arrives < known->second) {
                best[leg.to] = leg.arrives;
                taken.insert_or_assign(leg.to, leg);
                open.push({leg.arrives, leg.to});
            }
        }
    }
    if (!taken.contains(to)) return std::nullopt;
    std::vector<Leg> journey;
    for (Port port = to; port != from; port = journey.back().from) journey.push_back(taken.at(port));
    std::reverse(journey.begin(), journey.end());
    return journey;
}

}  // namespace tidewater
