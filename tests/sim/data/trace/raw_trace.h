#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <hdf5.h>

namespace lacuna::test {

/// A dataset as any program might write it: a type in the file, dimensions, and the values as doubles.
struct RawDataset {
  hid_t type = H5T_STD_I64LE;
  std::vector<hsize_t> dimensions;
  std::vector<double> values;
  std::function<void(hid_t)> set_properties = [](hid_t) {};
};

/// A trace file written without Lacuna, part by part, so that any part can be wrong. The layer has 4 outputs
/// and 3 inputs.
struct RawTrace {
  std::map<std::string, RawDataset> datasets;
  std::map<std::string, std::optional<int>> flags = {{"has_bias", 0}, {"relu", 1}};
  std::string schema = "lacuna.trace/1";
  std::string format = "csc";
  bool variable_text = false;
  H5F_libver_t version = H5F_LIBVER_V110;

  RawTrace();
  void write(const std::string& path) const;
};

}  // namespace lacuna::test
