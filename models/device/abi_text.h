#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/device/descriptor.h"

namespace lacuna::device {

/// A register that only one family has; its value is constant.
struct OwnRegister {
  const char* name;
  std::uint32_t offset;
  const char* meaning;
};

/// What one family adds to the interface between driver and device.
struct FamilyAbi {
  std::string name;  ///< lower case, as in C: "eie"
  std::uint32_t number = 0;
  std::vector<OwnRegister> registers;
  std::vector<FieldLine> job_fields;
};

/// The interface as a header for drivers in C or C++, and as the tables of docs/reference/device.md. Both are
/// made from the declarations that the devices use.
std::string c_header(const std::vector<FamilyAbi>& families);
std::string markdown_tables(const std::vector<FamilyAbi>& families);

}  // namespace lacuna::device
