#pragma once

#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "sim/sweep/run_sweep.h"
#include "sim/sweep/sweep_folder.h"
#include "tests/temporary_folder.h"

namespace lacuna::test {

inline SweepOptions with_jobs(unsigned jobs) {
  SweepOptions options;
  options.folders.configurations = std::string(LACUNA_SOURCE_DIR) + "/configs";
  options.jobs = jobs;
  return options;
}

/// The results of a sweep.
inline nlohmann::json results(const std::string& folder) {
  return nlohmann::json::parse(read_whole(folder + "/results.json"));
}

inline void check_same_files(const std::string& a, const std::string& b) {
  for (const std::string name : {sweep_csv_file, sweep_json_file, sweep_front_file}) {
    INFO(name);
    CHECK(read_whole(a + "/" + name) == read_whole(b + "/" + name));
  }
}

/// The totals of an EIE point are those of a run.
inline void check_totals(const nlohmann::json& point, const nlohmann::json& totals) {
  for (const std::string metric :
       {"cycles", "time_us", "theoretical_cycles", "load_balance_efficiency", "useful_work_ratio",
        "stored_entries", "padding_entries", "true_nonzeros", "entries_processed", "macs", "busy_cycles"}) {
    const nlohmann::json& theirs = totals.contains(metric) ? totals : totals.at("eie");
    CHECK(point.at(metric).dump() == theirs.at(metric).dump());
  }
  for (const auto& [name, count] : totals.at("counters").items()) {
    if (name != "accumulator_saturations") {
      CHECK(point.at("counters." + name).dump() == count.dump());
    }
  }
  for (const auto& [name, count] : totals.at("stall_cycles").items()) {
    CHECK(point.at("stall_cycles." + name).dump() == count.dump());
  }
}

}  // namespace lacuna::test
