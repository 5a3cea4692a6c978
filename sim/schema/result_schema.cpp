#include "sim/schema/result_schema.h"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

namespace lacuna {
namespace {

using Json = nlohmann::ordered_json;

const Json text = {{"type", "string"}};
const Json number = {{"type", "number"}};
const Json count = {{"type", "integer"}, {"minimum", 0}};
const Json checksum = {{"type", {"string", "null"}}, {"pattern", "^[0-9a-f]{64}$"}};

Json described(Json schema, const char* description) {
  schema["description"] = description;
  return schema;
}

/// An object with these properties, all of them there unless `optional`, and no others.
Json closed_object(Json properties, const std::vector<std::string>& optional = {}) {
  Json required = Json::array();
  for (const auto& [key, value] : properties.items()) {
    if (std::find(optional.begin(), optional.end(), key) == optional.end()) {
      required.push_back(key);
    }
  }
  return {{"type", "object"},
          {"properties", std::move(properties)},
          {"required", std::move(required)},
          {"additionalProperties", false}};
}

Json object_of(Json values) {
  return {{"type", "object"}, {"additionalProperties", std::move(values)}};
}

Json or_null(Json schema) {
  return {{"anyOf", {std::move(schema), {{"type", "null"}}}}};
}

Json list_of(Json items) {
  return {{"type", "array"}, {"items", std::move(items)}};
}

/// What a layer and the totals have in common.
Json measures() {
  const Json kinds = {{"random", described(number, "events that happened")},
                      {"gated", described(number, "slots in which a unit was held")},
                      {"skipped", described(number, "accesses that were not needed")},
                      {"clock", described(number, "clock trees")},
                      {"leakage", described(number, "leakage")}};
  Json details = kinds;
  details["modules"] = object_of(closed_object(kinds));
  details["events"] = object_of(number);
  return {
      {"cycles",
       described(count,
                 "clock cycles, summed over the vectors; of a pipeline's layer those in which its engine was "
                 "busy; with a memory outside also those of transfers that no run hides")},
      {"time_us", described(number, "cycles at the machine's clock")},
      {"macs",
       described(
           count,
           "multiply-accumulates: EIE, nonzeros under nonzero activations; streaming, of the layer's engine "
           "(totals: that the network's shapes ask for)")},
      {"busy_cycles", described(count, "cycles of all PEs or units in which they did useful work")},
      {"stall_cycles", described(object_of(count),
                                 "all other cycles of all PEs or units, by cause; on EIE cycles times PEs "
                                 "are these and the busy ones")},
      {"counters", described(object_of(count), "events, by name")},
      {"energy_pj", described(or_null(object_of(number)), "by module, and the total; null without a table")},
      {"energy_details_pj",
       described(or_null(closed_object(std::move(details))), "by kind, by module and kind, by event")},
      {"area_mm2", described(or_null(number), "null where it is not known")},
      {"resources", described(or_null({{"type", "object"}}), "of an FPGA; null for other machines")},
      {"memory",
       described(closed_object({{"jobs", described(count, "1, or the parts in which the layer ran")},
                                {"run_cycles", described(count, "cycles of runs")},
                                {"exposed_cycles", described(count, "cycles outside of runs")},
                                {"items_overlapped", described(count, "vectors loaded during a run")},
                                {"energy_pj", described(number, "of what passes; not the machine's")},
                                {"phases", object_of(closed_object({{"bytes", count},
                                                                    {"bursts", count},
                                                                    {"under_way_cycles", count},
                                                                    {"exposed_cycles", count},
                                                                    {"energy_pj", number}}))}}),
                 "of runs with a memory outside: what passes, and the cycles that no run hides")},
      {"outputs_checksum",
       described(
           checksum,
           "SHA-256 of the raw outputs, null when none were computed. Layers: little-endian 32-bit integers, "
           "vector after vector; a network's layer: its map by rows, pixels, channels, with several images "
           "over their checksums (hexadecimal digits) in order; streaming (totals alone): 64-bit integers, "
           "frame after frame")},
      {"classification",
       described(or_null(closed_object({{"correct", count}, {"labelled", count}})), "null without labels")}};
}

/// Sections of families are optional: a result has that of its own family.
Json with_families(Json properties, const Families& families) {
  std::vector<std::string> kinds;
  for (const Family* family : families) {
    kinds.emplace_back(family->kind());
    properties[kinds.back()] = {{"type", "object"}};
  }
  if (properties.contains("intervals")) {
    kinds.emplace_back("intervals");
    kinds.emplace_back("against_floating_point");
  }
  kinds.emplace_back("memory");
  return closed_object(std::move(properties), kinds);
}

}  // namespace

nlohmann::ordered_json result_schema(const Families& families) {
  Json kinds = Json::array();
  for (const Family* family : families) {
    kinds.push_back(family->kind());
  }
  Json layer = {{"name", text}};
  layer.update(measures());
  const Json share = {{"type", "number"}, {"minimum", 0}, {"maximum", 1}};
  const Json tally = closed_object(
      {{"nonzeros", count},
       {"clipped_share", described(share, "of the nonzeros: beyond the format, held as its end")},
       {"to_zero_share", described(share, "of the nonzeros: held as zero")},
       {"error_db",
        described(or_null(number), "power of the errors over power of the numbers; null: none")}});
  layer["numbers"] = described(or_null(closed_object({{"weights", tally}, {"activations", tally}})),
                               "what became of real numbers in the machine's formats; null without values");
  Json schema = with_families(
      {{"schema", {{"const", "lacuna.result/2"}}},
       {"program", text},
       {"version", text},
       {"commit", described(text, "of the program's source; not in golden results")},
       {"family", {{"enum", std::move(kinds)}}},
       {"engine", described(text, "not in golden results")},
       {"seed", count},
       {"configuration", described({{"type", "object"}}, "after base files and the command line")},
       {"inputs", described(list_of(closed_object({{"file", text}, {"sha256", checksum}})),
                            "every file that decided the result")},
       {"energy_table", or_null(text)},
       {"notes", list_of(text)},
       {"layers", list_of(with_families(std::move(layer), families))},
       {"totals", with_families(measures(), families)},
       {"intervals",
        described(list_of(closed_object(
                      {{"first_cycle", count},
                       {"cycles", count},
                       {"cycle_classes", object_of(count)},
                       {"busy_of_each", described(list_of(count),
                                                  "useful cycles of each PE or unit, where the engine knows "
                                                  "them and all are at most a million numbers")}},
                      {"busy_of_each"})),
                  "where they were asked for: cycle classes of all PEs or units of each so many cycles")},
       {"against_floating_point",
        described(list_of(closed_object({{"name", text},
                                         {"format", text},
                                         {"sqnr_db", described(or_null(number), "null where exact")},
                                         {"largest_error", number}})),
                  "where it was asked for: the outputs of each layer")}},
      families);
  Json& required = schema["required"];
  for (const char* key : {"commit", "engine"}) {
    required.erase(std::find(required.begin(), required.end(), key));
  }
  schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  schema["title"] = "Result of a run of Lacuna";
  return schema;
}

nlohmann::ordered_json sweep_result_schema() {
  const Json scalar = {{"type", {"string", "number", "boolean", "null"}}};
  const Json point = closed_object(
      {{"point", count},
       {"axes", described(object_of(scalar), "the value on each axis, of its own type")},
       {"status", {{"enum", {"ok", "infeasible", "failed"}}}},
       {"reason",
        described(
            text,
            "of a point that failed or is infeasible; of an ok one what its formats lose, if that is much")},
       {"totals", described(object_of(scalar), "every metric; null where it is not known")},
       {"layers",
        described(list_of({{"type", "object"}, {"properties", {{"name", text}}}, {"required", {"name"}}}),
                  "what the family says of each layer")}},
      {"reason", "totals", "layers"});
  Json schema = closed_object(
      {{"schema", {{"const", "lacuna.sweep-result/2"}}},
       {"program", text},
       {"version", text},
       {"commit", text},
       {"engine", text},
       {"seed", count},
       {"architecture", described({{"type", "object"}}, "the machine that the axes start from")},
       {"energy_table", or_null(text)},
       {"axes", list_of(closed_object({{"key", text}, {"values", list_of(scalar)}}))},
       {"sampling", {{"type", "object"}}},
       {"constraints", list_of(text)},
       {"excluded_points", count},
       {"objectives", list_of(closed_object({{"metric", text}, {"goal", {{"enum", {"min", "max"}}}}}))},
       {"points", list_of(point)}});
  schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  schema["title"] = "Results of a sweep of Lacuna";
  return schema;
}

nlohmann::ordered_json search_result_schema() {
  const Json number = {{"type", "number"}};
  const Json machines =
      described(object_of(object_of(number)), "each machine's figures of a frame, as far as it knows them");
  const Json network = closed_object(
      {{"candidate", described(count, "its line in results.csv, from 0")},
       {"blocks", list_of(text)},
       {"parameters", count},
       {"multiply_accumulates", count},
       {"machines", machines},
       {"random", {{"type", "boolean"}}},
       {"choices",
        described(object_of(text), "what is chosen beside blocks: formats, activations, lanes, machines")},
       {"rank", count},
       {"scores",
        closed_object(
            {{"fisher", or_null(number)}, {"naswot", or_null(number)}, {"gradient_norm", or_null(number)}})},
       {"trained", closed_object({{"network", described(text, "its file, from this folder")},
                                  {"correct", count},
                                  {"images", count},
                                  {"loss", or_null(number)},
                                  {"machines", machines}})},
       {"layers",
        described(
            list_of(closed_object(
                {{"name", text},
                 {"kind", text},
                 {"shape", text},
                 {"inputs", described(list_of(count), "positions of the layers that it reads")},
                 {"cycles", described(object_of(number), "of each machine that computes it, a frame")}})),
            "the network's, in their order")}},
      {"choices", "rank", "scores", "trained"});
  Json schema = closed_object(
      {{"schema", {{"const", "lacuna.search/1"}}},
       {"program", text},
       {"version", text},
       {"commit", text},
       {"search", described(text, "SHA-256 of the search, all files that it names, and the program")},
       {"space", described(number, "networks, up to rounding")},
       {"whole", described({{"type", "boolean"}}, "whether all of them were looked at")},
       {"looked_at", count},
       {"passed", count},
       {"failed", described(count, "that a machine does not run, or that could not be scored")},
       {"score", text},
       {"filters", list_of(closed_object({{"filter", text}, {"looked_at", count}, {"rejected", count}}))},
       {"networks", described(list_of(network), "those that were trained, else the ten best")},
       {"candidates",
        described(object_of({{"type", "array"}}),
                  "a list for each figure, of all candidates, or of very many those that passed "
                  "and the first others; `end`: the filter that rejected it, or what became of "
                  "it")}});
  schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  schema["title"] = "Results of a search of Lacuna";
  return schema;
}

}  // namespace lacuna
