#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/tomato/rtl/design_text.h"
#include "models/tomato/rtl/emit_design.h"

namespace lacuna::tomato {

/// The name of a FIFO's signal.
std::string net(std::size_t edge, const char* what);

std::uint64_t token_bits(const Stream& stream);

/// Writes a design: FIFOs and stores (emit_edges.cpp), units that move tokens (emit_streams.cpp) and those
/// that compute (emit_arithmetic.cpp), names, ports and counters (emit_design.cpp).
class DesignEmitter {
 public:
  DesignEmitter(const Pipeline& pipeline, const Analysis& analysis, const Parameters& parameters,
                const DesignOptions& options);

  Design emit();

 private:
  void choose_names();
  std::string header() const;
  std::string counter_ports() const;
  /// Counters of every FIFO and their registers; without them what they would watch is left open.
  void emit_counters();
  std::uint64_t counter_address_bits() const { return bits_for(4 * pipeline_.edges.size() + 3) + 2; }
  /// Adds a memory file; its name as SystemVerilog's string.
  std::string memory(const char* what, std::string text);

  void emit_fifo(std::size_t edge);
  void emit_store(const PixelStore& store);

  // The unit that is being written, and its streams.
  const Unit& unit() const { return pipeline_.units[position_]; }
  const UnitPlan& plan() const { return analysis_.units[position_]; }
  const Stream& input(std::size_t number = 0) const { return analysis_.streams[plan().inputs[number]]; }
  const Stream& output() const { return analysis_.streams[plan().outputs.front()]; }
  std::string in(const char* what, std::size_t number = 0) const { return net(plan().inputs[number], what); }
  std::string out(const char* what) const { return net(plan().outputs.front(), what); }
  Instance instance(const char* module) const { return {module, design_.unit_names[position_]}; }

  /// A net for an output that nothing takes.
  std::string unused_net(const char* what, std::uint64_t bits = 1);
  bool takes_slices() const;
  bool gives_slices() const;
  /// Of the modules that work on slices where there are some.
  void connect_slices(Instance& i);
  void connect_output(Instance& i) const;
  /// Clock, one input and one output.
  void connect(Instance& i) const;

  void emit_unit();

  void emit_source();
  void emit_sink();
  void emit_window();
  void emit_pass();
  /// Channels by wires alone.
  void emit_select();
  std::string channel_slice(std::uint32_t channel, std::uint64_t bits) const;
  /// The net of an input's values in the output's width.
  std::string extended(std::size_t number);
  void emit_link();

  void emit_dot();
  /// Of a unit with weights; a gate that it does not have is a constant.
  void connect_gates(Instance& i) const;
  void connect_gate(Instance& i, const std::string& parameter, const std::string& port,
                    const std::optional<std::size_t>& number, std::uint64_t channels) const;
  /// Gates are popped together.
  void pop_gates();
  std::uint64_t multiplier_stages(const NumberFormat& format) const;
  void emit_winners();
  void emit_boost();
  void emit_pool();
  void emit_add();
  void emit_requantise();

  const Pipeline& pipeline_;
  const Analysis& analysis_;
  const Parameters& parameters_;
  const DesignOptions& options_;
  std::size_t position_ = 0;  ///< of the unit that is being written
  Design design_;
  std::string body_;
  std::vector<std::string> unused_;  ///< nets that nothing takes
};

}  // namespace lacuna::tomato
