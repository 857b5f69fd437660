// The door of the core room: what an actor is, how a node runs, how nodes talk.
#pragma once

#include <troupe/core/actor_ref.hpp>
#include <troupe/core/answer.hpp>
#include <troupe/core/behaviour.hpp>
#include <troupe/core/codec.hpp>
#include <troupe/core/config.hpp>
#include <troupe/core/context.hpp>
#include <troupe/core/durable.hpp>
#include <troupe/core/errc.hpp>
#include <troupe/core/events.hpp>
#include <troupe/core/exit_reason.hpp>
#include <troupe/core/later.hpp>
#include <troupe/core/log.hpp>
#include <troupe/core/node.hpp>
#include <troupe/core/offload.hpp>
#include <troupe/core/options.hpp>
#include <troupe/core/protocol.hpp>
#include <troupe/core/reentrancy.hpp>
#include <troupe/core/result.hpp>
#include <troupe/core/sleep.hpp>
#include <troupe/core/stash.hpp>
#include <troupe/core/supervision_tree.hpp>
#include <troupe/core/task.hpp>
#include <troupe/core/watching.hpp>
