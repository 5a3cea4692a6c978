#include "sim/tomato/validate_tomato.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/tomato/layer_summary.h"
#include "sim/tomato/load_tomato.h"
#include "sim/tomato/tomato_text.h"

namespace lacuna {
namespace {

using tomato::TomatoConfig;
using tomato::TomatoReport;

constexpr std::uint64_t input_pixels = std::uint64_t{224} * 224;
constexpr double published_latency_us = 320.0;
constexpr double published_frames_per_second = 3000.0;
constexpr double published_multiply_accumulates = 568.7e6;
constexpr double interval_tolerance = 0.016;  ///< half a unit of the published 0.32 ms

TomatoConfig mobilenet(const TomatoValidationOptions& options) {
  return tomato::load_tomato_config(options.configuration_folder + "/tomato/mobilenet.yaml");
}

TomatoReport run_on(tomato::EngineKind engine, TomatoConfig config) {
  config.engine = engine;
  tomato::TomatoEngineOptions options;
  options.in_child_process = true;
  return tomato::run_tomato(config, options);
}

bool same_timing(const tomato::RunResult& a, const tomato::RunResult& b) {
  bool same = a.cycles == b.cycles && a.frame_cycles == b.frame_cycles;
  for (std::size_t unit = 0; same && unit < a.units.size(); ++unit) {
    same = a.units[unit].cycles == b.units[unit].cycles && a.units[unit].events == b.units[unit].events;
  }
  for (std::size_t fifo = 0; same && fifo < a.fifos.size(); ++fifo) {
    same = a.fifos[fifo].high_water_mark == b.fifos[fifo].high_water_mark &&
           a.fifos[fifo].full_stall_cycles == b.fifos[fifo].full_stall_cycles;
  }
  return same;
}

std::string uses_text(const TomatoReport& report) {
  std::string text;
  for (const tomato::ResourceUse& use :
       tomato::device_use(report.machine.placement->devices.front().total, *report.machine.device)) {
    text +=
        fmt::format("{}{} {} ({:.1f} %)", text.empty() ? "" : ", ", use.used, use.name, 100.0 * use.share());
  }
  return text;
}

/// The shortest way through the pipeline at the same throughput, with the device's room or without bounds.
TomatoStatement shortest_latency(TomatoConfig config, const std::string& what, bool on_device) {
  if (!on_device) {
    config.architecture.device = {};
  }
  config.architecture.balance->minimise_latency = true;
  config.architecture.size_fifos = false;
  const TomatoReport report = run_on(tomato::EngineKind::timeline, config);
  const double latency = tomato::latency_us(config, report);
  std::string ours =
      fmt::format("{:.1f} us ({:+.1f} %)", latency, 100.0 * (latency / published_latency_us - 1.0));
  if (on_device) {
    ours += "; " + uses_text(report);
  }
  return {what, "320 us", ours, std::abs(latency / published_latency_us - 1.0) <= interval_tolerance, false};
}

void add_statements(const TomatoConfig& config, const TomatoReport& clocked, const TomatoReport& fast,
                    TomatoValidation& validation) {
  auto& list = validation.statements;
  const double macs = static_cast<double>(clocked.multiply_accumulates_per_frame);
  list.push_back({"multiply-accumulates per frame", "569 M (568.7 M from shapes)",
                  fmt::format("{:.2f} M", macs / 1e6),
                  std::abs(macs - published_multiply_accumulates) < 0.1e6});
  const double steady = clocked.result.cycles_per_frame().value();
  list.push_back({"steady state, SystemC", "50176 cycles per frame",
                  fmt::format("{} cycles per frame", tomato::cycles_text(steady)), steady == input_pixels});
  const double fps = tomato::frames_per_second(config, clocked).value();
  list.push_back({"throughput at 157 MHz", "more than 3000 frames/s", fmt::format("{:.1f} frames/s", fps),
                  fps > published_frames_per_second});
  const double interval = steady / config.architecture.parameters.clock_mhz;
  list.push_back({"time from frame to frame at 157 MHz", "320 us", fmt::format("{:.1f} us", interval),
                  std::abs(interval / published_latency_us - 1.0) <= interval_tolerance});
  const double latency = tomato::latency_us(config, clocked);
  list.push_back(
      {"latency at 157 MHz, first pixel in to last result out", "320 us",
       fmt::format("{:.1f} us ({:+.1f} %)", latency, 100.0 * (latency / published_latency_us - 1.0)),
       std::abs(latency / published_latency_us - 1.0) <= interval_tolerance, false});
  list.push_back(shortest_latency(config, "the shortest that one Stratix 10 has room for", true));
  list.push_back(shortest_latency(config, "a token a cycle in every unit, on no device", false));
  list.push_back({"timeline engine equals SystemC", "every cycle, event and high-water mark",
                  same_timing(clocked.result, fast.result) ? "equal" : "different",
                  same_timing(clocked.result, fast.result)});
  list.push_back({"fits one Stratix 10 GX 2800", "one device", uses_text(clocked), true});
}

/// The formats that the authors' script exports to their hardware: 3-bit shift weights, dynamic fixed point.
TomatoStatement with_short_shifts(const TomatoValidationOptions& options) {
  const TomatoConfig config =
      tomato::load_tomato_config(options.configuration_folder + "/tomato/mobilenet-shift3.yaml");
  const TomatoReport report = run_on(tomato::EngineKind::systemc, config);
  const double fps = tomato::frames_per_second(config, report).value();
  return {"with 3-bit shift weights in all layers, 157 MHz, one device", "more than 3000 frames/s",
          fmt::format("{:.1f} frames/s; {}", fps, uses_text(report)), fps > published_frames_per_second};
}

/// The same machine with other formats everywhere; what it needs, or what runs out.
TomatoStatement with_fixed(const TomatoConfig& base, const std::string& what, tomato::MultiplierPlace place) {
  TomatoConfig config = base;
  config.architecture.layers.clear();
  config.architecture.defaults.values.weights = "fixed(16)";
  config.architecture.defaults.values.activations = "fixed(16)";
  config.architecture.multipliers = place;
  config.architecture.size_fifos = false;
  config.workload.frames = 2;
  config.engine = tomato::EngineKind::timeline;
  try {
    return {what, "", "fits: " + uses_text(tomato::run_tomato(config)), true};
  } catch (const CapacityError& error) {
    return {what, "", std::string("does not fit: ") + error.what(), true};
  }
}

DataDescription test_images(const std::string& folder) {
  DataDescription data;
  const auto file = [&](const char* name) {
    FilePath path;
    path.written = path.resolved = folder + "/" + name;
    return path;
  };
  data.idx = file("t10k-images-idx3-ubyte.gz");
  data.labels = file("t10k-labels-idx1-ubyte.gz");
  data.scale = 2.0 / 255.0;
  data.offset = -1.0;
  return data;
}

TomatoAccuracy accuracy_with(const TomatoValidationOptions& options, const DataDescription& data,
                             const std::string& name, const std::string& weights,
                             const std::vector<std::pair<std::string, std::string>>& layers) {
  TomatoConfig config;
  config.workload.network.written = config.workload.network.resolved =
      options.configuration_folder + "/networks/lenet5.yaml";
  config.workload.frames = 10000;
  config.engine = tomato::EngineKind::timeline;
  config.architecture.defaults.values.weights = weights;
  for (const auto& [layer, format] : layers) {
    tomato::LayerSettings settings;
    settings.layer = layer;
    settings.weights = format;
    config.architecture.layers.push_back(settings);
  }
  tomato::TomatoEngineOptions engine;
  engine.threads = options.threads;
  const TomatoReport report = tomato::run_tomato(config, engine, data);
  return {name, report.accuracy->correct, report.accuracy->labelled};
}

void add_accuracies(const TomatoValidationOptions& options, TomatoValidation& validation) {
  const std::string folder = options.data_folder + "/mnist";
  std::error_code error;
  validation.has_images = !options.data_folder.empty() && std::filesystem::is_directory(folder, error);
  if (!validation.has_images) {
    return;
  }
  const DataDescription data = test_images(folder);
  validation.accuracies = {
      accuracy_with(options, data, "fixed(8) throughout", "fixed(8)", {}),
      accuracy_with(options, data, "shift(4) throughout", "shift(4)", {}),
      accuracy_with(options, data, "mixed: conv0 and logits fixed(8), conv1 and fc1 shift(4)", "fixed(8)",
                    {{"conv1", "shift(4)"}, {"fc1", "shift(4)"}})};
}

}  // namespace

bool TomatoValidation::passed() const {
  return std::all_of(statements.begin(), statements.end(),
                     [](const TomatoStatement& s) { return s.holds || !s.judged; });
}

TomatoValidation validate_tomato(const TomatoValidationOptions& options) {
  TomatoValidation validation;
  const TomatoConfig config = mobilenet(options);
  const TomatoReport clocked = run_on(tomato::EngineKind::systemc, config);
  const TomatoReport fast = run_on(tomato::EngineKind::timeline, config);
  add_statements(config, clocked, fast, validation);
  validation.statements.push_back(with_short_shifts(options));
  validation.machine = tomato::text_report(config, clocked);
  validation.all_fixed = {
      with_fixed(config, "all multipliers in DSP blocks", tomato::MultiplierPlace::dsp),
      with_fixed(config, "DSP blocks first, the rest in logic", tomato::MultiplierPlace::automatic)};
  add_accuracies(options, validation);
  return validation;
}

std::string validation_text(const TomatoValidation& validation) {
  std::string text =
      "MobileNet-V1, 224 x 224, one input pixel per cycle on a Stratix 10, three frames on the SystemC "
      "pipeline\n\n"
      "| | published | ours | |\n|---|---|---|---|\n";
  for (const TomatoStatement& s : validation.statements) {
    text += fmt::format("| {} | {} | {} | {} |\n", s.what, s.published, s.ours,
                        s.holds    ? "holds"
                        : s.judged ? "does not hold"
                                   : "differs, explained in docs/validation.md");
  }
  text += "\n" + validation.machine +
          "\nThe same machine with 16-bit fixed-point weights and activations throughout\n\n";
  for (const TomatoStatement& s : validation.all_fixed) {
    text += fmt::format("* {}: {}\n", s.what, s.ours);
  }
  text += "\nPruned LeNet-5 on the MNIST test images, 8-bit activations, not retrained\n\n";
  if (!validation.has_images) {
    return text + "skipped: the MNIST images are not there; name the folder that holds mnist with --data\n";
  }
  text += "| weights | right | of | % |\n|---|---:|---:|---:|\n";
  for (const TomatoAccuracy& a : validation.accuracies) {
    text += fmt::format("| {} | {} | {} | {:.2f} |\n", a.arithmetic, a.correct, a.images,
                        100.0 * static_cast<double>(a.correct) / static_cast<double>(a.images));
  }
  return text;
}

}  // namespace lacuna
