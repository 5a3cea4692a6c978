#include "models/tomato/rtl/rtl_engine.h"

#include <algorithm>
#include <fstream>
#include <utility>

#include <dlfcn.h>
#include <fmt/format.h>

#include "models/tomato/analysis_steps.h"
#include "models/tomato/rtl/emit_design.h"
#include "models/tomato/rtl/machine_interface.h"
#include "models/tomato/rtl/token_times.h"

namespace lacuna::tomato {
namespace {

namespace fs = std::filesystem;

/// A loaded shared object.
class LoadedLibrary {
 public:
  explicit LoadedLibrary(const std::string& path) : library_(dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) {
    if (library_ == nullptr) {
      throw ConfigurationError({path, 0, {}}, "cannot load this compiled machine");
    }
    entry_ = reinterpret_cast<LacunaTomatoEntry>(dlsym(library_, "lacuna_tomato_machine"));
    if (entry_ == nullptr) {
      dlclose(library_);
      throw ConfigurationError({path, 0, {}}, "this is no compiled machine");
    }
  }
  LoadedLibrary(const LoadedLibrary&) = delete;
  LoadedLibrary& operator=(const LoadedLibrary&) = delete;
  ~LoadedLibrary() { dlclose(library_); }

  const LacunaTomatoMachine& machine(std::uint32_t number) const { return *entry_(number); }

 private:
  void* library_ = nullptr;
  LacunaTomatoEntry entry_ = nullptr;
};

using Words = std::vector<std::uint32_t>;

bool bit(const Words& words, std::size_t number) {
  return ((words[number / 32] >> (number % 32)) & 1U) != 0;
}

/// A value's bytes among those of a token.
void put_value(Words& words, std::uint64_t byte, std::uint64_t bytes, std::int64_t value) {
  for (std::uint64_t i = 0; i < bytes; ++i) {
    const std::uint64_t place = byte + i;
    const auto part = static_cast<std::uint32_t>(static_cast<std::uint64_t>(value) >> (8 * i) & 0xffU);
    words[place / 4] |= part << (8 * (place % 4));
  }
}

/// A value of any bits among a token's.
std::int64_t get_bits(const Words& words, std::uint64_t first, int bits) {
  std::uint64_t value = 0;
  for (int i = 0; i < bits; ++i) {
    value |= std::uint64_t{bit(words, first + static_cast<std::uint64_t>(i)) ? 1U : 0U} << i;
  }
  const int above = 64 - bits;
  return static_cast<std::int64_t>(value << above) >> above;
}

std::int64_t get_value(const Words& words, std::uint64_t byte, std::uint64_t bytes) {
  std::uint64_t value = 0;
  for (std::uint64_t i = 0; i < bytes; ++i) {
    const std::uint64_t place = byte + i;
    value |= std::uint64_t{words[place / 4] >> (8 * (place % 4)) & 0xffU} << (8 * i);
  }
  const int above = static_cast<int>(64 - 8 * bytes);
  return static_cast<std::int64_t>(value << above) >> above;
}

/// A run of a compiled machine.
class MachineRun {
 public:
  MachineRun(const Pipeline& pipeline, const Analysis& analysis, const Parameters& parameters,
             const Design& design, const LacunaTomatoMachine& machine, const RunInput& input)
      : pipeline_(pipeline),
        analysis_(analysis),
        parameters_(parameters),
        design_(design),
        machine_(machine),
        input_(input),
        handle_(machine.create()),
        pixel_(machine.pixel_words),
        pushes_(machine.fifo_words),
        pops_(machine.fifo_words),
        result_(machine.result_words),
        clipped_(machine.clipped_words),
        requantised_(machine.requantised_words),
        gates_(machine.gate_words),
        watch_(input.recorded_edges.begin(), input.recorded_edges.end()),
        watched_(machine.watched_words * watch_.size()),
        recorded_(watch_.size()) {
    seen_.frames = input.frames;
    seen_.fifos.resize(pipeline.edges.size());
    seen_.saturations.resize(pipeline.units.size());
    seen_.gates.resize(pipeline.units.size());
    requantised_tokens_.resize(design.requantisers.size());
    for (std::size_t edge = 0; edge < pipeline.edges.size(); ++edge) {
      totals_.push_back(analysis.streams[edge].tokens_per_frame() * input.frames);
      left_ += 2 * totals_.back();
    }
  }
  MachineRun(const MachineRun&) = delete;
  MachineRun& operator=(const MachineRun&) = delete;
  ~MachineRun() { machine_.destroy(handle_); }

