#include <string>

#include <catch2/catch.hpp>

#include "models/common/child_process.h"
#include "models/csr/csr.h"
#include "tests/dice.h"

using namespace lacuna;

namespace {

std::string bytes_of(const csr::Run& run) {
  ByteWriter writer;
  writer.put(run.cycles);
  writer.put(run.classes.values);
  writer.put(run.events.values);
  writer.put_all(run.outputs);
  return writer.take();
}

}  // namespace

TEST_CASE("the page's engines agree on random matrices") {
  test::Dice dice(7);
  for (int i = 0; i < 40; ++i) {
    csr::Parameters parameters;
    parameters.entries_per_cycle = dice.u32(1, 5);
    csr::Rows rows(dice.u32(0, 6));
    for (auto& row : rows) {
      row.resize(dice.u32(0, 9), {dice.u32(1, 255), dice.u32(0, 255)});
    }
    INFO("matrix " << i);
    CHECK(call_in_child([&] { return bytes_of(csr::run_systemc(parameters, rows)); }) ==
          bytes_of(csr::run_timeline(parameters, rows)));
  }
}

TEST_CASE("the page's engines follow the contract by hand") {
  const csr::Rows rows = {{{1, 1}, {2, 3}, {3, 6}}, {}, {{1, 1}}};
  csr::Parameters parameters;
  const csr::Run run = csr::run_timeline(parameters, rows);
  CHECK(run.cycles == 2 + 1 + 1 + 1);
  CHECK(run.classes[csr::CycleClass::busy] == 3);
  CHECK(run.events[csr::Event::port_reads] == 3);
  CHECK(run.outputs == std::vector<std::uint64_t>{25, 0, 1});
}
