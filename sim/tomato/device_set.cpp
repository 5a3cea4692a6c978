#include "sim/tomato/device_set.h"

#include <algorithm>

#include "models/common/checksum.h"

namespace lacuna::tomato {

void DeviceSet::add(const std::string& path) {
  if (devices_.count(path) == 0) {
    devices_.emplace(path, load_device(path));
  }
}

const Device* DeviceSet::find(const std::string& path) const {
  const auto found = devices_.find(path);
  return found == devices_.end() ? nullptr : &found->second;
}

std::vector<const Device*> DeviceSet::all() const {
  std::vector<const Device*> list;
  for (const auto& [path, device] : devices_) {
    list.push_back(&device);
  }
  return list;
}

/// In an order that does not depend on where the files lie.
std::vector<std::string> DeviceSet::checksums() const {
  std::vector<std::string> sums;
  for (const auto& [path, device] : devices_) {
    sums.push_back(sha256_file(path) + sha256_file(device.description().logic.table.resolved));
  }
  std::sort(sums.begin(), sums.end());
  return sums;
}

}  // namespace lacuna::tomato
