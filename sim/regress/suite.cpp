#include "sim/regress/suite.h"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "models/common/error.h"
#include "sim/family/family.h"
#include "sim/regress/regression_file.h"
#include "sim/yaml/field_reader.h"
#include "sim/yaml/nearest.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna {
namespace {

constexpr std::size_t max_runs = 10000;
constexpr std::size_t max_name_bytes = 80;

/// Names of engines that some family has, each once.
std::vector<std::string> known_engines(const Families& families) {
  std::vector<std::string> names;
  for (const Family* family : families) {
    for (const EngineInfo& engine : family->engines()) {
      if (std::find(names.begin(), names.end(), engine.name) == names.end()) {
        names.push_back(engine.name);
      }
    }
  }
  return names;
}

/// Names become file names.
bool is_run_name(const std::string& name) {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  return name.size() <= max_name_bytes && name.front() != '.' &&
         name.find_first_not_of(letters) == std::string::npos;
}

std::vector<Tolerance> read_tolerances(const std::vector<YamlNode>& nodes, const std::string& path,
                                       std::vector<std::string>& notes) {
  std::vector<Tolerance> tolerances;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const std::string key = fmt::format("{}.{}", path, i);
    const std::string text = scalar_text(nodes[i], key, "metric=1% or metric=0.01");
    tolerances.push_back(parse_tolerance(text, nodes[i].place(key)));
  }
  std::vector<std::string> replaced;
  tolerances = last_of_each(tolerances, replaced);
  for (const std::string& note : replaced) {
    notes.push_back(fmt::format("{}: {}", path, note));
  }
  return tolerances;
}

std::vector<std::string> read_engines(const std::vector<YamlNode>& nodes, const std::string& path,
                                      const std::vector<std::string>& known) {
  std::vector<std::string> engines;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const std::string key = fmt::format("{}.{}", path, i);
    const std::string& name = known[read_choice(nodes[i], key, known)];
    if (std::find(engines.begin(), engines.end(), name) != engines.end()) {
      throw ConfigurationError(nodes[i].place(key), name + " comes twice", "each engine once");
    }
    engines.push_back(name);
  }
  return engines.empty() ? std::vector<std::string>{"timeline"} : engines;
}

ConfigOverrides read_overrides(const RegressionRunConfig& config, const std::string& path) {
  ConfigOverrides overrides;
  for (std::size_t i = 0; i < config.assignments.size(); ++i) {
    const YamlNode& node = config.assignments[i];
    overrides.assignments.push_back(
        scalar_text(node, fmt::format("{}.set.{}", path, i), "path.to.key=value"));
    overrides.directory = node.origin->directory;
    const ErrorPlace place = node.place(path + ".set");
    overrides.assigned_in = fmt::format("{}:{}: {}", place.file, place.line, place.key);
  }
  if (config.seed) {
    overrides.seed = fmt::format("{}", *config.seed);
  }
  return overrides;
}

/// The family of the run's configuration; null for one that cannot be read, which the run itself reports.
const Family* family_of_run(const RegressionRun& run, const Families& families) {
  try {
    return &family_of(load_configuration(run.config, run.overrides), families);
  } catch (const Error&) {
    return nullptr;
  }
}

void check_engines(const RegressionRun& run, const RegressionRunConfig& config, const std::string& path,
                   const Families& families) {
  if (config.engines.empty()) {
    return;
  }
  const Family* const family = family_of_run(run, families);
  for (std::size_t i = 0; family != nullptr && i < config.engines.size(); ++i) {
    if (find_engine(family->engines(), run.engines[i]) == nullptr) {
      throw ConfigurationError(
          config.engines[i].place(fmt::format("{}.engines.{}", path, i)),
          fmt::format("machines of the family '{}' have no engine '{}'", family->kind(), run.engines[i]),
          fmt::format("allowed: {}", fmt::join(engine_names(family->engines()), ", ")));
    }
  }
}

