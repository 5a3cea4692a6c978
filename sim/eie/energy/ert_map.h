#pragma once

#include <string>
#include <vector>

#include "sim/energy/costs.h"
#include "sim/yaml/scalars.h"

namespace lacuna {

/// One action of an energy reference table that an event is made of.
struct ErtUse {
  std::string component;
  std::string action;
  std::string arguments;  ///< "name: value, name: value"; needed where an action stands there several times
  double count = 1.0;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.text("component", c.component, "component, with or without the range of its instances");
    v.text("action", c.action, "its action");
    v.text("arguments", c.arguments, "'name: value, ...' where the action stands there several times");
    v.real("count", c.count, 0.0, 1e6, "how many of them make one event");
    v.required({"component", "action"});
  }
};

/// What an event is made of: actions, or nothing.
struct ErtEvent {
  std::vector<ErtUse> actions;
  bool free = false;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.list("actions", c.actions, "actions that make up one event");
    v.boolean("free", c.free, "true: the event costs nothing");
    v.one_of({"actions", "free"});
  }
};

/// What one instance of a module spends in every cycle (Accelergy's `leak` and `idle` are energies per
/// cycle).
struct ErtModule {
  std::vector<ErtUse> per_cycle;
  bool free = false;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.list("per_cycle", c.per_cycle, "actions that happen in every cycle");
    v.boolean("free", c.free, "true: an idle instance costs nothing");
    v.one_of({"per_cycle", "free"});
  }
};

/// One element of `ignored`.
struct ErtIgnored {
  std::string component;
  std::string action;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.text("component", c.component, "component that the machine does not have");
    v.text("action", c.action, "its action; default: all of them");
    v.required({"component"});
  }
};

template <class Machine>
struct ErtEvents {
  std::vector<ErtEvent> values = std::vector<ErtEvent>(Machine::costed().events.size());

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    std::vector<std::string> names;
    for (std::size_t event = 0; event < c.values.size(); ++event) {
      v.section(Machine::costed().events[event].name, c.values[event],
                Machine::costed().events[event].meaning);
      names.push_back(Machine::costed().events[event].name);
    }
    v.required(names);
  }
};

template <class Machine>
struct ErtModules {
  std::vector<ErtModule> values = std::vector<ErtModule>(Machine::costed().modules.size());

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    for (std::size_t module = 0; module < c.values.size(); ++module) {
      v.section(Machine::costed().modules[module], c.values[module],
                "what an instance spends in every cycle");
    }
    v.required(Machine::costed().modules);
  }
};

/// How the actions of an Accelergy energy reference table make up a machine's events, schema
/// lacuna.ert-map/1.
template <class Machine>
struct ErtMapFile {
  std::string schema;
  std::string name;
  std::string machine;
  ErtModules<Machine> modules;
  ErtEvents<Machine> events;
  std::vector<ErtIgnored> ignored;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.name("schema", c.schema, {"lacuna.ert-map/1"}, "version of this format");
    v.text("name", c.name, "name of the table that is made");
    v.name("machine", c.machine, {Machine::costed().kind}, "family of machines");
    v.section("modules", c.modules, "what each module spends in every cycle");
    v.section("events", c.events, "what each event is made of; every event must be there");
    v.list("ignored", c.ignored, "actions of the reference table that the machine does not have");
    v.required({"schema", "name", "machine", "modules", "events"});
  }
};

}  // namespace lacuna
