#pragma once

#include <string>

namespace lacuna {

/// The file that this process writes waves to until they are complete and appear as `wave_path`: what a
/// program that ends at once has to remove.
std::string unfinished_wave_path(const std::string& wave_path);

}  // namespace lacuna
