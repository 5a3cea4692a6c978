#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/energy/technology.h"
#include "sim/family/result.h"
#include "sim/plain/plain_run.h"
#include "sim/yaml/field_writer.h"

namespace lacuna {

/// What costs energy: the events, each paid by a module (`paid_by` has the positions). Formulas may use the
/// numbers and booleans (0 or 1) of the machine as results show it.
CostedMachine plain_costed(const std::string& kind, std::vector<std::string> modules,
                           const std::vector<const CounterInfo*>& events,
                           const std::vector<std::size_t>& paid_by, const nlohmann::ordered_json& machine);

/// The number of a parameter; booleans are 0 or 1; empty for one that is a text.
std::optional<double> plain_number(const nlohmann::ordered_json& value);

/// The numbers behind the names that formulas may use.
SymbolValues plain_symbols(const nlohmann::ordered_json& machine);

/// The table of a machine and the files that it is made of, as results list them.
struct PlainTable {
  Technology technology;
  std::vector<InputFile> files;
};

/// A document and the files of the tables below it.
struct TableDocument {
  YamlNode document;
  std::vector<std::string> files;
};
/// Throws ConfigurationError.
TableDocument load_table_document(const std::string& path, const std::vector<std::string>& assignments);

/// The table and its files, each once. Throws InputDataError when one cannot be read.
std::vector<InputFile> table_files(const std::string& path, const Technology& technology);

/// The energy side of `Machine` (PlainFamily); its technology tables are read by read_technology.
template <class Machine>
struct PlainCosts {
  static const CostedMachine& costed() {
    static const CostedMachine machine =
        plain_costed(Machine::kind, Machine::modules, plain_names<Machine>().events, Machine::paid_by,
                     FieldWriter::of(typename Machine::Parameters{}));
    return machine;
  }

  static PlainTable load(const std::string& path, const std::vector<std::string>& assignments = {}) {
    TableDocument table = load_table_document(path, assignments);
    Technology technology = read_technology<PlainCosts>(table.document, std::move(table.files));
    std::vector<InputFile> files = table_files(path, technology);
    return {std::move(technology), std::move(files)};
  }

  static Costs of(const Technology& technology, const typename Machine::Parameters& parameters) {
    return technology.resolve(plain_symbols(FieldWriter::of(parameters)), Machine::instances(parameters),
                              parameters.clock_mhz);
  }
};

}  // namespace lacuna
