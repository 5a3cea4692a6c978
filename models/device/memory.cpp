#include "models/device/memory.h"

#include <algorithm>

#include <fmt/format.h>

#include "models/common/error.h"

namespace lacuna::device {

using sc_core::sc_time;

namespace {

MemoryParameters checked(const MemoryParameters& p) {
  if (p.bytes == 0 || !(p.bytes_per_second > 0) || p.queue_requests == 0 || p.dmi_beat_bytes == 0) {
    throw ConfigurationError({}, "a memory with 0 bytes, bandwidth, requests or bytes in a beat",
                             "numbers above 0");
  }
  return p;
}

}  // namespace

Memory::Memory(const sc_core::sc_module_name& name, const MemoryParameters& of_memory)
    : sc_module(name),
      parameters(checked(of_memory)),
      socket("socket"),
      bytes_(parameters.bytes),
      phases_("phases", this, &Memory::on_phase) {
  socket.register_b_transport(this, &Memory::b_transport);
  socket.register_nb_transport_fw(this, &Memory::nb_transport);
  socket.register_transport_dbg(this, &Memory::transport_dbg);
  socket.register_get_direct_mem_ptr(this, &Memory::get_dmi);
}

sc_time Memory::bus_time(std::uint64_t bytes) const {
  return {static_cast<double>(bytes) / parameters.bytes_per_second * 1e12, sc_core::SC_PS};
}

sc_time Memory::serve(const sc_time& when, std::uint64_t bytes) {
  bus_free_ = std::max(bus_free_, when + parameters.latency) + bus_time(bytes);
  return bus_free_;
}

void Memory::access(tlm::tlm_generic_payload& payload) {
  const unsigned length = payload.get_data_length();
  const std::uint64_t address = payload.get_address();
  const unsigned width = std::min(payload.get_streaming_width(), length);
  if (width == 0) {
    payload.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
    return;
  }
  if (address >= bytes_.size() || width > bytes_.size() - address) {
    payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return;
  }
  const std::uint8_t* enables = payload.get_byte_enable_ptr();
  const unsigned enable_length = payload.get_byte_enable_length();
  if (enables != nullptr && enable_length == 0) {
    payload.set_response_status(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
    return;
  }
  std::uint8_t* data = payload.get_data_ptr();
  for (unsigned i = 0; i < length; ++i) {
    if (enables != nullptr && enables[i % enable_length] != TLM_BYTE_ENABLED) {
      continue;
    }
    std::uint8_t& cell = bytes_[address + i % width];
    if (payload.is_read()) {
      data[i] = cell;
    } else if (payload.is_write()) {
      cell = data[i];
    }
  }
  moved_bytes_ += length;
  payload.set_dmi_allowed(parameters.dmi);
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
}

unsigned Memory::transport_dbg(tlm::tlm_generic_payload& payload) {
  const std::uint64_t address = payload.get_address();
  if (address >= bytes_.size() || payload.get_command() == tlm::TLM_IGNORE_COMMAND) {
    return 0;
  }
  const auto length =
      static_cast<unsigned>(std::min<std::uint64_t>(payload.get_data_length(), bytes_.size() - address));
  const auto cells = bytes_.begin() + static_cast<std::ptrdiff_t>(address);
  if (payload.is_read()) {
    std::copy_n(cells, length, payload.get_data_ptr());
  } else {
    std::copy_n(payload.get_data_ptr(), length, cells);
  }
  return length;
}

bool Memory::get_dmi(tlm::tlm_generic_payload& /*payload*/, tlm::tlm_dmi& dmi) {
  dmi.set_start_address(0);
  dmi.set_end_address(bytes_.size() - 1);
  if (!parameters.dmi) {
    return false;
  }
  dmi.set_dmi_ptr(bytes_.data());
  dmi.allow_read_write();
  dmi.set_read_latency(bus_time(parameters.dmi_beat_bytes));
  dmi.set_write_latency(bus_time(parameters.dmi_beat_bytes));
  return true;
}

void Memory::invalidate_dmi() {
  socket->invalidate_direct_mem_ptr(0, bytes_.size() - 1);
}

void Memory::b_transport(tlm::tlm_generic_payload& payload, sc_time& delay) {
  const sc_time& now = sc_core::sc_time_stamp();
  delay = serve(now + delay, payload.get_data_length()) - now;
  access(payload);
}

// Four phases
// ------------------------------------------------------------------------------------------------------------

tlm::tlm_sync_enum Memory::nb_transport(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                        sc_time& delay) {
  if (phase == tlm::BEGIN_REQ) {
    payload.acquire();
  }
  phases_.notify(payload, phase, delay);
  return tlm::TLM_ACCEPTED;
}

void Memory::on_phase(tlm::tlm_generic_payload& payload, const tlm::tlm_phase& phase) {
  if (phase == tlm::BEGIN_REQ) {
    if (accepted_ < parameters.queue_requests) {
      accept(payload);
    } else {
      waiting_ = &payload;
    }
  } else if (phase == tlm::BEGIN_RESP) {  // set by `accept`: its data has been moved
    access(payload);
    ready_.push_back(&payload);
    respond();
  } else if (phase == tlm::END_RESP) {
    responding_ = nullptr;
    --accepted_;
    payload.release();
    if (waiting_ != nullptr) {
      tlm::tlm_generic_payload* next = waiting_;
      waiting_ = nullptr;
      accept(*next);
    }
    respond();
  }
}

void Memory::accept(tlm::tlm_generic_payload& payload) {
  ++accepted_;
  const sc_time& now = sc_core::sc_time_stamp();
  phases_.notify(payload, tlm::BEGIN_RESP, serve(now, payload.get_data_length()) - now);
  tlm::tlm_phase phase = tlm::END_REQ;
  sc_time delay = sc_core::SC_ZERO_TIME;
  socket->nb_transport_bw(payload, phase, delay);
}

void Memory::respond() {
  if (responding_ != nullptr || ready_.empty()) {
    return;
  }
  responding_ = ready_.front();
  ready_.pop_front();
  tlm::tlm_generic_payload& payload = *responding_;
  tlm::tlm_phase phase = tlm::BEGIN_RESP;
  sc_time delay = sc_core::SC_ZERO_TIME;
  switch (socket->nb_transport_bw(payload, phase, delay)) {
    case tlm::TLM_ACCEPTED:
      break;
    case tlm::TLM_UPDATED:  // END_RESP on the return path
    case tlm::TLM_COMPLETED:
      phases_.notify(payload, tlm::END_RESP, delay);
      break;
  }
}

}  // namespace lacuna::device
