#pragma once

#include <cstdint>

namespace lacuna::memory {

/// The memory outside a machine and the port to it. Keys, ranges and meanings are declared once, in
/// `describe`. Defaults: one channel of DDR4-1600 (12.8 GB/s) and a port of 8 bytes, as models/device has
/// them.
struct Parameters {
  double bandwidth_gb_per_s = 12.8;
  double latency_ns = 50.0;
  std::uint32_t burst_bytes = 64;
  std::uint32_t outstanding_bursts = 4;
  std::uint32_t port_width_bytes = 8;
  bool double_buffering = true;
  double energy_pj_per_bit = 0.0;

  template <class Self, class Visitor>
  static void describe(Self& p, Visitor&& v) {
    describe_port(p, v);
    v.boolean("double_buffering", p.double_buffering,
              "load the next inputs and store the last results during a run, and load the next layer during "
              "this one, as far as the machine's memories hold both");
  }

  /// What does not depend on the machine.
  template <class Self, class Visitor>
  static void describe_port(Self& p, Visitor&& v) {
    v.real("bandwidth_gb_per_s", p.bandwidth_gb_per_s, 1e-3, 1e5,
           "10^9 bytes per second that the memory moves, reads and writes together");
    v.real("latency_ns", p.latency_ns, 0.0, 1e6,
           "from a request to its first byte; requests under way wait it out beside each other");
    v.integer("burst_bytes", p.burst_bytes, 8, 65536, "a power of two; no request crosses a multiple of it");
    v.integer("outstanding_bursts", p.outstanding_bursts, 1, 1024, "requests under way in each direction");
    v.integer("port_width_bytes", p.port_width_bytes, 1, 1024,
              "bytes that the machine's port moves in a cycle of its clock");
    v.real("energy_pj_per_bit", p.energy_pj_per_bit, 0.0, 1e6,
           "energy of a bit that is read or written, memory, wires and port together");
  }
};

/// Throws ConfigurationError, at the key, for what ranges alone do not refuse.
void check_parameters(const Parameters& parameters);

}  // namespace lacuna::memory
