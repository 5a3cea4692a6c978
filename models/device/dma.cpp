#include "models/device/dma.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <tlm_utils/tlm_quantumkeeper.h>

#include "models/common/error.h"

namespace lacuna::device {

using sc_core::sc_time;

namespace {

DmaParameters checked(const DmaParameters& p) {
  const auto refuse = [](const char* key, const std::string& wrong, const char* allowed) {
    throw ConfigurationError({{}, 0, key}, wrong, allowed);
  };
  if (p.burst_bytes == 0 || p.burst_bytes > 65536 || (p.burst_bytes & (p.burst_bytes - 1)) != 0) {
    refuse("burst_bytes", fmt::format("{}", p.burst_bytes), "a power of two, 1 to 65536");
  }
  if (p.outstanding == 0 || p.outstanding > 1024) {
    refuse("outstanding", fmt::format("{}", p.outstanding), "1 to 1024");
  }
  if (p.data_width_bytes == 0 || p.data_width_bytes > 1024) {
    refuse("data_width_bytes", fmt::format("{}", p.data_width_bytes), "1 to 1024");
  }
  if (p.beat == sc_core::SC_ZERO_TIME) {
    refuse("beat", "0 s", "a time above 0");
  }
  return p;
}

}  // namespace

/// A burst with its data, so that a late answer finds its buffer.
struct Dma::Burst : tlm::tlm_generic_payload {
  Direction direction = Direction::read;
  std::uint64_t transfer = 0;
  std::uint64_t offset = 0;
  sc_time begun;
  bool completed = false;  ///< by TLM_COMPLETED: no END_RESP is due
  std::vector<std::uint8_t> data;
};

class Dma::Pool : public tlm::tlm_mm_interface {
 public:
  Burst& take() {
    if (free_.empty()) {
      all_.push_back(std::make_unique<Burst>());
      all_.back()->set_mm(this);
      free_.push_back(all_.back().get());
    }
    Burst& burst = *free_.back();
    free_.pop_back();
    burst.acquire();
    return burst;
  }
  void free(tlm::tlm_generic_payload* payload) override {
    payload->reset();
    free_.push_back(static_cast<Burst*>(payload));
  }

