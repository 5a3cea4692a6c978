#include <algorithm>
#include <charconv>
#include <cstdint>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "models/common/error.h"
#include "models/common/notice.h"
#include "models/common/run_trace.h"
#include "models/common/systemc/wave_path.h"
#include "models/common/text.h"
#include "sim/cli/commands.h"
#include "sim/cli/data_folders.h"
#include "sim/cli/long_work.h"
#include "sim/cli/options.h"
#include "sim/cli/outputs.h"
#include "sim/families.h"
#include "sim/family/configuration.h"
#include "sim/files/output_file.h"
#include "sim/memory/request_trace.h"
#include "sim/report/numbers_report.h"
#include "sim/report/result_csv.h"
#include "sim/report/result_json.h"
#include "sim/report/text_formats.h"
#include "sim/report/trace_events.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna::cli {
namespace {

struct RunArguments {
  std::string config;
  std::vector<std::string> traces;
  std::optional<std::string> architecture;
  std::string json;
  std::string csv;
  std::string wave;
  std::string wave_only;
  std::string memory_trace;
  std::string timeline;
  std::string timeline_window;
  std::string timeline_pes;
  ConfigOverrides overrides;
  std::optional<std::uint64_t> intervals;
  std::size_t jobs = std::max(1U, std::thread::hardware_concurrency());
  std::string outputs;
  bool reference = false;
  bool quiet = false;
  bool force = false;
};

/// Whether an output takes standard output.
bool check_run_outputs(const RunArguments& arguments) {
  check_output("--outputs", arguments.outputs, if_exists(arguments.force));
  if (!arguments.outputs.empty()) {
    kept_values_of(arguments.outputs);
  }
  check_output("--wave", arguments.wave, if_exists(arguments.force));
  check_output("--memory-trace", arguments.memory_trace, if_exists(arguments.force));
  if (!arguments.memory_trace.empty()) {
    RequestTrace::check_path(arguments.memory_trace);
  }
  return check_outputs(
      {{"--timeline", arguments.timeline}, {"--json", arguments.json}, {"--csv", arguments.csv}},
      if_exists(arguments.force));
}

/// "FROM:TO" or "FROM-TO", whole numbers; either may be missing where `open` says what it is then. Nothing
/// when it is neither.
std::optional<std::pair<std::uint64_t, std::uint64_t>> range_of(
    const std::string& text, char separator, std::optional<std::pair<std::uint64_t, std::uint64_t>> open) {
  const std::size_t split = text.find(separator);
  const auto number = [](const std::string& part, std::optional<std::uint64_t> missing) {
    if (part.empty()) {
      return missing;
    }
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    return error == std::errc() && end == part.data() + part.size() ? std::optional(value) : std::nullopt;
  };
  const auto from = number(text.substr(0, split), open ? std::optional(open->first) : std::nullopt);
  const auto to = split == std::string::npos
                      ? (open ? std::nullopt : from)
                      : number(text.substr(split + 1), open ? std::optional(open->second) : std::nullopt);
  return from && to ? std::optional(std::pair(*from, *to)) : std::nullopt;
}

/// Throws ConfigurationError for a window or a list of PEs that is none.
RunTrace::Selection timeline_selection(const RunArguments& arguments) {
  RunTrace::Selection selection;
  if (!arguments.timeline_window.empty()) {
    const auto window = range_of(arguments.timeline_window, ':', std::pair(std::uint64_t{0}, UINT64_MAX));
    if (!window || window->first >= window->second) {
      throw ConfigurationError({{}, 0, "--timeline-window"},
                               "'" + cut(arguments.timeline_window, 40) + "' is no window",
                               "FIRST:END, cycles, the first below the end, such as 1000:2000 or 5000:");
    }
    selection.first_cycle = window->first;
    selection.end_cycle = window->second;
  }
  for (std::size_t first = 0; first < arguments.timeline_pes.size();) {
    const std::size_t comma =
        std::min(arguments.timeline_pes.find(',', first), arguments.timeline_pes.size());
    const auto range = range_of(arguments.timeline_pes.substr(first, comma - first), '-', std::nullopt);
    if (!range || range->first > range->second) {
      throw ConfigurationError({{}, 0, "--timeline-pes"},
                               "'" + cut(arguments.timeline_pes, 40) + "' is no list",
                               "numbers and ranges, such as 0-3,17");
    }
    selection.lanes.emplace_back(range->first, range->second);
    first = comma + 1;
  }
  return selection;
}

/// What a configuration file would say of these traces.
YamlNode configuration_of_traces(const RunArguments& arguments) {
  const auto text = [](const std::string& value) {
    YamlNode node;
    node.kind = YamlNode::Kind::scalar;
    node.text = value;
    node.quoted = true;
    return node;
  };
  const auto mapping = [](const std::string& key, YamlNode value) {
    YamlNode node;
    node.kind = YamlNode::Kind::mapping;
    node.entries.push_back({key, 0, std::move(value)});
    return node;
  };
  YamlNode layers;
  layers.kind = YamlNode::Kind::sequence;
  for (const std::string& trace : arguments.traces) {
    layers.items.push_back(mapping("trace", text(trace)));
  }
  YamlNode machine = arguments.architecture
                         ? mapping("base", text(architecture_path(*arguments.architecture)))
                         : mapping("kind", text(std::string(families().front()->kind())));
  YamlNode document = mapping("architecture", std::move(machine));
  document.entries.push_back({"workload", 0, mapping("layers", std::move(layers))});
  set_origin(document, std::make_shared<const YamlOrigin>(YamlOrigin{"--trace", {}, false}));
  return document;
}

YamlNode configuration_of(const RunArguments& arguments) {
  if (arguments.config.empty() == arguments.traces.empty()) {
    throw ConfigurationError({{}, 0, "CONFIG"},
                             arguments.config.empty() ? "is missing" : "stands beside --trace",
                             "a configuration file, or --trace FILE");
  }
  if (!arguments.config.empty()) {
    if (arguments.architecture) {
      throw ConfigurationError({{}, 0, "--architecture"},
                               "stands beside a configuration file, which names its own",
                               "--set architecture.base=FILE, or --trace FILE");
    }
    return load_configuration(arguments.config, arguments.overrides);
  }
  return changed_configuration(configuration_of_traces(arguments), arguments.overrides);
}

Result run_with_progress(const RunArguments& arguments, const Job& job, RunTrace* timeline) {
  if (arguments.quiet) {
    listen(nullptr);
  }
  ProgressLine line(!arguments.quiet && stderr_is_terminal());
  RunSettings settings;
  settings.folders = data_folders();
  settings.wave_path = arguments.wave;
  settings.wave_only = arguments.wave_only;
  settings.threads = arguments.jobs;
  settings.interval_cycles = arguments.intervals;
  settings.timeline = timeline;
  settings.records_traces = !arguments.json.empty() || !arguments.csv.empty();
  settings.values.reference = arguments.reference;
  if (!arguments.outputs.empty()) {
    settings.values.kept = kept_values_of(arguments.outputs);
  }
  settings.progress = [&line](const RunProgress& progress) {
    check_for_interrupt();
    line.show(progress);
  };
  std::optional<RequestTrace> trace;
  if (!arguments.memory_trace.empty()) {
    settings.memory_requests = [&](const memory::Request& request) {
      if (!trace) {
        trace.emplace(arguments.memory_trace);
      }
      trace->write(request);
    };
  }
  Result result = job.run(settings);
  check_for_interrupt();
  if (trace) {
    trace->finish();
  }
  return result;
}

void write_results(const RunArguments& arguments, const Result& result) {
  if (!arguments.outputs.empty()) {
    const InterruptBlock block;
    write_values(arguments.outputs, result.values);
  }
  if (arguments.json.empty() && arguments.csv.empty()) {
    return;
  }
  const nlohmann::ordered_json json = result_json(result);
  write_outputs({{arguments.json, arguments.json.empty() ? std::string() : pretty_json(json)},
                 {arguments.csv, arguments.csv.empty() ? std::string() : result_csv(json)}});
}

void write_timeline(const RunArguments& arguments, const RunTrace& timeline) {
  if (timeline.lane_names().empty()) {
    throw ConfigurationError({{}, 0, "--timeline"}, "this family's machines record none",
                             "a machine of another family");
  }
  bool any = false;
  for (std::size_t lane = 0; lane < timeline.lane_names().size(); ++lane) {
    any = any || timeline.keeps_lane(lane);
  }
  if (!any) {
    throw ConfigurationError({{}, 0, "--timeline-pes"}, "names none of the machine's PEs or units",
                             fmt::format("0 to {}", timeline.lane_names().size() - 1));
  }
  const std::string& title = arguments.config.empty() ? arguments.traces.front() : arguments.config;
  write_outputs({{arguments.timeline, trace_events(timeline, title)}});
}

void run(RunArguments& arguments) {
  const bool output_taken = check_run_outputs(arguments);
  if (arguments.overrides.energy) {
    arguments.overrides.energy = energy_table_path(*arguments.overrides.energy);
  }
  const YamlNode document = configuration_of(arguments);
  std::optional<RunTrace> timeline;
  if (!arguments.timeline.empty()) {
    timeline.emplace(timeline_selection(arguments));
  }
  const std::unique_ptr<Job> job = family_of(document, families()).load(document);
  remove_when_ended(arguments.wave.empty() ? "" : unfinished_wave_path(arguments.wave));
  const Result result = run_with_progress(arguments, *job, timeline ? &*timeline : nullptr);
  check_for_interrupt();
  if (timeline) {
    write_timeline(arguments, *timeline);
  }
  write_results(arguments, result);
  if (!arguments.quiet && !output_taken) {
    std::cout << result.text << reference_text(result.values) << std::flush;
  }
  if (!result.checks_passed) {
    throw Failure();
  }
}

/// "family: engine, engine; ...", for all families.
std::string engine_list() {
  std::string text;
  for (const Family* family : families()) {
    text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", family->kind(),
                        fmt::join(engine_names(family->engines()), ", "));
  }
  return text;
}

}  // namespace

