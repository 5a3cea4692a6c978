#include "tests/models/eie/timeline/naive_pe.h"

#include "models/common/fixed_point.h"

namespace lacuna::test {

using eie::CycleClass;
using eie::PeEvent;

NaivePe::NaivePe(const eie::Parameters& parameters, const eie::Layer& layer, const eie::PeMemory& memory)
    : parameters_(parameters), layer_(layer), memory_(memory) {}

void NaivePe::begin_compute_phase() {
  queue_cause_ = CycleClass::starved;
  ptr_ = PtrRead();
}

bool NaivePe::empty() const {
  return queue_.empty() && !ptr_.valid && !spmat_.valid && !r1_.valid && !r2_.valid && !r3_.valid &&
         !r4_.valid;
}

bool NaivePe::hold() const {
  return !parameters_.arithmetic_bypass && r1_.valid && r1_.code != 0 && r2_.valid && r2_.real &&
         s1_address() == r2_.address;
}

CycleClass NaivePe::cycle(const Message* message, CycleClass cause) {
  const bool held = hold();
  write_back();
  multiply(add());
  CycleClass result = CycleClass::hazard;
  if (held) {
    next_r2_ = R2();
    next_r1_ = r1_;
    next_spmat_ = spmat_;
  } else {
    decode();
    read_spmat();
    result = read_pointer();
  }
  if (message != nullptr) {
    queue_.push_back(*message);
    count(PeEvent::queue_pushes);
  }
  queue_cause_ = cause;
  spmat_ = next_spmat_;
  r1_ = next_r1_;
  r2_ = next_r2_;
  r3_ = next_r3_;
  r4_ = next_r4_;
  return result;
}

void NaivePe::write_back() {
  wrote_entry_ = r4_.valid;
  if (r4_.valid && r4_.real) {
    destination_[static_cast<std::size_t>(r4_.address)] = r4_.sum;
    count(PeEvent::accumulator_writes);
  }
}

std::int64_t NaivePe::add() {
  next_r4_ = R4();
  if (!r3_.valid) {
    return 0;
  }
  next_r4_ = {true, 0, r3_.address, r3_.real};
  if (r3_.real) {
    const std::int64_t exact =
        r3_.operand + round_shift(r3_.product, layer_.formats.product_shift(), parameters_.rounding);
    next_r4_.sum = saturate(exact, layer_.formats.accumulator);
    if (next_r4_.sum != exact) {
      count(PeEvent::accumulator_saturations);
    }
  }
  return next_r4_.sum;
}

void NaivePe::multiply(std::int64_t adder_output) {
  next_r3_ = R3();
  if (!r2_.valid) {
    return;
  }
  next_r3_ = {true, 0, 0, r2_.address, r2_.real};
  if (!r2_.real) {
    return;
  }
  next_r3_.product = r2_.weight * r2_.value;
  count(PeEvent::multiplies);
  const bool meets = r3_.valid && r3_.real && r3_.address == r2_.address;
  if (meets && parameters_.arithmetic_bypass) {
    next_r3_.operand = adder_output;
    count(PeEvent::accumulator_bypasses);
  } else {
    next_r3_.operand = destination_[static_cast<std::size_t>(r2_.address)];
    count(PeEvent::accumulator_reads);
  }
}

void NaivePe::decode() {
  next_r2_ = R2();
  if (!r1_.valid) {
    return;
  }
  next_r2_ = {true, 0, s1_address(), r1_.value, r1_.code != 0};
  last_address_ = next_r2_.address;
  if (next_r2_.real) {
    next_r2_.weight = layer_.codebook[r1_.code];
    count(PeEvent::codebook_reads);
  } else {
    count(PeEvent::padding_entries);
  }
}

void NaivePe::read_spmat() {
  next_r1_ = R1();
  if (!spmat_.valid) {
    return;
  }
  const std::int64_t row = spmat_.entry / parameters_.entries_per_spmat_row();
  count(row == row_read_last_ ? PeEvent::spmat_row_reuses : PeEvent::spmat_row_reads);
  row_read_last_ = row;
  next_r1_ = {true, memory_.codes[spmat_.entry], memory_.zeros[spmat_.entry], spmat_.value, spmat_.first};
}

CycleClass NaivePe::read_pointer() {
  next_spmat_ = SpmatRead();
  if (!ptr_.valid) {
    const CycleClass cause = ptr_.cause;
    pop_or_bubble();
    return cause;
  }
  const std::uint32_t first = memory_.pointers[ptr_.message.image_column];
  const std::uint32_t n = memory_.pointers[ptr_.message.image_column + 1] - first;
  bool issues = n > 0;
  if (!ptr_.looked_up) {
    ptr_.looked_up = true;
    count(PeEvent::pointer_reads);
    issues = issues && parameters_.pointer_prefetch;
  }
  if (issues) {
    next_spmat_ = {true, first + ptr_.issued, ptr_.message.value, ptr_.issued == 0};
    ++ptr_.issued;
  }
  if (ptr_.issued == n) {
    pop_or_bubble();
  }
  return issues ? CycleClass::busy : CycleClass::pointer;
}

void NaivePe::pop_or_bubble() {
  const CycleClass cause = queue_cause_;
  ptr_ = PtrRead();
  ptr_.cause = cause;
  if (!queue_.empty()) {
    ptr_.valid = true;
    ptr_.message = queue_.front();
    queue_.pop_front();
    count(PeEvent::queue_pops);
  }
}

}  // namespace lacuna::test
