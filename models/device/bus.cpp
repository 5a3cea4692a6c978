#include "models/device/bus.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "models/common/error.h"

namespace lacuna::device {

using sc_core::sc_time;

namespace {

constexpr std::size_t nobody = std::numeric_limits<std::size_t>::max();

}  // namespace

Bus::Bus(const sc_core::sc_module_name& name)
    : sc_module(name), masters("masters"), slaves_("slaves"), phases_("phases", this, &Bus::on_phase) {
  masters.register_b_transport(this, &Bus::b_transport);
  masters.register_nb_transport_fw(this, &Bus::from_master);
  masters.register_transport_dbg(this, &Bus::transport_dbg);
  masters.register_get_direct_mem_ptr(this, &Bus::get_dmi);
  slaves_.register_nb_transport_bw(this, &Bus::from_slave);
  slaves_.register_invalidate_direct_mem_ptr(this, &Bus::invalidate);
}

Bus::~Bus() = default;

void Bus::add_range(std::uint64_t base, std::uint64_t bytes) {
  if (bytes == 0 || bytes - 1 > std::numeric_limits<std::uint64_t>::max() - base) {
    throw ConfigurationError({}, fmt::format("{}: {} bytes from {:#x}", name(), bytes, base),
                             "at least a byte, all of them below 2^64");
  }
  for (const Range& other : ranges_) {
    if (base <= other.base + (other.bytes - 1) && other.base <= base + (bytes - 1)) {
      throw ConfigurationError(
          {},
          fmt::format("{}: {} bytes from {:#x} overlap those from {:#x}", name(), bytes, base, other.base),
          "a range for each slave");
    }
  }
  ranges_.push_back({base, bytes});
}

/// The slave that has all of the addresses.
std::size_t Bus::slave_of(std::uint64_t address, std::uint64_t length) const {
  for (std::size_t i = 0; i < ranges_.size(); ++i) {
    const std::uint64_t offset = address - ranges_[i].base;
    if (address >= ranges_[i].base && offset < ranges_[i].bytes && length <= ranges_[i].bytes - offset) {
      return i;
    }
  }
  return nobody;
}

void Bus::b_transport(int /*master*/, Payload& payload, sc_time& delay) {
  const std::uint64_t address = payload.get_address();
  const std::size_t slave = slave_of(address, payload.get_data_length());
  if (slave == nobody) {
    payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return;
  }
  payload.set_address(address - ranges_[slave].base);
  slaves_[static_cast<int>(slave)]->b_transport(payload, delay);
  payload.set_address(address);
}

unsigned Bus::transport_dbg(int /*master*/, Payload& payload) {
  const std::uint64_t address = payload.get_address();
  const std::size_t slave = slave_of(address, 1);
  if (slave == nobody) {
    return 0;
  }
  payload.set_address(address - ranges_[slave].base);
  const unsigned bytes = slaves_[static_cast<int>(slave)]->transport_dbg(payload);
  payload.set_address(address);
  return bytes;
}

bool Bus::get_dmi(int /*master*/, Payload& payload, tlm::tlm_dmi& dmi) {
  const std::uint64_t address = payload.get_address();
  const std::size_t slave = slave_of(address, 1);
  if (slave == nobody) {
    return false;
  }
  const Range& range = ranges_[slave];
  payload.set_address(address - range.base);
  const bool granted = slaves_[static_cast<int>(slave)]->get_direct_mem_ptr(payload, dmi);
  payload.set_address(address);
  const std::uint64_t last = std::min<std::uint64_t>(dmi.get_end_address(), range.bytes - 1);
  dmi.set_start_address(dmi.get_start_address() + range.base);
  dmi.set_end_address(last + range.base);
  return granted;
}

void Bus::invalidate(int slave, sc_dt::uint64 first, sc_dt::uint64 last) {
  const Range& range = ranges_[static_cast<std::size_t>(slave)];
  const std::uint64_t end = std::min<std::uint64_t>(last, range.bytes - 1);
  if (first > end) {
    return;
  }
  for (unsigned master = 0; master < masters.size(); ++master) {
    masters[static_cast<int>(master)]->invalidate_direct_mem_ptr(first + range.base, end + range.base);
  }
}

// Four phases
// ------------------------------------------------------------------------------------------------------------

tlm::tlm_sync_enum Bus::from_master(int master, Payload& payload, tlm::tlm_phase& phase, sc_time& delay) {
  if (phase == tlm::BEGIN_REQ) {
    payload.acquire();
    passages_[&payload] = {static_cast<std::size_t>(master), nobody, payload.get_address()};
  }
  phases_.notify(payload, phase, delay);
  return tlm::TLM_ACCEPTED;
}

tlm::tlm_sync_enum Bus::from_slave(int /*slave*/, Payload& payload, tlm::tlm_phase& phase, sc_time& delay) {
  phases_.notify(payload, phase, delay);
  return tlm::TLM_ACCEPTED;
}

void Bus::on_phase(Payload& payload, const tlm::tlm_phase& phase) {
  const auto found = passages_.find(&payload);
  if (found == passages_.end()) {
    return;
  }
  Passage& passage = found->second;
  if (phase == tlm::BEGIN_REQ) {
    passage.slave = slave_of(passage.address, payload.get_data_length());
    requests_[passage.slave].push_back(&payload);
    if (requests_[passage.slave].size() == 1) {
      request_next(passage.slave);
    }
  } else if (phase == tlm::END_REQ) {
    end_request(payload, passage);
  } else if (phase == tlm::BEGIN_RESP) {
    end_request(payload, passage);  // where the slave has left out END_REQ
    responses_[passage.master].push_back(&payload);
    if (responses_[passage.master].size() == 1) {
      respond_next(passage.master);
    }
  } else if (phase == tlm::END_RESP) {
    end_response(payload, Passage(passage));
  }
}

void Bus::request_next(std::size_t slave) {
  Payload& payload = *requests_[slave].front();
  if (slave == nobody) {
    payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    phases_.notify(payload, tlm::BEGIN_RESP, sc_core::SC_ZERO_TIME);
    return;
  }
  payload.set_address(passages_[&payload].address - ranges_[slave].base);
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_time delay = sc_core::SC_ZERO_TIME;
  switch (slaves_[static_cast<int>(slave)]->nb_transport_fw(payload, phase, delay)) {
    case tlm::TLM_ACCEPTED:
      break;
    case tlm::TLM_UPDATED:
      phases_.notify(payload, phase, delay);
      break;
    case tlm::TLM_COMPLETED:
      passages_[&payload].slave = nobody;  // it is told of no END_RESP
      phases_.notify(payload, tlm::BEGIN_RESP, delay);
      break;
  }
}

void Bus::end_request(Payload& payload, Passage& passage) {
  // The slave's number changes when it completes at once, so that the request is looked for.
  for (auto& [slave, queue] : requests_) {
    if (queue.empty() || queue.front() != &payload) {
      continue;
    }
    queue.pop_front();
    tlm::tlm_phase phase = tlm::END_REQ;
    sc_time delay = sc_core::SC_ZERO_TIME;
    masters[static_cast<int>(passage.master)]->nb_transport_bw(payload, phase, delay);
    if (!queue.empty()) {
      request_next(slave);
    }
    return;
  }
}

void Bus::respond_next(std::size_t master) {
  Payload& payload = *responses_[master].front();
  Passage& passage = passages_[&payload];
  payload.set_address(passage.address);
  tlm::tlm_phase phase = tlm::BEGIN_RESP;
  sc_time delay = sc_core::SC_ZERO_TIME;
  if (masters[static_cast<int>(master)]->nb_transport_bw(payload, phase, delay) != tlm::TLM_ACCEPTED) {
    phases_.notify(payload, tlm::END_RESP, delay);
  }
}

void Bus::end_response(Payload& payload, const Passage& passage) {
  responses_[passage.master].pop_front();
  passages_.erase(&payload);
  if (passage.slave != nobody) {
    tlm::tlm_phase phase = tlm::END_RESP;
    sc_time delay = sc_core::SC_ZERO_TIME;
    slaves_[static_cast<int>(passage.slave)]->nb_transport_fw(payload, phase, delay);
  }
  payload.release();
  if (!responses_[passage.master].empty()) {
    respond_next(passage.master);
  }
}

}  // namespace lacuna::device
