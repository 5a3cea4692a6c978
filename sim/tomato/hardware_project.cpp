#include "sim/tomato/hardware_project.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <utility>

#include <boost/algorithm/string/replace.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "models/common/version.h"
#include "models/tomato/rtl/emit_design.h"
#include "models/tomato/rtl/window_geometry.h"
#include "models/tomato/timeline/timeline_engine.h"
#include "sim/tomato/hardware_testbench.h"
#include "sim/tomato/resources.h"
#include "sim/tomato/unit_structure.h"

namespace lacuna::tomato {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::uint32_t most_default_frames = 16;

std::string file_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) {
    throw InputDataError({path.string(), 0, {}}, "cannot be read", "the modules that come with the program");
  }
  return text.str();
}

/// The library's modules that a text names, and those that they name, by name.
class LibraryModules {
 public:
  explicit LibraryModules(fs::path folder) : folder_(std::move(folder)) {
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder_, error)) {
      if (entry.path().extension() == ".sv") {
        known_.insert(entry.path().stem().string());
      }
    }
    if (error || known_.empty()) {
      throw InputDataError({folder_.string(), 0, {}}, "holds no modules",
                           "the modules that come with the program");
    }
  }

  const std::map<std::string, std::string>& used_by(const std::string& text) {
    add(text);
    return used_;
  }

 private:
  void add(const std::string& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      add_line(line.substr(0, line.find("//")) + " ");
    }
  }

  void add_line(const std::string& line) {
    std::string word;
    for (const char c : line) {
      if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_') {
        word += c;
        continue;
      }
      if (known_.count(word) != 0 && used_.count(word) == 0) {
        std::string module = file_text(folder_ / (word + ".sv"));
        used_.emplace(word, module);
        add(module);
      }
      word.clear();
    }
  }

  fs::path folder_;
  std::set<std::string> known_;
  std::map<std::string, std::string> used_;
};

