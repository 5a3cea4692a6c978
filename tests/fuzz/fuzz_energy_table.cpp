// Energy tables of both machines, with their bases and characterisations; every table that comes through is
// resolved for small and large machines.

#include "models/common/error.h"
#include "sim/eie/energy/eie_costs.h"
#include "sim/tomato/fpga_energy.h"
#include "sim/yaml/field_reader.h"
#include "sim/yaml/yaml_document.h"
#include "tests/fuzz/input_folder.h"

namespace {

using namespace lacuna;

void resolve(const Technology& table) {
  for (const std::uint32_t pe_count : {1U, 64U, 1024U}) {
    fuzz::expect_error_or_none<Error>([&] {
      eie::Parameters machine;
      machine.pe_count = pe_count;
      const Costs costs = eie_costs(table, machine);
      energy_of(costs, {});
    });
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string path = fuzz::input_folder().write(bytes, size);
  fuzz::expect_error_or_none<Error>([&] { resolve(load_eie_technology(path)); });
  fuzz::expect_error_or_none<Error>([&] {
    tomato::FpgaEnergyFile file;
    FieldReader::read_section(load_yaml(path), "", file);
  });
  return 0;
}
