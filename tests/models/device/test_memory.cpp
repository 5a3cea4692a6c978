// The memory and the bus of example platforms.

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "tests/models/device/device_platform.h"

namespace lacuna::test {
namespace {

using Bytes8 = std::vector<std::uint8_t>;

/// Runs a program on a bus with a memory of 64 bytes at 0x100 and none elsewhere.
std::string with_memory(const std::function<std::string(device::Processor&, device::Memory&)>& test) {
  return in_platform([&] {
    device::MemoryParameters parameters;
    parameters.bytes = 64;
    device::Memory memory("memory", parameters);
    device::Bus bus("bus");
    bus.connect(memory.socket, 0x100, parameters.bytes);
    std::string wrong;
    device::Processor processor("processor", [&](device::Processor& p) {
      wrong = test(p, memory);
      sc_core::sc_stop();
    });
    processor.socket.bind(bus.masters);
    return simulate() + wrong;
  });
}

tlm::tlm_response_status access(device::Processor& processor, tlm::tlm_command command, std::uint64_t address,
                                Bytes8& data, unsigned streaming_width, Bytes8 enables = {}) {
  tlm::tlm_generic_payload payload;
  payload.set_command(command);
  payload.set_address(address);
  payload.set_data_ptr(data.data());
  payload.set_data_length(static_cast<unsigned>(data.size()));
  payload.set_streaming_width(streaming_width);
  if (!enables.empty()) {
    payload.set_byte_enable_ptr(enables.data());
    payload.set_byte_enable_length(static_cast<unsigned>(enables.size()));
  }
  processor.access(payload);
  return payload.get_address() == address ? payload.get_response_status() : tlm::TLM_GENERIC_ERROR_RESPONSE;
}

TEST_CASE("a memory writes and reads the bytes that are enabled, in turns of the streaming width") {
  CHECK(with_memory([](device::Processor& p, device::Memory& memory) {
          std::string wrong;
          Bytes8 data = {1, 2, 3, 4, 5, 6, 7, 8};
          wrong += access(p, tlm::TLM_WRITE_COMMAND, 0x104, data, 8, {0xFF, 0}) == tlm::TLM_OK_RESPONSE
                       ? ""
                       : "write\n";
          const Bytes8 written(memory.bytes().begin() + 4, memory.bytes().begin() + 12);
          wrong += written == Bytes8{1, 0, 3, 0, 5, 0, 7, 0} ? "" : "enabled bytes\n";
          access(p, tlm::TLM_WRITE_COMMAND, 0x120, data, 4);
          const Bytes8 streamed(memory.bytes().begin() + 32, memory.bytes().begin() + 40);
          wrong += streamed == Bytes8{5, 6, 7, 8, 0, 0, 0, 0} ? "" : "streaming write\n";
          Bytes8 back(8, 0xEE);
          access(p, tlm::TLM_READ_COMMAND, 0x120, back, 2, {0xFF, 0xFF, 0xFF, 0});
          wrong += back == Bytes8{5, 6, 5, 0xEE, 5, 6, 5, 0xEE} ? "" : "streaming read\n";
          return wrong;
        }) == "");
}

TEST_CASE(
    "what lies outside of a memory or in no slave's range is an address error, and nothing is written") {
  CHECK(with_memory([](device::Processor& p, device::Memory& memory) {
          std::string wrong;
          Bytes8 data(8, 9);
          for (const std::uint64_t address : {0x13CU, 0xFCU, 0U, 0x140U}) {
            const auto got = access(p, tlm::TLM_WRITE_COMMAND, address, data, 8);
            wrong += got == tlm::TLM_ADDRESS_ERROR_RESPONSE ? "" : fmt::format("{:#x}\n", address);
          }
          wrong += access(p, tlm::TLM_WRITE_COMMAND, ~std::uint64_t{0} - 3, data, 8) ==
                           tlm::TLM_ADDRESS_ERROR_RESPONSE
                       ? ""
                       : "the end\n";
          wrong += memory.bytes() == Bytes8(64, 0) ? "" : "bytes were written\n";
          return wrong;
        }) == "");
}

TEST_CASE("requests wait out the latency beside each other and the bus behind each other") {
  CHECK(in_platform([&] {
          // 64 bytes at 1 byte a nanosecond, 100 ns latency.
          device::MemoryParameters parameters;
          parameters.latency = sc_core::sc_time(100, sc_core::SC_NS);
          parameters.bytes_per_second = 1e9;
          device::Memory memory("memory", parameters);
          device::DmaParameters port;
          port.coding = device::Coding::approximately_timed;
          port.burst_bytes = 64;
          port.data_width_bytes = 64;
          port.beat = sc_core::sc_time(1, sc_core::SC_NS);
          device::Dma dma("dma", port);
          dma.memory.bind(memory.socket);
          std::string wrong;
          const Processor program("program", [&] {
            for (const std::uint64_t bursts : {1U, 2U, 4U}) {
              const sc_core::sc_time before = sc_core::sc_time_stamp();
              dma.read(0, 64 * bursts);
              sc_core::wait(dma.changed());
              // By hand: the latency once, each burst's bytes, one beat for the last answer.
              const sc_core::sc_time expected(100.0 + 64.0 * static_cast<double>(bursts) + 1.0,
                                              sc_core::SC_NS);
              const sc_core::sc_time took = sc_core::sc_time_stamp() - before;
              wrong += took == expected ? "" : fmt::format("{} bursts take {}\n", bursts, took.to_string());
              dma.take(device::Dma::Direction::read);
            }
            sc_core::sc_stop();
          });
          return simulate() + wrong;
        }) == "");
}

}  // namespace
}  // namespace lacuna::test
