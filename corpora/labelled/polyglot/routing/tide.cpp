#include <cmath>
#include <numbers>
#include <vector>

namespace tidewater {

struct Constituent {
    double amplitude_m;
    double speed_degrees_per_hour;
    double phase_degrees;
};

double water_level(const std::vector<Constituent>& constituents, double mean_m, double hours) {
    double level = mean_m;
    for (const auto& part : constituents) {
        double angle = (part.speed_degrees_per_hour * hours - part.phase_degrees) * std::numbers::pi / 180.0;
        level += part.amplitude_m * std::cos(angle);
    }
    return level;
}

// Shallow berths are closed to ships that would touch the ground.
bool may_dock(double draught_m, double chart_depth_m, double level_m, double clearance_m = 0.5) {
    return chart_depth_m + level_m >= draught_m + clearance_m;
}

}  // namespace tidewater
