#pragma once

#include <string>
#include <vector>

namespace lacuna {

/// A text file of a project, by its path in the project's folder.
struct HardwareFile {
  std::string path;
  std::string text;
};

/// A machine as sources that tools build.
struct Hardware {
  std::vector<HardwareFile> files;
  std::string text;  ///< for a terminal: what was generated
};

}  // namespace lacuna
