#include "tests/models/eie/timeline/run_difference.h"

#include <fmt/format.h>

namespace lacuna::test {
namespace {

template <class Counts, class Info>
std::string counts_difference(const std::string& where, const Counts& expected, const Counts& got,
                              const Info& info) {
  std::string text;
  for (std::size_t i = 0; i < info.size(); ++i) {
    if (expected.values[i] != got.values[i]) {
      text +=
          fmt::format("{}{}: expected {}, got {}\n", where, info[i].name, expected.values[i], got.values[i]);
    }
  }
  return text;
}

}  // namespace

std::string run_difference(const eie::RunResult& expected, const eie::RunResult& got) {
  std::string text;
  if (expected.cycles != got.cycles) {
    text += fmt::format("cycles: expected {}, got {}\n", expected.cycles, got.cycles);
  }
  text += counts_difference("control ", expected.control, got.control, eie::control_event_info);
  if (expected.pes.size() != got.pes.size()) {
    return text + fmt::format("PEs: expected {}, got {}\n", expected.pes.size(), got.pes.size());
  }
  for (std::size_t pe = 0; pe < expected.pes.size(); ++pe) {
    const std::string where = fmt::format("PE {} ", pe);
    text += counts_difference(where, expected.pes[pe].cycles, got.pes[pe].cycles, eie::cycle_class_info);
    text += counts_difference(where, expected.pes[pe].events, got.pes[pe].events, eie::pe_event_info);
  }
  if (expected.outputs != got.outputs) {
    text += "outputs differ\n";
  }
  return text;
}

}  // namespace lacuna::test
