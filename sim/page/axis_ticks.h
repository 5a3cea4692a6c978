#pragma once

#include <vector>

namespace lacuna::page {

/// Some five round values (1, 2 or 5 times a power of ten apart) that span `low`..`high`, the first at or
/// below `low`, the last at or above `high`. Values within 1e33 either way, low <= high.
std::vector<double> axis_ticks(double low, double high);

}  // namespace lacuna::page
