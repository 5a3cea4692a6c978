#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/memory/parameters.h"
#include "models/tomato/parameters.h"
#include "models/tomato/rtl/data_plane.h"
#include "sim/network/network_workload.h"
#include "sim/yaml/scalars.h"

namespace lacuna::tomato {

/// Where multipliers are made: fixed point in DSP blocks as far as they go and else in logic, or always one.
/// Shifts, ternary and binary weights never need a DSP block.
enum class MultiplierPlace : std::uint8_t { automatic, dsp, logic };

/// `resources:`, what is counted on a device.
enum class ResourceModel : std::uint8_t { operators, generated };

/// What one layer's hardware is made of; absent values come from `defaults`, absent unroll factors from the
/// balancer (1 without one).
struct LayerSettings {
  std::string layer;
  std::string weights;
  std::string activations;
  std::optional<double> weight_scale;
  std::optional<std::uint32_t> unroll_inputs;
  std::optional<std::uint32_t> unroll_outputs;
  std::optional<std::uint32_t> unroll_kernel;
  std::optional<std::uint32_t> fifo_depth_pixels;
  std::optional<double> keep_ratio;
  ErrorPlace place;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.text("layer", c.layer, "name of the network's layer");
    describe_hardware(c, v);
    v.real(
        "weight_scale", c.weight_scale, 1e-30, 1e30,
        "weights are so many times the numbers of a format that is stated whole; requantisation multiplies "
        "by it; default 1");
    v.integer("unroll_inputs", c.unroll_inputs, 1, 1U << 16, "input channels multiplied in one cycle");
    v.integer("unroll_outputs", c.unroll_outputs, 1, 1U << 16,
              "output channels computed in one cycle (depthwise: channels)");
    v.integer("unroll_kernel", c.unroll_kernel, 1, 1U << 16, "kernel positions multiplied in one cycle");
    v.required({"layer"});
  }

  template <class Self, class Visitor>
  static void describe_hardware(Self& c, Visitor&& v) {
    v.text(
        "weights", c.weights,
        "format of the weights, such as fixed(8, 1) or shift(4, 7); with the width alone the rest is chosen "
        "from the values");
    v.text("activations", c.activations, "format of the outputs, such as fixed(8, 3) or fixed(8)");
    v.integer("fifo_depth_pixels", c.fifo_depth_pixels, 1, 1U << 24, "depth of the FIFO behind the layer");
    v.real("keep_ratio", c.keep_ratio, 0.0, 1.0,
           "dynamic channel pruning: share of the output channels that are computed for a frame");
  }
};

/// `defaults:`, of all layers.
struct DefaultSettings {
  LayerSettings values;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    LayerSettings::describe_hardware(c.values, v);
  }
};

/// `balance:`, what the unroll factors are chosen for.
struct BalanceConfig {
  std::optional<std::uint64_t> target_cycles_per_frame;
  std::optional<double> target_frames_per_second;
  std::optional<bool> fill_device;
  std::optional<double> target_latency_us;
  bool minimise_latency = false;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.integer("target_cycles_per_frame", c.target_cycles_per_frame, 1, std::uint64_t{1} << 40,
              "no layer may need more cycles for a frame");
    v.real("target_frames_per_second", c.target_frames_per_second, 1e-3, 1e9, "the same at the clock");
    v.boolean("fill_device", c.fill_device, "the fewest cycles per frame that the device has room for");
    v.real("target_latency_us", c.target_latency_us, 1e-6, 1e9,
           "more lanes than the throughput needs, until a frame's way through the machine is this short");
    v.boolean("minimise_latency", c.minimise_latency,
              "the same, as far as the device has room (without a device: a token a cycle in every unit)");
    v.one_of({"target_cycles_per_frame", "target_frames_per_second", "fill_device"});
  }
};

/// `link:`, between the devices of a chain.
struct LinkConfig {
  double bandwidth_gbps = 100.0;
  double latency_ns = 100.0;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.real("bandwidth_gbps", c.bandwidth_gbps, 1e-3, 1e6, "gigabits per second that cross, payload");
    v.real("latency_ns", c.latency_ns, 0.0, 1e9, "time from the first bit sent to the first received");
  }
};

