#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <systemc>
#include <tlm>
#include <vector>

#include <tlm_utils/multi_passthrough_initiator_socket.h>
#include <tlm_utils/multi_passthrough_target_socket.h>
#include <tlm_utils/peq_with_cb_and_phase.h>

namespace lacuna::device {

/// A bus for platforms: any number of masters and slaves, found by address. Both transports, DMI and debug
/// accesses go through. It takes no time of its own, but keeps the base protocol's order: one request at a
/// time to a slave, one response at a time to a master; others wait their turn, in the order in which they
/// came. Addresses that belong to no slave are answered with address errors.
class Bus : public sc_core::sc_module {
 public:
  explicit Bus(const sc_core::sc_module_name& name);
  ~Bus() override;

  tlm_utils::multi_passthrough_target_socket<Bus> masters;

  /// Connects a slave to addresses from `base` on; it sees them counted from 0. Throws ConfigurationError
  /// when they overlap another's.
  template <class Socket>
  void connect(Socket& slave, std::uint64_t base, std::uint64_t bytes) {
    add_range(base, bytes);
    slaves_.bind(slave);
  }

 private:
  struct Range {
    std::uint64_t base = 0;
    std::uint64_t bytes = 0;
  };
  /// A request on its way through.
  struct Passage {
    std::size_t master = 0;
    std::size_t slave = 0;
    std::uint64_t address = 0;
  };
  using Payload = tlm::tlm_generic_payload;

  void add_range(std::uint64_t base, std::uint64_t bytes);
  std::size_t slave_of(std::uint64_t address, std::uint64_t length) const;

  void b_transport(int master, Payload& payload, sc_core::sc_time& delay);
  unsigned transport_dbg(int master, Payload& payload);
  bool get_dmi(int master, Payload& payload, tlm::tlm_dmi& dmi);
  void invalidate(int slave, sc_dt::uint64 first, sc_dt::uint64 last);
  tlm::tlm_sync_enum from_master(int master, Payload& payload, tlm::tlm_phase& phase,
                                 sc_core::sc_time& delay);
  tlm::tlm_sync_enum from_slave(int slave, Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay);
  void on_phase(Payload& payload, const tlm::tlm_phase& phase);
  void request_next(std::size_t slave);
  void end_request(Payload& payload, Passage& passage);
  void respond_next(std::size_t master);
  void end_response(Payload& payload, const Passage& passage);

  tlm_utils::multi_passthrough_initiator_socket<Bus> slaves_;
  std::vector<Range> ranges_;
  tlm_utils::peq_with_cb_and_phase<Bus> phases_;
  std::map<Payload*, Passage> passages_;
  std::map<std::size_t, std::deque<Payload*>> requests_;   ///< by slave; the first is at the slave
  std::map<std::size_t, std::deque<Payload*>> responses_;  ///< by master; the first is at the master
};

}  // namespace lacuna::device
