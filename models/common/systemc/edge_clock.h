#pragma once

#include <stdexcept>
#include <systemc>

namespace lacuna {

/// When the second edge of a cycle comes: half a period behind the first, or only a delta cycle, so that a
/// cycle is one timed event, which most of the kernel's time goes into. What runs at the edges runs in the
/// same order.
enum class ClockShape { square, pulse };

/// A clock whose edges are timed events. An sc_clock is a signal: each edge is a timed event, a process that
/// requests an update, the update, and a second delta cycle for those who wait for the edge; here they run
/// when its time has come. Processes wait for one of the edges; an event of both does not exist, and asking
/// for it throws std::logic_error.
class EdgeClock : public sc_core::sc_module, public sc_core::sc_signal_in_if<bool> {
 public:
  SC_HAS_PROCESS(EdgeClock);
  /// The first edge comes `start` after time 0, and a delta cycle behind what was notified before the
  /// simulation, as that of an sc_clock.
  EdgeClock(const sc_core::sc_module_name& name, const sc_core::sc_time& period,
            const sc_core::sc_time& start, bool rising_first, ClockShape shape = ClockShape::square)
      : sc_module(name),
        period_(period),
        to_second_(shape == ClockShape::pulse ? sc_core::SC_ZERO_TIME : period / 2),
        start_(start),
        first_(rising_first ? rising_ : falling_),
        second_(rising_first ? falling_ : rising_) {
    SC_METHOD(begin);
    sensitive << begin_;
    dont_initialize();
    SC_METHOD(go_on);
    sensitive << first_;
    dont_initialize();
    begin_.notify(start);
  }

  const sc_core::sc_event& posedge_event() const override { return rising_; }
  const sc_core::sc_event& negedge_event() const override { return falling_; }
  const sc_core::sc_event& value_changed_event() const override {
    throw std::logic_error("EdgeClock: sensitivity to both edges");
  }
  bool event() const override { return posedge() || negedge(); }
  bool posedge() const override { return rising_.triggered(); }
  bool negedge() const override { return falling_.triggered(); }
  /// In the delta cycle of an edge, what comes behind it.
  const bool& read() const override {
    value_ = is_high();
    return value_;
  }
  const bool& get_data_ref() const override { return read(); }

  /// Waves look at the variable that `read` refers to: makes it follow the clock. To be called before the
  /// simulation.
  void show_in_waves() { shown_ = true; }

 private:
  bool is_high() const {
    const sc_core::sc_time& now = sc_core::sc_time_stamp();
    const bool behind_first = first_.triggered() || (now >= start_ && (now - start_) % period_ < to_second_);
    return behind_first == (&first_ == &rising_);
  }

  void before_end_of_elaboration() override {
    if (shown_) {
      SC_METHOD(follow);
      sensitive << rising_ << falling_;
      dont_initialize();
    }
  }

  void begin() { first_.notify(sc_core::SC_ZERO_TIME); }
  void go_on() {
    second_.notify(to_second_);
    first_.notify(period_);
  }
  void follow() { value_ = is_high(); }

  const sc_core::sc_time period_;
  const sc_core::sc_time to_second_;
  const sc_core::sc_time start_;
  sc_core::sc_event begin_{"start"};
  sc_core::sc_event rising_{"rising"};
  sc_core::sc_event falling_{"falling"};
  sc_core::sc_event& first_;
  sc_core::sc_event& second_;
  mutable bool value_ = false;
  bool shown_ = false;
};

}  // namespace lacuna