 private:
  std::vector<std::unique_ptr<Burst>> all_;
  std::vector<Burst*> free_;
};

Dma::Dma(const sc_core::sc_module_name& name, const DmaParameters& of_port)
    : sc_module(name),
      parameters(checked(of_port)),
      memory("memory"),
      pool_(std::make_unique<Pool>()),
      phases_("phases", this, &Dma::on_phase) {
  memory.register_nb_transport_bw(this, &Dma::answer);
  memory.register_invalidate_direct_mem_ptr(this, &Dma::invalidate);
  if (parameters.coding == Coding::loosely_timed) {
    SC_THREAD(read_thread);
    SC_THREAD(write_thread);
  } else {
    SC_METHOD(issue);
    sensitive << issue_;
    dont_initialize();
  }
}

Dma::~Dma() = default;

// Transfers
// ------------------------------------------------------------------------------------------------------------

void Dma::read(std::uint64_t address, std::uint64_t bytes) {
  begin(Direction::read, address, bytes);
}

void Dma::write(std::uint64_t address, std::vector<std::uint8_t> bytes) {
  const std::uint64_t size = bytes.size();
  channel(Direction::write).outcome.bytes = std::move(bytes);
  begin(Direction::write, address, size);
}

void Dma::begin(Direction direction, std::uint64_t address, std::uint64_t size) {
  Channel& c = channel(direction);
  c.busy = true;
  c.ended = false;
  ++c.number;
  c.address = address;
  c.size = size;
  c.issued = 0;
  c.under_way = 0;
  c.outcome.fault_address.reset();
  if (direction == Direction::read) {
    c.outcome.bytes.clear();
  }
  c.go.notify(sc_core::SC_ZERO_TIME);
  issue_.notify(sc_core::SC_ZERO_TIME);
}

std::optional<Dma::Outcome> Dma::take(Direction direction) {
  Channel& c = channel(direction);
  if (!c.ended) {
    return std::nullopt;
  }
  c.ended = false;
  c.busy = false;
  return std::move(c.outcome);
}

void Dma::abandon() {
  for (Channel& c : channels_) {
    c.busy = false;
    c.ended = false;
    ++c.number;
    c.outcome = {};
  }
}

void Dma::clear_counts() {
  for (Channel& c : channels_) {
    c.moved = 0;
  }
}

sc_time Dma::beats(std::uint64_t bytes) const {
  const std::uint64_t count = (bytes + parameters.data_width_bytes - 1) / parameters.data_width_bytes;
  return static_cast<double>(count) * parameters.beat;
}

/// The next burst of a transfer, up to a multiple of the burst's size.
Dma::Burst& Dma::make_burst(Direction direction) {
  Channel& c = channel(direction);
  const std::uint64_t address = c.address + c.issued;
  const std::uint64_t room = parameters.burst_bytes - address % parameters.burst_bytes;
  const auto size = static_cast<unsigned>(std::min(room, c.size - c.issued));
  Burst& burst = pool_->take();
  burst.direction = direction;
  burst.transfer = c.number;
  burst.offset = c.issued;
  burst.completed = false;
  burst.data.resize(size);
  if (direction == Direction::write) {
    std::copy_n(c.outcome.bytes.begin() + static_cast<std::ptrdiff_t>(c.issued), size, burst.data.begin());
  }
  burst.set_command(direction == Direction::read ? tlm::TLM_READ_COMMAND : tlm::TLM_WRITE_COMMAND);
  burst.set_address(address);
  burst.set_data_ptr(burst.data.data());
  burst.set_data_length(size);
  burst.set_streaming_width(size);
  burst.set_byte_enable_ptr(nullptr);
  burst.set_byte_enable_length(0);
  burst.set_dmi_allowed(false);
  burst.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  c.issued += size;
  ++c.under_way;
  ++bursts_;
  return burst;
}

void Dma::end_burst(Burst& burst) {
  Channel& c = channel(burst.direction);
  --bursts_;
  if (burst.transfer == c.number) {
    --c.under_way;
    if (burst.is_response_ok()) {
      c.moved += burst.data.size();
      if (burst.direction == Direction::read) {
        // Grows with what has come: a size that a descriptor claims is no reason to take memory.
        std::vector<std::uint8_t>& bytes = c.outcome.bytes;
        bytes.resize(std::max<std::size_t>(bytes.size(), burst.offset + burst.data.size()));
        std::copy(burst.data.begin(), burst.data.end(),
                  bytes.begin() + static_cast<std::ptrdiff_t>(burst.offset));
      }
    } else {
      const std::uint64_t address = c.address + burst.offset;
      c.outcome.fault_address = std::min(address, c.outcome.fault_address.value_or(address));
    }
    end_transfer_if_over(c);
  } else if (bursts_ == 0) {
    changed_.notify(sc_core::SC_ZERO_TIME);
  }
  burst.release();
}

/// A transfer is over when its last burst is; after a fault no more are begun.
void Dma::end_transfer_if_over(Channel& c) {
  if (c.under_way == 0 && (c.issued == c.size || c.outcome.fault_address)) {
    c.ended = true;
    changed_.notify(sc_core::SC_ZERO_TIME);
  }
}

// Loosely timed
// ------------------------------------------------------------------------------------------------------------

void Dma::move_loosely(Direction direction) {
  Channel& c = channel(direction);
  tlm_utils::tlm_quantumkeeper keeper;
  while (true) {
    wait(c.go);
    keeper.reset();
    const std::uint64_t number = c.number;
    bool goes_on = c.busy && !c.ended;
    while (goes_on) {
      Burst& burst = make_burst(direction);
      sc_time delay = keeper.get_local_time();
      const sc_time port = delay + beats(burst.data.size());
      if (!move_directly(burst, delay)) {
        memory->b_transport(burst, delay);
        if (parameters.dmi && burst.is_dmi_allowed() && !c.dmi_valid) {
          c.dmi.init();
          c.dmi_valid = memory->get_direct_mem_ptr(burst, c.dmi);
        }
      }
      keeper.set(std::max(delay, port));
      const bool last = c.number != number || c.issued == c.size || !burst.is_response_ok();
      if (last || keeper.need_sync()) {
        keeper.sync();
      }
      end_burst(burst);
      goes_on = !last && c.number == number;
    }
    if (c.busy && !c.ended && c.number != number) {
      c.go.notify(sc_core::SC_ZERO_TIME);  // a transfer that was begun while the abandoned one ended
    }
  }
}

bool Dma::move_directly(Burst& burst, sc_time& delay) {
  Channel& c = channel(burst.direction);
  const bool read = burst.direction == Direction::read;
  const std::uint64_t first = burst.get_address();
  const std::uint64_t last = first + burst.data.size() - 1;
  if (!c.dmi_valid || first < c.dmi.get_start_address() || last > c.dmi.get_end_address() ||
      !(read ? c.dmi.is_read_allowed() : c.dmi.is_write_allowed())) {
    // What is granted for another range or purpose is asked for again.
    c.dmi_valid = c.dmi_valid && first >= c.dmi.get_start_address() && last <= c.dmi.get_end_address();
    return false;
  }
  unsigned char* memory_bytes = c.dmi.get_dmi_ptr() + (first - c.dmi.get_start_address());
  std::memcpy(read ? burst.data.data() : memory_bytes, read ? memory_bytes : burst.data.data(),
              burst.data.size());
  delay += (beats(burst.data.size()) / parameters.beat) *
           (read ? c.dmi.get_read_latency() : c.dmi.get_write_latency());
  burst.set_response_status(tlm::TLM_OK_RESPONSE);
  return true;
}

void Dma::invalidate(sc_dt::uint64 first, sc_dt::uint64 last) {
  for (Channel& c : channels_) {
    if (c.dmi_valid && first <= c.dmi.get_end_address() && last >= c.dmi.get_start_address()) {
      c.dmi_valid = false;
    }
  }
}

// Approximately timed
// ------------------------------------------------------------------------------------------------------------

bool Dma::may_issue(Direction direction) const {
  const Channel& c = channel(direction);
  return c.busy && !c.ended && !c.outcome.fault_address && c.issued < c.size &&
         c.under_way < parameters.outstanding;
}

void Dma::issue() {
  if (request_ != nullptr) {
    return;
  }
  const sc_time& now = sc_core::sc_time_stamp();
  if (now < request_free_) {
    issue_.notify(request_free_ - now);
    return;
  }
  // The directions take turns.
  const Direction other = next_ == Direction::read ? Direction::write : Direction::read;
  if (may_issue(next_)) {
    Burst& burst = make_burst(next_);
    next_ = other;
    send(burst);
  } else if (may_issue(other)) {
    send(make_burst(other));
  }
}

void Dma::send(Burst& burst) {
  request_ = &burst;
  burst.begun = sc_core::sc_time_stamp();
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_time delay = sc_core::SC_ZERO_TIME;
  switch (memory->nb_transport_fw(burst, phase, delay)) {
    case tlm::TLM_ACCEPTED:
      break;
    case tlm::TLM_COMPLETED:
      burst.completed = true;
      phase = tlm::BEGIN_RESP;
      phases_.notify(burst, phase, delay);
      break;
    case tlm::TLM_UPDATED:
      phases_.notify(burst, phase, delay);
      break;
  }
}

void Dma::close_request(const Burst& burst) {
  if (request_ != &burst) {
    return;  // END_REQ has come before
  }
  request_ = nullptr;
  const sc_time taken = burst.direction == Direction::write ? beats(burst.data.size()) : parameters.beat;
  const sc_time& now = sc_core::sc_time_stamp();
  request_free_ = std::max(now, burst.begun + taken);
  issue_.notify(request_free_ == now ? sc_core::SC_ZERO_TIME : request_free_ - now);
}

tlm::tlm_sync_enum Dma::answer(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_time& delay) {
  phases_.notify(payload, phase, delay);
  return tlm::TLM_ACCEPTED;
}

void Dma::on_phase(tlm::tlm_generic_payload& payload, const tlm::tlm_phase& phase) {
  Burst& burst = static_cast<Burst&>(payload);
  if (phase == tlm::END_REQ) {
    close_request(burst);
    return;
  }
  if (phase == tlm::BEGIN_RESP) {
    close_request(burst);
    const bool data = burst.direction == Direction::read;
    phases_.notify(burst, tlm::END_RESP, data ? beats(burst.data.size()) : parameters.beat);
    return;
  }
  // END_RESP, which this port has set itself.
  if (!burst.completed) {
    tlm::tlm_phase end = tlm::END_RESP;
    sc_time delay = sc_core::SC_ZERO_TIME;
    memory->nb_transport_fw(burst, end, delay);
  }
  end_burst(burst);
  issue_.notify(sc_core::SC_ZERO_TIME);
}

}  // namespace lacuna::device
