#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "models/eie/engine.h"

namespace lacuna::test {

/// One PE of the naive machine: the registers of the contract's sections 6 and 7, moved one cycle at a time.
class NaivePe {
 public:
  struct Message {
    std::uint32_t image_column;
    std::int64_t value;
  };

  NaivePe(const eie::Parameters& parameters, const eie::Layer& layer, const eie::PeMemory& memory);

  void begin_row_batch(std::size_t destinations) { destination_.assign(destinations, 0); }
  void begin_compute_phase();

  bool queue_full() const { return queue_.size() == parameters_.queue_depth_entries; }
  /// Nothing in queue, PtrRead, SpmatRead, R1..R4.
  bool empty() const;

  /// One cycle. `message`: what the CCU broadcasts in it, or nullptr; `cause`: the cause that it drives.
  /// Returns the cycle's class.
  eie::CycleClass cycle(const Message* message, eie::CycleClass cause);
  /// Whether S4 held an entry (real or padding) in the last cycle.
  bool wrote_entry() const { return wrote_entry_; }

  std::int64_t destination(std::size_t address) const { return destination_[address]; }
  eie::PeResult& result() { return result_; }

 private:
  struct PtrRead {
    bool valid = false;
    Message message{};
    bool looked_up = false;    ///< pointer pair read
    std::uint32_t issued = 0;  ///< entries issued so far
    eie::CycleClass cause = eie::CycleClass::starved;
  };
  struct SpmatRead {
    bool valid = false;
    std::uint32_t entry = 0;
    std::int64_t value = 0;
    bool first = false;
  };
  struct R1 {
    bool valid = false;
    std::uint32_t code = 0;
    std::uint32_t zeros = 0;
    std::int64_t value = 0;
    bool first = false;
  };
  struct R2 {
    bool valid = false;
    std::int64_t weight = 0;
    std::int64_t address = 0;
    std::int64_t value = 0;
    bool real = false;
  };
  struct R3 {
    bool valid = false;
    std::int64_t product = 0;
    std::int64_t operand = 0;
    std::int64_t address = 0;
    bool real = false;
  };
  struct R4 {
    bool valid = false;
    std::int64_t sum = 0;
    std::int64_t address = 0;
    bool real = false;
  };

  void write_back();
  std::int64_t add();  ///< S3; returns the sum
  void multiply(std::int64_t adder_output);
  void decode();
  void read_spmat();
  /// Returns the class of a cycle without hold.
  eie::CycleClass read_pointer();
  void pop_or_bubble();
  bool hold() const;
  std::int64_t s1_address() const { return r1_.first ? r1_.zeros : last_address_ + 1 + r1_.zeros; }
  void count(eie::PeEvent event) { ++result_.events[event]; }

  const eie::Parameters& parameters_;
  const eie::Layer& layer_;
  const eie::PeMemory& memory_;
  std::deque<Message> queue_;
  eie::CycleClass queue_cause_ = eie::CycleClass::starved;
  PtrRead ptr_;
  SpmatRead spmat_;
  R1 r1_;
  R2 r2_;
  R3 r3_;
  R4 r4_;
  // What the registers take at the end of the cycle.
  SpmatRead next_spmat_;
  R1 next_r1_;
  R2 next_r2_;
  R3 next_r3_;
  R4 next_r4_;
  std::int64_t last_address_ = 0;
  std::int64_t row_read_last_ = -1;
  bool wrote_entry_ = false;
  std::vector<std::int64_t> destination_;
  eie::PeResult result_;
};

}  // namespace lacuna::test
