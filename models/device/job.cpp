#include "models/device/job.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

namespace lacuna::device {

void check_range(const char* field, std::uint64_t address, std::uint64_t items, std::uint64_t bytes) {
  if (items * bytes > std::numeric_limits<std::uint64_t>::max() - address) {
    throw JobError(ErrorCode::FIELD,
                   fmt::format("{} {:#x}: {} items of {} bytes", field, address, items, bytes),
                   "all of it below 2^64");
  }
}

void check_header(const JobHeader& header) {
  if ((header.flags & ~job_flag_interrupt) != 0) {
    throw JobError(ErrorCode::FIELD, fmt::format("flags {:#x}", header.flags), "bit 0 alone");
  }
  if (header.reserved != 0) {
    throw JobError(ErrorCode::FIELD, fmt::format("reserved {:#x}", header.reserved), "0");
  }
  if (header.items == 0) {
    throw JobError(ErrorCode::FIELD, "items 0", "at least 1");
  }
  check_range("input_address", header.input_address, header.items, header.input_bytes);
  check_range("output_address", header.output_address, header.items, header.output_bytes);
}

void check_zeros(const std::vector<std::uint8_t>& descriptor, std::size_t from) {
  const auto first = descriptor.begin() + static_cast<std::ptrdiff_t>(from);
  const auto found = std::find_if(first, descriptor.end(), [](std::uint8_t byte) { return byte != 0; });
  if (found != descriptor.end()) {
    throw JobError(ErrorCode::FIELD, fmt::format("byte {} is {}", found - descriptor.begin(), *found),
                   fmt::format("0 from byte {} on", from));
  }
}

void check_size(const char* field, std::uint64_t stated, std::uint64_t needed) {
  if (stated != needed) {
    throw JobError(ErrorCode::FIELD, fmt::format("{} {}", field, stated), fmt::format("{}", needed));
  }
}

}  // namespace lacuna::device
