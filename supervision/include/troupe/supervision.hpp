// The door of the supervision room: who restarts whom, and when to give up.
#pragma once

#include <troupe/supervision/child_info.hpp>
#include <troupe/supervision/child_spec.hpp>
#include <troupe/supervision/partition_supervisor.hpp>
#include <troupe/supervision/quarantine.hpp>
#include <troupe/supervision/restart_budget.hpp>
#include <troupe/supervision/restart_in_place.hpp>
#include <troupe/supervision/spec.hpp>
#include <troupe/supervision/spec_file.hpp>
#include <troupe/supervision/supervisor.hpp>
#include <troupe/supervision/supervisor_core.hpp>
#include <troupe/supervision/supervisor_spec.hpp>
#include <troupe/supervision/workers.hpp>
