#pragma once

#include <cstdint>
#include <deque>
#include <systemc>
#include <tlm>
#include <vector>

#include <tlm_utils/peq_with_cb_and_phase.h>
#include <tlm_utils/simple_target_socket.h>

namespace lacuna::device {

struct MemoryParameters {
  std::uint64_t bytes = std::uint64_t{16} << 20U;
  /// From a request to its first byte; requests wait it out beside each other.
  sc_core::sc_time latency{50, sc_core::SC_NS};
  double bytes_per_second = 12.8e9;  ///< of reads and writes together; above 0
  std::uint32_t queue_requests = 8;  ///< accepted and not yet answered; then END_REQ waits
  bool dmi = true;                   ///< grant DMI; a DMI beat is taken to be `dmi_beat_bytes`
  std::uint32_t dmi_beat_bytes = 8;
};

/// A memory for platforms: a TLM-2.0 target with both transports and DMI, whose one data bus moves one
/// request after the other. Byte enables and streaming are taken as the standard defines them.
class Memory : public sc_core::sc_module {
 public:
  /// Throws ConfigurationError for impossible parameters.
  Memory(const sc_core::sc_module_name& name, const MemoryParameters& parameters = {});

  const MemoryParameters parameters;
  tlm_utils::simple_target_socket<Memory> socket;

  /// The contents, as a test bench or loader sees them.
  std::vector<std::uint8_t>& bytes() { return bytes_; }
  const std::vector<std::uint8_t>& bytes() const { return bytes_; }

  /// Withdraws all DMI, as a platform does that moves its memory.
  void invalidate_dmi();

  /// Bytes that transports have moved, DMI not counted.
  std::uint64_t moved_bytes() const { return moved_bytes_; }

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  tlm::tlm_sync_enum nb_transport(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                  sc_core::sc_time& delay);
  unsigned transport_dbg(tlm::tlm_generic_payload& payload);
  bool get_dmi(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi);
  void access(tlm::tlm_generic_payload& payload);
  /// When the data of a request that comes at `when` has been moved.
  sc_core::sc_time serve(const sc_core::sc_time& when, std::uint64_t bytes);
  sc_core::sc_time bus_time(std::uint64_t bytes) const;

  void on_phase(tlm::tlm_generic_payload& payload, const tlm::tlm_phase& phase);
  void accept(tlm::tlm_generic_payload& payload);
  void respond();

  std::vector<std::uint8_t> bytes_;
  std::uint64_t moved_bytes_ = 0;
  sc_core::sc_time bus_free_;
  tlm_utils::peq_with_cb_and_phase<Memory> phases_;
  std::uint32_t accepted_ = 0;
  tlm::tlm_generic_payload* waiting_ = nullptr;     ///< BEGIN_REQ without END_REQ: no place in the queue
  std::deque<tlm::tlm_generic_payload*> ready_;     ///< served; the response channel is not free
  tlm::tlm_generic_payload* responding_ = nullptr;  ///< BEGIN_RESP without END_RESP
};

}  // namespace lacuna::device