RegressionRun read_run(const RegressionRunConfig& config, const YamlNode& node, const std::string& path,
                       const std::string& golden_folder, const std::vector<std::string>& engines,
                       std::vector<std::string>& notes) {
  if (!is_run_name(config.name)) {
    throw ConfigurationError(
        node.find("name")->place(path + ".name"), "is no name of a run",
        fmt::format("1 to {} letters, digits, '.', '_' and '-', not '.' first", max_name_bytes));
  }
  return {config.name,
          config.config.resolved,
          read_overrides(config, path),
          read_engines(config.engines, path + ".engines", engines),
          read_tolerances(config.tolerances, path + ".tolerances", notes),
          golden_folder + "/" + config.name + ".json"};
}

void check_known(const std::string& suite, const std::vector<std::string>& wanted,
                 const std::vector<std::string>& known, const char* option) {
  for (const std::string& each : wanted) {
    if (std::find(known.begin(), known.end(), each) == known.end()) {
      throw ConfigurationError({{}, 0, fmt::format("{} {}", option, each)}, "is not in " + suite,
                               suggest(each, known));
    }
  }
}

}  // namespace

RegressionSuite load_suite(const std::string& path, const Families& families) {
  const YamlNode document = load_yaml(path);
  RegressionFile file;
  FieldReader::read_section(document, "", file);
  RegressionSuite suite;
  suite.engines = known_engines(families);
  suite.path = path;
  suite.name = std::filesystem::path(path).stem().string();
  suite.golden_folder = file.golden.empty() ? (std::filesystem::path(path).parent_path() / "golden").string()
                                            : file.golden.resolved;
  suite.tolerances = read_tolerances(file.tolerances, "tolerances", suite.notes);
  if (file.runs.size() > max_runs) {
    throw ConfigurationError(document.find("runs")->place("runs"), "too many runs",
                             fmt::format("at most {}", max_runs));
  }
  std::vector<std::string> names;
  for (std::size_t i = 0; i < file.runs.size(); ++i) {
    const std::string key = fmt::format("runs.{}", i);
    const YamlNode& node = document.find("runs")->items[i];
    suite.runs.push_back(read_run(file.runs[i], node, key, suite.golden_folder, suite.engines, suite.notes));
    check_engines(suite.runs.back(), file.runs[i], key, families);
    if (std::find(names.begin(), names.end(), file.runs[i].name) != names.end()) {
      throw ConfigurationError(node.find("name")->place(key + ".name"), file.runs[i].name + " comes twice",
                               "each name once");
    }
    names.push_back(file.runs[i].name);
  }
  return suite;
}

void select_runs(RegressionSuite& suite, const std::vector<std::string>& names,
                 const std::vector<std::string>& engines) {
  std::vector<std::string> known_names;
  for (const RegressionRun& run : suite.runs) {
    known_names.push_back(run.name);
  }
  check_known(suite.path, names, known_names, "--only");
  check_known(suite.path, engines, suite.engines, "--engine");
  const auto unwanted = [](const std::vector<std::string>& wanted, const std::string& name) {
    return !wanted.empty() && std::find(wanted.begin(), wanted.end(), name) == wanted.end();
  };
  for (RegressionRun& run : suite.runs) {
    run.engines.erase(std::remove_if(run.engines.begin(), run.engines.end(),
                                     [&](const std::string& each) { return unwanted(engines, each); }),
                      run.engines.end());
  }
  suite.runs.erase(std::remove_if(suite.runs.begin(), suite.runs.end(),
                                  [&](const RegressionRun& run) {
                                    return unwanted(names, run.name) || run.engines.empty();
                                  }),
                   suite.runs.end());
  if (suite.runs.empty()) {
    throw ConfigurationError({{}, 0, "--engine"}, "no run of " + suite.path + " has this engine",
                             "an engine that the chosen runs list");
  }
}

}  // namespace lacuna
