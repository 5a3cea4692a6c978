#include "sim/memory/request_trace.h"

#include <filesystem>

#include <fmt/format.h>

#include "models/common/error.h"

namespace lacuna {
namespace {

bool is_for_dramsys(const std::string& path) {
  const std::string ending = std::filesystem::path(path).extension().string();
  if (ending != ".stl" && ending != ".trace") {
    throw ConfigurationError({{}, 0, "--memory-trace"}, fmt::format("'{}' has no format", path),
                             "FILE.stl for DRAMSys, FILE.trace for Ramulator 2.0");
  }
  return ending == ".stl";
}

[[noreturn]] void refuse(const std::string& path) {
  throw InputDataError({path, 0, {}}, "cannot write the trace of requests",
                       "a writable folder with room for it");
}

}  // namespace

void RequestTrace::check_path(const std::string& path) {
  is_for_dramsys(path);
}

RequestTrace::RequestTrace(const std::string& path)
    : path_(path), for_dramsys_(is_for_dramsys(path)), pending_(path), file_(pending_.temporary_path()) {
  if (!file_.good()) {
    refuse(path_);
  }
}

void RequestTrace::write(const memory::Request& request) {
  if (for_dramsys_) {
    constexpr std::uint64_t ps_per_ns = 1000;
    file_ << fmt::format("{} ({}) {} {:#x}\n", request.time_ps / ps_per_ns, request.bytes,
                         request.write ? "write" : "read", request.address);
    return;
  }
  const std::uint64_t last = (request.address + request.bytes - 1) / ramulator_bytes;
  for (std::uint64_t unit = request.address / ramulator_bytes; unit <= last; ++unit) {
    file_ << fmt::format("{} {:#x}\n", request.write ? "ST" : "LD", unit * ramulator_bytes);
  }
}

void RequestTrace::finish() {
  file_.close();
  if (!file_.good()) {
    refuse(path_);
  }
  pending_.commit();
}

}  // namespace lacuna
