#include "tests/models/device/protocol_checker.h"

#include <algorithm>

namespace lacuna::test {

ProtocolChecker::ProtocolChecker(const sc_core::sc_module_name& name)
    : sc_module(name), from_master("from_master"), to_slave("to_slave") {
  from_master.register_b_transport(this, &ProtocolChecker::b_transport);
  from_master.register_nb_transport_fw(this, &ProtocolChecker::forward);
  from_master.register_get_direct_mem_ptr(this, &ProtocolChecker::get_dmi);
  from_master.register_transport_dbg(this, &ProtocolChecker::transport_dbg);
  to_slave.register_nb_transport_bw(this, &ProtocolChecker::backward);
  to_slave.register_invalidate_direct_mem_ptr(this, &ProtocolChecker::invalidate);
}

std::string ProtocolChecker::faults() const {
  std::string text;
  for (const std::string& each : faults_) {
    text += std::string(name()) + ": " + each + "\n";
  }
  return text;
}

std::string ProtocolChecker::faults_at_end() const {
  return faults() + (under_way_.empty() ? "" : std::string(name()) + ": a transaction never ends\n");
}

void ProtocolChecker::check_request(const tlm::tlm_generic_payload& payload) {
  if (payload.get_response_status() != tlm::TLM_INCOMPLETE_RESPONSE) {
    fault("a request's response status is not incomplete");
  }
  if (payload.is_dmi_allowed()) {
    fault("a request has the DMI hint set");
  }
  if (payload.get_data_ptr() == nullptr || payload.get_data_length() == 0) {
    fault("a request without data");
  }
  if (payload.get_streaming_width() < payload.get_data_length()) {
    fault("a streaming request, which nobody here makes");
  }
  if (payload.get_byte_enable_ptr() != nullptr) {
    fault("a request with byte enables, which nobody here makes");
  }
  counts_.longest_burst = std::max(counts_.longest_burst, payload.get_data_length());
}

void ProtocolChecker::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  ++counts_.blocking;
  check_request(payload);
  const sc_core::sc_time before = sc_core::sc_time_stamp() + delay;
  to_slave->b_transport(payload, delay);
  if (sc_core::sc_time_stamp() + delay < before) {
    fault("a blocking call ends before it began");
  }
  if (payload.get_response_status() == tlm::TLM_INCOMPLETE_RESPONSE) {
    fault("a blocking call ends without a response");
  }
  dmi_hint_ = dmi_hint_ || payload.is_dmi_allowed();
}

void ProtocolChecker::pass(tlm::tlm_generic_payload& payload, const tlm::tlm_phase& phase) {
  ++counts_.phases[phase.get_name()];
  const auto found = under_way_.find(&payload);
  if (phase == tlm::BEGIN_REQ) {
    if (found != under_way_.end()) {
      fault("BEGIN_REQ of a transaction under way");
    }
    if (request_ != nullptr) {
      fault("BEGIN_REQ before END_REQ of the one before");
    }
    if (!payload.has_mm() || payload.get_ref_count() < 1) {
      fault("a transaction without memory manager or references");
    }
    check_request(payload);
    request_ = &payload;
    under_way_[&payload] = phase;
    counts_.most_under_way = std::max(counts_.most_under_way, static_cast<unsigned>(under_way_.size()));
    return;
  }
  if (found == under_way_.end()) {
    fault(std::string(phase.get_name()) + " of a transaction that is not under way");
    return;
  }
  if (phase == tlm::END_REQ || (phase == tlm::BEGIN_RESP && found->second == tlm::BEGIN_REQ)) {
    if (found->second != tlm::BEGIN_REQ || request_ != &payload) {
      fault("END_REQ out of order");
    }
    request_ = nullptr;
  }
  if (phase == tlm::BEGIN_RESP) {
    if (response_ != nullptr) {
      fault("BEGIN_RESP before END_RESP of the one before");
    }
    if (payload.get_response_status() == tlm::TLM_INCOMPLETE_RESPONSE) {
      fault("BEGIN_RESP without a response status");
    }
    response_ = &payload;
  }
  if (phase == tlm::END_RESP) {
    if (found->second != tlm::BEGIN_RESP || response_ != &payload) {
      fault("END_RESP out of order");
    }
    response_ = nullptr;
    under_way_.erase(found);
    return;
  }
  found->second = phase;
}

tlm::tlm_sync_enum ProtocolChecker::forward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                            sc_core::sc_time& delay) {
  if (phase != tlm::BEGIN_REQ && phase != tlm::END_RESP) {
    fault("a phase that is no master's");
  }
  const tlm::tlm_phase begun = phase;
  pass(payload, phase);
  const tlm::tlm_sync_enum status = to_slave->nb_transport_fw(payload, phase, delay);
  if (status == tlm::TLM_UPDATED) {
    pass(payload, phase);
  } else if (status == tlm::TLM_COMPLETED && begun == tlm::BEGIN_REQ) {
    request_ = nullptr;
    under_way_.erase(&payload);
  }
  return status;
}

tlm::tlm_sync_enum ProtocolChecker::backward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                             sc_core::sc_time& delay) {
  if (phase != tlm::END_REQ && phase != tlm::BEGIN_RESP) {
    fault("a phase that is no slave's");
  }
  pass(payload, phase);
  const tlm::tlm_sync_enum status = from_master->nb_transport_bw(payload, phase, delay);
  if (status != tlm::TLM_ACCEPTED) {
    pass(payload, tlm::END_RESP);
  }
  return status;
}

bool ProtocolChecker::get_dmi(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi) {
  ++counts_.dmi_requests;
  if (!dmi_hint_) {
    fault("DMI is asked for without a hint");
  }
  return to_slave->get_direct_mem_ptr(payload, dmi);
}

void ProtocolChecker::invalidate(sc_dt::uint64 first, sc_dt::uint64 last) {
  ++counts_.invalidations;
  from_master->invalidate_direct_mem_ptr(first, last);
}

}  // namespace lacuna::test
