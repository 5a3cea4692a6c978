#pragma once

#include <map>
#include <set>
#include <string>
#include <systemc>
#include <tlm>

#include <tlm_utils/passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>

namespace lacuna::test {

/// Sits between a master and a slave and holds what passes against the base protocol of TLM-2.0 (IEEE 1666,
/// clauses 11, 14 and 15): attributes of payloads, order and exclusion of phases, memory management, times
/// that do not run backwards, DMI only after a hint. What is wrong is written down; it interferes with
/// nothing.
class ProtocolChecker : public sc_core::sc_module {
 public:
  explicit ProtocolChecker(const sc_core::sc_module_name& name);

  tlm_utils::passthrough_target_socket<ProtocolChecker> from_master;
  tlm_utils::simple_initiator_socket<ProtocolChecker> to_slave;

  /// What was wrong, a line each; nothing is left under way at the end of a simulation that is over.
  std::string faults() const;
  std::string faults_at_end() const;

  struct Counts {
    unsigned blocking = 0;
    unsigned dmi_requests = 0;
    unsigned invalidations = 0;
    std::map<std::string, unsigned> phases;
    unsigned most_under_way = 0;
    unsigned longest_burst = 0;
  };
  const Counts& counts() const { return counts_; }

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  tlm::tlm_sync_enum forward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                             sc_core::sc_time& delay);
  tlm::tlm_sync_enum backward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                              sc_core::sc_time& delay);
  bool get_dmi(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi);
  unsigned transport_dbg(tlm::tlm_generic_payload& payload) { return to_slave->transport_dbg(payload); }
  void invalidate(sc_dt::uint64 first, sc_dt::uint64 last);

  void check_request(const tlm::tlm_generic_payload& payload);
  void pass(tlm::tlm_generic_payload& payload, const tlm::tlm_phase& phase);
  void fault(const std::string& text) { faults_.insert(text); }

  std::map<tlm::tlm_generic_payload*, tlm::tlm_phase> under_way_;  ///< last phase seen
  tlm::tlm_generic_payload* request_ = nullptr;
  tlm::tlm_generic_payload* response_ = nullptr;
  bool dmi_hint_ = false;
  std::set<std::string> faults_;
  Counts counts_;
};

}  // namespace lacuna::test
