// The rules that ownership rests on, as switches: so that a test can take one away and must notice.
#pragma once

namespace troupe::sharding {

/// All on, always, but where a test shows what a rule is there for.
struct rules {
  // Shards.
  bool claims_wait_for_the_dead = true;  ///< only what belongs to an ended incarnation is claimed
  bool claims_compare = true;            ///< a record changes only from the revision that was read
  bool own_incarnation = true;           ///< a record of an earlier life of this node is not ours
  bool lease_at_use = true;              ///< the deadline is looked at before anything is done
  bool reclaim_after_unknown = true;     ///< an unknown commit is overtaken by an epoch, not undone
  bool target_must_live = true;          ///< a move commits only while its target's record stands
  bool leaver_takes_nothing = true;      ///< a node that leaves owns nothing any more, ever
  bool cargo_of_this_move = true;        ///< what was shipped counts only for the move that ended
  bool freeze = true;                    ///< nothing is handled while the state is on its way
  // The journal.
  bool fence = true;              ///< the journal refuses epochs that are over
  bool expected_position = true;  ///< an append names the position that it follows
  bool match_answers = true;      ///< an answer counts for the request that it names
  bool output_gate = true;        ///< nothing leaves before what it depends on is durable
  bool lanes_in_journal = true;   ///< what was taken is replayed with what it caused
  // Lanes.
  bool refuse_gaps = true;
  bool refuse_duplicates = true;
  bool frames_name_base = true;   ///< a receiver that knows nothing learns where a lane begins
  bool frames_name_epoch = true;  ///< a frame of another epoch is refused
  bool resend_from_base =
      true;  ///< a new owner, and a new connection, gets all that is not acknowledged
  bool lanes_divide = true;  ///< a promoted entity's shard knows what its own one had taken
  bool base_refuses = true;  ///< messages to a promoted entity are taken by its own shard only
  bool lanes_travel = true;  ///< what was taken is known to the next owner
  bool epochs_rise = true;   ///< a route of an older epoch is not believed
  bool keep_until_applied = true;  ///< reliable messages stay until they were handled
  bool drop_after_crash = true;    ///< a plain message that may have been handled is not sent again
};

}  // namespace troupe::sharding