constexpr const char* text_of_makefile = R"(# make lint   Verilator's lint with all warnings
# make sim    the test bench in Verilator, or in Icarus Verilog where that is missing or SIM=iverilog (slow for wide layers)
# make synth  Yosys: a netlist in build/ for TARGET=ice40 (default), xilinx, ecp5, intel_alm or generic
# make pnr    nextpnr-ice40 places and routes the ice40 netlist; PNR=--hx8k (default) or --up5k
TOP := TOP_NAME
RTL := $(sort $(wildcard rtl/*.sv))
MEMORIES := $(wildcard mem/*.hex)
SIM ?= $(shell command -v verilator > /dev/null && echo verilator || echo iverilog)
TARGET ?= ice40
PNR ?= --hx8k

SYNTH_ice40 := synth_ice40 -top $(TOP)
SYNTH_xilinx := synth_xilinx -family xcup -flatten -top $(TOP)
SYNTH_ecp5 := synth_ecp5 -top $(TOP)
SYNTH_intel_alm := synth_intel_alm -top $(TOP)
SYNTH_generic := synth -top $(TOP) -flatten

.PHONY: lint sim synth pnr clean
lint:
	verilator --lint-only -Wall --top-module $(TOP) $(RTL)

sim: sim-$(SIM)

.PHONY: sim-iverilog sim-verilator
sim-iverilog:
	mkdir -p build
	iverilog -g2012 -Wall -Wno-timescale -s tb_$(TOP) -o build/tb.vvp $(RTL) tb/tb_$(TOP).sv
	vvp -N build/tb.vvp | tee build/sim.log
	@grep -q '^PASS' build/sim.log
sim-verilator:
	mkdir -p build
	verilator --binary --timing --timescale 1ns/1ps -O3 --unroll-stmts 200 -CFLAGS -O1 -Wno-lint -Wno-fatal --top-module tb_$(TOP) --Mdir build/verilator $(RTL) tb/tb_$(TOP).sv > build/verilator.log
	build/verilator/Vtb_$(TOP) | tee build/sim.log
	@grep -q '^PASS' build/sim.log

synth:
	mkdir -p build
	yosys -q -l build/synth-$(TARGET).log -p "read_verilog -sv -defer $(RTL); hierarchy -check -top $(TOP); $(SYNTH_$(TARGET)); check -assert; select -assert-none t:\$$dlatch* t:SB_DLATCH* t:LD*; tee -o build/resources-$(TARGET).txt stat; write_json build/$(TOP)-$(TARGET).json"

pnr: synth
	nextpnr-ice40 $(PNR) --seed 1 --freq CLOCK_MHZ --timing-allow-fail --json build/$(TOP)-ice40.json --asc build/$(TOP).asc --report build/$(TOP)-pnr.json

clean:
	rm -rf build
)";

class Project {
 public:
  Project(const TomatoConfig& config, const HardwareRequest& request)
      : config_(config), request_(request), inputs_(load_tomato_inputs(config)) {
    machine_ = build_machine(config_, inputs_.network, inputs_.largest);
  }

  Hardware write() {
    DesignOptions options;
    options.top_name = top_name();
    options.memories = request_.memories;
    options.counters = request_.counters;
    options.data_plane = config_.architecture.data_plane;
    options.halves_products = config_.architecture.multipliers == MultiplierPlace::logic;
    design_ = emit_design(machine_.pipeline, machine_.analysis, config_.architecture.parameters, options);
    add("rtl/" + design_.top_name + ".sv", design_.top);
    LibraryModules library(rtl_sources(request_.folders.rtl_sources));
    for (const auto& [name, text] : library.used_by(design_.top)) {
      add("rtl/" + name + ".sv", text);
    }
    for (const DesignFile& memory : design_.memories) {
      add(memory.path, memory.text);
    }
    if (request_.memories) {
      add_testbench();
    }
    add_makefile();
    add_constraints();
    add("README.md", readme());
    add("manifest.json", manifest().dump(2) + "\n");
    project_.text = summary();
    return std::move(project_);
  }

 private:
  void add(std::string path, std::string text) {
    project_.files.push_back({std::move(path), std::move(text)});
  }

  std::string top_name() const {
    const std::string& name = request_.top_name;
    if (name.empty()) {
      return hardware_name("lacuna_" + machine_.pipeline.name) + "_top";
    }
    const bool plain = std::isalpha(static_cast<unsigned char>(name.front())) != 0 && name.size() <= 64 &&
                       std::all_of(name.begin(), name.end(), [](char c) {
                         return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
                       });
    if (!plain || name.rfind("tomato_", 0) == 0) {
      throw ConfigurationError(
          {{}, 0, "--top"}, "'" + name.substr(0, 80) + "' cannot be the top's name",
          "a letter, then letters, digits and underlines, at most 64, not beginning with tomato_");
    }
    return name;
  }

  const Unit& source() const { return machine_.pipeline.units[machine_.analysis.source]; }
  std::uint32_t frames() const {
    return request_.frames.value_or(std::min(config_.workload.frames, most_default_frames));
  }

  void add_testbench() {
    if (!config_.outputs) {
      throw ConfigurationError({{}, 0, "outputs"}, "a test bench needs values",
                               "outputs: true, or --no-weights");
    }
    TestbenchData data;
    data.interval_cycles = source().interval_cycles;
    for (std::uint32_t frame = 0; frame < frames(); ++frame) {
      data.frames.push_back(inputs_.frames->mantissas(frame, source().format));
    }
    RunInput input;
    input.frames = frames();
    input.pixels = data.frames;
    result_ = make_timeline_engine(machine_.pipeline, config_.architecture.parameters)->run(input);
    if (result_.deadlock) {
      throw ConfigurationError(config_.architecture.place, explain(machine_.pipeline, *result_.deadlock),
                               "size_fifos: true finds depths");
    }
    data.result = result_;
    data.counters_comparable = !pushes_padding_ahead();
    for (DesignFile& file : testbench_files(design_, data)) {
      add(std::move(file.path), std::move(file.text));
    }
  }

  /// Whether a window of padding alone leaves the machine's windows before the frame that it belongs to has
  /// come; counters see it then, a run of the simulator does not.
  bool pushes_padding_ahead() const {
    for (std::size_t unit = 0; unit < machine_.pipeline.units.size(); ++unit) {
      if (machine_.pipeline.units[unit].kind == UnitKind::window) {
        const Stream& in = machine_.analysis.streams[machine_.analysis.units[unit].inputs.front()];
        const WindowGeometry geometry(machine_.pipeline.units[unit].window, in.map);
        if (!geometry.rows().first_read(0) || !geometry.columns().first_read(0)) {
          return true;
        }
      }
    }
    return false;
  }

  std::string clock_mhz() const { return fmt::format("{}", config_.architecture.parameters.clock_mhz); }

  void add_makefile() {
    std::string text = text_of_makefile;
    boost::replace_all(text, "TOP_NAME", design_.top_name);
    boost::replace_all(text, "CLOCK_MHZ", clock_mhz());
    add("Makefile", text);
  }

  void add_constraints() {
    const std::string clock = fmt::format("create_clock -name aclk -period {:.3f} [get_ports aclk]\n",
                                          1000.0 / config_.architecture.parameters.clock_mhz);
    add("synth/" + design_.top_name + ".xdc", clock);
    add("synth/" + design_.top_name + ".sdc", clock);
  }

  std::string port_text(const StreamPort& port) const {
    return fmt::format(
        "{} transfers a frame, {} channels of {} bits, each sign-extended to {} bytes, lowest channel first",
        port.tokens_per_frame, port.channels, port.value_bits, port.bytes_per_value());
  }

  std::string readme() const {
    std::string text = fmt::format(
        "# {0}\n\n"
        "The pipeline \"{1}\" in SystemVerilog, generated by Lacuna {2}. `rtl/{0}.sv` is its top: instances "
        "and wires.\n\n"
        "| port | meaning |\n|---|---|\n"
        "| `aclk`, `aresetn` | clock ({3} MHz planned); synchronous reset, active low |\n"
        "| `s_axis_*` | AXI4-Stream, pixels in raster order, frame after frame: {4} |\n"
        "| `m_axis_*` | AXI4-Stream, results, `tlast` with a frame's last: {5} |\n\n"
        "{8}"
        "Values are mantissas in two's complement, in units of {6} at the entrance and {7} at the exit.\n\n",
        design_.top_name, machine_.pipeline.name, program_version(), clock_mhz(), port_text(design_.input),
        port_text(design_.output), unit_text(input_stream()), unit_text(output_stream()), counters_text());
    if (request_.memories) {
      text += fmt::format(
          "`make lint sim` checks it: {} frames at full speed, where each must end in the cycle that the "
          "simulator gives\n"
          "(`tb/cycles.hex`; the last in cycle {}), and again with stalls at both ends.\n",
          frames(), result_.frame_cycles.back());
    } else {
      text += "Memories of weights are empty and there is no test bench: this project shows sizes.\n";
    }
    text +=
        "`make synth TARGET=ice40|xilinx|ecp5|intel_alm|generic` synthesizes it with Yosys; `make pnr` "
        "places and routes for iCE40.\n"
        "Tools that read `rtl/` must be started in this folder, where `mem/` lies.\n";
    return text;
  }

  std::string counters_text() const {
    if (!request_.counters) {
      return "";
    }
    std::string text =
        "`s_axil_*` is AXI4-Lite: 0x0 number of FIFOs, 0x4 cycles, 0x8 writes clear; for each FIFO tokens, "
        "full "
        "stalls, empty stalls, most tokens held:\n\n| address | FIFO |\n|---|---|\n";
    for (std::size_t edge = 0; edge < machine_.pipeline.edges.size(); ++edge) {
      text += fmt::format("| 0x{:x} | {} |\n", 16 + 16 * edge,
                          edge_name(machine_.pipeline, machine_.pipeline.edges[edge]));
    }
    return text + "\n";
  }

  static std::string unit_text(const Stream& stream) { return fmt::format("2^{}", stream.unit_exponent); }
  const Stream& input_stream() const {
    return machine_.analysis.streams[machine_.analysis.units[machine_.analysis.source].outputs.front()];
  }
  const Stream& output_stream() const {
    return machine_.analysis.streams[machine_.analysis.units[machine_.analysis.sink].inputs.front()];
  }

  static Json port_json(const StreamPort& port, const Stream& stream) {
    return {{"tokens_per_frame", port.tokens_per_frame},
            {"channels", port.channels},
            {"value_bits", port.value_bits},
            {"bytes_per_value", port.bytes_per_value()},
            {"unit_exponent", stream.unit_exponent}};
  }

  Json manifest() const {
    Json json = {{"schema", "lacuna.hardware/1"},
                 {"program", {{"name", "lacuna"}, {"version", program_version()}}},
                 {"pipeline", machine_.pipeline.name},
                 {"top", design_.top_name},
                 {"clock_mhz", config_.architecture.parameters.clock_mhz},
                 {"input", port_json(design_.input, input_stream())},
                 {"output", port_json(design_.output, output_stream())}};
    for (std::size_t unit = 0; unit < machine_.pipeline.units.size(); ++unit) {
      const UnitPlan& plan = machine_.analysis.units[unit];
      json["units"].push_back({{"name", machine_.pipeline.units[unit].name},
                               {"kind", to_text(machine_.pipeline.units[unit].kind)},
                               {"instance", design_.unit_names[unit]},
                               {"issue_cycles", plan.issue_cycles},
                               {"latency_cycles", plan.latency_cycles}});
      add_estimate(json["units"].back(),
                   unit_parts(machine_.pipeline, machine_.analysis, design_.edges, unit),
                   [&] { return unit_estimate(unit); });
    }
    for (std::size_t edge = 0; edge < machine_.pipeline.edges.size(); ++edge) {
      const Stream& stream = machine_.analysis.streams[edge];
      json["fifos"].push_back(
          {{"name", edge_name(machine_.pipeline, machine_.pipeline.edges[edge])},
           {"instance", fmt::format("fifo_{}", edge)},
           {"depth_tokens", machine_.pipeline.edges[edge].depth},
           {"token_bits", stream.values_per_token() * static_cast<std::uint64_t>(hardware_bits(stream))}});
      add_estimate(json["fifos"].back(),
                   fifo_parts(machine_.pipeline, machine_.analysis, design_.edges, edge),
                   [&] { return fifo_estimate(edge); });
      if (design_.edges[edge].store) {
        Json& store = json["fifos"].back()["store"];
        store = store_json(edge);
        add_estimate(store, store_parts(machine_.pipeline, machine_.analysis, *design_.edges[edge].store),
                     [&] {
                       return generated_store(machine_.pipeline, machine_.analysis,
                                              *design_.edges[edge].store, *machine_.device);
                     });
      }
    }
    if (request_.memories) {
      json["test"] = {{"frames", frames()}, {"frame_cycles", result_.frame_cycles}};
    }
    json["estimated_resources"] = resources_json();
    for (const InputFile& file : inputs_.files) {
      json["inputs"].push_back({{"name", file.name}, {"sha256", file.sha256}});
    }
    return json;
  }

  Resources unit_estimate(std::size_t unit) const {
    return generated_unit(machine_.pipeline, machine_.analysis, design_.edges, unit, *machine_.device);
  }
  Resources fifo_estimate(std::size_t edge) const {
    return generated_fifo(machine_.pipeline, machine_.analysis, design_.edges, edge, *machine_.device);
  }

  Json store_json(std::size_t edge) const {
    const PixelStore& store = *design_.edges[edge].store;
    const auto bits = static_cast<std::uint64_t>(hardware_bits(machine_.analysis.streams[edge]));
    return {{"instance", fmt::format("store_{}", edge)},
            {"pixels", store.banks * store.entries},
            {"banks", store.banks},
            {"words_per_pixel", store.words},
            {"write_bits", store.write_lanes * bits},
            {"slice_bits", store.tap_lanes * store.read_lanes * bits}};
  }

  /// What a part is counted as, and with a device what it takes there by itself (docs/tomato.md, Resources).
  template <class Estimate>
  void add_estimate(Json& part, const HardwareParts& parts, const Estimate& estimate) const {
    const bool is_priced = machine_.device && machine_.device->structure().known();
    const Structure structure = is_priced ? structure_on(parts, *machine_.device) : parts.structure;
    Json terms = Json::object();
    for (std::size_t term = 0; term < structure_term_count; ++term) {
      if (const std::uint64_t count = structure[static_cast<StructureTerm>(term)]; count > 0) {
        terms[structure_term_names()[term]] = count;
      }
    }
    part["structure"] = std::move(terms);
    for (const HardwareMemory& memory : parts.memories) {
      part["memories"].push_back({{"words", memory.words},
                                  {"width_bits", memory.width_bits},
                                  {"count", memory.count},
                                  {"written", memory.is_written},
                                  {"registered", memory.is_registered}});
    }
    if (is_priced) {
      const Resources placed =
          place_multipliers({estimate()}, *machine_.device, config_.architecture.multipliers).total;
      part["estimate"] = {{"cells", placed.cells},
                          {"registers", placed.registers},
                          {"dsp_blocks", placed.dsp},
                          {"memory_blocks", placed.memory_blocks()}};
    }
  }

  /// Of each device, by the resource model; none where the device has no structure table.
  Json resources_json() const {
    Json devices = Json::array();
    if (machine_.placement && machine_.device->structure().known()) {
      const std::vector<Resources> units =
          generated_resources(machine_.pipeline, machine_.analysis, design_.edges, *machine_.device);
      for (std::size_t d = 0; d < machine_.placement->devices.size(); ++d) {
        std::vector<Resources> part;
        for (std::size_t unit = 0; unit < units.size(); ++unit) {
          if (machine_.placement->device_of_unit[unit] == d) {
            part.push_back(units[unit]);
          }
        }
        const Resources total =
            place_multipliers(std::move(part), *machine_.device, config_.architecture.multipliers).total;
        Json uses = Json::object();
        for (const ResourceUse& use : device_use(total, *machine_.device)) {
          uses[use.name] = use.used;
        }
        devices.push_back(uses);
      }
    }
    return devices;
  }

  std::string summary() const {
    std::string text =
        fmt::format("{}: {} units, {} FIFOs, {} memories\n", design_.top_name, machine_.pipeline.units.size(),
                    machine_.pipeline.edges.size(), design_.memories.size());
    if (request_.memories) {
      text += fmt::format("test bench: {} frames, the last ends in cycle {}\n", frames(),
                          result_.frame_cycles.back());
    }
    return text;
  }

  const TomatoConfig& config_;
  const HardwareRequest& request_;
  TomatoInputs inputs_;
  MachineDesign machine_;
  Design design_;
  RunResult result_;
  Hardware project_;
};

}  // namespace

Hardware hardware_project(const TomatoConfig& config, const HardwareRequest& request) {
  return Project(config, request).write();
}

}  // namespace lacuna::tomato
