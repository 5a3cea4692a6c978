// YAML: the parser, and every kind of file that is made of it.

#include <memory>
#include <string>

#include "models/common/error.h"
#include "sim/config/field_reader.h"
#include "sim/config/load_config.h"
#include "sim/config/regression_file.h"
#include "sim/config/sweep_file.h"
#include "sim/config/yaml_document.h"
#include "sim/energy/eie_costs.h"
#include "sim/energy/ert_map.h"
#include "sim/network/network_file.h"
#include "tests/fuzz/input_file.h"

namespace {

using namespace lacuna;

template <class File>
void read(const YamlNode& document) {
  fuzz::expect_error_or_none<Error>([&document] {
    File file;
    FieldReader::read_section(document, "", file);
  });
}

void read_network(const YamlNode& document) {
  fuzz::expect_error_or_none<Error>([&document] {
    NetworkFile file;
    FieldReader::read_section(document, "", file);
    make_network(file.network);
  });
}

void read_all(const std::string& text) {
  const auto origin = std::make_shared<const YamlOrigin>(YamlOrigin{"fuzz.yaml", "/nonexistent", true});
  const YamlNode document = parse_yaml(text, origin);
  fuzz::expect_error_or_none<Error>([&document] { resolve_run_config(document); });
  read<WorkloadFile>(document);
  read<ArchitectureFile>(document);
  read<SweepFile>(document);
  read<RegressionFile>(document);
  fuzz::expect_error_or_none<Error>([&document] { eie_costs(read_technology<EieCosts>(document, {}), {}); });
  read<ErtMapFile<EieCosts>>(document);
  read_network(document);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(bytes), size);
  lacuna::fuzz::expect_error_or_none<lacuna::ConfigurationError>([&text] { read_all(text); });
  return 0;
}
