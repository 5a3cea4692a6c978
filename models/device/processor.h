#pragma once

#include <cstdint>
#include <functional>
#include <systemc>
#include <tlm>
#include <vector>

#include <tlm_utils/simple_initiator_socket.h>

namespace lacuna::device {

/// A stand-in for a processor: a thread that runs a program of the platform's, in C++, and reads and writes
/// registers and memory through a bus, by blocking transport.
class Processor : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Processor);
  Processor(const sc_core::sc_module_name& name, std::function<void(Processor&)> program);

  tlm_utils::simple_initiator_socket<Processor> socket;

  /// A register, and bytes of memory. An error response is reported as a SystemC error.
  std::uint32_t read_register(std::uint64_t address);
  void write_register(std::uint64_t address, std::uint32_t value);
  std::vector<std::uint8_t> read_bytes(std::uint64_t address, std::size_t bytes);
  void write_bytes(std::uint64_t address, const std::vector<std::uint8_t>& bytes);

  /// One transaction as it is; sets the response status and returns when its time is over.
  void access(tlm::tlm_generic_payload& payload);

 private:
  void run() { program_(*this); }
  void access_or_report(tlm::tlm_command command, std::uint64_t address, std::uint8_t* data,
                        std::size_t bytes);

  std::function<void(Processor&)> program_;
};

}  // namespace lacuna::device
