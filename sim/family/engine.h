#pragma once

#include <string>
#include <vector>

namespace lacuna {

/// A simulator of a family's machines. All engines of a family give the same counts and outputs.
struct EngineInfo {
  std::string name;  ///< value of the key `engine`
  std::string meaning;
  bool steps_cycles = false;      ///< steps every cycle; false: computes when things happen
  bool writes_waves = false;      ///< takes `--wave`
  bool one_per_process = false;   ///< a second machine needs a process of its own
  bool counts_intervals = false;  ///< takes `--intervals`
};

std::vector<std::string> engine_names(const std::vector<EngineInfo>& engines);

/// Null when no engine has this name.
const EngineInfo* find_engine(const std::vector<EngineInfo>& engines, const std::string& name);

/// What engines need besides the machine.
struct EngineOptions {
  std::string wave_path;          ///< VCD file; empty for none
  std::string rtl_source_folder;  ///< models: SystemVerilog sources lie in <family>/rtl
  std::string rtl_cache_folder;   ///< where an RTL engine keeps compiled machines
  std::string wave_only = {};  ///< names of the waves' signals, in which * stands for any letters; empty: all
};

}  // namespace lacuna
