#include "sim/report/trace_events.h"

#include <algorithm>
#include <iterator>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lacuna {
namespace {

std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', true);
}

class EventWriter {
 public:
  explicit EventWriter(const RunTrace& trace) : trace_(trace) {}

  std::string write(const std::string& title) {
    add("{{\"displayTimeUnit\":\"ns\",\"otherData\":{{\"program\":\"lacuna\",\"run\":{},\"cycles\":{},"
        "\"class_resolution_cycles\":{},\"queue_resolution_cycles\":{},\"work_left_out\":{}}},\n"
        "\"traceEvents\":[\n",
        quoted(title), trace_.cycles(), trace_.lane_step(), trace_.queue_step(), trace_.work_left_out());
    name("process", work_process, 0, "work");
    add_work();
    name("process", lane_process, 0, "cycle classes");
    for (std::size_t lane = 0; lane < trace_.lanes().size(); ++lane) {
      if (trace_.keeps_lane(lane)) {
        add_lane(lane);
      }
    }
    name("process", queue_process, 0, "queue entries");
    for (const RunTrace::Queue& queue : trace_.queues()) {
      add_queue(queue);
    }
    text_ += "\n]}\n";
    return std::move(text_);
  }

 private:
  static constexpr int work_process = 1;
  static constexpr int lane_process = 2;
  static constexpr int queue_process = 3;

  template <class... Values>
  void add(fmt::format_string<Values...> format, Values&&... values) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Values>(values)...);
  }
  template <class... Values>
  void event(fmt::format_string<Values...> format, Values&&... values) {
    text_ += first_event_ ? "" : ",\n";
    first_event_ = false;
    add(format, std::forward<Values>(values)...);
  }
  void name(const char* what, int process, std::size_t thread, const std::string& given) {
    event("{{\"ph\":\"M\",\"pid\":{},\"tid\":{},\"name\":\"{}_name\",\"args\":{{\"name\":{}}}}}", process,
          thread, what, quoted(given));
    if (process == lane_process && std::string(what) == "thread") {
      event(
          "{{\"ph\":\"M\",\"pid\":{},\"tid\":{},\"name\":\"thread_sort_index\",\"args\":{{\"sort_index\":{}}}"
          "}}",
          process, thread, thread);
    }
  }

  void add_work() {
    std::map<std::string, std::size_t> rows;
    for (const RunTrace::Work& work : trace_.work()) {
      const auto [row, is_new] = rows.try_emplace(work.row, rows.size() + 1);
      if (is_new) {
        name("thread", work_process, row->second, work.row);
      }
      event("{{\"ph\":\"X\",\"pid\":{},\"tid\":{},\"ts\":{},\"dur\":{},\"name\":{}}}", work_process,
            row->second, work.first, work.end - work.first, quoted(work.name));
    }
  }

  void add_lane(std::size_t lane) {
    const std::size_t thread = lane + 1;
    name("thread", lane_process, thread, trace_.lane_names()[lane]);
    for (const RunTrace::Span& span : trace_.lanes()[lane]) {
      std::uint8_t most = span.only;
      std::string counts;
      if (!span.counts.empty()) {
        const auto largest =
            std::max_element(span.counts.begin(), span.counts.end(),
                             [](const auto& a, const auto& b) { return a.second < b.second; });
        most = largest->first;
        for (const auto& [cycle_class, cycles] : span.counts) {
          counts += fmt::format("{}\"{}\":{}", counts.empty() ? ",\"args\":{" : ",",
                                trace_.class_info(cycle_class).name, cycles);
        }
        counts += "}";
      }
      event("{{\"ph\":\"X\",\"pid\":{},\"tid\":{},\"ts\":{},\"dur\":{},\"name\":\"{}\"{}}}", lane_process,
            thread, span.first, span.end - span.first, trace_.class_info(most).name, counts);
    }
  }

  /// A counter keeps its value until the next event: only changes are written.
  void add_queue(const RunTrace::Queue& queue) {
    const std::string quoted_name = quoted(queue.name);
    const std::uint64_t step = trace_.queue_step();
    const auto value = [&](std::uint64_t entry_cycles, std::uint64_t cycle) {
      event("{{\"ph\":\"C\",\"pid\":{},\"ts\":{},\"name\":{},\"args\":{{\"entries\":{:.6g}}}}}",
            queue_process, cycle, quoted_name, static_cast<double>(entry_cycles) / static_cast<double>(step));
    };
    std::uint64_t before = 0;
    std::uint64_t cycle = trace_.selection().first_cycle;
    for (const std::uint64_t entry_cycles : queue.entry_cycles) {
      if (entry_cycles != before) {
        value(entry_cycles, cycle);
        before = entry_cycles;
      }
      cycle += step;
    }
    if (before != 0) {
      value(0, cycle);
    }
  }

  const RunTrace& trace_;
  std::string text_;
  bool first_event_ = true;
};

}  // namespace

std::string trace_events(const RunTrace& trace, const std::string& title) {
  return EventWriter(trace).write(title);
}

}  // namespace lacuna