  RunResult run() {
    machine_.reset(handle_);
    const std::uint64_t patience = longest_wait();
    std::uint64_t last_move = 0;
    for (cycle_ = 0; left_ > 0 && cycle_ <= last_move + patience; ++cycle_) {
      if (step()) {
        last_move = cycle_;
      }
    }
    RunResult result = result_of(pipeline_, analysis_, parameters_, seen_);
    if (!result.deadlock) {
      result.recorded = std::move(recorded_);
    }
    return result;
  }

 private:
  /// More cycles than any unit needs before it moves something, if it can.
  std::uint64_t longest_wait() const {
    std::uint64_t longest = 0;
    for (std::size_t unit = 0; unit < pipeline_.units.size(); ++unit) {
      const Unit& u = pipeline_.units[unit];
      const UnitPlan& plan = analysis_.units[unit];
      longest =
          std::max(longest, plan.issue_cycles + plan.latency_cycles + u.interval_cycles +
                                (u.kind == UnitKind::link ? 2 * std::uint64_t{u.link.latency_cycles} : 0));
    }
    return longest + 8;
  }

  /// Returns whether a token of the run moved.
  bool step() {
    const bool valid = sent_ < totals_[source_edge()] && cycle_ >= next_pixel_;
    if (valid && !pixel_ready_) {
      make_pixel();
    }
    const LacunaTomatoCycle signals{valid ? 1U : 0U,
                                    pixel_.data(),
                                    1U,
                                    pushes_.data(),
                                    pops_.data(),
                                    result_.data(),
                                    clipped_.data(),
                                    requantised_.data(),
                                    gates_.data(),
                                    static_cast<std::uint32_t>(watch_.size()),
                                    watch_.data(),
                                    watched_.data()};
    machine_.cycle(handle_, &signals);
    count_clipped();
    note_gates();
    record();
    if (bit(pops_, sink_edge()) && seen_.fifos[sink_edge()].pops.size() < totals_[sink_edge()]) {
      take_result();
    }
    bool moved = false;
    for (std::size_t edge = 0; edge < totals_.size(); ++edge) {
      moved = note(bit(pushes_, edge), seen_.fifos[edge].pushes, edge) || moved;
      moved = note(bit(pops_, edge), seen_.fifos[edge].pops, edge) || moved;
    }
    if (valid && bit(pushes_, source_edge())) {
      ++sent_;
      pixel_ready_ = false;
      next_pixel_ = cycle_ + pipeline_.units[analysis_.source].interval_cycles;
    }
    return moved;
  }

  /// Tokens behind the run's last are windows of padding that belong to a frame that never comes.
  bool note(bool moves, std::vector<std::uint64_t>& cycles, std::size_t edge) {
    if (!moves || cycles.size() == totals_[edge]) {
      return false;
    }
    cycles.push_back(cycle_);
    --left_;
    return true;
  }

  std::size_t source_edge() const { return analysis_.units[analysis_.source].outputs.front(); }
  std::size_t sink_edge() const { return analysis_.units[analysis_.sink].inputs.front(); }

  void make_pixel() {
    const Unit& source = pipeline_.units[analysis_.source];
    const std::uint64_t per_frame = design_.input.tokens_per_frame;
    if (sent_ % per_frame == 0) {
      const auto frame = static_cast<std::uint32_t>(sent_ / per_frame);
      frame_ = frame_of(input_, source, frame);
      if (input_.progress) {
        input_.progress(static_cast<std::uint32_t>(seen_.outputs.size()));
      }
    }
    std::fill(pixel_.begin(), pixel_.end(), 0);
    const std::uint64_t channels = design_.input.channels;
    const std::uint64_t bytes = design_.input.bytes_per_value();
    for (std::uint64_t c = 0; c < channels; ++c) {
      put_value(pixel_, c * bytes, bytes, frame_[sent_ % per_frame * channels + c]);
    }
    pixel_ready_ = true;
  }

