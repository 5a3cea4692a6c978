#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <systemc>
#include <tlm>
#include <vector>

#include <tlm_utils/simple_target_socket.h>

#include "models/device/descriptor.h"
#include "models/device/dma.h"
#include "models/device/job.h"
#include "models/device/registers.h"

namespace lacuna::device {

/// Parameters that every device has.
struct DeviceParameters {
  DmaParameters dma;
  /// Load the next item and store the last one while the machine computes, and load the next job's weights
  /// beside those at work, where the machine's memories hold both; else one after the other.
  bool double_buffering = true;
};

/// An accelerator as a device of a virtual platform (docs/device.md): registers, a DMA that follows chains of
/// job descriptors, an interrupt line. What is inside is the family's: the class that derives from this.
///
///     clock, reset     sc_in<bool>: the machine's; reset is active high
///     interrupt        sc_out<bool>: high while INTERRUPT_STATUS & INTERRUPT_ENABLE
///     registers        TLM-2.0 target: register_bytes of registers from address 0 (registers.h)
///     memory           TLM-2.0 initiator: descriptors, weights, inputs and results (descriptor.h, dma.h)
///
/// `registers` takes reads and writes of one register or of several in a row, 4 bytes each, without byte
/// enables; other lengths and streaming are burst errors, addresses outside are address errors, byte enables
/// byte enable errors; TLM_IGNORE_COMMAND does nothing. Writes to what is read only do nothing. An access is
/// synchronised: it sees and changes the device at the caller's local time. Both transports are taken. There
/// is no DMI of registers. `transport_dbg` reads any bytes and changes nothing but INTERRUPT_ENABLE and JOB.
///
/// Reset abandons what goes on. It lasts until the line is low, five rising edges have come and the memory
/// has answered all bursts under way; STATUS.BUSY says so.
class Device : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Device);
  ~Device() override;

  sc_core::sc_in<bool> clock;
  sc_core::sc_in<bool> reset;
  sc_core::sc_out<bool> interrupt;
  tlm_utils::simple_target_socket<Device> registers;
  tlm::tlm_initiator_socket<> memory;

  const DeviceParameters parameters;

  /// The line that goes with STATUS.ERROR, which is also reported as a SystemC warning; empty without one.
  const std::string& error_text() const { return error_text_; }

  /// Adds registers and DMA to a wave file; a family adds its machine.
  void trace(sc_core::sc_trace_file* file) const override;

 protected:
  /// `family`: the value of the register FAMILY. `own`: the values of the device's own registers.
  Device(const sc_core::sc_module_name& name, const DeviceParameters& parameters, std::uint32_t family,
         std::vector<std::uint32_t> own);

  /// The machine's reset line, and the event of its runs' ends.
  sc_core::sc_signal<bool> machine_reset;
  void watch(const sc_core::sc_event& done);

 private:
  // Called from method processes.

  /// Checks a descriptor of this family, all but what `check_header` does. Throws JobError.
  virtual std::unique_ptr<Job> open(const JobHeader& header, const std::vector<std::uint8_t>& descriptor) = 0;
  /// Whether the machine's memories hold what `next_load` of one job names beside another's weights.
  virtual bool fits_beside(const Job& held, const Job& next) const = 0;
  /// Whether they hold an item of one job, beside the inputs and results of another's.
  virtual bool item_fits_beside(const Job& at_work, const Job& next) const = 0;
  /// Begins a run. The job and its inputs live until it is over or abandoned. Throws JobError.
  virtual void begin(Job& job, std::uint32_t item, const std::vector<std::uint8_t>& input) = 0;
  /// Of the run that is over. Throws JobError.
  virtual ItemResult finish(Job& job, std::uint32_t item) = 0;

  // Registers
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  unsigned transport_dbg(tlm::tlm_generic_payload& payload);
  std::uint32_t look(std::uint32_t offset) const;
  std::uint32_t read_register(std::uint32_t offset);
  void write_register(std::uint32_t offset, std::uint32_t value);
  void raise(std::uint32_t bits);
  void clear_counts();
  void drive_interrupt();

  // Jobs
  struct Active;
  struct Item;
  void begin_chain();
  void advance();
  bool step();
  bool step_store();
  bool step_compute();
  bool step_load();
  bool may_load(const Active& job, bool weights) const;
  bool take_read();
  void open_job(const std::vector<std::uint8_t>& descriptor);
  void take_result();
  void end_chain();
  bool computing_side_empty() const { return !loaded_ && !computing_ && !computed_ && !storing_; }
  bool load_side_empty() const;
  /// Ends the chain with an error: once the items before it are stored, or at once.
  void fail_after_items(ErrorCode code, std::uint64_t address, const std::string& text);
  void fail_now(ErrorCode code, std::uint64_t address, const std::string& text);
  void report_error();

  // Reset
  void on_reset();
  void abandon_all();
  void clear_status(bool by_line);

  Dma dma_;
  const std::vector<std::uint32_t> own_;

  bool busy_ = false;  ///< with a chain
  bool resetting_ = false;
  bool done_ = false;
  ErrorCode error_ = ErrorCode::NONE;
  std::uint64_t error_address_ = 0;
  std::string error_text_;
  std::uint32_t interrupt_enable_ = 0;
  std::uint32_t interrupt_status_ = 0;
  std::uint64_t job_address_ = 0;
  std::uint32_t jobs_done_ = 0;
  std::uint32_t items_done_ = 0;
  std::uint32_t items_overlapped_ = 0;
  std::uint64_t compute_cycles_ = 0;
  std::uint32_t latch_ = 0;
  std::uint32_t traced_status_ = 0;

  enum class Loading : std::uint8_t { nothing, descriptor, weights, item };
  Loading load_ = Loading::nothing;
  std::uint64_t next_descriptor_ = 0;  ///< 0: none
  std::shared_ptr<Active> open_job_;   ///< whose parts are loaded
  std::shared_ptr<Active> held_job_;   ///< whose weights the machine works with
  std::unique_ptr<Item> loaded_;
  std::unique_ptr<Item> computing_;
  std::unique_ptr<Item> computed_;
  std::unique_ptr<Item> storing_;
  bool run_over_ = false;  ///< the machine has said so, and its result was not taken
  bool pending_error_ = false;
  bool error_follows_reset_ = false;

  sc_core::sc_event kick_;
  sc_core::sc_event interrupt_change_;
  sc_core::sc_event reset_request_;
  bool in_reset_ = false;
  int reset_edges_ = 0;
};

}  // namespace lacuna::device