/// `architecture:` of kind tomato.
struct TomatoArchitecture {
  std::string kind = "tomato";
  FilePath base;
  FilePath device;
  std::uint32_t devices = 1;
  LinkConfig link;
  Parameters parameters;
  MultiplierPlace multipliers = MultiplierPlace::automatic;
  DataPlane data_plane = DataPlane::sliced;
  ResourceModel resources = ResourceModel::operators;
  bool size_fifos = false;
  DefaultSettings defaults;
  std::vector<LayerSettings> layers;
  std::optional<BalanceConfig> balance;
  ErrorPlace place;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.name("kind", c.kind, {"tomato"}, "family of machines");
    v.file("base", c.base, "YAML file with an architecture section to start from; the keys beside it win");
    v.file("device", c.device, "device file; without it no resources are limited");
    v.integer("devices", c.devices, 1, 16, "devices in a chain, over which the layers are cut");
    v.section("link", c.link, "from a device to the next");
    Parameters::describe(c.parameters, v);
    v.choice("multipliers", c.multipliers, {"automatic", "dsp", "logic"},
             "where fixed-point multipliers are made; automatic: DSP blocks as far as they go");
    v.choice(
        "data_plane", c.data_plane, {"sliced", "flat"},
        "how generated hardware keeps tokens; sliced: in memories of slices; flat: in wires and registers "
        "as wide as a token");
    v.choice("resources", c.resources, {"operators", "generated"},
             "what is counted on the device; operators: operators and memories, a lower bound (with "
             "data_plane flat as the other); generated: an estimate of what `lacuna generate` writes, from "
             "the device's structure table");
    v.boolean("size_fifos", c.size_fifos,
              "replaces the FIFOs' depths by the smallest that lose no throughput");
    v.section("defaults", c.defaults, "of every layer");
    v.list("layers", c.layers, "single layers");
    v.section("balance", c.balance, "chooses the unroll factors that layers do not state");
  }
};

/// `workload:` of a tomato run.
struct TomatoWorkload {
  FilePath network;
  std::optional<DataDescription> data;
  bool random_data = false;  ///< `data: random`
  std::uint32_t frames = 2;
  std::uint32_t calibration_images = 16;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    describe_fields(c, v);
    v.required({"network"});
  }

  template <class Self, class Visitor>
  static void describe_fields(Self& c, Visitor&& v) {
    v.file("network", c.network, "network file (docs/networks.md)");
    v.section_or_word("data", c.data, "random", c.random_data,
                      "inputs of the network, in place of its file's; random: values between -1 and 1, drawn "
                      "with the seed");
    v.integer("frames", c.frames, 1, 1U << 20, "frames that run; the steady state needs two");
    v.integer("calibration_images", c.calibration_images, 1, 1U << 16,
              "first inputs whose float activations choose the formats that are not stated");
  }
};

/// `memory:`, the memory outside: the run's frames come from it and its results go there, as a job of the
/// streaming device whose frames all go back to back.
struct TomatoMemory {
  memory::Parameters parameters;
  std::uint32_t input_buffer_bytes = 1U << 20U;
  std::uint32_t output_buffer_bytes = 1U << 20U;
  bool load_weights = false;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    memory::Parameters::describe_port(c.parameters, v);
    v.integer("input_buffer_bytes", c.input_buffer_bytes, 1, UINT32_MAX,
              "frames that are held on the device");
    v.integer("output_buffer_bytes", c.output_buffer_bytes, 1, UINT32_MAX, "results that are held there");
    v.boolean("load_weights", c.load_weights,
              "load the weights once, before the frames; else they are part of the machine, as published");
  }
};

/// The engines of the streaming machine.
enum class EngineKind { systemc, timeline, rtl };

/// A run configuration of a tomato machine.
struct TomatoConfig {
  TomatoArchitecture architecture;
  TomatoWorkload workload;
  FilePath energy;
  EngineKind engine = EngineKind::systemc;
  std::uint64_t seed = 1;
  bool outputs = true;
  std::uint32_t memory_budget_mib = 1024;
  std::optional<TomatoMemory> memory;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.section("architecture", c.architecture, "the machine");
    v.section("workload", c.workload, "what it runs");
    v.section("memory", c.memory,
              "the memory outside: frames are loaded and results stored; without it they are there");
    v.file("energy", c.energy, "FPGA energy table (YAML); without it no energy is reported");
    v.choice("engine", c.engine, {"systemc", "timeline", "rtl"}, "which simulator of the machine runs it");
    v.integer("seed", c.seed, 0, UINT64_MAX, "seed of everything generated");
    v.boolean("outputs", c.outputs, "whether values are computed; without them only time is simulated");
    v.integer("memory_budget_mib", c.memory_budget_mib, 1, 1U << 20,
              "results of frames that take more memory are refused (MiB)");
    v.required({"architecture", "workload"});
  }
};

/// A preset file: an architecture section alone.
struct TomatoArchitectureFile {
  TomatoArchitecture architecture;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.section("architecture", c.architecture, "the machine");
    v.required({"architecture"});
  }
};

}  // namespace lacuna::tomato