  /// The tokens of this cycle in the FIFOs that are recorded, before `note` counts them.
  void record() {
    for (std::size_t i = 0; i < watch_.size(); ++i) {
      const std::size_t edge = watch_[i];
      const std::size_t token = seen_.fifos[edge].pushes.size();
      if (!bit(pushes_, edge) || token == totals_[edge]) {
        continue;
      }
      const Stream& stream = analysis_.streams[edge];
      if (token % stream.tokens_per_frame() == 0) {
        recorded_[i].emplace_back();
      }
      const int bits = hardware_bits(stream);
      const std::uint64_t first = 32 * std::uint64_t{machine_.watched_words} * i;
      for (std::uint64_t c = 0; c < stream.map.channels; ++c) {
        recorded_[i].back().push_back(get_bits(watched_, first + c * static_cast<std::uint64_t>(bits), bits));
      }
    }
  }

  void take_result() {
    if (seen_.fifos[sink_edge()].pops.size() % design_.output.tokens_per_frame == 0) {
      seen_.outputs.emplace_back();
    }
    const std::uint64_t bytes = design_.output.bytes_per_value();
    for (std::uint64_t c = 0; c < design_.output.channels; ++c) {
      seen_.outputs.back().push_back(get_value(result_, c * bytes, bytes));
    }
  }

  void count_clipped() {
    for (std::size_t i = 0; i < design_.requantisers.size(); ++i) {
      const std::size_t unit = design_.requantisers[i];
      if (requantised_tokens_[i] < analysis_.units[unit].results_per_frame * input_.frames) {
        seen_.saturations[unit] += clipped_[i / 2] >> (16 * (i % 2)) & 0xffffU;
        requantised_tokens_[i] += bit(requantised_, i) ? 1 : 0;
      }
    }
  }

  void note_gates() {
    std::size_t first = 0;
    for (const std::size_t unit : design_.winners) {
      const std::size_t edge = analysis_.units[unit].outputs.front();
      const std::size_t channels = analysis_.streams[edge].map.channels;
      if (bit(pushes_, edge) && seen_.gates[unit].size() < input_.frames) {
        Gate& gate = seen_.gates[unit].emplace_back();
        for (std::size_t channel = 0; channel < channels; ++channel) {
          gate.push_back(bit(gates_, first + channel) ? 1 : 0);
        }
      }
      first += channels;
    }
  }

  const Pipeline& pipeline_;
  const Analysis& analysis_;
  const Parameters& parameters_;
  const Design& design_;
  const LacunaTomatoMachine& machine_;
  const RunInput& input_;
  void* handle_;
  Words pixel_;
  Words pushes_;
  Words pops_;
  Words result_;
  Words clipped_;
  Words requantised_;
  Words gates_;
  Words watch_;    ///< RunInput::recorded_edges
  Words watched_;  ///< a token of each
  std::vector<std::vector<std::vector<std::int64_t>>> recorded_;
  SeenRun seen_;
  std::vector<std::uint64_t> totals_;  ///< tokens of the run in each FIFO
  std::uint64_t left_ = 0;             ///< pushes and pops to come
  std::vector<std::uint64_t> requantised_tokens_;
  RunInput::Frame frame_;
  std::uint64_t cycle_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t next_pixel_ = 0;
  bool pixel_ready_ = false;
};

/// A machine, checked and written as hardware.
struct Emitted {
  Pipeline pipeline;
  Parameters parameters;
  Analysis analysis;
  Design design;
};

class RtlEngine : public Engine {
 public:
  RtlEngine(Emitted emitted, std::shared_ptr<LoadedLibrary> library, std::uint32_t number)
      : machine_(std::move(emitted)), library_(std::move(library)), number_(number) {}

  std::string_view name() const override { return "rtl"; }
  RunResult run(const RunInput& input) override {
    check_input(machine_.pipeline, machine_.analysis, input);
    if (!input.has_values() || input.interval_cycles) {
      throw ConfigurationError({}, "engine rtl: hardware works on values, and does not count by intervals",
                               "a run with outputs and without intervals");
    }
    return MachineRun(machine_.pipeline, machine_.analysis, machine_.parameters, machine_.design,
                      library_->machine(number_), input)
        .run();
  }

