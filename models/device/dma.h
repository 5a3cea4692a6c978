#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <systemc>
#include <tlm>
#include <vector>

#include <tlm_utils/peq_with_cb_and_phase.h>
#include <tlm_utils/simple_initiator_socket.h>

namespace lacuna::device {

/// How transfers are modelled; what is transferred is the same.
enum class Coding {
  loosely_timed,        ///< blocking transport, temporal decoupling, DMI where the memory grants it
  approximately_timed,  ///< the four phases of the base protocol, several bursts under way
};

/// The master port of a device.
struct DmaParameters {
  Coding coding = Coding::loosely_timed;
  std::uint32_t burst_bytes = 64;               ///< a power of two; no burst crosses a multiple of it
  std::uint32_t outstanding = 4;                ///< bursts under way in each direction (approximately timed)
  std::uint32_t data_width_bytes = 8;           ///< moved in one beat
  sc_core::sc_time beat{1250, sc_core::SC_PS};  ///< of the port's clock: a burst takes at least its beats
  bool dmi = true;                              ///< take DMI where it is granted (loosely timed)
};

/// Reads and writes memory in bursts, one read and one write at a time beside each other. What memory needs
/// for them is its own business; a burst takes the longer of that and its beats on this port.
///
/// Loosely timed: bursts follow one another in a thread for each direction, ahead of the kernel's time by up
/// to the global quantum; the end of a transfer is always synchronised. DMI latencies are taken for one beat.
/// Approximately timed: a request every beat (a write: after its beats) as long as fewer than `outstanding`
/// are under way; data is taken for the beats that it has before END_RESP.
class Dma : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Dma);
  /// Throws ConfigurationError for parameters that contradict each other.
  Dma(const sc_core::sc_module_name& name, const DmaParameters& parameters);
  ~Dma() override;

  const DmaParameters parameters;
  tlm_utils::simple_initiator_socket<Dma> memory;

  enum class Direction : std::uint8_t { read, write };

  /// What a transfer gave: bytes of a read, and the address of the first burst that failed.
  struct Outcome {
    std::vector<std::uint8_t> bytes;
    std::optional<std::uint64_t> fault_address;
  };

  /// Begin a transfer of at least a byte; none may go on in the same direction.
  void read(std::uint64_t address, std::uint64_t bytes);
  void write(std::uint64_t address, std::vector<std::uint8_t> bytes);
  bool busy(Direction direction) const { return channel(direction).busy; }
  /// The outcome of a transfer that has ended, once.
  std::optional<Outcome> take(Direction direction);
  /// Notified when a transfer ends, and when the last burst of abandoned ones does.
  const sc_core::sc_event& changed() const { return changed_; }

  /// Forgets the transfers. Bursts under way come to their end, as the protocol demands; what reads bring is
  /// dropped.
  void abandon();
  /// No burst is under way.
  bool drained() const { return bursts_ == 0; }

  /// Bytes of bursts that ended well since the last `clear_counts`.
  std::uint64_t bytes(Direction direction) const { return channel(direction).moved; }
  void clear_counts();

 private:
  struct Channel {
    bool busy = false;
    bool ended = false;
    std::uint64_t number = 0;  ///< of the transfer; tells bursts of abandoned ones
    std::uint64_t address = 0;
    std::uint64_t size = 0;
    std::uint64_t issued = 0;
    std::uint32_t under_way = 0;
    std::uint64_t moved = 0;
    Outcome outcome;
    sc_core::sc_event go;
    tlm::tlm_dmi dmi;
    bool dmi_valid = false;
  };
  struct Burst;
  class Pool;

  Channel& channel(Direction direction) { return channels_[static_cast<std::size_t>(direction)]; }
  const Channel& channel(Direction direction) const { return channels_[static_cast<std::size_t>(direction)]; }
  void begin(Direction direction, std::uint64_t address, std::uint64_t size);
  Burst& make_burst(Direction direction);
  void end_burst(Burst& burst);
  void end_transfer_if_over(Channel& channel);
  sc_core::sc_time beats(std::uint64_t bytes) const;

  // Loosely timed
  void read_thread() { move_loosely(Direction::read); }
  void write_thread() { move_loosely(Direction::write); }
  void move_loosely(Direction direction);
  bool move_directly(Burst& burst, sc_core::sc_time& delay);
  void invalidate(sc_dt::uint64 first, sc_dt::uint64 last);

  // Approximately timed
  void issue();
  bool may_issue(Direction direction) const;
  void send(Burst& burst);
  void close_request(const Burst& burst);
  tlm::tlm_sync_enum answer(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                            sc_core::sc_time& delay);
  void on_phase(tlm::tlm_generic_payload& payload, const tlm::tlm_phase& phase);

  std::array<Channel, 2> channels_;
  std::unique_ptr<Pool> pool_;
  std::uint64_t bursts_ = 0;  ///< under way, of abandoned transfers too
  sc_core::sc_event changed_;

  tlm_utils::peq_with_cb_and_phase<Dma> phases_;
  sc_core::sc_event issue_;
  const Burst* request_ = nullptr;  ///< whose request phase goes on
  sc_core::sc_time request_free_;   ///< when the port can begin the next one
  Direction next_ = Direction::read;
};

}  // namespace lacuna::device
