// The door of the sharding room: which node runs which entity.
#pragma once

#include <troupe/sharding/cluster.hpp>
#include <troupe/sharding/entities.hpp>
#include <troupe/sharding/entity_ref.hpp>
