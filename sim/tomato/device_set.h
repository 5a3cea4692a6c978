#pragma once

#include <map>
#include <string>
#include <vector>

#include "sim/tomato/device.h"

namespace lacuna::tomato {

/// Devices that were read once for many machines.
class DeviceSet {
 public:
  /// Reads a device file unless it is there. Throws ConfigurationError.
  void add(const std::string& path);

  /// The device of a file; null when it was not added.
  const Device* find(const std::string& path) const;

  bool empty() const { return devices_.empty(); }
  std::vector<const Device*> all() const;
  /// SHA-256 of each device file and its logic table.
  std::vector<std::string> checksums() const;

 private:
  std::map<std::string, Device> devices_;  ///< by path
};

}  // namespace lacuna::tomato
