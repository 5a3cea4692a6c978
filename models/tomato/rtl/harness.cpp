// Drives verilated pipelines behind the C interface. Compiled with Verilator's output, never into the
// library. machines.h is generated: it includes the machines' headers and lists their classes as
// LACUNA_MACHINES(X).
#include <cstring>
#include <memory>

#include "machine_interface.h"
#include "machines.h"
#include "verilated.h"

namespace {

constexpr std::uint32_t words(std::size_t bytes) {
  return static_cast<std::uint32_t>((bytes + 3) / 4);
}

template <class Top>
struct Machine {
  VerilatedContext context;
  Top top{&context};

  static Machine& at(void* machine) { return *static_cast<Machine*>(machine); }

  void rise() {
    top.aclk = 1;
    top.eval();
  }
  void fall() {
    top.aclk = 0;
    top.eval();
  }

  static void* create() { return std::make_unique<Machine>().release(); }
  static void destroy(void* machine) {
    at(machine).top.final();
    delete &at(machine);
  }
  static void reset(void* machine) {
    Machine& m = at(machine);
    m.top.s_axis_tvalid = 0;
    m.top.m_axis_tready = 0;
    m.top.aresetn = 0;
    // The delays have no reset: what they hold is harmless, but the bits beside it must have passed.
    m.fall();
    m.rise();
    m.fall();
    m.top.aresetn = 1;
  }
  static void cycle(void* machine, const LacunaTomatoCycle* c) {
    Machine& m = at(machine);
    m.top.s_axis_tvalid = c->pixel_valid != 0;
    std::memcpy(&m.top.s_axis_tdata, c->pixel, sizeof m.top.s_axis_tdata);
    m.top.m_axis_tready = c->result_ready != 0;
    m.fall();
    std::memcpy(c->pushes, &m.top.pushes, sizeof m.top.pushes);
    std::memcpy(c->pops, &m.top.pops, sizeof m.top.pops);
    std::memcpy(c->result, &m.top.m_axis_tdata, sizeof m.top.m_axis_tdata);
    std::memcpy(c->clipped, &m.top.clipped, sizeof m.top.clipped);
    std::memcpy(c->requantised, &m.top.requantised, sizeof m.top.requantised);
    std::memcpy(c->gates, &m.top.gates, sizeof m.top.gates);
    for (std::uint32_t i = 0; i < c->watch_count; ++i) {
      const std::uint32_t fifo = c->watch[i];
      if ((c->pushes[fifo / 32] >> (fifo % 32) & 1U) != 0) {
        m.top.watch = fifo;
        m.top.eval();
        std::memcpy(c->watched + std::size_t{i} * words(sizeof m.top.watched), &m.top.watched,
                    sizeof m.top.watched);
      }
    }
    m.rise();
  }
};

template <class Top>
constexpr LacunaTomatoMachine machine{words(sizeof(Top::s_axis_tdata)),
                                      words(sizeof(Top::pushes)),
                                      words(sizeof(Top::m_axis_tdata)),
                                      words(sizeof(Top::clipped)),
                                      words(sizeof(Top::requantised)),
                                      words(sizeof(Top::gates)),
                                      words(sizeof(Top::watched)),
                                      Machine<Top>::create,
                                      Machine<Top>::destroy,
                                      Machine<Top>::reset,
                                      Machine<Top>::cycle};

#define LACUNA_ADDRESS(Top) &machine<Top>,
constexpr const LacunaTomatoMachine* machines[] = {LACUNA_MACHINES(LACUNA_ADDRESS) nullptr};

}  // namespace

extern "C" __attribute__((visibility("default"))) const LacunaTomatoMachine* lacuna_tomato_machine(
    std::uint32_t number) {
  return machines[number];
}
