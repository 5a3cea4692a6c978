#include "models/device/processor.h"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "models/device/descriptor.h"

namespace lacuna::device {

Processor::Processor(const sc_core::sc_module_name& name, std::function<void(Processor&)> program)
    : sc_module(name), socket("socket"), program_(std::move(program)) {
  SC_THREAD(run);
  set_stack_size(std::size_t{4} << 20U);  // programs are more than a few reads and writes
}

void Processor::access(tlm::tlm_generic_payload& payload) {
  sc_core::sc_time delay;
  socket->b_transport(payload, delay);
  sc_core::wait(delay);
}

void Processor::access_or_report(tlm::tlm_command command, std::uint64_t address, std::uint8_t* data,
                                 std::size_t bytes) {
  tlm::tlm_generic_payload payload;
  payload.set_command(command);
  payload.set_address(address);
  payload.set_data_ptr(data);
  payload.set_data_length(static_cast<unsigned>(bytes));
  payload.set_streaming_width(static_cast<unsigned>(bytes));
  access(payload);
  if (!payload.is_response_ok()) {
    SC_REPORT_ERROR("lacuna/processor", fmt::format("{}: {} bytes at {:#x}: {}", name(), bytes, address,
                                                    payload.get_response_string())
                                            .c_str());
  }
}

std::uint32_t Processor::read_register(std::uint64_t address) {
  std::array<std::uint8_t, 4> data{};
  access_or_report(tlm::TLM_READ_COMMAND, address, data.data(), data.size());
  return static_cast<std::uint32_t>(get_number(data.data(), data.size()));
}

void Processor::write_register(std::uint64_t address, std::uint32_t value) {
  std::vector<std::uint8_t> data;
  put_number(data, value, 4);
  access_or_report(tlm::TLM_WRITE_COMMAND, address, data.data(), data.size());
}

std::vector<std::uint8_t> Processor::read_bytes(std::uint64_t address, std::size_t bytes) {
  std::vector<std::uint8_t> data(bytes);
  access_or_report(tlm::TLM_READ_COMMAND, address, data.data(), bytes);
  return data;
}

void Processor::write_bytes(std::uint64_t address, const std::vector<std::uint8_t>& bytes) {
  std::vector<std::uint8_t> data = bytes;
  access_or_report(tlm::TLM_WRITE_COMMAND, address, data.data(), data.size());
}

}  // namespace lacuna::device
