// The target socket of a device: what a bus master may do to it, and what comes of it.

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "tests/models/device/device_platform.h"

namespace lacuna::test {
namespace {

using device::Register;
using tlm::tlm_command;
using tlm::tlm_response_status;

Case small_case() {
  Case c;
  c.parameters.pe_count = 4;
  c.layer = layer_from_dense(8, 8, std::vector<std::uint8_t>(64, 3));
  c.activations = {1, 0, 2, 0, 3, 4, 0, 5};
  return c;
}

/// Elaborates a small EIE device and runs a program on the platform.
std::string with_device(const std::function<std::string(DevicePlatform&, const DeviceRegisters&)>& test,
                        const device::DeviceParameters& parameters = {}) {
  return in_platform([&] {
    DevicePlatform platform;
    eie::Device device("device", small_case().parameters, parameters);
    const std::uint64_t base = platform.add(device);
    std::string wrong;
    platform.program([&](device::Processor& processor) { wrong = test(platform, {processor, base}); });
    return platform.simulate_all() + wrong;
  });
}

struct Access {
  const char* what;
  tlm_command command;
  std::uint64_t offset;
  unsigned length;
  unsigned streaming_width;
  bool byte_enables;
  tlm_response_status expected;
};

TEST_CASE(
    "accesses that are none of a register's are answered with the error that the standard has for them") {
  const std::vector<Access> accesses = {
      {"a word", tlm::TLM_READ_COMMAND, 0, 4, 4, false, tlm::TLM_OK_RESPONSE},
      {"two words", tlm::TLM_READ_COMMAND, 0x40, 8, 8, false, tlm::TLM_OK_RESPONSE},
      {"all of them", tlm::TLM_READ_COMMAND, 0, 0x200, 0x200, false, tlm::TLM_OK_RESPONSE},
      {"nothing, by command", tlm::TLM_IGNORE_COMMAND, 0, 4, 4, false, tlm::TLM_OK_RESPONSE},
      {"a read-only word", tlm::TLM_WRITE_COMMAND, 0, 4, 4, false, tlm::TLM_OK_RESPONSE},
      {"a hole", tlm::TLM_WRITE_COMMAND, 0x1F0, 4, 4, false, tlm::TLM_OK_RESPONSE},
      {"a byte", tlm::TLM_READ_COMMAND, 0, 1, 1, false, tlm::TLM_BURST_ERROR_RESPONSE},
      {"six bytes", tlm::TLM_WRITE_COMMAND, 0x20, 6, 6, false, tlm::TLM_BURST_ERROR_RESPONSE},
      {"unaligned", tlm::TLM_READ_COMMAND, 2, 4, 4, false, tlm::TLM_BURST_ERROR_RESPONSE},
      {"streaming", tlm::TLM_WRITE_COMMAND, 0x20, 8, 4, false, tlm::TLM_BURST_ERROR_RESPONSE},
      {"byte enables", tlm::TLM_WRITE_COMMAND, 0x20, 4, 4, true, tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE},
  };
  CHECK(with_device([&](DevicePlatform& /*platform*/, const DeviceRegisters& registers) {
          std::string wrong;
          for (const Access& access : accesses) {
            std::vector<std::uint8_t> data(access.length, 0x5A);
            std::uint8_t enables[4] = {0xFF, 0xFF, 0, 0};
            tlm::tlm_generic_payload payload;
            payload.set_command(access.command);
            payload.set_address(registers.base + access.offset);
            payload.set_data_ptr(data.data());
            payload.set_data_length(access.length);
            payload.set_streaming_width(access.streaming_width);
            if (access.byte_enables) {
              payload.set_byte_enable_ptr(enables);
              payload.set_byte_enable_length(4);
            }
            registers.processor.access(payload);
            if (payload.get_response_status() != access.expected || payload.is_dmi_allowed()) {
              wrong += fmt::format("{}: {}\n", access.what, payload.get_response_string());
            }
          }
          wrong += registers.read(Register::JOB_LOW) == 0 ? "" : "a refused write changes a register\n";
          wrong += registers.read(Register::ID) == 0x414E434C ? "" : "a write changes what is read only\n";
          return wrong;
        }) == "");
}

/// A master that reaches a device's registers without a bus.
struct Master : sc_core::sc_module {
  explicit Master(const sc_core::sc_module_name& name) : sc_module(name) {}
  tlm_utils::simple_initiator_socket<Master> socket{"socket"};
};

TEST_CASE("addresses outside of the registers are address errors, and there is no DMI of them") {
  CHECK(in_platform([&] {
          DevicePlatform platform;
          eie::Device device("device", small_case().parameters);
          Master master("master");
          platform.wires.connect(device);
          sc_core::sc_signal<bool> line;
          device.interrupt(line);
          device.memory.bind(platform.bus.masters);
          master.socket.bind(device.registers);
          std::string wrong;
          const Processor program("program", [&] {
            for (const std::uint64_t address :
                 {std::uint64_t{0x200}, std::uint64_t{0x1FE}, ~std::uint64_t{0} - 3}) {
              std::uint8_t data[4];
              tlm::tlm_generic_payload payload;
              payload.set_command(tlm::TLM_READ_COMMAND);
              payload.set_address(address);
              payload.set_data_ptr(data);
              payload.set_data_length(4);
              payload.set_streaming_width(4);
              sc_core::sc_time delay;
              master.socket->b_transport(payload, delay);
              wrong += payload.get_response_status() == tlm::TLM_ADDRESS_ERROR_RESPONSE
                           ? ""
                           : "no address error\n";
            }
            tlm::tlm_generic_payload payload;
            tlm::tlm_dmi dmi;
            wrong += master.socket->get_direct_mem_ptr(payload, dmi) ? "DMI of registers\n" : "";
            sc_core::sc_stop();
          });
          return simulate() + wrong;
        }) == "");
}

unsigned debug(DevicePlatform& platform, tlm_command command, std::uint64_t address, std::uint8_t* data,
               unsigned length) {
  tlm::tlm_generic_payload payload;
  payload.set_command(command);
  payload.set_address(address);
  payload.set_data_ptr(data);
  payload.set_data_length(length);
  return platform.processor->socket->transport_dbg(payload);
}

TEST_CASE("a debugger reads any bytes, changes plain registers alone, and disturbs nothing") {
  CHECK(with_device([&](DevicePlatform& platform, const DeviceRegisters& registers) {
          std::string wrong;
          std::uint8_t data[8] = {};
          wrong += debug(platform, tlm::TLM_READ_COMMAND, registers.base, data, 4) == 4 &&
                           std::string(data, data + 4) == "LCNA"
                       ? ""
                       : "ID\n";
          wrong +=
              debug(platform, tlm::TLM_READ_COMMAND, registers.base + 0x101, data, 3) == 3 && data[0] == 0
                  ? ""
                  : "bytes of PE_COUNT\n";
          wrong +=
              debug(platform, tlm::TLM_READ_COMMAND, registers.base + 0x1FC, data, 8) == 4 ? "" : "the end\n";
          std::uint8_t value[4] = {0x78, 0x56, 0x34, 0x12};
          debug(platform, tlm::TLM_WRITE_COMMAND, registers.base + 0x20, value, 4);
          wrong += registers.read(Register::JOB_LOW) == 0x12345678 ? "" : "JOB_LOW\n";
          std::uint8_t start[4] = {1, 0, 0, 0};
          debug(platform, tlm::TLM_WRITE_COMMAND, registers.base + 0x0C, start, 4);
          wait_cycles(platform.wires, 3);
          wrong += registers.busy() ? "a debugger's write starts a job\n" : "";
          const sc_core::sc_time before = sc_core::sc_time_stamp();
          debug(platform, tlm::TLM_READ_COMMAND, registers.base, data, 4);
          wrong += sc_core::sc_time_stamp() == before ? "" : "a debugger's access takes time\n";
          return wrong;
        }) == "");
}

TEST_CASE("registers have the values of the table after reset, and those of the machine") {
  CHECK(with_device([&](DevicePlatform& /*platform*/, const DeviceRegisters& registers) {
          std::string wrong;
          for (const device::RegisterInfo& info : device::register_info) {
            const std::uint32_t expected =
                info.offset == static_cast<std::uint32_t>(Register::FAMILY) ? 1 : info.reset;
            const std::uint32_t got = registers.processor.read_register(registers.base + info.offset);
            wrong += got == expected ? "" : fmt::format("{} is {:#x}\n", info.name, got);
          }
          const std::vector<std::uint32_t> machine = {4, 64, 4, 4, 16, 16, 16, 16, 64, 131072, 32768, 2048};
          for (std::size_t i = 0; i < machine.size(); ++i) {
            const std::uint32_t got = registers.processor.read_register(registers.base + 0x100 + 4 * i);
            wrong += got == machine[i] ? "" : fmt::format("own register {} is {}\n", i, got);
          }
          return wrong;
        }) == "");
}

TEST_CASE("an access is made at the caller's local time") {
  CHECK(with_device([&](DevicePlatform& /*platform*/, const DeviceRegisters& registers) {
          std::uint8_t data[4] = {};
          tlm::tlm_generic_payload payload;
          payload.set_command(tlm::TLM_READ_COMMAND);
          payload.set_address(registers.base);
          payload.set_data_ptr(data);
          payload.set_data_length(4);
          payload.set_streaming_width(4);
          const sc_core::sc_time before = sc_core::sc_time_stamp();
          sc_core::sc_time ahead(100, sc_core::SC_NS);
          registers.processor.socket->b_transport(payload, ahead);
          const sc_core::sc_time taken = sc_core::sc_time_stamp() + ahead - before;
          const sc_core::sc_time expected(101250, sc_core::SC_PS);
          return taken == expected ? "" : "it takes " + taken.to_string();
        }) == "");
}

TEST_CASE("the registers take four-phase masters as well") {
  CHECK(in_platform([&] {
          DevicePlatform platform;
          eie::Device device("device", small_case().parameters);
          platform.wires.connect(device);
          sc_core::sc_signal<bool> line;
          device.interrupt(line);
          device.memory.bind(platform.bus.masters);
          // A DMA port is a four-phase master.
          device::DmaParameters parameters;
          parameters.coding = device::Coding::approximately_timed;
          parameters.burst_bytes = 4;
          device::Dma master("master", parameters);
          ProtocolChecker checker("checker");
          master.memory.bind(checker.from_master);
          checker.to_slave.bind(device.registers);
          std::string wrong;
          const Processor program("program", [&] {
            master.read(0, 12);
            sc_core::wait(master.changed());
            const auto outcome = master.take(device::Dma::Direction::read);
            wrong +=
                outcome && !outcome->fault_address && outcome->bytes.size() == 12 && outcome->bytes[8] == 1
                    ? ""
                    : "ID, ABI_VERSION and FAMILY\n";
            master.read(0x1FC, 8);
            sc_core::wait(master.changed());
            const auto beyond = master.take(device::Dma::Direction::read);
            wrong += beyond && beyond->fault_address == 0x200U ? "" : "no fault beyond the registers\n";
            sc_core::sc_stop();
          });
          wrong += simulate();
          return wrong + checker.faults_at_end();
        }) == "");
}

}  // namespace
}  // namespace lacuna::test
