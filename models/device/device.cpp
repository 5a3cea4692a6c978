#include "models/device/device.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include <fmt/format.h>

namespace lacuna::device {

using sc_core::sc_time;

/// A job that is being loaded or computed.
struct Device::Active {
  std::uint64_t address = 0;  ///< of its descriptor
  std::unique_ptr<Job> job;
  std::uint32_t items_loaded = 0;
  std::uint32_t items_stored = 0;
};

struct Device::Item {
  std::shared_ptr<Active> of;
  std::uint32_t number = 0;
  std::vector<std::uint8_t> bytes;  ///< input, later the result
};

namespace {

constexpr const char* report_type = "lacuna/device";

constexpr std::uint32_t at(Register which) {
  return static_cast<std::uint32_t>(which);
}

const RegisterInfo* info_of(std::uint32_t offset) {
  const auto* found = std::find_if(std::begin(register_info), std::end(register_info),
                                   [&](const RegisterInfo& each) { return each.offset == offset; });
  return found == std::end(register_info) ? nullptr : found;
}

std::uint32_t low(std::uint64_t value) {
  return static_cast<std::uint32_t>(value);
}
std::uint32_t high(std::uint64_t value) {
  return static_cast<std::uint32_t>(value >> 32U);
}

}  // namespace

Device::Device(const sc_core::sc_module_name& name, const DeviceParameters& of_device, std::uint32_t family,
               std::vector<std::uint32_t> own)
    : sc_module(name),
      clock("clock"),
      reset("reset"),
      interrupt("interrupt"),
      registers("registers"),
      memory("memory"),
      parameters(of_device),
      machine_reset("machine_reset"),
      dma_("dma", of_device.dma),
      own_([&] {
        own.insert(own.begin(), family);
        return std::move(own);
      }()) {
  dma_.memory.bind(memory);
  registers.register_b_transport(this, &Device::b_transport);
  registers.register_transport_dbg(this, &Device::transport_dbg);
  SC_METHOD(advance);
  sensitive << kick_ << dma_.changed();
  dont_initialize();
  SC_METHOD(drive_interrupt);
  sensitive << interrupt_change_;
  SC_METHOD(on_reset);
  sensitive << reset << reset_request_;
}

Device::~Device() = default;

void Device::watch(const sc_core::sc_event& done) {
  sc_core::sc_spawn_options options;
  options.spawn_method();
  options.set_sensitivity(&done);
  options.dont_initialize();
  sc_core::sc_spawn(
      [this] {
        run_over_ = computing_ != nullptr;
        advance();
      },
      "run_over", &options);
}

void Device::trace(sc_core::sc_trace_file* file) const {
  sc_core::sc_trace(file, interrupt, interrupt.name());
  sc_core::sc_trace(file, traced_status_, std::string(name()) + ".status");
  sc_core::sc_trace(file, items_done_, std::string(name()) + ".items_done");
}

// Registers
// ------------------------------------------------------------------------------------------------------------

void Device::b_transport(tlm::tlm_generic_payload& payload, sc_time& delay) {
  payload.set_dmi_allowed(false);
  const std::uint64_t address = payload.get_address();
  const unsigned length = payload.get_data_length();
  if (payload.get_byte_enable_ptr() != nullptr) {
    payload.set_response_status(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
    return;
  }
  if (address >= register_bytes || length > register_bytes - address) {
    payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return;
  }
  if (payload.get_streaming_width() < length || length == 0 || length % 4 != 0 || address % 4 != 0) {
    payload.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
    return;
  }
  sc_core::wait(delay + parameters.dma.beat);
  delay = sc_core::SC_ZERO_TIME;
  std::uint8_t* data = payload.get_data_ptr();
  for (unsigned i = 0; i < length; i += 4) {
    const auto offset = static_cast<std::uint32_t>(address + i);
    if (payload.is_read()) {
      const std::uint32_t value = read_register(offset);
      for (unsigned byte = 0; byte < 4; ++byte) {
        data[i + byte] = static_cast<std::uint8_t>(value >> (8 * byte));
      }
    } else if (payload.is_write()) {
      write_register(offset, static_cast<std::uint32_t>(get_number(data + i, 4)));
    }
  }
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
}

unsigned Device::transport_dbg(tlm::tlm_generic_payload& payload) {
  const std::uint64_t address = payload.get_address();
  if (address >= register_bytes) {
    return 0;
  }
  const auto length =
      static_cast<unsigned>(std::min<std::uint64_t>(payload.get_data_length(), register_bytes - address));
  for (unsigned i = 0; i < length; ++i) {
    const auto offset = static_cast<std::uint32_t>(address + i) & ~3U;
    const unsigned shift = 8 * static_cast<unsigned>((address + i) & 3U);
    if (payload.is_read()) {
      payload.get_data_ptr()[i] = static_cast<std::uint8_t>(look(offset) >> shift);
    } else if (payload.is_write()) {
      const RegisterInfo* info = info_of(offset);
      if (info != nullptr && info->access == Access::read_write) {
        write_register(
            offset, (look(offset) & ~(0xFFU << shift)) | std::uint32_t{payload.get_data_ptr()[i]} << shift);
      }
    }
  }
  return payload.get_command() == tlm::TLM_IGNORE_COMMAND ? 0 : length;
}

/// The value of a register, whatever a read of it does besides.
std::uint32_t Device::look(std::uint32_t offset) const {
  if (offset >= own_registers) {
    const std::size_t number = (offset - own_registers) / 4 + 1;
    return number < own_.size() ? own_[number] : 0;
  }
  switch (static_cast<Register>(offset)) {
    case Register::FAMILY:
      return own_.front();
    case Register::STATUS:
      return (busy_ || resetting_ ? STATUS_BUSY : 0) | (done_ ? STATUS_DONE : 0) |
             (busy_ ? 0 : static_cast<std::uint32_t>(error_) << status_error_shift);
    case Register::INTERRUPT_ENABLE:
      return interrupt_enable_;
    case Register::INTERRUPT_STATUS:
      return interrupt_status_;
    case Register::JOB_LOW:
      return low(job_address_);
    case Register::JOB_HIGH:
      return high(job_address_);
    case Register::ERROR_LOW:
      return low(error_address_);
    case Register::ERROR_HIGH:
      return high(error_address_);
    case Register::JOBS_DONE:
      return jobs_done_;
    case Register::ITEMS_DONE:
      return items_done_;
    case Register::ITEMS_OVERLAPPED:
      return items_overlapped_;
    case Register::COMPUTE_CYCLES_LOW:
      return low(compute_cycles_);
    case Register::BYTES_READ_LOW:
      return low(dma_.bytes(Dma::Direction::read));
    case Register::BYTES_WRITTEN_LOW:
      return low(dma_.bytes(Dma::Direction::write));
    case Register::COMPUTE_CYCLES_HIGH:
    case Register::BYTES_READ_HIGH:
    case Register::BYTES_WRITTEN_HIGH:
      return latch_;
    case Register::ID:
    case Register::ABI_VERSION:
    case Register::CONTROL:
      break;
  }
  const RegisterInfo* info = info_of(offset);
  return info == nullptr ? 0 : info->reset;
}

std::uint32_t Device::read_register(std::uint32_t offset) {
  switch (static_cast<Register>(offset)) {
    case Register::COMPUTE_CYCLES_LOW:
      latch_ = high(compute_cycles_);
      break;
    case Register::BYTES_READ_LOW:
      latch_ = high(dma_.bytes(Dma::Direction::read));
      break;
    case Register::BYTES_WRITTEN_LOW:
      latch_ = high(dma_.bytes(Dma::Direction::write));
      break;
    default:
      break;
  }
  return look(offset);
}

void Device::write_register(std::uint32_t offset, std::uint32_t value) {
  switch (static_cast<Register>(offset)) {
    case Register::CONTROL:
      if ((value & CONTROL_RESET) != 0) {
        resetting_ = true;
        reset_request_.notify(sc_core::SC_ZERO_TIME);
      } else if ((value & CONTROL_START) != 0 && !busy_ && !resetting_) {
        begin_chain();
      }
      break;
    case Register::INTERRUPT_ENABLE:
      interrupt_enable_ = value & (INTERRUPT_ENABLE_DONE | INTERRUPT_ENABLE_JOB | INTERRUPT_ENABLE_ERROR);
      interrupt_change_.notify(sc_core::SC_ZERO_TIME);
      break;
    case Register::INTERRUPT_STATUS:
      interrupt_status_ &= ~value;
      interrupt_change_.notify(sc_core::SC_ZERO_TIME);
      break;
    case Register::JOB_LOW:
      job_address_ = (job_address_ & ~std::uint64_t{0xFFFFFFFF}) | value;
      break;
    case Register::JOB_HIGH:
      job_address_ = low(job_address_) | std::uint64_t{value} << 32U;
      break;
    default:
      break;  // read only, or nothing there
  }
}

void Device::clear_counts() {
  jobs_done_ = 0;
  items_done_ = 0;
  items_overlapped_ = 0;
  compute_cycles_ = 0;
  dma_.clear_counts();
}

void Device::raise(std::uint32_t bits) {
  interrupt_status_ |= bits;
  interrupt_change_.notify(sc_core::SC_ZERO_TIME);
}

void Device::drive_interrupt() {
  interrupt.write((interrupt_status_ & interrupt_enable_) != 0);
}

// Jobs
// ------------------------------------------------------------------------------------------------------------

void Device::begin_chain() {
  busy_ = true;
  done_ = false;
  error_ = ErrorCode::NONE;
  error_address_ = 0;
  error_text_.clear();
  pending_error_ = false;
  clear_counts();
  next_descriptor_ = job_address_;
  kick_.notify(sc_core::SC_ZERO_TIME);
  if (job_address_ == 0) {
    fail_after_items(ErrorCode::MAGIC, 0, "the first job's descriptor is at address 0, which is no address");
  }
}

/// All of a chain's work is done here, in steps that become possible as transfers and runs end.
void Device::advance() {
  while (busy_ && !resetting_ && step()) {
  }
  traced_status_ = look(at(Register::STATUS));
}

bool Device::step() {
  // From the back to the front: what ends makes room for what waits.
  const bool moved = step_store() || step_compute() || step_load();
  if (!moved && busy_ && !resetting_ && computing_side_empty() && load_side_empty()) {
    end_chain();
  }
  return moved;
}

bool Device::load_side_empty() const {
  return load_ == Loading::nothing && (pending_error_ || (open_job_ == nullptr && next_descriptor_ == 0));
}

bool Device::step_store() {
  if (storing_) {
    const auto outcome = dma_.take(Dma::Direction::write);
    if (!outcome) {
      return false;
    }
    if (outcome->fault_address) {
      fail_now(ErrorCode::BUS, *outcome->fault_address,
               fmt::format("the memory refused a write at {:#x}", *outcome->fault_address));
      return true;
    }
    Active& active = *storing_->of;
    ++items_done_;
    ++active.items_stored;
    if (active.items_stored == active.job->items()) {
      ++jobs_done_;
      if ((active.job->header.flags & job_flag_interrupt) != 0) {
        raise(INTERRUPT_STATUS_JOB);
      }
    }
    storing_.reset();
    return true;
  }
  if (computed_) {
    storing_ = std::move(computed_);
    dma_.write(storing_->of->job->output(storing_->number).address, std::move(storing_->bytes));
    return true;
  }
  return false;
}

bool Device::step_compute() {
  if (computing_) {
    if (!run_over_ || computed_) {
      return false;
    }
    take_result();
    return true;
  }
  // Two buffers of results: one for this run, one that is stored.
  const bool room = !computed_ && (!storing_ || parameters.double_buffering);
  if (!loaded_ || !room) {
    return false;
  }
  if (storing_ && !item_fits_beside(*storing_->of->job, *loaded_->of->job)) {
    return false;
  }
  computing_ = std::move(loaded_);
  held_job_ = computing_->of;
  run_over_ = false;
  try {
    begin(*held_job_->job, computing_->number, computing_->bytes);
  } catch (const JobError& error) {
    computing_.reset();
    fail_after_items(error.code, held_job_->address, error.what());
  }
  return true;
}

void Device::take_result() {
  run_over_ = false;
  try {
    ItemResult result = finish(*computing_->of->job, computing_->number);
    compute_cycles_ += result.cycles;
    computed_ = std::move(computing_);
    computed_->bytes = std::move(result.bytes);
  } catch (const JobError& error) {
    computing_.reset();
    loaded_.reset();  // an item behind this one
    fail_after_items(error.code, held_job_->address, error.what());
  }
}

bool Device::may_load(const Active& active, bool weights) const {
  if (computing_side_empty()) {
    return true;
  }
  if (!parameters.double_buffering || loaded_) {
    return false;
  }
  if (weights) {
    return !held_job_ || held_job_.get() == &active || (!computing_ && !loaded_) ||
           fits_beside(*held_job_->job, *active.job);
  }
  return (!computing_ || item_fits_beside(*computing_->of->job, *active.job)) &&
         (!storing_ || item_fits_beside(*storing_->of->job, *active.job));
}

bool Device::step_load() {
  if (load_ != Loading::nothing) {
    return take_read();
  }
  if (pending_error_) {
    return false;
  }
  if (!open_job_) {
    if (next_descriptor_ == 0 || !(parameters.double_buffering || computing_side_empty())) {
      return false;
    }
    if (next_descriptor_ % 8 != 0 ||
        next_descriptor_ > std::numeric_limits<std::uint64_t>::max() - job_bytes) {
      fail_after_items(ErrorCode::MAGIC, next_descriptor_,
                       fmt::format("a job's descriptor at {:#x}; allowed: multiples of 8", next_descriptor_));
      return true;
    }
    load_ = Loading::descriptor;
    dma_.read(next_descriptor_, job_bytes);
    return true;
  }
  const std::optional<Transfer> part = open_job_->job->next_load();
  if (!may_load(*open_job_, part.has_value())) {
    return false;
  }
  const Transfer transfer = part ? *part : open_job_->job->input(open_job_->items_loaded);
  if (!part && computing_) {
    ++items_overlapped_;
  }
  load_ = part ? Loading::weights : Loading::item;
  dma_.read(transfer.address, transfer.bytes);
  return true;
}

bool Device::take_read() {
  auto outcome = dma_.take(Dma::Direction::read);
  if (!outcome) {
    return false;
  }
  const Loading kind = load_;
  load_ = Loading::nothing;
  if (pending_error_) {
    return true;  // of an item before this one
  }
  const std::uint64_t address = open_job_ ? open_job_->address : next_descriptor_;
  if (outcome->fault_address) {
    fail_after_items(ErrorCode::BUS, *outcome->fault_address,
                     fmt::format("the memory refused a read at {:#x}", *outcome->fault_address));
    return true;
  }
  try {
    switch (kind) {
      case Loading::descriptor:
        open_job(outcome->bytes);
        break;
      case Loading::weights:
        open_job_->job->take_load(std::move(outcome->bytes));
        break;
      case Loading::item:
        loaded_ = std::make_unique<Item>();
        loaded_->of = open_job_;
        loaded_->number = open_job_->items_loaded++;
        loaded_->bytes = std::move(outcome->bytes);
        if (open_job_->items_loaded == open_job_->job->items()) {
          next_descriptor_ = open_job_->job->header.next;
          open_job_.reset();
        }
        break;
      case Loading::nothing:
        break;
    }
  } catch (const JobError& error) {
    fail_after_items(error.code, address, error.what());
  }
  return true;
}

void Device::open_job(const std::vector<std::uint8_t>& descriptor) {
  JobHeader header;
  get_fields(descriptor, 0, header);
  if (header.magic != job_magic) {
    throw JobError(ErrorCode::MAGIC, fmt::format("magic {:#x}", header.magic),
                   fmt::format("{:#x}", job_magic));
  }
  if (header.version != job_version || header.size_bytes != job_bytes) {
    throw JobError(ErrorCode::VERSION,
                   fmt::format("a descriptor of version {} and {} bytes", header.version, header.size_bytes),
                   fmt::format("version {}, {} bytes", job_version, job_bytes));
  }
  if (header.family != own_.front()) {
    throw JobError(ErrorCode::FAMILY, fmt::format("a descriptor for family {}", header.family),
                   fmt::format("{}", own_.front()));
  }
  check_header(header);
  auto active = std::make_shared<Active>();
  active->address = next_descriptor_;
  active->job = open(header, descriptor);
  open_job_ = std::move(active);
}

void Device::end_chain() {
  busy_ = false;
  held_job_.reset();
  open_job_.reset();
  if (pending_error_) {
    report_error();
    return;
  }
  done_ = true;
  raise(INTERRUPT_STATUS_DONE);
}

void Device::fail_after_items(ErrorCode code, std::uint64_t address, const std::string& text) {
  pending_error_ = true;
  error_ = code;
  error_address_ = address;
  error_text_ = text;
}

void Device::fail_now(ErrorCode code, std::uint64_t address, const std::string& text) {
  fail_after_items(code, address, text);
  error_follows_reset_ = true;
  resetting_ = true;
  reset_request_.notify(sc_core::SC_ZERO_TIME);
}

void Device::report_error() {
  pending_error_ = false;
  raise(INTERRUPT_STATUS_ERROR);
  SC_REPORT_WARNING(report_type, fmt::format("{}: {}", name(), error_text_).c_str());
}

// Reset
// ------------------------------------------------------------------------------------------------------------

void Device::abandon_all() {
  dma_.abandon();
  load_ = Loading::nothing;
  next_descriptor_ = 0;
  open_job_.reset();
  loaded_.reset();
  computed_.reset();
  storing_.reset();
  // What the machine works on stays: it reads that until it has seen its reset.
}

void Device::clear_status(bool by_line) {
  error_follows_reset_ = false;
  pending_error_ = false;
  error_ = ErrorCode::NONE;
  error_address_ = 0;
  error_text_.clear();
  done_ = false;
  interrupt_status_ = 0;
  clear_counts();
  if (by_line) {
    interrupt_enable_ = 0;
    job_address_ = 0;
  }
  interrupt_change_.notify(sc_core::SC_ZERO_TIME);
}

void Device::on_reset() {
  // A machine that was asked for a run and has not begun it would only hold it back during reset; within two
  // edges it has begun.
  constexpr int edges_before = 2;
  constexpr int edges_in_all = 5;
  const bool line = reset.read();
  if (!line && !resetting_) {
    return;
  }
  if (!in_reset_) {
    in_reset_ = true;
    resetting_ = true;
    reset_edges_ = 0;
    abandon_all();
  } else if (clock.posedge() && reset_edges_ < edges_in_all) {
    ++reset_edges_;
  }
  if (line || !error_follows_reset_) {
    clear_status(line);
  }
  if (reset_edges_ == edges_before) {
    machine_reset.write(true);
  }
  if (line || reset_edges_ < edges_in_all || !dma_.drained()) {
    next_trigger(clock.posedge_event() | reset.value_changed_event());
    return;
  }
  machine_reset.write(false);
  computing_.reset();
  held_job_.reset();
  in_reset_ = false;
  resetting_ = false;
  busy_ = false;
  if (error_follows_reset_) {
    error_follows_reset_ = false;
    report_error();
  }
  traced_status_ = look(at(Register::STATUS));
}

}  // namespace lacuna::device
