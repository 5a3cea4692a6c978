#pragma once

#include <string>

namespace lacuna {

/// The file that this process writes waves to until they are complete and appear as `wave_path`: what a
/// program that ends at once has to remove.
std::string unfinished_wave_path(const std::string& wave_path);

/// GTKWave's save file beside a wave file: the same name with the ending .gtkw.
std::string wave_view_path(const std::string& wave_path);

}  // namespace lacuna
