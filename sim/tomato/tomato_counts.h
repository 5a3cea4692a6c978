#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "sim/tomato/run_tomato.h"

namespace lacuna::tomato {

/// What is stored of a point: `totals` (counts, resources), `events` as in unit_event_info, `energy_events`
/// of fpga_costed_machine (null without a device), `layers`, and digests of what single units and FIFOs did
/// and of the output values. Nothing that an energy table decides, nothing of the engine.
nlohmann::ordered_json tomato_counts(const TomatoReport& report);

/// The stored counts. Throws InputDataError (place: store) when they are damaged.
nlohmann::ordered_json decode_tomato_counts(const std::string& bytes, const std::string& store);

/// The first count in which two runs differ, as a sentence; empty when all are equal.
std::string first_difference(const nlohmann::ordered_json& a, const nlohmann::ordered_json& b);

}  // namespace lacuna::tomato