 private:
  Emitted machine_;
  std::shared_ptr<LoadedLibrary> library_;
  std::uint32_t number_;
};

std::string number_name(const char* what, std::size_t number) {
  return fmt::format("{}_{}", what, number);
}

Design design_of(const RtlMachine& machine, const Analysis& analysis, std::size_t number,
                 const std::string& folder) {
  DesignOptions options;
  options.top_name = number_name("pipeline", number);
  options.memory_folder = folder;
  options.data_plane = machine.data_plane;
  options.halves_products = machine.halves_products;
  return emit_design(machine.pipeline, analysis, machine.parameters, options);
}

void write_file(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary);
  file << text;
  if (!file.flush()) {
    throw ConfigurationError({path.string(), 0, {}}, "cannot write the cache of compiled machines");
  }
}

/// What Verilator is told: no warnings here, the library is checked for them elsewhere. Loops over lanes
/// stay loops.
std::vector<std::string> verilate_arguments(std::size_t number, bool quick) {
  return {"--prefix",
          number_name("Vprobe", number),
          quick ? "-O1" : "-O3",
          "--x-assign",
          "fast",
          "--x-initial",
          "fast",
          "--unroll-stmts",
          "200",
          "-DTOMATO_PROBE",
          "-Wno-lint",
          "-Wno-fatal"};
}

std::vector<std::unique_ptr<Engine>> make_engines(const std::vector<RtlMachine>& machines,
                                                  const RtlBuild& build, bool quick) {
  std::vector<Emitted> emitted;
  VerilatedLibrary library;
  library.harness_headers = {"machine_interface.h"};
  library.optimisation = quick ? "-O0" : "-O1";  // -O2 takes six times as long for MobileNet-V1
  for (std::size_t number = 0; number < machines.size(); ++number) {
    const RtlMachine& machine = machines[number];
    check_weights(machine.pipeline);
    Analysis analysis = analyse(machine.pipeline, machine.parameters);
    Design design = design_of(machine, analysis, number, "");
    library.machines.push_back({number_name("probe", number), verilate_arguments(number, quick)});
    library.content +=
        design.top + emit_probe(machine.pipeline, analysis, design, number_name("probe", number));
    for (const DesignFile& file : design.memories) {
      library.content += fmt::format("{} {}\n{}", file.path, file.text.size(), file.text);
    }
    emitted.push_back({machine.pipeline, machine.parameters, std::move(analysis), std::move(design)});
  }
  library.write_files = [&](const fs::path& folder, const fs::path& final_folder) {
    std::string headers;
    std::string list;
    for (std::size_t number = 0; number < machines.size(); ++number) {
      const std::string own = number_name("pipeline", number);
      const Design design = design_of(machines[number], emitted[number].analysis, number,
                                      (fs::absolute(final_folder) / own).string() + "/");
      write_file(folder / (own + ".sv"), design.top);
      write_file(folder / (number_name("probe", number) + ".sv"),
                 emit_probe(machines[number].pipeline, emitted[number].analysis, design,
                            number_name("probe", number)));
      for (const DesignFile& file : design.memories) {
        write_file(folder / own / file.path, file.text);
      }
      headers += fmt::format("#include \"{}.h\"\n", number_name("Vprobe", number));
      list += fmt::format(" X({})", number_name("Vprobe", number));
    }
    write_file(folder / "machines.h", headers + "#define LACUNA_MACHINES(X)" + list + "\n");
  };
  const auto loaded = std::make_shared<LoadedLibrary>(build_verilated(library, build));
  std::vector<std::unique_ptr<Engine>> engines;
  for (std::size_t number = 0; number < emitted.size(); ++number) {
    engines.push_back(
        std::make_unique<RtlEngine>(std::move(emitted[number]), loaded, static_cast<std::uint32_t>(number)));
  }
  return engines;
}

}  // namespace

std::unique_ptr<Engine> make_rtl_engine(const Pipeline& pipeline, const Parameters& parameters,
                                        const RtlBuild& build, DataPlane plane) {
  return std::move(make_engines({{pipeline, parameters, plane}}, build, false).front());
}

std::vector<std::unique_ptr<Engine>> make_rtl_engines(const std::vector<RtlMachine>& machines,
                                                      const RtlBuild& build) {
  return make_engines(machines, build, true);
}

}  // namespace lacuna::tomato
