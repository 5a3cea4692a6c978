// Run configurations, presets and workload files.

#include <memory>
#include <string>

#include "models/common/error.h"
#include "sim/eie/config/load_config.h"
#include "sim/yaml/field_reader.h"
#include "sim/yaml/yaml_document.h"
#include "tests/fuzz/input_folder.h"

namespace {

using namespace lacuna;

template <class File>
void read(const YamlNode& document) {
  fuzz::expect_error_or_none<Error>([&document] {
    File file;
    FieldReader::read_section(document, "", file);
  });
}

void read_all(const std::string& text) {
  const auto origin =
      std::make_shared<const YamlOrigin>(YamlOrigin{"fuzz.yaml", fuzz::input_folder().path(), true});
  const YamlNode document = parse_yaml(text, origin);
  fuzz::expect_error_or_none<Error>([&document] { resolve_run_config(document); });
  read<WorkloadFile>(document);
  read<ArchitectureFile>(document);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(bytes), size);
  lacuna::fuzz::expect_error_or_none<lacuna::ConfigurationError>([&text] { read_all(text); });
  return 0;
}
