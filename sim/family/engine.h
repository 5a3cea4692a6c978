#pragma once

#include <string>

namespace lacuna {

enum class EngineKind { systemc, timeline, rtl };

/// Name of an engine, as in configurations and reports.
inline std::string engine_name(EngineKind kind) {
  return kind == EngineKind::systemc ? "systemc" : kind == EngineKind::timeline ? "timeline" : "rtl";
}

/// What engines need besides the machine.
struct EngineOptions {
  std::string wave_path;          ///< VCD file, which only SystemC engines can write; empty for none
  std::string rtl_source_folder;  ///< SystemVerilog sources of an RTL engine
  std::string rtl_cache_folder;   ///< where an RTL engine keeps compiled machines
};

}  // namespace lacuna
