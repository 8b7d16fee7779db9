#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace tidewater {

using Minutes = std::chrono::minutes;
using Port = std::string;

struct Leg {
    Port from;
    Port to;
    Minutes departs;
    Minutes arrives;
};

class Timetable {
public:
    void add(Leg leg);
    std::optional<std::vector<Leg>> earliest_arrival(const Port& from, const Port& to, Minutes at) const;
    const std::vector<Leg>& departures(const Port& port) const;

private:
    std::unordered_map<Port, std::vector<Leg>> departures_;
    static constexpr Minutes kTimeToChange{10};
};

}  // namespace tidewater