void add_run(CLI::App& app) {
  auto arguments = std::make_shared<RunArguments>();
  CLI::App* const command =
      app.add_subcommand("run", "Run a workload on a machine and report cycles, energy and load balance");
  command->add_option("CONFIG", arguments->config, "run configuration (YAML)");
  command
      ->add_option(
          "--trace", arguments->traces,
          "run this trace of lacuna import without a configuration; repeatable: one layer after the other")
      ->type_name("FILE.h5")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->allow_extra_args(false);
  command
      ->add_option("--architecture", arguments->architecture,
                   "with --trace: the machine, a shipped preset's name or a file; default: the defaults of " +
                       std::string(families().front()->kind()))
      ->type_name("PRESET");
  CLI::Option* const json =
      command
          ->add_option("--json", arguments->json,
                       "write the result as JSON to FILE; - is standard output, which then holds no table")
          ->type_name("FILE");
  command->add_option("--csv", arguments->csv, "write one line per layer to FILE, or - ")->type_name("FILE");
  command->add_option("--engine", arguments->overrides.engine, "engine: " + engine_list())->type_name("NAME");
  add_set_option(*command, arguments->overrides.assignments, "the configuration");
  command
      ->add_option(
          "--outputs", arguments->outputs,
          "write the outputs as real numbers: of the last layer, or (.npz) of every layer with the raw "
          "integers and formats beside")
      ->type_name("FILE.npy|FILE.npz");
  command->add_flag("--reference", arguments->reference,
                    "also compute the outputs in floating point and print the error of each layer");
  command
      ->add_option("--memory-trace", arguments->memory_trace,
                   "write the requests to the memory outside, where the configuration has one: FILE.stl for "
                   "DRAMSys, FILE.trace for Ramulator 2.0")
      ->type_name("FILE");
  CLI::Option* const wave =
      command->add_option("--wave", arguments->wave, "write waveforms (engine systemc) to FILE")
          ->type_name("FILE.vcd");
  command
      ->add_option("--wave-only", arguments->wave_only,
                   "with --wave: only signals whose hierarchical name matches, such as '*.PE3.*'")
      ->type_name("PATTERN")
      ->needs(wave);
  CLI::Option* const timeline =
      command
          ->add_option(
              "--timeline", arguments->timeline,
              "write what each PE or unit did when, and how full queues were, as Chrome trace events, "
              "which Perfetto opens (engine timeline)")
          ->type_name("FILE.json");
  command
      ->add_option("--timeline-window", arguments->timeline_window,
                   "with --timeline: only cycles from FIRST to before END; either may be missing")
      ->type_name("FIRST:END")
      ->needs(timeline);
  command
      ->add_option("--timeline-pes", arguments->timeline_pes,
                   "with --timeline: only these PEs or units, by number, such as 0-3,17")
      ->type_name("LIST")
      ->needs(timeline);
  command
      ->add_option("--intervals", arguments->intervals,
                   "with --json: also give the cycle classes of each N cycles of the run")
      ->type_name("N")
      ->needs(json)
      ->check(CLI::Range(std::uint64_t{1}, UINT64_MAX));
  command->add_option("--seed", arguments->overrides.seed, "seed of everything generated")->type_name("N");
  command
      ->add_option("-j,--jobs", arguments->jobs,
                   "threads, where the engine can use them: layers that do not feed each other, values of "
                   "whole networks and frames")
      ->check(CLI::Range(1U, 1024U));
  command
      ->add_option("--energy", arguments->overrides.energy,
                   "energy table: a shipped one's name, such as bottom-up-45nm, or a file")
      ->type_name("TABLE");
  command->add_flag("--quiet", arguments->quiet, "print nothing but errors");
  command->add_flag("--force", arguments->force, "replace output files that exist");
  command->footer(
      "Example:\n"
      "  lacuna run configs/main.yaml --json result.json --set architecture.queue_depth_entries=4\n"
      "  lacuna run configs/main.yaml --energy bottom-up-45nm\n"
      "  lacuna run configs/main.yaml --outputs outputs.npz --reference\n"
      "  lacuna run configs/main.yaml --engine timeline --timeline timeline.json --timeline-window "
      "20000:30000\n"
      "  lacuna run --trace layer.h5 --energy bottom-up-45nm --json - | python3 -m json.tool");
  command->callback([arguments] { run(*arguments); });
}

}  // namespace lacuna::cli
