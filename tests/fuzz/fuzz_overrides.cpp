// `--set path.to.key=value` on a document with lists and mappings; the input is one assignment.

#include <memory>
#include <string>

#include "models/common/error.h"
#include "sim/eie/config/load_config.h"
#include "sim/yaml/overrides.h"
#include "sim/yaml/yaml_document.h"
#include "tests/fuzz/input_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace lacuna;
  const auto origin = std::make_shared<const YamlOrigin>(YamlOrigin{"fuzz.yaml", "/nonexistent", true});
  YamlNode document = parse_yaml(
      "architecture: {kind: eie}\n"
      "workload: {layers: [{generate: {rows: 8, columns: 8, weight_density: 1, activation_density: 1}}]}\n",
      origin);
  fuzz::expect_error_or_none<Error>([&] {
    apply_overrides(document, {std::string(reinterpret_cast<const char*>(bytes), size)});
    resolve_run_config(document);
  });
  return 0;
}
